/* SPDX-License-Identifier: MIT */
/* paceline-bench compare: starts servers in turns, and leaves none behind. */
#include "config.h"

#include "tests/lib/folder.h"
#include "tests/lib/unit.h"
#include "tests/protocol/bench_server.h"

#include <paceline/server.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define QUICK "--rounds", "1", "--warmup", "0.02", "--seconds", "0.1"

/* label=bench/program arguments, in a buffer of its own for each of two. */
static const char *server_option(unsigned i, const char *label, const char *program,
                                 const char *arguments)
{
    static char text[2][4200];

    snprintf(text[i], sizeof(text[i]), "--server=%s='%s' %s", label, bench_program(program),
             arguments);
    return text[i];
}

static bool has(const struct command_result *result, const char *text)
{
    return strstr(result->out, text) != NULL;
}

static void all_models_and_other_servers_take_their_turns(void)
{
    const char *first = server_option(0, "told", "raw_epoll", "--port {port} --threads {threads}");
    const char *second = server_option(1, "tells", "raw_epoll", "");
    struct command_result result =
        BENCH_RUN(NULL, "compare", "--json", "--daemon", command_program("PACELINE"), first, second,
                  "--connections", "2,4", "--threads", "1", QUICK);

    COMMAND_EXPECT(&result, 0);
    for (const char *const *model = pl_models(); *model; model++) {
        char label[64];

        snprintf(label, sizeof(label), "\"%s\"", *model);
        EXPECT(has(&result, label), "no %s in %s", label, result.out);
    }
    CU_ASSERT(has(&result, "{\"label\": \"told\", \"figures\": {"));
    CU_ASSERT(has(&result, "{\"label\": \"tells\", \"figures\": {"));
    CU_ASSERT(has(&result, "\"case\": \"echo\", \"connections\": 4, \"threads\": 1"));
    CU_ASSERT(has(&result, "\"lines_per_second\": {\"median\": "));
    CU_ASSERT(has(&result, "\"ratio\": 1.0000"));
    CU_ASSERT(has(&result, "\"failures\": 0"));
    command_clear(&result);
}

static void the_other_cases_have_figures_of_their_own(void)
{
    char mixed[4200];
    struct command_result result;

    snprintf(mixed, sizeof(mixed), "'%s' --threads {threads}", bench_program("raw_epoll"));
    result = BENCH_RUN(NULL, "compare", "--case", "mixed,chat,idle", "--mixed-server", mixed,
                       "--models", "leader-followers,thread-per-connection", "--daemon",
                       command_program("PACELINE"), "--connections", "20", "--rate", "1000", QUICK);
    COMMAND_EXPECT(&result, 0);
    CU_ASSERT(has(&result, "mixed, connections: 20; "));
    CU_ASSERT(has(&result, "chat, people: 20; "));
    CU_ASSERT(has(&result, "idle, connections: 20; "));
    CU_ASSERT(has(&result, "latency p99 (us)"));
    CU_ASSERT(has(&result, "delivered a second"));
    CU_ASSERT(has(&result, "growth per connection (bytes)"));
    command_clear(&result);
}

static void who_answers_wrongly_fails_and_the_others_go_on(void)
{
    const char *good = server_option(0, "good", "raw_epoll", "");
    const char *bad = server_option(1, "bad", "bad_echo", "flip");
    struct command_result result = BENCH_RUN(NULL, "compare", "--models", "none", good, bad, QUICK);

    COMMAND_EXPECT(&result, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(result.err, "the answer is not what was sent"));
    CU_ASSERT_PTR_NOT_NULL(strstr(result.err, "bad, echo, 50 connections"));
    CU_ASSERT(has(&result, "  good "));
    CU_ASSERT(has(&result, "  bad                                     -\n"));
    command_clear(&result);
}

static void who_does_not_start_is_named_with_its_last_words(void)
{
    const char *good = server_option(0, "good", "raw_epoll", "");
    const char *bad = server_option(1, "bad", "raw_epoll", "--threads much");
    struct command_result result = BENCH_RUN(NULL, "compare", "--models", "none", good, bad, QUICK);

    COMMAND_EXPECT(&result, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(result.err, "bad, echo, 50 connections"));
    CU_ASSERT_PTR_NOT_NULL(strstr(result.err, "1..1024 expected, got much"));
    command_clear(&result);
}

static void a_daemon_that_cannot_run_is_no_comparison(void)
{
    struct command_result result =
        BENCH_RUN(NULL, "compare", "--json", "--daemon", "/bin/false", QUICK);

    COMMAND_EXPECT(&result, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(result.err, "without leader-followers"));
    CU_ASSERT_PTR_NOT_NULL(strstr(result.err, "nothing could be measured"));
    CU_ASSERT(has(&result, "\"error\": \"nothing could be measured\""));
    command_clear(&result);
}

/* -- Ending ---------------------------------------------------------------------------------- */

static pid_t start_comparison(const char *folder, const char *server, int *errors)
{
    const char *program = command_program("PACELINE_BENCH");
    int pipes[2];
    pid_t pid;

    EXPECT(pipe2(pipes, O_CLOEXEC) == 0, "pipe: %s", strerror(errno));
    pid = fork();
    EXPECT(pid >= 0, "fork: %s", strerror(errno));
    if (pid == 0) {
        if (setenv("TMPDIR", folder, 1) == 0 && dup2(pipes[1], STDERR_FILENO) >= 0)
            execl(program, program, "compare", "--models", "none", server, "--seconds", "60",
                  "--progress", (char *)NULL);
        _exit(126);
    }
    close(pipes[1]);
    *errors = pipes[0];
    return pid;
}

static bool is_empty(const char *folder)
{
    DIR *dir = opendir(folder);
    unsigned count = 0;

    EXPECT(dir, "%s: %s", folder, strerror(errno));
    while (readdir(dir))
        count++;
    closedir(dir);
    return count == 2; /* . and .. */
}

/* Orphans become this process's children, so that it can tell whether there are any. */
static void a_signal_ends_it_with_all_that_it_started(void)
{
    const char *server = server_option(0, "good", "raw_epoll", "");
    char *folder = folder_new();
    struct pollfd polled = {.events = POLLIN};
    uint64_t deadline = expect_deadline();
    char text[256];
    int status;
    pid_t pid;

    EXPECT(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0, "subreaper: %s", strerror(errno));
    pid = start_comparison(folder, server, &polled.fd);
    EXPECT(poll(&polled, 1, expect_remaining(deadline)) == 1, "it does not begin");
    EXPECT(read(polled.fd, text, sizeof(text)) > 0, "it says nothing");
    kill(pid, SIGTERM);
    EXPECT(waitpid(pid, &status, 0) == pid, "waitpid: %s", strerror(errno));
    CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGTERM);
    CU_ASSERT_EQUAL(waitpid(-1, &status, 0), -1);
    CU_ASSERT(is_empty(folder));
    close(polled.fd);
    folder_remove(folder);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"all_models_and_other_servers_take_their_turns",
         all_models_and_other_servers_take_their_turns},
        {"the_other_cases_have_figures_of_their_own", the_other_cases_have_figures_of_their_own},
        {"who_answers_wrongly_fails_and_the_others_go_on",
         who_answers_wrongly_fails_and_the_others_go_on},
        {"who_does_not_start_is_named_with_its_last_words",
         who_does_not_start_is_named_with_its_last_words},
        {"a_daemon_that_cannot_run_is_no_comparison", a_daemon_that_cannot_run_is_no_comparison},
        {"a_signal_ends_it_with_all_that_it_started", a_signal_ends_it_with_all_that_it_started},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "bench_compare", tests);
}
