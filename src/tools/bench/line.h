/* SPDX-License-Identifier: MIT */
/* The lines of the load. Connection and number give every byte of a line, so that an answer is
 * checked whole and nothing that was sent has to be kept. */
#ifndef TOOLS_BENCH_LINE_H
#define TOOLS_BENCH_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINE_MIN = 32, LINE_MAX = 65536 };

struct line_shape {
    size_t size;       /* bytes, LINE_MIN..LINE_MAX, the newline included */
    uint64_t slow_one; /* one line in so many is slow, 0: none */
};

/* Slow lines begin with "slow "; which they are is spread at random, but the same at every call. */
bool line_is_slow(const struct line_shape *shape, uint32_t conn, uint64_t number);

/* Write the line, shape->size bytes, to out. */
void line_build(const struct line_shape *shape, uint32_t conn, uint64_t number, char *out);

#endif
