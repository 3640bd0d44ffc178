/* SPDX-License-Identifier: MIT */
/* How the tool ends when something is wrong: with a line on standard error and, where JSON is
 * wanted, an object on standard output that says the same. Any thread. */
#ifndef TOOLS_BENCH_FAIL_H
#define TOOLS_BENCH_FAIL_H

#include <stddef.h>

/* Exit statuses. */
enum { BENCH_WELL = 0, BENCH_WRONG = 1, BENCH_USAGE = 2 };

/* From now on a failure is told in JSON too, as one of this command. It is a string constant. */
void bench_fail_as_json(const char *command);

/* End the program with status 1. bench_die() adds the text of errno. */
void bench_die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void bench_fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* With status 2: the command line makes no sense. */
void bench_usage(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Say so, and go on. */
void bench_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Zeroed memory; without any the program ends. */
void *bench_alloc(size_t count, size_t size);

/* Whether all that was written to standard output has arrived; if not, the program ends. */
void bench_finish_output(void);

#endif
