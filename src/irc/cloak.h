/* SPDX-License-Identifier: MIT */
/*
 * Hosts that do not tell an address: each of its network parts, from the narrowest to the widest,
 * is replaced by a keyed hash, so that one address always looks the same, a whole network can be
 * named by a mask ("*.4f7kq2zd.x1c9b0ma.ip"), and nobody without the key finds the address. The key
 * is a secret file of the server.
 */
#ifndef IRC_CLOAK_H
#define IRC_CLOAK_H

#include <stddef.h>

#define IRC_CLOAK_KEY_SIZE 32
#define IRC_HOST_MAX       63 /* bytes of a host, HOSTLEN */

struct irc_cloak_key {
    unsigned char bytes[IRC_CLOAK_KEY_SIZE];
};

/* Makes a key that is kept nowhere. Returns 0 or the error of getrandom. */
int irc_cloak_key_make(struct irc_cloak_key *key);

/*
 * Reads the key from the file PATH, or makes one and the file, mode 0600, if there is none. Returns
 * 0, -EINVAL when the file is no such key, or the error of the call that failed.
 */
int irc_cloak_key_load(const char *path, struct irc_cloak_key *key);

/* Writes the host that stands for ADDRESS, as pl_session_peer() tells it, to HOST. */
void irc_cloak(const struct irc_cloak_key *key, const char *address, char host[IRC_HOST_MAX + 1]);

#endif
