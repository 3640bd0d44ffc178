/* SPDX-License-Identifier: MIT */
/* The daemon at work, from an empty process to one that has stopped. */
#ifndef DAEMON_SERVE_H
#define DAEMON_SERVE_H

struct daemon;

/*
 * Serves until it is stopped. The daemon has its options and its configuration, all else is empty.
 * Returns the exit status; what went wrong has been said on standard error or in the log.
 */
int serve(struct daemon *daemon);

/* Begins to stop in good order; again is harmless. Any thread, while the server runs. */
void serve_drain(struct daemon *daemon);

#endif
