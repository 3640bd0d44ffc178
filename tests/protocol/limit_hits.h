/* SPDX-License-Identifier: MIT */
/* What the daemon says of how often its limits were run into. */
#ifndef TESTS_PROTOCOL_LIMIT_HITS_H
#define TESTS_PROTOCOL_LIMIT_HITS_H

#include "tests/lib/daemon.h"

/* The limit of that name was run into so often: no more, and if less, soon. */
#define LIMIT_HITS(daemon, name, count) limit_hits(HERE, daemon, name, count)
void limit_hits(struct place place, struct daemon *daemon, const char *name, unsigned count);

/* How often it was, so far. */
unsigned long limit_count(struct place place, struct daemon *daemon, const char *name);

#endif
