/* SPDX-License-Identifier: MIT */
/*
 * What is kept of accounts over a restart: read markers, metadata, and users who stay. It is all in
 * memory, from the start on, and goes to the store when it changes, without waiting: of each account a
 * few writes at a time, so that what changes again meanwhile is written once.
 */
#ifndef CHAT_KEPT_H
#define CHAT_KEPT_H

#include <stddef.h>

struct chat_world;
struct store;

/*
 * Reads what STORE keeps of accounts, before there are sessions, and before chat_bans_keep(), from
 * which on the world writes there. *LOADED receives how much that is. Returns 0 or a negative errno.
 * Waits for the disk.
 */
int chat_kept_load(struct chat_world *world, struct store *store, size_t *loaded);

/* Tries again to write what could not be written, now and then. Any thread; it waits for nothing. */
void chat_kept_retry(struct chat_world *world);

/* Has all written that is not yet, when no session does anything any more. Waits for the disk. */
void chat_kept_flush(struct chat_world *world);

#endif
