/* SPDX-License-Identifier: MIT */
/* A histogram of durations: log-linear, 128 steps to every power of two, so that a percentile is
 * off by less than one part in 128 whatever its size. Owned by one thread at a time. */
#ifndef TOOLS_BENCH_HIST_H
#define TOOLS_BENCH_HIST_H

#include <stdint.h>

enum { HIST_STEP_BITS = 7, HIST_BUCKETS = (64 - HIST_STEP_BITS + 1) << HIST_STEP_BITS };

struct hist {
    uint64_t count, max;
    uint64_t bucket[HIST_BUCKETS];
};

void hist_add(struct hist *hist, uint64_t value);

/* Add all of from to into. */
void hist_merge(struct hist *into, const struct hist *from);

/* The least value that a share of 0..1 of what was added does not exceed; 0 when empty. */
uint64_t hist_quantile(const struct hist *hist, double share);

#endif
