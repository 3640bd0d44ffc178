/* SPDX-License-Identifier: MIT */
/*
 * What can be measured. A result is a row of these figures, each there or not: the loads put them
 * in; the table, JSON, the comparison and its plots read them, and name and unit come from one table.
 */
#ifndef TOOLS_BENCH_METRICS_H
#define TOOLS_BENCH_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/bench/hist.h"

/* In the order in which they are shown. The six of each latency stand together. */
enum bench_metric {
    METRIC_CONNECTIONS,
    METRIC_LINE_BYTES,
    METRIC_SECONDS,
    METRIC_PEOPLE,
    METRIC_CHANNELS,
    METRIC_SPEAKERS,
    METRIC_LINES,
    METRIC_RATE,
    METRIC_LINES_TOTAL,
    METRIC_UNANSWERED,
    METRIC_LEAST_SERVED,
    METRIC_MOST_SERVED,
    METRIC_SPREAD,
    METRIC_DELIVERIES,
    METRIC_DELIVERY_RATE,
    METRIC_DELIVERIES_TOTAL,
    METRIC_JOINS_SEEN,
    METRIC_CONNECTION_RATE,
    METRIC_LOGIN_RATE,
    METRIC_LATENCY,
    METRIC_LATENCY_P50,
    METRIC_LATENCY_P90,
    METRIC_LATENCY_P99,
    METRIC_LATENCY_P999,
    METRIC_LATENCY_MAX,
    METRIC_SLOW,
    METRIC_SLOW_P50,
    METRIC_SLOW_P90,
    METRIC_SLOW_P99,
    METRIC_SLOW_P999,
    METRIC_SLOW_MAX,
    METRIC_LATE,
    METRIC_LATE_P50,
    METRIC_LATE_P90,
    METRIC_LATE_P99,
    METRIC_LATE_P999,
    METRIC_LATE_MAX,
    METRIC_CLIENT_CPU,
    METRIC_CLIENT_CPU_PER_LINE,
    METRIC_SERVER_CPU,
    METRIC_SERVER_CPU_PER_LINE,
    METRIC_SERVER_CPU_PER_CONNECTION,
    METRIC_SERVER_CPU_SHARE,
    METRIC_SWITCHES,
    METRIC_VOLUNTARY,
    METRIC_INVOLUNTARY,
    METRIC_CALLS_PER_LINE,
    METRIC_SENDS_PER_LINE,
    METRIC_RESIDENT,
    METRIC_THREADS,
    METRIC_DESCRIPTORS,
    METRIC_RESIDENT_BEFORE,
    METRIC_RESIDENT_SILENT,
    METRIC_RESIDENT_SPOKEN,
    METRIC_RESIDENT_AFTER,
    METRIC_BYTES_PER_SILENT,
    METRIC_BYTES_PER_CONNECTION,
    METRIC_LEAKED_DESCRIPTORS,
    METRIC_LEAKED_BYTES,
    METRIC_LEAKED_THREADS,
    METRICS
};

struct bench_metric_info {
    const char *key;   /* in JSON */
    const char *title; /* for people, within its group */
    const char *unit;
    unsigned decimals;
    const char *group; /* the heading above it */
};

extern const struct bench_metric_info bench_metrics[METRICS];

/* Plain data: a process may write one to another through a pipe. */
struct bench_result {
    bool has[METRICS];
    double value[METRICS];
};

static inline void result_put(struct bench_result *result, enum bench_metric metric, double value)
{
    result->has[metric] = true;
    result->value[metric] = value;
}

/* Puts how many there were and five quantiles, in microseconds, from FIRST on. */
void result_put_latency(struct bench_result *result, enum bench_metric first,
                        const struct hist *hist);

/* The sum in nanoseconds over a count, as microseconds each; 0 of none. */
double us_each(uint64_t ns, uint64_t count);

/* A figure for people: thousands set apart, its decimals, and its unit unless that is "". */
void metric_format(enum bench_metric metric, double value, bool with_unit, char *text,
                   unsigned size);

#endif
