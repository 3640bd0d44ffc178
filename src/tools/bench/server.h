/* SPDX-License-Identifier: MIT */
/* A server of a comparison: one contestant, started for one point. */
#ifndef TOOLS_BENCH_SERVER_H
#define TOOLS_BENCH_SERVER_H

#include "tools/bench/child.h"
#include "tools/bench/contest.h"

struct server {
    struct child child;
    unsigned port;
    char trouble[400]; /* why it could not be started, or has ended */
};

/*
 * Starts it and waits until it serves. 0; 1 where it does not, and TROUBLE says why, or -EINTR after
 * a signal. In each case server_end() is to follow.
 */
int server_start(struct server *server, const struct contest *contest,
                 const struct contestant *contestant, const struct point *point);

/* 0, or 1 where it had ended before; TROUBLE says how then. */
int server_end(struct server *server, const struct contest *contest);

#endif
