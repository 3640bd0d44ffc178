/* SPDX-License-Identifier: MIT */
/*
 * detach_fork() makes the process that calls it a parent that only waits: a test calls it in a
 * child of its own, the starter, and looks at how that ends.
 */
#include "config.h"

#include "daemon/detach.h"
#include "tests/lib/unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Forks a starter whose detached child runs BODY; returns how the starter ended. */
static int start(void (*body)(struct detach *detach))
{
    struct detach detach;
    int status = -1;
    pid_t starter;
    int result;

    fflush(NULL);
    starter = fork();
    CU_ASSERT_FATAL(starter >= 0);
    if (starter == 0) {
        int rc = detach_fork(&detach, &status);

        if (rc == 1)
            _exit(status);
        if (rc < 0)
            _exit(99);
        body(&detach);
        _exit(98);
    }
    CU_ASSERT_FATAL(waitpid(starter, &result, 0) == starter);
    CU_ASSERT_FATAL(WIFEXITED(result));
    return WEXITSTATUS(result);
}

static int report[2]; /* a pipe from the detached child to the test */

/* What the detached child finds, a letter each; it ends when the test has read it. */
static void be_ready(struct detach *detach)
{
    char found[3] = "---";
    char folder[8] = "";

    close(report[0]);
    if (detach_ready(detach) == 0)
        found[0] = 'r';
    if (getsid(0) == getpid())
        found[1] = 's';
    if (getcwd(folder, sizeof(folder)) && strcmp(folder, "/") == 0)
        found[2] = 'f';
    if (write(report[1], found, sizeof(found)) != (ssize_t)sizeof(found))
        _exit(97);
}

static void the_parent_ends_well_when_the_child_is_ready(void)
{
    char found[4] = "";

    CU_ASSERT_FATAL(pipe(report) == 0);
    CU_ASSERT(start(be_ready) == 0);
    CU_ASSERT(read(report[0], found, 3) == 3);
    CU_ASSERT_STRING_EQUAL(found, "rsf");
    close(report[0]);
    close(report[1]);
}

static void fail_with_3(struct detach *detach)
{
    (void)detach;
    _exit(3);
}

static void the_parent_ends_as_the_child_that_fails(void)
{
    CU_ASSERT(start(fail_with_3) == 3);
}

static void end_early(struct detach *detach)
{
    (void)detach;
    _exit(0);
}

static void a_child_that_ends_before_it_is_ready_has_failed(void)
{
    CU_ASSERT(start(end_early) == 1);
}

static void be_killed(struct detach *detach)
{
    (void)detach;
    raise(SIGKILL);
}

static void a_child_that_is_killed_has_failed(void)
{
    CU_ASSERT(start(be_killed) == 1);
}

static void ready_without_a_parent_is_harmless(void)
{
    struct detach detach = DETACH_NONE;

    CU_ASSERT(detach_ready(&detach) == 0);
    detach_deinit(&detach);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"the parent ends well when the child is ready",
         the_parent_ends_well_when_the_child_is_ready},
        {"the parent ends as the child that fails", the_parent_ends_as_the_child_that_fails},
        {"a child that ends before it is ready has failed",
         a_child_that_ends_before_it_is_ready_has_failed},
        {"a child that is killed has failed", a_child_that_is_killed_has_failed},
        {"ready without a parent is harmless", ready_without_a_parent_is_harmless},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "detach", tests);
}
