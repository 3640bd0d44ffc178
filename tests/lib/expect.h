/* SPDX-License-Identifier: MIT */
/*
 * What a test says when something is not as expected, and how long it waits for an event. Only the
 * thread that runs the test may fail it: what runs in other threads returns its errors.
 */
#ifndef TESTS_LIB_EXPECT_H
#define TESTS_LIB_EXPECT_H

#include <stdbool.h>
#include <stdint.h>

/* Where a test stands; helpers are told, so that a failure names the test's line, not theirs. */
struct place {
    const char *file;
    unsigned line;
};
#define HERE ((struct place){__FILE__, __LINE__})

/* Ends the running test as failed, with that text. */
_Noreturn void expect_fail(struct place place, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same if CONDITION does not hold. */
#define EXPECT(condition, ...) ((condition) ? (void)0 : expect_fail(HERE, __VA_ARGS__))

/* Fails unless CALL returns RESULT; both are long and printed. */
#define EXPECT_RESULT(call, result) expect_result(HERE, #call, (long)(call), (long)(result))
void expect_result(struct place place, const char *what, long got, long expected);

/*
 * The time, in nanoseconds of CLOCK_MONOTONIC, at which waiting for an event ends with a failure:
 * 60 seconds from now, or TEST_PATIENCE seconds (environment).
 */
uint64_t expect_deadline(void);

/* Milliseconds that are left until DEADLINE, for poll(2); 0 when it is over. */
int expect_remaining(uint64_t deadline);

#endif
