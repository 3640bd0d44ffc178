/* SPDX-License-Identifier: MIT */
#ifndef TALK_COMMAND_H
#define TALK_COMMAND_H

#include "talk/person.h"

struct talk_command {
    const char *name;      /* with its slash, in lower case */
    const char *arguments; /* as /help shows them */
    unsigned least;        /* words that must follow the name */
    const char *help;
    void (*run)(struct talk_person *person, struct chat_text arguments);
};

/* All commands, ended by one without a name. */
extern const struct talk_command talk_commands[];

/* Takes the first word from TEXT; what is left begins with the next one. */
struct chat_text talk_word(struct chat_text *text);

/* What the commands do (rooms.c, people.c, login.c, history.c). ARGUMENTS has no space at either end. */
void talk_do_join(struct talk_person *person, struct chat_text arguments);
void talk_do_leave(struct talk_person *person, struct chat_text arguments);
void talk_do_rooms(struct talk_person *person, struct chat_text arguments);
void talk_do_topic(struct talk_person *person, struct chat_text arguments);
void talk_do_who(struct talk_person *person, struct chat_text arguments);
void talk_do_msg(struct talk_person *person, struct chat_text arguments);
void talk_do_me(struct talk_person *person, struct chat_text arguments);
void talk_do_nick(struct talk_person *person, struct chat_text arguments);
void talk_do_login(struct talk_person *person, struct chat_text arguments);
void talk_do_logout(struct talk_person *person, struct chat_text arguments);
void talk_do_register(struct talk_person *person, struct chat_text arguments);
void talk_do_verify(struct talk_person *person, struct chat_text arguments);
void talk_do_password(struct talk_person *person, struct chat_text arguments);
void talk_do_quit(struct talk_person *person, struct chat_text arguments);
void talk_do_history(struct talk_person *person, struct chat_text arguments);
void talk_do_search(struct talk_person *person, struct chat_text arguments);
void talk_do_help(struct talk_person *person, struct chat_text arguments);

/* Says something, or explains why it could not be said. */
void talk_say(struct talk_person *person, enum chat_kind kind, struct chat_text target,
              struct chat_text text);

/* They are logged in to ACCOUNT now, or to none if that is empty, and are told so. */
void talk_be_account(struct talk_person *person, struct chat_text account);

/* Whether NICK is that of NickServ; and says a line to it. */
bool talk_is_nickserv(const struct talk_person *person, struct chat_text nick);
void talk_tell_nickserv(struct talk_person *person, struct chat_text line);

/* The same of ChanServ. */
bool talk_is_chanserv(const struct talk_person *person, struct chat_text nick);
void talk_do_cs(struct talk_person *person, struct chat_text line);

/* Joins the room, or goes back to it, and shows it. */
void talk_enter(struct talk_person *person, struct chat_text room);

/* Has become somebody who is there: goes to the room called so or, if not there, stays in the last. */
void talk_settle(struct talk_person *person, struct chat_text room);

/* Says who is in a room: CHAT_NO_TEXT is the one at hand. */
void talk_show_people(struct talk_person *person, struct chat_text room);

#endif
