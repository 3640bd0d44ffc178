/* SPDX-License-Identifier: MIT */
#ifndef TOOLS_BENCH_MEASURE_H
#define TOOLS_BENCH_MEASURE_H

#include "tools/bench/contest.h"

/*
 * Starts a contestant, loads it and ends it. 0: RESULT has what came of it. 1: it has not, and
 * standard error says why. -EINTR: a signal has come.
 */
int measure(struct contest *contest, struct contestant *contestant, const struct point *point,
            struct bench_result *result);

#endif
