/* SPDX-License-Identifier: MIT */
/*
 * Services: people who are part of the server. They are always there and nobody else has their
 * names, but they are in no channel, are not counted, and are found by name only. Nobody ends,
 * renames or invites them (CHAT_SERVICE). What is said to them is for the faces to act upon.
 */
#ifndef CHAT_SERVICE_H
#define CHAT_SERVICE_H

#include "chat/text.h"

#include <stdbool.h>

struct chat_session;
struct chat_words;
struct chat_world;

#define CHAT_SERVICES_MAX 4

/*
 * Adds one, before there are sessions. Returns 0, CHAT_NICK_BAD, CHAT_NICK_LONG, CHAT_NICK_TAKEN,
 * CHAT_LIST_FULL or -ENOMEM.
 */
int chat_service_add(struct chat_world *world, const char *nick, const char *username,
                     const char *host, const char *realname);

/* Whether NICK means one. Any thread, also with the world held. */
bool chat_is_service(const struct chat_world *world, struct chat_text nick);

/*
 * The service called NICK says a notice of one line to the session's user. It is one more line of what
 * answers the session's own command, if ANSWERS: as an event of that session, which no other is told.
 * Returns 0, CHAT_NO_SUCH_NICK or CHAT_NOT_REGISTERED.
 */
int chat_service_notice(struct chat_world *world, struct chat_text nick,
                        struct chat_session *session, struct chat_text text, bool answers);

/*
 * What has been said to a service comes back to all sessions of who has said it, as if it had been to
 * somebody else. Returns 0, CHAT_NO_SUCH_NICK or CHAT_NOT_REGISTERED.
 */
int chat_service_echo(struct chat_world *world, struct chat_session *session,
                      const struct chat_words *words);

#endif
