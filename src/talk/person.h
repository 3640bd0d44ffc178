/* SPDX-License-Identifier: MIT */
/* One who talks: the data of a session, for the files of this room. */
#ifndef TALK_PERSON_H
#define TALK_PERSON_H

#include "chat/chat.h"
#include "chat/flood.h"
#include "talk/settings.h"
#include "talk/telnet.h"

/* All but CHAT (chat/face.h) is touched in calls of the session only. */
struct talk_person {
    struct chat_session chat;
    struct pl_session *session;
    struct chat_world *world;
    struct talk *talk;
    struct talk_snapshot *settings; /* the current ones, at the last line */
    const struct chat_class *class; /* of those: what holds for this one */
    struct chat_flood flood;
    struct telnet telnet;
    struct talk_arrival *arrival; /* what was asked about the person (talk/arrival.h), or NULL */
    struct talk_login *login;     /* what they are asked for (talk/login.h), or NULL */
    bool registered;              /* has given a nickname */
    char *pending;                /* text before a line end that was no text: see input.h */
    size_t pending_length;
};

/* A line of text: what somebody said, a command, or their nickname. It is clean. */
void talk_take_line(struct talk_person *person, struct chat_text line);

/* What people log in to; NULL: nothing. */
struct accounts *talk_accounts(const struct talk *talk);

/* Asks for the nickname. */
void talk_ask(struct talk_person *person);

/* Runs the command that LINE, which begins with a slash, is. */
void talk_command(struct talk_person *person, struct chat_text line);

/*
 * Sends a line; its end is added. A send that fails ends the session in the library, whose close
 * comes later, so nothing is returned.
 */
void talk_reply(struct talk_person *person, const char *format, ...) PL_PRINTF(2, 3);

/* Ends the session of somebody for whom there is no memory; others do not notice. */
void talk_give_up(struct talk_person *person);

/* For the formats "%.*s" of talk_reply(). */
#define TALK_TEXT(text) (int)(text).length, (text).length > 0 ? (text).data : ""

/*
 * Says why the chat did not do something with NAME: OUTCOME is one of chat/outcome.h or a negative
 * errno.
 */
void talk_explain(struct talk_person *person, int outcome, struct chat_text name);

#endif
