/* SPDX-License-Identifier: MIT */
/* Outgoing connections in a network of the test's own: itself, and nowhere. */
#include "config.h"

#include "tests/engine/client.h"
#include "tests/lib/network.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct pl_service silent_service = {.name = "silent"};

enum { ONLY_PORT = 41234 };

/* The system has one port to give: who connects to it from any, connects to itself. */
static int leave_one_port(void)
{
    FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "w");
    int result = 0;

    if (!file)
        return -errno;
    if (fprintf(file, "%d %d\n", ONLY_PORT, ONLY_PORT) < 0 || fflush(file) != 0)
        result = -errno;
    fclose(file);
    return result;
}

static void finish(struct engine *engine, struct client *client)
{
    EXPECT_RESULT(recorder_count(client_recorder(client), RECORD_OPEN), 0);
    server_free(engine->server);
    engine->server = NULL;
    client_finish(client);
    engine_finish(engine);
}

static struct engine *start(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;

    options.port = 7007;
    return engine_start_with(&suite_echo, &options);
}

/* Each time anew: the port is free again at once. */
static void connection_to_itself_is_refused(void)
{
    struct engine *engine = start();
    struct client *client = client_new(&silent_service);
    struct pl_connect_options options = client_options(ONLY_PORT);

    for (size_t i = 0; i < 6; i++) {
        options.host = i % 2 ? "::1" : "127.0.0.1";
        CLIENT_CONNECT(client, engine->handle, &options);
        EXPECT_RESULT(CLIENT_ERROR(client, i), -ECONNREFUSED);
    }
    EXPECT_RESULT(client_failures(client), 6);
    finish(engine, client);
}

static void network_that_is_not_reached_fails(void)
{
    struct engine *engine = start();
    struct client *client = client_new(&silent_service);
    struct pl_connect_options options = client_options(7);

    options.host = "203.0.113.1";
    CLIENT_CONNECT(client, engine->handle, &options);
    EXPECT_RESULT(CLIENT_ERROR(client, 0), -ENETUNREACH);
    finish(engine, client);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"a connection to itself is refused", connection_to_itself_is_refused},
        {"a network that is not reached fails", network_that_is_not_reached_fails},
        {NULL, NULL},
    };
    int result = network_enter();

    if (result == 0)
        result = leave_one_port();
    if (result < 0) {
        fprintf(stderr, "%s: no network of one's own: %s\n", argv[0], strerror(-result));
        return 77;
    }
    return suite_main(argc, argv, "connect in a network", each, NULL);
}
