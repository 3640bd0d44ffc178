/* SPDX-License-Identifier: MIT */
/* paceline-bench login: people log in, and register, and it is noticed where they cannot. */
#include "config.h"

#include "tests/lib/daemon.h"
#include "tests/lib/unit.h"
#include "tests/protocol/bench_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT 30

static struct daemon *start(void)
{
    return DAEMON_START(DAEMON_SERVER
                        "listeners = ( { service = \"irc\"; port = 0; } );\n"
                        "limits: { flood_rate = 0; per_address = 0; };\n"
                        "accounts: { iterations = 4096; registrations_per_hour = 0; };\n",
                        1);
}

static struct bench_server server_of(struct daemon *daemon)
{
    return bench_server_at(daemon_pid(daemon), DAEMON_PORT(daemon, "irc", 0));
}

/* The account bench, whose password is that. */
static void add_account(struct daemon *daemon)
{
    char line[600];
    struct command_result result;

    snprintf(line, sizeof(line), "printf bench | '%s' -s '%s' accounts add bench",
             command_program("PACELINECTL"), daemon_path(daemon, "control"));
    result = COMMAND_RUN(NULL, "/bin/sh", "-c", line);
    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
}

static void expect_through(const struct bench_server *server, const char *by)
{
    struct command_result result = BENCH_RUN(server, "login", "--json", "--by", by, "--connections",
                                             "30", "--at-a-time", "8", "--pid", server->pid_text);

    COMMAND_EXPECT(&result, 0);
    CU_ASSERT(bench_value(&result, "logins_per_second") > 0);
    CU_ASSERT_EQUAL(bench_value(&result, "normal_lines"), COUNT);
    CU_ASSERT(bench_value(&result, "server_cpu_us_per_connection") > 0);
    command_clear(&result);
}

static void people_log_in(void)
{
    struct daemon *daemon = start();
    struct bench_server server = server_of(daemon);

    add_account(daemon);
    expect_through(&server, "plain");
    expect_through(&server, "scram");
    DAEMON_STOP(daemon);
}

static void people_register(void)
{
    struct daemon *daemon = start();
    struct bench_server server = server_of(daemon);

    expect_through(&server, "register");
    DAEMON_STOP(daemon);
}

static void wrong_passwords_are_noticed(void)
{
    static const char *const ways[] = {"plain", "scram"};
    struct daemon *daemon = start();
    struct bench_server server = server_of(daemon);

    add_account(daemon);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct command_result result = BENCH_RUN(&server, "login", "--by", ways[i], "--password",
                                                 "other", "--connections", "1");

        COMMAND_EXPECT(&result, 1);
        CU_ASSERT_PTR_NOT_NULL(strstr(result.err, " 904 "));
        command_clear(&result);
    }
    DAEMON_STOP(daemon);
}

static void ways_that_there_are_not_make_no_sense(void)
{
    struct daemon *daemon = start();
    struct bench_server server = server_of(daemon);
    struct command_result result = BENCH_RUN(&server, "login", "--by", "magic");

    COMMAND_EXPECT(&result, 2);
    command_clear(&result);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"people log in", people_log_in},
        {"people register", people_register},
        {"wrong passwords are noticed", wrong_passwords_are_noticed},
        {"ways that there are not make no sense", ways_that_there_are_not_make_no_sense},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "paceline-bench login", tests);
}
