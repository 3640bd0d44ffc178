/* SPDX-License-Identifier: MIT */
/*
 * Threads that do the same at the same time. Assertions are for the test's own thread: what a body
 * finds wrong it counts, and the test looks at the count.
 */
#ifndef TESTS_LIB_CROWD_H
#define TESTS_LIB_CROWD_H

#include <stdatomic.h>
#include <stdint.h>

/* Runs BODY in COUNT threads, numbered from 0, that begin together; returns when all have ended. */
void crowd_run(unsigned count, void (*body)(unsigned number, void *argument), void *argument);

/* Counts what is wrong. */
#define CROWD_CHECK(wrong, condition) ((condition) ? (void)0 : (void)atomic_fetch_add(&(wrong), 1))

/* The next of a row of pseudo-random numbers; a thread has a row of its own, begun with any seed. */
static inline uint32_t crowd_random(uint64_t *row)
{
    *row = *row * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*row >> 33);
}

#endif
