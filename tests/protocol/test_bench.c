/* SPDX-License-Identifier: MIT */
/* paceline-bench finds nothing wrong with the daemon, and notices what is wrong with others. */
#include "config.h"

#include "tests/lib/daemon.h"
#include "tests/lib/unit.h"
#include "tests/protocol/bench_server.h"

#include <string.h>

#define SHORT "--warmup", "0.05", "--seconds", "0.3"

/* -- The daemon ------------------------------------------------------------------------------ */

static struct daemon *start(const char *service)
{
    char text[400];

    snprintf(text, sizeof(text),
             DAEMON_SERVER "listeners = ( { service = \"%s\"; address = \"127.0.0.1\"; port = 0; "
                           "} );\nlimits: { flood_rate = 0; };\n",
             service);
    return DAEMON_START(text, 1);
}

static struct bench_server server_of(struct daemon *daemon, const char *service)
{
    return bench_server_at(daemon_pid(daemon), DAEMON_PORT(daemon, service, 0));
}

static void a_closed_loop_counts_answers_and_what_they_cost(void)
{
    struct daemon *daemon = start("echo");
    struct bench_server server = server_of(daemon, "echo");
    struct command_result result = BENCH_RUN(&server, "echo", "--json", "--pid", server.pid_text,
                                             "--flight", "8", "--threads", "2", SHORT);

    COMMAND_EXPECT(&result, 0);
    CU_ASSERT(bench_value(&result, "lines") > 0);
    CU_ASSERT(bench_value(&result, "lines_total") > bench_value(&result, "lines"));
    CU_ASSERT_EQUAL(bench_value(&result, "unanswered"), 0);
    CU_ASSERT_EQUAL(bench_value(&result, "normal_lines"), bench_value(&result, "lines"));
    CU_ASSERT(bench_value(&result, "server_cpu_us_per_line") > 0);
    CU_ASSERT(bench_value(&result, "server_descriptors") > 50);
    CU_ASSERT(bench_value(&result, "normal_p50_us") <= bench_value(&result, "normal_max_us"));
    command_clear(&result);
    DAEMON_STOP(daemon);
}

static void an_open_loop_counts_every_line_that_was_due(void)
{
    struct daemon *daemon = start("echo");
    struct bench_server server = server_of(daemon, "echo");
    struct command_result result =
        BENCH_RUN(&server, "mixed", "--json", "--rate", "2000", "--slow", "10", "--connections",
                  "20", "--warmup", "0.1", "--seconds", "0.5", "--threads", "2");

    COMMAND_EXPECT(&result, 0);
    CU_ASSERT_EQUAL(bench_value(&result, "lines"), 1000);
    CU_ASSERT(bench_value(&result, "slow_lines") > 50);
    CU_ASSERT(bench_value(&result, "slow_lines") < 150);
    CU_ASSERT_EQUAL(bench_value(&result, "normal_lines") + bench_value(&result, "slow_lines"),
                    1000);
    command_clear(&result);
    DAEMON_STOP(daemon);
}

static void more_than_sockets_hold_may_be_under_way(void)
{
    struct daemon *daemon = start("echo");
    struct bench_server server = server_of(daemon, "echo");
    struct command_result result = BENCH_RUN(&server, "echo", "--size", "65536", "--flight", "100",
                                             "--connections", "2", SHORT);

    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    DAEMON_STOP(daemon);
}

static void nothing_is_left_of_connections_that_came_and_went(void)
{
    struct daemon *daemon = start("echo");
    struct bench_server server = server_of(daemon, "echo");
    struct command_result result = BENCH_RUN(&server, "churn", "--json", "--pid", server.pid_text,
                                             "--connections", "200", "--warm-connections", "50");

    COMMAND_EXPECT(&result, 0);
    CU_ASSERT_EQUAL(bench_value(&result, "leaked_descriptors"), 0);
    CU_ASSERT_EQUAL(bench_value(&result, "normal_lines"), 200);
    command_clear(&result);
    result = BENCH_RUN(&server, "idle", "--pid", server.pid_text, "--connections", "200",
                       "--seconds", "0.1");
    COMMAND_EXPECT(&result, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(result.out, "growth per connection"));
    command_clear(&result);
    DAEMON_STOP(daemon);
}

static void the_chat_is_heard_by_everybody(void)
{
    struct daemon *daemon = start("irc");
    struct bench_server server = server_of(daemon, "irc");
    struct command_result result =
        BENCH_RUN(&server, "chat", "--json", "--people", "24", "--channels", "4", "--speakers", "8",
                  "--flight", "2", "--pid", server.pid_text, SHORT);

    COMMAND_EXPECT(&result, 0);
    CU_ASSERT(bench_value(&result, "deliveries") > 0);
    CU_ASSERT_EQUAL((long)bench_value(&result, "deliveries_total") % 5, 0);
    command_clear(&result);
    result = BENCH_RUN(&server, "chat", "--json", "--people", "6", "--speakers", "2", "--rate",
                       "200", SHORT);
    COMMAND_EXPECT(&result, 0);
    CU_ASSERT_EQUAL(bench_value(&result, "deliveries"), 5 * 60); /* each that was due meanwhile */
    CU_ASSERT_EQUAL(bench_value(&result, "deliveries_total"), 5 * 70);
    command_clear(&result);
    result = BENCH_RUN(&server, "chat", "--json", "--join-only", "--people", "20");
    COMMAND_EXPECT(&result, 0);
    CU_ASSERT_EQUAL(bench_value(&result, "joins_seen"), 210);
    command_clear(&result);
    DAEMON_STOP(daemon);
}

