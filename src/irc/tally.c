/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/tally.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Processors beyond so many share counters. A power of two. */
#define SHARDS 16

#define CACHE_LINE 64

struct counter {
    _Atomic uint64_t runs;
    _Atomic uint64_t bytes;
};

struct irc_tally {
    size_t stride; /* counters of a shard, so that shards share no cache line */
    struct counter *counters;
};

struct irc_tally *irc_tally_new(size_t count)
{
    size_t in_line = CACHE_LINE / sizeof(struct counter);
    struct irc_tally *tally = malloc(sizeof *tally);

    if (!tally)
        return NULL;
    tally->stride = (count + in_line - 1) / in_line * in_line;
    tally->counters = aligned_alloc(CACHE_LINE, SHARDS * tally->stride * sizeof(struct counter));
    if (!tally->counters) {
        free(tally);
        return NULL;
    }
    for (size_t i = 0; i < SHARDS * tally->stride; i++) {
        atomic_init(&tally->counters[i].runs, 0);
        atomic_init(&tally->counters[i].bytes, 0);
    }
    return tally;
}

void irc_tally_free(struct irc_tally *tally)
{
    if (!tally)
        return;
    free(tally->counters);
    free(tally);
}

/* A thread that moves to another processor meanwhile does no harm. */
void irc_tally_add(struct irc_tally *tally, size_t command, size_t bytes)
{
    size_t shard = (size_t)sched_getcpu() & (SHARDS - 1);
    struct counter *counter = &tally->counters[shard * tally->stride + command];

    atomic_fetch_add_explicit(&counter->runs, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&counter->bytes, bytes, memory_order_relaxed);
}

void irc_tally_sum(const struct irc_tally *tally, size_t command, uint64_t *runs, uint64_t *bytes)
{
    *runs = *bytes = 0;
    for (size_t shard = 0; shard < SHARDS; shard++) {
        const struct counter *counter = &tally->counters[shard * tally->stride + command];

        *runs += atomic_load_explicit(&counter->runs, memory_order_relaxed);
        *bytes += atomic_load_explicit(&counter->bytes, memory_order_relaxed);
    }
}
