/* SPDX-License-Identifier: MIT */
/*
 * Allocations that fail when a test wants it. It works for a program that is linked with
 * $(FAILMALLOC_LINK), and counts what the program's own objects allocate, including those of
 * convenience libraries; what shared libraries do stays as it is.
 *
 *     for (n = 1, done = false; !done; n++) {
 *         failmalloc_after(n);
 *         error = what_is_tested();
 *         done = !failmalloc_fired();
 *         failmalloc_off();
 *         ...
 *     }
 */
#ifndef TESTS_LIB_FAILMALLOC_H
#define TESTS_LIB_FAILMALLOC_H

#include <stdbool.h>

/* The Nth allocation from now (1: the next), of any thread, fails with ENOMEM, once. */
void failmalloc_after(long n);

/* None fails any more. What failmalloc_fired() says stays. */
void failmalloc_off(void);

/* What this thread allocates does not count until it takes that back: it plays another one's part. */
void failmalloc_spare(bool spare);

/* Whether one has failed since the last failmalloc_after(). */
bool failmalloc_fired(void);

#endif
