/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/models.h"

#include <paceline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *turn;

const char *models_turn(void)
{
    return turn;
}

const char *models_pool(void)
{
    static char text[100];

    if (!turn)
        return "";
    snprintf(text, sizeof(text), "pool: { model = \"%s\"; };\n", turn);
    return text;
}

int models_each(const char *name, int (*run)(void *argument), void *argument)
{
    const char *only = getenv("ENGINE_MODEL");
    const char *const *models = pl_models();
    int status = 0;
    int runs = 0;

    for (; *models; models++) {
        if (only && *only && strcmp(only, *models) != 0)
            continue;
        turn = *models;
        status |= run(argument);
        runs++;
    }
    turn = NULL;
    if (runs == 0)
        fprintf(stderr, "%s: no model %s\n", name, only ? only : "at all");
    return runs == 0 || status ? 1 : 0;
}

/* What unit_main() is told. */
struct program {
    int argc;
    char **argv;
    const char *suite;
    const struct unit_test *tests;
};

static int run_model(void *argument)
{
    const struct program *program = argument;
    char title[200];

    snprintf(title, sizeof(title), "%s [%s]", program->suite, turn);
    return unit_main(program->argc, program->argv, title, program->tests);
}

int models_main(int argc, char **argv, const char *suite, const struct unit_test *tests)
{
    struct program program = {argc, argv, suite, tests};

    /* What is no run, or a wrong one, is the same for all. */
    if (argc > 2 || (argc == 2 && !unit_has(tests, argv[1])))
        return unit_main(argc, argv, suite, tests);
    return models_each(suite, run_model, &program);
}
