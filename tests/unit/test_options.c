/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/options.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What was said on standard error during the last parse(). */
static char said[2048];

/* Parses the words of LINE, which may be spoilt, with standard error going to `said`. */
static int parse(struct options *options, char *line)
{
    char *argv[16] = {(char[]){"paceline"}};
    char *rest = NULL;
    int argc = 1;
    int saved = dup(STDERR_FILENO);
    FILE *file = tmpfile();
    size_t got;
    char *word;
    int rc;

    CU_ASSERT_FATAL(saved >= 0 && file != NULL);
    for (word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    rc = options_parse(options, argc, argv);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    got = fread(said, 1, sizeof(said) - 1, file);
    said[got] = '\0';
    fclose(file);
    return rc;
}

#define PARSE(options, text) parse(options, (char[]){text})

static void without_options_it_serves_in_the_foreground(void)
{
    struct options options;

    CU_ASSERT(PARSE(&options, "") == 0);
    CU_ASSERT(options.action == OPTIONS_SERVE);
    CU_ASSERT(options.config == NULL && options.pidfile == NULL);
    CU_ASSERT(!options.print_ports && !options.detach && !options.verbose);
    CU_ASSERT_STRING_EQUAL(said, "");
}

static void short_and_long_options_mean_the_same(void)
{
    static const char *const lines[] = {
        "-c a.conf -d -p a.pid -v --print-ports",
        "--config a.conf --daemon --pidfile a.pid --verbose --print-ports",
        "--config=a.conf --pidfile=a.pid -dv --print-ports",
    };
    size_t i;

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct options options;
        char line[128];

        strcpy(line, lines[i]);
        CU_ASSERT_FATAL(parse(&options, line) == 0);
        CU_ASSERT(options.action == OPTIONS_SERVE);
        CU_ASSERT_STRING_EQUAL(options.config, "a.conf");
        CU_ASSERT_STRING_EQUAL(options.pidfile, "a.pid");
        CU_ASSERT(options.print_ports && options.detach && options.verbose);
    }
}

static void actions_are_recognised(void)
{
    struct options options;

    CU_ASSERT(PARSE(&options, "--check") == 0 && options.action == OPTIONS_CHECK);
    CU_ASSERT(PARSE(&options, "--make-cert") == 0 && options.action == OPTIONS_MAKE_CERT);
    CU_ASSERT(PARSE(&options, "--dump-config") == 0 && options.action == OPTIONS_DUMP_CONFIG);
    CU_ASSERT(PARSE(&options, "--version") == 0 && options.action == OPTIONS_VERSION);
    CU_ASSERT(PARSE(&options, "-V") == 0 && options.action == OPTIONS_VERSION);
    CU_ASSERT(PARSE(&options, "--help") == 0 && options.action == OPTIONS_HELP);
    CU_ASSERT(PARSE(&options, "-h") == 0 && options.action == OPTIONS_HELP);
    CU_ASSERT(PARSE(&options, "--check --check") == 0 && options.action == OPTIONS_CHECK);
}

static void two_different_actions_are_refused(void)
{
    struct options options;

    CU_ASSERT(PARSE(&options, "--check --dump-config") == -EINVAL);
    CU_ASSERT(strstr(said, "only one of --check, --dump-config") != NULL);
    CU_ASSERT(strstr(said, "Try 'paceline --help'") != NULL);
}

static void what_is_unknown_is_refused_and_named(void)
{
    struct options options;

    CU_ASSERT(PARSE(&options, "--frobnicate") == -EINVAL);
    CU_ASSERT(strstr(said, "--frobnicate") != NULL);
    CU_ASSERT(PARSE(&options, "-x") == -EINVAL);
    CU_ASSERT(PARSE(&options, "-c") == -EINVAL);
    CU_ASSERT(PARSE(&options, "serve") == -EINVAL);
    CU_ASSERT(strstr(said, "unexpected argument: serve") != NULL);
}

static void help_names_every_option(void)
{
    static const char *const names[] = {"--config",  "--check",     "--dump-config", "--daemon",
                                        "--pidfile", "--make-cert", "--print-ports", "--verbose",
                                        "--version", "--help"};
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    size_t i;

    CU_ASSERT_FATAL(file != NULL);
    options_help(file);
    CU_ASSERT_FATAL(fclose(file) == 0);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        CU_ASSERT(strstr(text, names[i]) != NULL);
    free(text);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"without options it serves in the foreground",
         without_options_it_serves_in_the_foreground},
        {"short and long options mean the same", short_and_long_options_mean_the_same},
        {"actions are recognised", actions_are_recognised},
        {"two different actions are refused", two_different_actions_are_refused},
        {"what is unknown is refused and named", what_is_unknown_is_refused_and_named},
        {"help names every option", help_names_every_option},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "options", tests);
}
