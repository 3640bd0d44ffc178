/* SPDX-License-Identifier: MIT */
/* A daemon whose store a test keeps from being written for a while. */
#ifndef TESTS_PROTOCOL_IRC_STORE_H
#define TESTS_PROTOCOL_IRC_STORE_H

#include "tests/lib/daemon.h"

struct sqlite3;

/* Settings for that, which it takes. */
#define IRC_STORE "store: { busy_timeout = 0; };\n"

/*
 * Locks the file of the daemon's store, and has PEER, who is logged in to no account, find out that it
 * cannot be written; and lets go of it, and waits until the daemon has noticed.
 */
struct sqlite3 *irc_store_lock(struct daemon *daemon);
void irc_store_unlock(struct daemon *daemon, struct sqlite3 *db);

#endif
