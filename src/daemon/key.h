/* SPDX-License-Identifier: MIT */
/*
 * The key that hides addresses: a file in the state folder, which is needed where people come
 * together. A server that begins without them, for echo alone, has one that is kept nowhere, until
 * a reload brings the first such listener.
 */
#ifndef DAEMON_KEY_H
#define DAEMON_KEY_H

#include "chat/cloak.h"
#include "config/snapshot.h"

struct daemon;

/*
 * Finds the key for the listeners of CONFIG. Returns 0, CONFIG_INVALID when ERRORS says why not, or
 * a negative errno. At the start, and in a reload while key_is_wanted().
 */
int key_find(struct daemon *daemon, const struct config *config, struct chat_cloak_key *key,
             struct config_errors *errors);

/* Whether CONFIG needs a key that is kept, and the daemon has none yet. */
bool key_is_wanted(const struct daemon *daemon, const struct config *config);

#endif
