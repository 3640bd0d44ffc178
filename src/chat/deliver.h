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

/* All sessions of all members. */
void chat_tell_channel(const struct chat_event *event, struct chat_channel *channel);

/* All sessions of a user and of everybody who shares a channel with them, each once; exclusive. */
void chat_tell_around(struct chat_world *world, const struct chat_event *event,
                      struct chat_user *user);

#endif
