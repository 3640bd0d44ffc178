/* SPDX-License-Identifier: MIT */
/* Keeping events, for the files of this room. */
#ifndef CHAT_HISTORY_KEEP_H
#define CHAT_HISTORY_KEEP_H

#include "chat/history.h"
#include "chat/world.h"

/*
 * What is said in a channel, heard by members with at least the prefix LEAST, or to another user, and
 * what happens in a channel. The order lock of those who are told is held, or the world exclusive.
 */
void chat_keep_in_channel(struct chat_world *world, const struct chat_event *event,
                          const struct chat_channel *channel, unsigned least);
void chat_keep_between(struct chat_world *world, const struct chat_event *event,
                       const struct chat_user *one, const struct chat_user *other);

/* What a member does, or what is done to them, which not everybody may know (mode u). */
void chat_keep_of_member(struct chat_world *world, const struct chat_event *event,
                         const struct chat_member *member);

/* What happens to a user in each of their channels; the world is held exclusive. */
void chat_keep_around(struct chat_world *world, const struct chat_event *event,
                      const struct chat_user *user);

/* Finds out what the user's account wants; the world is held exclusive. */
void chat_history_renew(struct chat_world *world, struct chat_user *user);

/*
 * Forgets a message of a channel, or else of a conversation. Returns 0, also if nothing is kept, or
 * the negative errno with which it cannot be promised.
 */
int chat_history_forget(struct chat_world *world, const struct chat_channel *channel,
                        const struct chat_user *one, const struct chat_user *other,
                        uint64_t message);

#endif
