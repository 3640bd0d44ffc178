/* SPDX-License-Identifier: MIT */
/*
 * Hosts that do not tell an address: each of its network parts, from the narrowest to the widest,
 * is replaced by a keyed hash, so that one address always looks the same, a whole network can be
 * named by a mask ("*.4f7kq2zd.x1c9b0ma.ip"), and nobody without the key finds the address. The key
 * is a secret file of the server.
 */
#ifndef CHAT_CLOAK_H
#define CHAT_CLOAK_H

#include <stddef.h>

#define CHAT_CLOAK_KEY_SIZE 32
#define CHAT_CLOAK_MAX      63 /* bytes of a host, HOSTLEN */

struct chat_cloak_key {
    unsigned char bytes[CHAT_CLOAK_KEY_SIZE];
};

/* Makes a key that is kept nowhere. Returns 0 or the error of getrandom. */
int chat_cloak_key_make(struct chat_cloak_key *key);

/*
 * Reads the key from the file PATH, or makes one and the file, mode 0600, if there is none. Returns
 * 0, -EINVAL when the file is no such key, or the error of the call that failed.
 */
int chat_cloak_key_load(const char *path, struct chat_cloak_key *key);

/* Writes the host that stands for ADDRESS, as pl_session_peer() tells it, to HOST. */
void chat_cloak(const struct chat_cloak_key *key, const char *address,
                char host[CHAT_CLOAK_MAX + 1]);

#endif
