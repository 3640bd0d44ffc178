/* SPDX-License-Identifier: MIT */
/* A client that takes nothing of what it is owed, so that a drain has something to wait for. */
#ifndef TESTS_PROTOCOL_DEAF_H
#define TESTS_PROTOCOL_DEAF_H

#include "tests/lib/daemon.h"
#include "tests/lib/peer.h"

/*
 * What a daemon needs for it, beside DAEMON_SERVER and no limit that is in the way: an echo at
 * @DIR@/e, which is the last of its listeners.
 */
#define DEAF_ECHO "{ service = \"echo\"; path = \"@DIR@/e\"; max_line = 1000; }"

/* A line that it sends. */
#define DEAF_LINE 1000

/*
 * Connects and sends lines until the daemon takes no more, because it owes this client more than
 * its limits.high_water. *LINES is how many lines the daemon has answered until then.
 */
struct peer *deaf_connect(struct daemon *daemon, unsigned long *lines);

/*
 * Takes all that is owed: so many lines, then what the daemon has to say, and the end. More lines
 * may come in between, answered while the stop was on its way to this session.
 */
void deaf_take(struct peer *peer, unsigned long lines);

#endif
