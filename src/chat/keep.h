/* SPDX-License-Identifier: MIT */
/*
 * Keeping bans over a restart. The world is held exclusive; nothing is waited for, and what comes of
 * it is told to operators if it is not what they would expect.
 */
#ifndef CHAT_KEEP_H
#define CHAT_KEEP_H

#include "chat/bans.h"

/* BAN was set just now. */
void chat_keep_ban_locked(struct chat_world *world, const struct chat_ban *ban);

/* BAN is about to be removed: it is LIFTED, or its time is over. */
void chat_forget_ban_locked(struct chat_world *world, const struct chat_ban *ban, bool lifted);

#endif
