/* SPDX-License-Identifier: MIT */
/* What a server holds and uses, seen from outside. It has to run under the same user. Every
 * function ends the program with status 1 when the process is gone. */
#ifndef TOOLS_BENCH_PROCESS_H
#define TOOLS_BENCH_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process_state {
    int64_t resident; /* bytes */
    int64_t threads;
    int64_t descriptors;
};

/* Nanoseconds of CPU that its threads, those that have ended too, have used so far. */
uint64_t process_cpu_ns(pid_t pid);

void process_look(pid_t pid, struct process_state *state);

/* Context switches of the threads that it has now; what those that have ended did is lost. */
struct process_switches {
    uint64_t voluntary, involuntary;
};
void process_look_switches(pid_t pid, struct process_switches *switches);

/*
 * Wait until it holds exactly that many descriptors, unless that is -1, and then until it has used no CPU for a
 * twentieth of a second. Returns false when that has not come to pass within timeout nanoseconds.
 */
bool process_await(pid_t pid, int64_t descriptors, uint64_t timeout);

#endif
