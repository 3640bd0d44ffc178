/* SPDX-License-Identifier: MIT */
/* A program that runs beside the test, and never outlives it. It is looked for in PATH. */
#ifndef TESTS_CLIENTS_PROGRAM_H
#define TESTS_CLIENTS_PROGRAM_H

#include "tests/lib/expect.h"

struct program;

/*
 * Starts it with that home folder, to which its output goes as well (HOME/output). Arguments end
 * with a NULL, the first is its name.
 */
#define PROGRAM_START(home, ...) program_start(HERE, home, (const char *const[]){__VA_ARGS__, NULL})
struct program *program_start(struct place place, const char *home, const char *const *arguments);

/* Waits for it to end by itself. */
#define PROGRAM_EXPECT_END(program) program_expect_end(HERE, program)
void program_expect_end(struct place place, struct program *program);

/* SIGTERM, or SIGKILL if that does not help, unless it has ended, and frees. NULL is allowed. */
void program_stop(struct program *program);

/*
 * The first of COUNT programs that is not there, or NULL: then a test that drives them says so and
 * returns the status of program_missing(): 77, or 1 where nothing may be skipped (SKIP_NOTHING or
 * CI are in the environment).
 */
const char *program_lacking(const char *const *names, unsigned count);
int program_missing(const char *name);

#endif
