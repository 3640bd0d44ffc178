/* SPDX-License-Identifier: MIT */
/*
 * Tests that run once for each model that pl_models() names, or for the one that ENGINE_MODEL
 * (environment) picks. Servers of the test's own process take models_turn() as their model; daemons
 * get it through their configuration (tests/lib/daemon.h). A new model is tested by being named in
 * pl_models().
 */
#ifndef TESTS_LIB_MODELS_H
#define TESTS_LIB_MODELS_H

#include "tests/lib/unit.h"

/* The model whose turn it is; NULL in a program that has only the default one. */
const char *models_turn(void);

/* The same as a configuration's pool group, or no text. */
const char *models_pool(void);

/* Calls RUN for each model, which returns a status for main; so does this. NAME is for messages. */
int models_each(const char *name, int (*run)(void *argument), void *argument);

/* unit_main() for each model, whose name stands beside that of the suite. */
int models_main(int argc, char **argv, const char *suite, const struct unit_test *tests);

#endif
