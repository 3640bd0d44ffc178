/* SPDX-License-Identifier: MIT */
/*
 * The daemon's store. It is there once somebody is served who has something to keep: at the start,
 * or from the reload on that brings the first listener for people.
 */
#ifndef DAEMON_STORAGE_H
#define DAEMON_STORAGE_H

#include "config/snapshot.h"

#include <stdbool.h>
#include <stdio.h>

struct daemon;

/* Whether CONFIG wants a store that is not there yet. */
bool storage_is_wanted(const struct daemon *daemon, const struct config *config);

/*
 * Finds out where it is to be, and makes the folder, while there are privileges to do so. Nothing where
 * none is wanted. Returns 0, CONFIG_INVALID when ERRORS says why not, or -ENOMEM.
 */
int storage_prepare(struct daemon *daemon, const struct config *config,
                    struct config_errors *errors);

/*
 * Opens what was prepared, as the user who will use it, and sets the bans that it has. Returns 0,
 * CONFIG_INVALID (it cannot be had by what the configuration says) or a negative errno (it could, but
 * the file is damaged, say); ERRORS says why in either case.
 */
int storage_open(struct daemon *daemon, const struct config *config, struct config_errors *errors);

/* Has all written that is to be kept, and nothing after it: when the server does not run any more. */
void storage_stop(struct daemon *daemon);

/* Tells how it stands, as "key: value" lines. */
void storage_print(struct daemon *daemon, FILE *file);

#endif
