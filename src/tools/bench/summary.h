/* SPDX-License-Identifier: MIT */
/* What the rounds come to: the median of a figure, and the least and the most of it. */
#ifndef TOOLS_BENCH_SUMMARY_H
#define TOOLS_BENCH_SUMMARY_H

#include "tools/bench/contest.h"

struct summary {
    unsigned count; /* of values; 0: there is nothing else */
    double median, least, most;
};

/* Sorts the values. */
struct summary summarise(double *values, unsigned count);

/* Of a figure of one contestant at one point. */
struct summary contest_summary(const struct contest *contest, unsigned point, unsigned contestant,
                               enum bench_metric metric);

/* Of its ratios to the figure of contest_first() in the same round. */
struct summary contest_ratio(const struct contest *contest, unsigned point, unsigned contestant,
                             enum bench_metric metric);

#endif
