/* SPDX-License-Identifier: MIT */
/*
 * The sockets that the configuration names. All are bound at the start, before anybody is served;
 * a reload opens, closes and changes them, or leaves all as they were.
 */
#ifndef DAEMON_LISTENERS_H
#define DAEMON_LISTENERS_H

#include "config/diff.h"
#include "config/errors.h"
#include "config/snapshot.h"

#include <paceline/server.h>

#include <stdint.h>
#include <stdio.h>

struct daemon;

/* One for each of the snapshot's listeners, in the same order; NULL: not open. */
struct listeners {
    struct pl_listener **open;
    size_t count;
};

/*
 * Binds every listener of CONFIG; sockets that the service manager has passed are used where they
 * belong, and one that belongs nowhere is an error. Returns 0, CONFIG_INVALID when ERRORS says what
 * failed, or -ENOMEM; LISTENERS is to be freed in any case.
 */
int listeners_open(struct listeners *listeners, struct daemon *daemon, const struct config *config,
                   struct config_errors *errors);

/* Makes an empty list for the listeners of CONFIG. Returns 0 or -ENOMEM. */
int listeners_alloc(struct listeners *listeners, const struct config *config);

/*
 * Opens one listener of CONFIG, at the socket FD, or at its address if that is -1. The first time
 * after which an address that is in use is an error is DEADLINE (pli_clock_now()); it is tried
 * again until then. Returns 0 or a negative errno.
 */
int listeners_open_one(struct daemon *daemon, const struct config *config,
                       const struct config_listener *listener, int fd, uint64_t deadline,
                       struct pl_listener **out);

/* Adds to ERRORS that a listener could not be opened, and returns CONFIG_INVALID or -ENOMEM. */
int listeners_blame(const struct config *config, const struct config_listener *listener, int error,
                    struct config_errors *errors);

/* The limits that CONFIG sets for a listener. */
struct pl_listener_options listeners_limits(const struct config *config,
                                            const struct config_listener *listener);

/* Frees the list. The sockets are the server's. */
void listeners_free(struct listeners *listeners);

/*
 * A reload's first step. Makes AFTER, the listeners of NEW_CONFIG: takes over those that are kept
 * and opens the others. Where a new one needs the address of one that goes, that is closed first,
 * which may take a moment. Returns as listeners_open(); after an error the daemon's listeners are
 * open as before, or the log says which one is lost.
 */
int listeners_prepare(struct listeners *after, struct daemon *daemon,
                      const struct config_diff *diff, const struct config *new_config,
                      struct config_errors *errors);

/* The way back after listeners_prepare(), with the same arguments; frees AFTER. */
void listeners_abandon(struct listeners *after, struct daemon *daemon,
                       const struct config_diff *diff, const struct config *new_config);

/*
 * Its last step, when AFTER is in force: gives those that were kept their new limits, closes what
 * is still open of those that are gone, and frees BEFORE.
 */
void listeners_finish(struct listeners *before, const struct listeners *after,
                      struct daemon *daemon, const struct config_diff *diff,
                      const struct config *old_config, const struct config *new_config);

/* Writes PREFIX and "SERVICE ADDRESS PORT" a line; a Unix socket's address is its path, its port 0. */
void listeners_print(const struct listeners *listeners, const struct daemon *daemon,
                     const struct config *config, const char *prefix, FILE *file);

/* Logs that one of CONFIG's listeners is open. */
void listeners_log(const struct daemon *daemon, const struct config_listener *listener,
                   const struct pl_listener *open);

#endif
