/* SPDX-License-Identifier: MIT */
/* The process itself, before anything is opened. */
#ifndef DAEMON_PREPARE_H
#define DAEMON_PREPARE_H

#include <stdbool.h>

/*
 * Opens /dev/null for standard streams that are closed, so that no socket takes their numbers.
 * Returns 0 or a negative errno. The first thing of all.
 */
int prepare_streams(void);

/*
 * Keeps the files that are made to their owner (umask), ignores SIGPIPE, and allows as many
 * descriptors as the system does. What cannot be had is logged.
 */
void prepare_process(void);

/*
 * PATH from the root, or a copy of it if the process stays in the folder it is in. *OUT is the
 * caller's to free(), NULL for a NULL. Returns 0, -ENOMEM or the error of getcwd().
 */
int prepare_path(const char *path, bool leaves, char **out);

#endif
