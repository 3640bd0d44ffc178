/* SPDX-License-Identifier: MIT */
/*
 * A comparison: the servers, the points at which each is measured, and what came of it. A point is a
 * case with so many connections and threads. Of the lists of both, the middle number is the
 * reference: the other list is gone through with that one, so that the points form a cross.
 */
#ifndef TOOLS_BENCH_CONTEST_H
#define TOOLS_BENCH_CONTEST_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/bench/metrics.h"
#include "tools/bench/options.h"
#include "tools/bench/progress.h"

enum bench_case { CASE_ECHO, CASE_MIXED, CASE_CHAT, CASE_IDLE, CASES };

enum { CASE_FIGURES = 5, POINTS = CASES * 2 * BENCH_LIST };

/* What a case is about. */
struct case_info {
    const char *name;
    enum bench_command command;
    const char *service;  /* of paceline */
    uint64_t connections; /* by default */
    enum bench_metric
        figures[CASE_FIGURES]; /* shown, the main one first; METRIC_CONNECTIONS ends */
};

extern const struct case_info bench_cases[CASES];

struct contestant {
    char *label;
    const char *model;   /* of paceline, or NULL */
    const char *command; /* of another server, or NULL */
    bool left_out;       /* it cannot run here, and nobody has asked for it by name */
    bool failed;         /* at this point: it has no more turns there */
};

struct point {
    enum bench_case kind;
    uint64_t connections, threads;
};

struct contest {
    const struct bench_options *options;
    struct contestant *contestants;
    unsigned count;
    struct point points[POINTS];
    unsigned point_count;
    /* Of all cases that have them. */
    struct bench_numbers connections[CASES], threads;
    struct bench_result *results; /* of each point, contestant, round */
    unsigned failures;
    struct progress progress;
    char folder[256]; /* for what servers read and write; removed at the end */
    char *daemon;
};

/* From the options; what makes no sense there ends the program. LIMIT: descriptors of a process. */
void contest_init(struct contest *contest, const struct bench_options *options, uint64_t limit);
void contest_deinit(struct contest *contest);

struct bench_result *contest_result(const struct contest *contest, unsigned point,
                                    unsigned contestant, unsigned round);

/* The first contestant that is not left out, whom the others are compared with; -1: there is none. */
int contest_first(const struct contest *contest);

/* The middle one of a list. */
uint64_t numbers_middle(const struct bench_numbers *numbers);

/* The point of a case with the reference's connections and threads, and with other ones; -1: none. */
int contest_find_point(const struct contest *contest, enum bench_case kind, uint64_t connections,
                       uint64_t threads);

#endif
