/* SPDX-License-Identifier: MIT */
/*
 * Telling an event to sessions: each rendering is made once, and queued for all who get it. The
 * world is held, and with it either an order lock of those who are told, or the world exclusive.
 */
#ifndef CHAT_DELIVER_H
#define CHAT_DELIVER_H

#include "chat/world.h"

/* All sessions of a user, and of another one (NULL or the same: none). */
void chat_tell_users(const struct chat_event *event, struct chat_user *user,
                     struct chat_user *other);

/* One session. */
void chat_tell_session(const struct chat_event *event, struct chat_session *session);

/* All sessions of everybody; exclusive. */
void chat_tell_all(struct chat_world *world, const struct chat_event *event);

/* All sessions of all members. */
void chat_tell_channel(const struct chat_event *event, struct chat_channel *channel);

/* Of members with at least the prefix LEAST, and of two users besides, who may be NULL. */
void chat_tell_some(const struct chat_event *event, struct chat_channel *channel, unsigned least,
                    struct chat_user *user, struct chat_user *other);

/* Of all members who may know of MEMBER, whose coming or going the event is. */
void chat_tell_member(const struct chat_event *event, struct chat_member *member);

/* All sessions of a user and of everybody who shares a channel with them, each once; exclusive. */
void chat_tell_around(struct chat_world *world, const struct chat_event *event,
                      struct chat_user *user);

/* The same, and sessions besides that watch the user's nickname, with event.watched set. */
void chat_tell_known(struct chat_world *world, const struct chat_event *event,
                     struct chat_user *user);

/* Sessions that watch NICK, which the user that CAUSE is about takes or gives up; exclusive. */
void chat_tell_watchers(const struct chat_world *world, enum chat_kind kind,
                        const struct chat_event *cause, struct chat_text nick);

#endif
