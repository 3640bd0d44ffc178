/* SPDX-License-Identifier: MIT */
/*
 * The daemon's folder, state_dir: made when something in it is needed, and locked, so that there
 * is one daemon a folder. The lock is on the folder itself and ends with the process.
 */
#ifndef DAEMON_STATE_H
#define DAEMON_STATE_H

#include "config/snapshot.h"
#include "daemon/privileges.h"

#include <stdbool.h>

struct state {
    char *path; /* NULL: nothing says where it is */
    int fd;     /* the lock; -1: it is not in use */
    bool bad;   /* opening it has failed, which was said */
};

/* Finds out where the folder is. Returns 0, also when nothing says so, or -ENOMEM. */
int state_init(struct state *state, const struct config *config);
void state_deinit(struct state *state);

/*
 * Makes the folder unless it is there, mode 0700 and OWNER's (if OWNER has a name), and locks it.
 * Again is harmless. Returns 0, CONFIG_INVALID when ERRORS says why not (once is enough), or
 * -ENOMEM.
 */
int state_open(struct state *state, const struct config *config, const struct privileges *owner,
               struct config_errors *errors);

/*
 * The path that stands under KEY of GROUP, from the folder if it is relative; then the folder is
 * opened as above. *OUT is the caller's to free(). Returns as state_open().
 */
int state_path(struct state *state, const struct config *config, const struct privileges *owner,
               const char *path, char **out, struct config_errors *errors);

#endif
