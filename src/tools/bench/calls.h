/* SPDX-License-Identifier: MIT */
/*
 * Counts the system calls of another process, as perf(1) does: by a tracepoint of the kernel, for
 * all threads that the process has and those that it starts later. It takes root, or a low
 * kernel.perf_event_paranoid and the right to read tracefs. Each call that is counted is slower.
 */
#ifndef TOOLS_BENCH_CALLS_H
#define TOOLS_BENCH_CALLS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct calls;

/* What is counted: all calls, and, where wanted, those of sendto, sendmsg, write and writev. */
struct call_counts {
    uint64_t all, sending;
};

/*
 * Makes counters, which do not count yet. 0, -EACCES or -EPERM where that is not permitted, or
 * another negative errno.
 */
int calls_new(struct calls **calls, pid_t pid, bool sending);
void calls_free(struct calls *calls);

/* Counting begins, and ends: COUNTS receives what was counted. Any thread, one at a time. */
int calls_start(struct calls *calls);
int calls_stop(struct calls *calls, struct call_counts *counts);

#endif
