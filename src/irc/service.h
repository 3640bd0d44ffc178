/* SPDX-License-Identifier: MIT */
/*
 * What NickServ and ChanServ have in common: how one speaks to them, by PRIVMSG, SQUERY and commands of
 * their own, and how they answer. A notice to one is not answered, as no program answers one; nor is
 * what is not plain words.
 */
#ifndef IRC_SERVICE_H
#define IRC_SERVICE_H

#include "irc/client.h"
#include "irc/message.h"

/* What the client has said to a service, which is there, in a message that was for nobody else. */
void irc_service_hear(struct irc_client *client, const struct irc_message *message);

/* The same for each of them: it has plain words. */
void irc_chanserv_hear(struct irc_client *client, const struct irc_message *message);

/* The service of that name answers with a line; with several, each with "\n" behind it, NULL: none. */
void irc_service_say(struct irc_client *client, const char *service, struct chat_text text);
void irc_service_say_lines(struct irc_client *client, const char *service, const char *lines);

/* The client's own words come back to it, TEXT being those. */
void irc_service_echo(struct irc_client *client, const struct irc_message *message,
                      struct chat_text text);

/*
 * A line that is made of COUNT words, at least one, with spaces between them and without what is no
 * text: how much room it takes, with its NUL; and writing it.
 */
size_t irc_service_room(const struct chat_text *words, size_t count);
void irc_service_copy(char *line, const struct chat_text *words, size_t count);

#endif
