/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/unit.h"

#include <CUnit/Basic.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void on_timeout(int sig)
{
    static const char text[] = "\nunit_main: the time is over, a test hangs\n";

    (void)sig;
    if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0)
        _exit(2);
    _exit(1);
}

static int start_watchdog(void)
{
    const char *text = getenv("UNIT_TIMEOUT");
    struct sigaction action = {.sa_handler = on_timeout};
    unsigned long seconds = 240;
    char *end;

    if (text) {
        errno = 0;
        seconds = strtoul(text, &end, 10);
        if (errno || end == text || *end || seconds == 0 || seconds > 86400) {
            fprintf(stderr, "UNIT_TIMEOUT: 1..86400 seconds expected, got %s\n", text);
            return 2;
        }
    }
    if (sigaction(SIGALRM, &action, NULL) < 0) {
        perror("sigaction");
        return 1;
    }
    alarm((unsigned)seconds);
    return 0;
}

static int add_tests(CU_pSuite suite, const struct unit_test *tests, const char *only)
{
    int added = 0;

    for (; tests->name; tests++) {
        if (only && strcmp(only, tests->name) != 0)
            continue;
        if (!CU_add_test(suite, tests->name, tests->run)) {
            fprintf(stderr, "%s: %s\n", tests->name, CU_get_error_msg());
            return -1;
        }
        added++;
    }
    return added;
}

static int run_suite(const char *name, const struct unit_test *tests, const char *only)
{
    CU_pSuite suite = CU_add_suite(name, NULL, NULL);
    int added;

    if (!suite) {
        fprintf(stderr, "%s: %s\n", name, CU_get_error_msg());
        return 1;
    }
    added = add_tests(suite, tests, only);
    if (added < 0)
        return 1;
    if (added == 0) {
        fprintf(stderr, "%s: no test %s\n", name, only ? only : "at all");
        return 2;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    if (CU_basic_run_tests() != CUE_SUCCESS) {
        fprintf(stderr, "%s: %s\n", name, CU_get_error_msg());
        return 1;
    }
    if (CU_get_number_of_tests_run() != (unsigned)added) {
        fprintf(stderr, "%s: %u tests run of %d\n", name, CU_get_number_of_tests_run(), added);
        return 1;
    }
    return CU_get_number_of_failures() ? 1 : 0;
}

bool unit_has(const struct unit_test *tests, const char *name)
{
    for (; tests && tests->name; tests++) {
        if (strcmp(tests->name, name) == 0)
            return true;
    }
    return false;
}

int unit_main(int argc, char **argv, const char *suite, const struct unit_test *tests)
{
    int status;

    if (argc > 2) {
        fprintf(stderr, "usage: %s [-l | TEST]\n", argv[0]);
        return 2;
    }
    if (argc == 2 && strcmp(argv[1], "-l") == 0) {
        for (; tests->name; tests++)
            puts(tests->name);
        return 0;
    }
    /* Whole lines, so that nothing is lost when a test ends the process. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    status = start_watchdog();
    if (status)
        return status;
    if (CU_initialize_registry() != CUE_SUCCESS) {
        fprintf(stderr, "%s: %s\n", suite, CU_get_error_msg());
        return 1;
    }
    status = run_suite(suite, tests, argc == 2 ? argv[1] : NULL);
    CU_cleanup_registry();
    return status;
}
