/* SPDX-License-Identifier: MIT */
/*
 * The daemon's history, which is there as soon as there is a store that keeps something. Without it the chat
 * goes on: a file that cannot be had is logged, and the server runs without a history until its next
 * start.
 */
#ifndef DAEMON_HISTORY_H
#define DAEMON_HISTORY_H

#include "config/snapshot.h"

#include <stdio.h>

struct daemon;

/*
 * Finds out where it is to be, while there are privileges to make its folder. Nothing where none is
 * wanted. Returns 0, CONFIG_INVALID when ERRORS says why not, or -ENOMEM.
 */
int daemon_history_prepare(struct daemon *daemon, const struct config *config,
                           struct config_errors *errors);

/* Opens what was prepared, and has the chat use it; or logs why not. */
void daemon_history_open(struct daemon *daemon, const struct config *config);

/* Puts in force what CONFIG says of one that is open. */
void daemon_history_apply(struct daemon *daemon, const struct config *config);

/* Ends it: no more is kept, but it can still be read; and frees it, when nobody is left to read it. */
void daemon_history_stop(struct daemon *daemon);
void daemon_history_free(struct daemon *daemon);

/* Tells how it stands, as "key: value" lines. Any thread. */
void daemon_history_print(struct daemon *daemon, FILE *file);

#endif
