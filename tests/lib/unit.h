/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LIB_UNIT_H
#define TESTS_LIB_UNIT_H

#include <CUnit/CUnit.h>
#include <stdbool.h>

/* One test: its name states the behaviour, its function uses CUnit's assertions. */
struct unit_test {
    const char *name;
    void (*run)(void);
};

/*
 * Run tests, an array that ends with a NULL name, as the suite of that name, and print how each
 * went. With one argument, run only the test of that name; with -l, list the names.
 *
 * Returns the status for main: 0 when every test ran and passed, 1 on any failure, 2 when the
 * arguments make no sense. A program that is not through after UNIT_TIMEOUT seconds (from the
 * environment; 240 by default) says so and ends with status 1.
 */
int unit_main(int argc, char **argv, const char *suite, const struct unit_test *tests);

/* Whether a test of that name is in the array, which may be NULL. */
bool unit_has(const struct unit_test *tests, const char *name);

#endif
