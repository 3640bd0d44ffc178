/* SPDX-License-Identifier: MIT */
/* Looks at the server, and at this process, as the time that counts begins and ends. */
#ifndef TOOLS_BENCH_WATCH_H
#define TOOLS_BENCH_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tools/bench/calls.h"
#include "tools/bench/metrics.h"
#include "tools/bench/options.h"
#include "tools/bench/process.h"

struct watch {
    pid_t pid;           /* 0: only this process is looked at */
    struct calls *calls; /* or NULL */
    bool sending;        /* calls that send are counted apart */
    struct call_counts counts;
    uint64_t own_cpu[2], cpu[2];
    struct process_switches switches[2];
    struct process_state state; /* at the end */
};

/* Where system calls are wanted and cannot be counted, this says so, and they are left out. */
void watch_init(struct watch *watch, const struct bench_options *options);
void watch_deinit(struct watch *watch);

void watch_begin(struct watch *watch);
void watch_end(struct watch *watch);

/* Puts what was seen: in all, and for each of that many lines or deliveries in so much time. */
void watch_report(const struct watch *watch, struct bench_result *result, uint64_t lines,
                  uint64_t ns);

#endif
