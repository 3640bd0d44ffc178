/* SPDX-License-Identifier: MIT */
/*
 * The operator's door: a Unix socket with a line protocol, served by the same threads as everybody
 * else. root and the daemon's own user may come in; paceline(8) documents the protocol.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "config/errors.h"
#include "config/snapshot.h"

struct daemon;

/*
 * Opens the socket that CONFIG names, if any; one that a dead daemon has left is replaced, one that
 * is in use is an error. The server closes and removes it. Returns 0, CONFIG_INVALID when ERRORS says what failed, or -ENOMEM.
 */
int control_open(struct daemon *daemon, const struct config *config, struct config_errors *errors);

#endif
