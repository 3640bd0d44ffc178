/* SPDX-License-Identifier: MIT */
/*
 * The server's state when it holds the descriptors that it should and has come to rest. Loads that
 * ask what connections cost, or leave behind, warm the server up first, so that what it takes once
 * (buffers of its threads, the allocator's first pages) is not counted.
 */
#ifndef TOOLS_BENCH_REST_H
#define TOOLS_BENCH_REST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tools/bench/connect.h"
#include "tools/bench/process.h"
#include "tools/bench/wire.h"

enum { WARM_TOGETHER = 64 };

/* Waits, then looks. Returns false if it did not come to rest so in PATIENCE nanoseconds. */
bool look_at_rest(pid_t pid, int64_t descriptors, uint64_t patience, struct process_state *state);

/* Whatever descriptors it holds then; that it does not come to rest is a failure. */
void look_at_start(pid_t pid, uint64_t patience, struct process_state *state);

/* One line on each connection, up to 64 of them at once, so that all threads get to work. */
void speak_all(const struct line_shape *shape, const struct wire *wires, uint64_t count,
               uint64_t number);

/* 64 connections come, all speak, and go. */
void warm_up_together(const struct line_shape *shape, const struct target *target);

/* The same, with a look at the server when it has come to rest with them. */
void warm_up_watched(const struct line_shape *shape, const struct target *target, pid_t pid,
                     uint64_t patience, struct process_state *held);

#endif
