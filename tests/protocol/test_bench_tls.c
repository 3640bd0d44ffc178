/* SPDX-License-Identifier: MIT */
/* paceline-bench over TLS: it finds nothing wrong with the daemon, and notices where there is no TLS. */
#include "config.h"

#include "base/certificate.h"
#include "tests/lib/daemon.h"
#include "tests/lib/folder.h"
#include "tests/lib/unit.h"
#include "tests/protocol/bench_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHORT "--warmup", "0.05", "--seconds", "0.3"

static char *certificates;

static void make_certificate(void)
{
    const char *host = "test.example";
    struct pli_certificate_wish wish = {.hosts = &host, .count = 1, .begins = -60, .ends = 3600};
    char *certificate, *key;

    certificates = folder_new();
    EXPECT(certificates, "no folder");
    certificate = folder_path(certificates, "cert.pem");
    key = folder_path(certificates, "key.pem");
    EXPECT_RESULT(pli_certificate_make(&wish, certificate, key), 0);
    free(certificate);
    free(key);
}

static struct daemon *start(const char *service, const char *more)
{
    char text[1000];

    snprintf(text, sizeof(text),
             DAEMON_SERVER "listeners = ( { service = \"%s\"; port = 0; tls = true; } );\n"
                           "tls: { certificate = \"%s/cert.pem\"; key = \"%s/key.pem\"; };\n"
                           "limits: { flood_rate = 0; per_address = 0; };\n%s",
             service, certificates, certificates, more);
    return DAEMON_START(text, 1);
}

static struct bench_server server_of(struct daemon *daemon, const char *service)
{
    return bench_server_at(daemon_pid(daemon), DAEMON_PORT(daemon, service, 0));
}

static void lines_come_back_in_both_loops(void)
{
    struct daemon *daemon = start("echo", "");
    struct bench_server server = server_of(daemon, "echo");
    struct command_result result =
        BENCH_RUN(&server, "echo", "--tls", "--json", "--pid", server.pid_text, SHORT);

    COMMAND_EXPECT(&result, 0);
    CU_ASSERT(bench_value(&result, "lines") > 0);
    CU_ASSERT_EQUAL(bench_value(&result, "unanswered"), 0);
    command_clear(&result);
    result = BENCH_RUN(&server, "mixed", "--tls", "--json", "--rate", "1000", "--connections", "20",
                       "--warmup", "0.1", "--seconds", "0.5", "--threads", "2");
    COMMAND_EXPECT(&result, 0);
    CU_ASSERT_EQUAL(bench_value(&result, "lines"), 500);
    command_clear(&result);
    DAEMON_STOP(daemon);
}

/* Longer than records, and more than sockets hold. */
static void long_lines_come_back(void)
{
    struct daemon *daemon = start("echo", "");
    struct bench_server server = server_of(daemon, "echo");
    struct command_result result = BENCH_RUN(&server, "echo", "--tls", "--size", "65536",
                                             "--flight", "50", "--connections", "2", SHORT);

    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    DAEMON_STOP(daemon);
}

static void connections_come_and_go(void)
{
    struct daemon *daemon = start("echo", "");
    struct bench_server server = server_of(daemon, "echo");
    struct command_result result =
        BENCH_RUN(&server, "churn", "--tls", "--json", "--pid", server.pid_text, "--connections",
                  "100", "--warm-connections", "20");

    COMMAND_EXPECT(&result, 0);
    CU_ASSERT_EQUAL(bench_value(&result, "leaked_descriptors"), 0);
    CU_ASSERT(bench_value(&result, "server_cpu_us_per_connection") > 0);
    command_clear(&result);
    result = BENCH_RUN(&server, "idle", "--tls", "--json", "--pid", server.pid_text,
                       "--connections", "100", "--seconds", "0.1");
    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    DAEMON_STOP(daemon);
}

static void people_talk(void)
{
    struct daemon *daemon = start("irc", "");
    struct bench_server server = server_of(daemon, "irc");
    struct command_result result =
        BENCH_RUN(&server, "chat", "--tls", "--json", "--people", "12", "--speakers", "3", SHORT);

    COMMAND_EXPECT(&result, 0);
    CU_ASSERT(bench_value(&result, "deliveries") > 0);
    command_clear(&result);
    DAEMON_STOP(daemon);
}

static void where_there_is_no_tls_is_noticed(void)
{
    struct bench_server server = bench_server_start("raw_epoll", "--threads=1");
    struct command_result result = BENCH_RUN(&server, "echo", "--tls", SHORT);

    COMMAND_EXPECT(&result, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(result.err, "no TLS"));
    command_clear(&result);
    bench_server_stop(&server);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"lines come back in both loops", lines_come_back_in_both_loops},
        {"long lines come back", long_lines_come_back},
        {"connections come and go", connections_come_and_go},
        {"people talk", people_talk},
        {"where there is no TLS is noticed", where_there_is_no_tls_is_noticed},
        {NULL, NULL},
    };
    int status;

    make_certificate();
    status = unit_main(argc, argv, "paceline-bench over TLS", tests);
    folder_remove(certificates);
    return status;
}
