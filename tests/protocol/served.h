/* SPDX-License-Identifier: MIT */
/* Tests of what the daemon serves. */
#ifndef TESTS_PROTOCOL_SERVED_H
#define TESTS_PROTOCOL_SERVED_H

#include "tests/lib/daemon.h"
#include "tests/lib/peer.h"
#include "tests/lib/models.h"

/*
 * Starts the daemon with two threads, and REST of a configuration, which names COUNT listeners.
 */
#define SERVED_START(rest, count) served_start(HERE, rest, count)
struct daemon *served_start(struct place place, const char *rest, unsigned count);

/* Sends a line to a service of echo and expects it back. */
#define SERVED_PING(peer) served_ping(HERE, peer)
void served_ping(struct place place, struct peer *peer);

/* Whether ::1 is there; says so if it is not. */
bool served_ipv6(void);

#endif
