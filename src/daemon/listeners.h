/* SPDX-License-Identifier: MIT */
/*
 * The doors that the configuration names. All are opened at the start, before anybody is served; a
 * reload opens, closes and changes them, or leaves all as they were.
 */
#ifndef DAEMON_LISTENERS_H
#define DAEMON_LISTENERS_H

#include "config/diff.h"
#include "config/errors.h"
#include "config/snapshot.h"
#include "daemon/door.h"

#include <stdio.h>

struct daemon;

/* One for each of the snapshot's listeners, in the same order. */
struct listeners {
    struct door *doors;
    size_t count;
};

/* Makes a list for the listeners of CONFIG, all closed. Returns 0 or -ENOMEM. */
int listeners_alloc(struct listeners *listeners, const struct config *config);

/* Frees the list, but closes nothing. */
void listeners_free(struct listeners *listeners);

/*
 * Opens all listeners of CONFIG; sockets that the service manager has passed are used where they
 * belong, and one that belongs nowhere is an error. Returns 0, CONFIG_INVALID when ERRORS says what
 * failed, or -ENOMEM; LISTENERS hold then what was opened.
 */
int listeners_open(struct listeners *listeners, struct daemon *daemon, const struct config *config,
                   struct config_errors *errors);

/* Gives all sockets up, when the server stops or has stopped; again is harmless. */
void listeners_let_go(struct listeners *listeners);

/*
 * A reload's first step. Prepares AFTER, the listeners of NEW_CONFIG: takes over those that are
 * kept, but not yet their sockets, and opens the others. Where a new one needs the address of one that goes, that is closed first,
 * which may take a moment. Returns as listeners_open(), but after an error AFTER is empty and the
 * daemon's listeners are open as before, or the log says which one is lost.
 */
int listeners_prepare(struct listeners *after, struct daemon *daemon,
                      const struct config_diff *diff, const struct config *new_config,
                      struct config_errors *errors);

/* The way back after listeners_prepare(), with the same arguments; frees AFTER. */
void listeners_abandon(struct listeners *after, struct daemon *daemon,
                       const struct config_diff *diff, const struct config *new_config);

/*
 * The middle: moves the sockets of those that are kept from BEFORE to AFTER. The daemon's lock is
 * held, and BEFORE's place taken by AFTER before it is let go.
 */
void listeners_move_locked(struct listeners *after, struct listeners *before,
                           const struct config_diff *diff, const struct config *old_config,
                           const struct config *new_config);

/*
 * Its last step, when AFTER is in force: gives those that were kept their new settings, closes what
 * is still open of those that are gone, and frees BEFORE.
 */
void listeners_finish(struct listeners *before, const struct listeners *after,
                      struct daemon *daemon, const struct config_diff *diff,
                      const struct config *old_config, const struct config *new_config);

/* Writes PREFIX and "service address port" (door_print()), a line for each that is open. */
void listeners_print(const struct listeners *listeners, const struct daemon *daemon,
                     const struct config *config, const char *prefix, FILE *file);

#endif