/* -- What is wrong --------------------------------------------------------------------------- */

static void expect_noticed(const struct command_result *result, const char *text)
{
    COMMAND_EXPECT(result, 1);
    EXPECT(strstr(result->err, text), "\"%s\" expected, got: %s", text, result->err);
}

static void a_wrong_a_missing_and_a_repeated_answer_are_noticed(void)
{
    static const char *const faults[] = {"flip", "drop", "repeat"};

    for (unsigned i = 0; i < 3; i++) {
        struct bench_server server = bench_server_start("bad_echo", faults[i]);
        struct command_result result = BENCH_RUN(&server, "echo", "--flight", "4", SHORT);

        expect_noticed(&result, "connection ");
        expect_noticed(&result, i == 2 ? "" : "the answer is not what was sent");
        command_clear(&result);
        result = BENCH_RUN(&server, "echo", "--json", "--rate", "2000", "--connections", "10",
                           "--warmup", "0", "--seconds", "1");
        expect_noticed(&result, ", line ");
        CU_ASSERT_PTR_NOT_NULL(strstr(result.out, "\"error\": "));
        command_clear(&result);
        bench_server_stop(&server);
    }
}

static void answers_that_never_come_are_counted_and_named(void)
{
    struct bench_server server = bench_server_start("bad_echo", "swallow");
    struct command_result result = BENCH_RUN(&server, "echo", "--json", "--patience", "0.5", SHORT);

    expect_noticed(&result, "50 of ");
    expect_noticed(&result, "connection 0, line ");
    CU_ASSERT_EQUAL(bench_value(&result, "unanswered"), 50);
    command_clear(&result);
    bench_server_stop(&server);
}

static void descriptors_that_are_kept_are_counted(void)
{
    struct bench_server server = bench_server_start("bad_echo", "leak");
    struct command_result result =
        BENCH_RUN(&server, "churn", "--json", "--connections", "100", "--warm-connections", "0",
                  "--pid", server.pid_text, "--patience", "0.5");

    expect_noticed(&result, "keeps");
    CU_ASSERT_EQUAL(bench_value(&result, "leaked_descriptors"), 164);
    command_clear(&result);
    bench_server_stop(&server);
}

static void a_chat_that_loses_or_alters_or_swaps_is_noticed(void)
{
    /* What is late when the time is over has not come at all. */
    static const struct {
        const char *fault, *says, * or ;
    } faults[] = {{"flip", "not what was said", NULL},
                  {"drop", "not what was said", NULL},
                  {"late", "in another order", "never came"},
                  {"swallow", "never came", NULL},
                  {"unseen", "people joined, and saw", NULL}};

    for (unsigned i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct bench_server server = bench_server_start("bad_chat", faults[i].fault);
        struct command_result result =
            BENCH_RUN(&server, "chat", "--people", "5", "--speakers", "3", "--flight", "2",
                      "--warmup", "0", "--seconds", "0.3", "--patience", "0.5");

        if (!faults[i].or || !strstr(result.err, faults[i].or))
            expect_noticed(&result, faults[i].says);
        COMMAND_EXPECT(&result, 1);
        command_clear(&result);
        bench_server_stop(&server);
    }
}

static void that_nobody_is_there_is_said(void)
{
    struct bench_server server = bench_server_at(1, 1);
    struct command_result result = BENCH_RUN(&server, "echo", "--json");

    expect_noticed(&result, "connecting to 127.0.0.1:1: Connection refused");
    CU_ASSERT_PTR_NOT_NULL(strstr(result.out, "\"error\": \"connecting to 127.0.0.1:1: "));
    command_clear(&result);
}

static void a_command_line_that_makes_no_sense_ends_with_2(void)
{
    static const char *const wrong[][3] = {
        {"sing"},
        {"echo", "--flight=0"},
        {"echo", "--connections=1", "--threads=2"},
        {"echo", "--people=3"},
        {"echo", "somewhere"},
        {"echo", "--syscalls"},
        {"chat", "--join-only", "--idle-only"},
        {"chat", "--people=10", "--channels=6"},
        {"compare", "--models=sharks"},
        {"compare", "--case=mixed"},
        {"compare", "--server=nothing"},
        {"compare", "--models=none"},
        {"compare", "--threads=2,1"},
        {"compare", "127.0.0.1:1"},
    };

    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *const *w = wrong[i];
        struct command_result result = BENCH_RUN(NULL, w[0], w[1], w[1] ? w[2] : NULL);

        EXPECT(result.status == 2 && result.err[0] != '\0', "%s %s ends with %d", w[0], w[1],
               result.status);
        command_clear(&result);
    }
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(a_closed_loop_counts_answers_and_what_they_cost),
        TEST(an_open_loop_counts_every_line_that_was_due),
        TEST(more_than_sockets_hold_may_be_under_way),
        TEST(nothing_is_left_of_connections_that_came_and_went),
        TEST(the_chat_is_heard_by_everybody),
        TEST(a_wrong_a_missing_and_a_repeated_answer_are_noticed),
        TEST(answers_that_never_come_are_counted_and_named),
        TEST(descriptors_that_are_kept_are_counted),
        TEST(a_chat_that_loses_or_alters_or_swaps_is_noticed),
        TEST(that_nobody_is_there_is_said),
        TEST(a_command_line_that_makes_no_sense_ends_with_2),
        {NULL, NULL},
    };

    return unit_main(argc, argv, "bench", tests);
}
