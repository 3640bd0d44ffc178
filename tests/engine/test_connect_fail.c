/* SPDX-License-Identifier: MIT */
/*
 * Outgoing connections that do not come about: failed() is called once, says why, and nothing is
 * left. Names are answered by this program: see __wrap_getaddrinfo().
 */
#include "config.h"

#include "tests/engine/client.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int say_hello(struct pl_session *session, void *context)
{
    (void)context;
    return pl_session_printf(session, "hello\n");
}

static void close_at_line(struct pl_session *session, const struct pl_line *line)
{
    (void)line;
    pl_session_close(session);
}

static const struct pl_service hello_service = {
    .name = "hello", .open = say_hello, .line = close_at_line};

/* -- Names ------------------------------------------------------------------------------------ */

static struct gate *slow_name; /* passed by who looks up "slow" */
static _Atomic unsigned lookups;

int __real_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                       struct addrinfo **out);
int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                       struct addrinfo **out);

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                       struct addrinfo **out)
{
    static const struct {
        const char *name;
        int rc;
    } answers[] = {{"nobody", EAI_NONAME},
                   {"empty", EAI_NODATA},
                   {"later", EAI_AGAIN},
                   {"never", EAI_FAIL},
                   {"system", EAI_SYSTEM}};

    atomic_fetch_add(&lookups, 1);
    for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
        errno = EHOSTDOWN;
        if (strcmp(node, answers[i].name) == 0)
            return answers[i].rc;
    }
    if (strcmp(node, "slow") == 0) {
        gate_pass(slow_name);
        node = "127.0.0.1";
    }
    return __real_getaddrinfo(node, service, hints, out);
}

static void finish(struct engine *engine, struct client *client)
{
    server_free(engine->server);
    engine->server = NULL;
    client_finish(client);
    engine_finish(engine);
}

/* The next failure is that one, and it is the only one, and no session was begun. */
static void expect_failed(struct place place, struct client *client, size_t index, int error)
{
    expect_result(place, "failed", client_error(place, client, index), error);
    expect_result(place, "failures", (long)client_failures(client), (long)index + 1);
    expect_result(place, "sessions", (long)recorder_count(client_recorder(client), RECORD_OPEN), 0);
}
#define EXPECT_FAILED(client, index, error) expect_failed(HERE, client, index, error)

/* -- Refusals ---------------------------------------------------------------------------------- */

static void refused_connection_fails(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options = client_options(1);
    struct pli_endpoint endpoints[2];
    uint64_t id;
    int fd = client_silent_port(&options.port);

    id = CLIENT_CONNECT(client, engine->handle, &options);
    EXPECT_FAILED(client, 0, -ECONNREFUSED);
    EXPECT_RESULT(pl_connect_cancel(engine->handle, id), -ENOENT);
    endpoints[0] = client_endpoint("127.0.0.1", options.port);
    endpoints[1] = client_endpoint("127.0.0.1", options.port);
    CLIENT_CONNECT_TO(client, engine->handle, &options, endpoints, 2);
    EXPECT_FAILED(client, 1, -ECONNREFUSED);
    options.path = "/nonexistent/folder/socket";
    CLIENT_CONNECT(client, engine->handle, &options);
    EXPECT_FAILED(client, 2, -ENOENT);
    finish(engine, client);
    close(fd);
}

static void name_without_an_address_fails(void)
{
    static const struct {
        const char *name;
        int error;
    } names[] = {{"nobody", -ENOENT},
                 {"empty", -ENOENT},
                 {"later", -EAGAIN},
                 {"never", -EIO},
                 {"system", -EHOSTDOWN}};
    struct engine *engine = engine_start(&suite_echo);
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options = client_options(engine->port);

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        options.host = names[i].name;
        CLIENT_CONNECT(client, engine->handle, &options);
        EXPECT_FAILED(client, i, names[i].error);
    }
    finish(engine, client);
}

static void senseless_options_are_refused(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct client *client = client_new(&hello_service);
    struct pl_connect_options good = client_options(engine->port);
    struct pl_connect_options bad = good;
    char path[200];

    bad.host = NULL;
    EXPECT_RESULT(client_try(client, engine->handle, &bad, NULL), -EINVAL);
    bad.host = "";
    EXPECT_RESULT(client_try(client, engine->handle, &bad, NULL), -EINVAL);
    bad = client_options(0);
    EXPECT_RESULT(client_try(client, engine->handle, &bad, NULL), -EINVAL);
    bad = client_options(65536);
    EXPECT_RESULT(client_try(client, engine->handle, &bad, NULL), -EINVAL);
    bad = good;
    bad.max_line = 0;
    EXPECT_RESULT(client_try(client, engine->handle, &bad, NULL), -EINVAL);
    bad = good;
    bad.path = "";
    EXPECT_RESULT(client_try(client, engine->handle, &bad, NULL), -EINVAL);
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    bad.path = path;
    EXPECT_RESULT(client_try(client, engine->handle, &bad, NULL), -ENAMETOOLONG);
    EXPECT_RESULT(
        pl_connect(engine->handle, &(struct pl_service){.name = "deaf"}, NULL, &good, NULL),
        -EINVAL);
    EXPECT_RESULT(client_failures(client), 0);
    finish(engine, client);
}

/* -- Times ------------------------------------------------------------------------------------- */

static void connection_that_takes_too_long_fails(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options = client_options(1);
    struct full full = full_open();
    unsigned before = count_descriptors();
    struct pli_endpoint endpoints[2] = {client_endpoint("127.0.0.1", full.port),
                                        client_endpoint("127.0.0.1", full.port)};

    options.port = full.port;
    options.timeout = 20;
    CLIENT_CONNECT(client, engine->handle, &options);
    EXPECT_FAILED(client, 0, -ETIMEDOUT);
    options.attempt_timeout = 5; /* of the first; the last has what is left */
    CLIENT_CONNECT_TO(client, engine->handle, &options, endpoints, 2);
    EXPECT_FAILED(client, 1, -ETIMEDOUT);
    EXPECT_DESCRIPTORS(before);
    finish(engine, client);
    full_close(&full);
}

static void name_that_takes_too_long_fails_at_once(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options = client_options(engine->port);

    slow_name = gate_new();
    options.host = "slow";
    options.timeout = 20;
    CLIENT_CONNECT(client, engine->handle, &options);
    EXPECT_FAILED(client, 0, -ETIMEDOUT);
    gate_open(slow_name); /* the answer is not wanted any more */
    finish(engine, client);
    gate_free(slow_name);
}

/* -- Taken back -------------------------------------------------------------------------------- */

static void connection_can_be_taken_back(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct client *client = client_new(&hello_service);
    struct full full = full_open();
    struct pl_connect_options options = client_options(full.port);
    unsigned before = count_descriptors();
    uint64_t id;

    for (size_t i = 0; i < 20; i++) {
        id = CLIENT_CONNECT(client, engine->handle, &options);
        EXPECT_RESULT(pl_connect_cancel(engine->handle, id), 0);
        EXPECT_FAILED(client, i, -ECANCELED);
        EXPECT_RESULT(pl_connect_cancel(engine->handle, id), -ENOENT);
    }
    EXPECT_DESCRIPTORS(before);
    finish(engine, client);
    full_close(&full);
}

static void lookup_can_be_taken_back(void)
{
    struct pl_server_options one = suite_options();
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options;
    struct engine *engine;
    uint64_t ids[2];

    one.helper_threads = 1;
    engine = engine_prepare(&suite_echo, &one, NULL);
    server_start(engine->server);
    options = client_options(engine->port);
    options.host = "slow";
    slow_name = gate_new();
    lookups = 0;
    for (int i = 0; i < 2; i++)
        ids[i] = CLIENT_CONNECT(client, engine->handle, &options);
    GATE_WAIT(slow_name, 1);
    for (size_t i = 0; i < 2; i++) {
        EXPECT_RESULT(pl_connect_cancel(engine->handle, ids[i]), 0);
        EXPECT_FAILED(client, i, -ECANCELED);
        EXPECT_RESULT(pl_connect_cancel(engine->handle, ids[i]), -ENOENT);
    }
    gate_open(slow_name);
    finish(engine, client);
    EXPECT_RESULT(lookups, 1); /* the other was not worth it any more */
    gate_free(slow_name);
}

static void connection_taken_back_comes_about_or_fails_but_once(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options = client_options(engine->port);
    size_t made, failed;
    uint64_t deadline = expect_deadline();

    for (int i = 0; i < 200; i++) {
        uint64_t id = CLIENT_CONNECT(client, engine->handle, &options);
        int result = pl_connect_cancel(engine->handle, id);

        EXPECT(result == 0 || result == -ENOENT, "%s", strerror(-result));
    }
    do {
        made = recorder_count(client_recorder(client), RECORD_OPEN);
        failed = client_failures(client);
        EXPECT(expect_remaining(deadline) > 0, "%zu made, %zu failed", made, failed);
        poll(NULL, 0, 1);
    } while (made + failed < 200);
    for (size_t i = 0; i < failed; i++)
        EXPECT_RESULT(CLIENT_ERROR(client, i), -ECANCELED);
    finish(engine, client);
    EXPECT_RESULT(made + failed, 200);
}

/* -- The end of the server ---------------------------------------------------------------------- */

/* Three connections that stay as they are: one connects, one is looked up, one waits for that. */
struct pending {
    struct engine *engine;
    struct client *client;
    struct full full;
};

static struct pending begin_pending(void)
{
    struct pl_server_options one = suite_options();
    struct pending pending = {.client = client_new(&hello_service), .full = full_open()};
    struct pl_connect_options options = client_options(pending.full.port);

    one.helper_threads = 1;
    pending.engine = engine_prepare(&suite_echo, &one, NULL);
    server_start(pending.engine->server);
    slow_name = gate_new();
    lookups = 0;
    CLIENT_CONNECT(pending.client, pending.engine->handle, &options);
    options.host = "slow";
    for (int i = 0; i < 2; i++)
        CLIENT_CONNECT(pending.client, pending.engine->handle, &options);
    GATE_WAIT(slow_name, 1);
    return pending;
}

/* The server is freed: all have failed, and at most so many names were looked up. */
static void expect_none_pending(struct pending *pending, unsigned most_lookups)
{
    server_free(pending->engine->server);
    pending->engine->server = NULL;
    for (size_t i = 0; i < 3; i++)
        EXPECT_RESULT(CLIENT_ERROR(pending->client, i), -ECANCELED);
    EXPECT_RESULT(client_failures(pending->client), 3);
    EXPECT_RESULT(recorder_count(client_recorder(pending->client), RECORD_OPEN), 0);
    EXPECT(lookups <= most_lookups, "%u names were looked up", lookups);
    client_finish(pending->client);
    engine_finish(pending->engine);
    gate_free(slow_name);
    full_close(&pending->full);
}

static void drain_takes_connections_back(void)
{
    struct pending pending = begin_pending();
    struct pl_connect_options options = client_options(pending.engine->port);

    pl_server_drain(pending.engine->handle, 60000);
    EXPECT_RESULT(server_wait(pending.engine->server), 0);
    EXPECT_RESULT(client_try(pending.client, pending.engine->handle, &options, NULL), -ECANCELED);
    gate_open(slow_name);
    expect_none_pending(&pending, 2);
}

static void drain_with_sessions_takes_connections_back_meanwhile(void)
{
    struct pending pending = begin_pending();
    struct peer *peer = PEER_OPEN(.port = pending.engine->port, .mute = true);

    RECORDER_WAIT(pending.engine->recorder, RECORD_OPEN, 1);
    pl_server_drain(pending.engine->handle, 60000); /* the peer does not close yet */
    for (size_t i = 0; i < 3; i++)
        EXPECT_RESULT(CLIENT_ERROR(pending.client, i), -ECANCELED);
    gate_open(slow_name);
    peer_close(peer);
    EXPECT_RESULT(server_wait(pending.engine->server), 0);
    expect_none_pending(&pending, 1);
}

static void server_that_is_freed_takes_connections_back(void)
{
    struct pending pending = begin_pending();

    pl_server_stop(pending.engine->handle);
    EXPECT_RESULT(server_wait(pending.engine->server), 0);
    EXPECT_RESULT(client_failures(pending.client), 0);
    gate_open(slow_name);
    expect_none_pending(&pending, 2);
}

static _Atomic unsigned wrong;

static void try_again(struct client *client, int error)
{
    struct engine *engine = client_user(client);
    struct pl_connect_options options = client_options(engine->port);
    int result = client_try(client, engine->handle, &options, NULL);

    if (error != -ECANCELED || result != -ECANCELED)
        atomic_fetch_add(&wrong, 1);
}

static void server_that_never_ran_takes_connections_back(void)
{
    struct engine *engine = engine_prepare(&suite_echo, NULL, NULL);
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options = client_options(engine->port);

    client_set_user(client, engine);
    client_on_failure(client, try_again);
    for (int i = 0; i < 10; i++)
        CLIENT_CONNECT(client, engine->handle, &options);
    options.host = "slow"; /* it is not even looked up */
    CLIENT_CONNECT(client, engine->handle, &options);
    server_free(engine->server);
    engine->server = NULL;
    EXPECT_RESULT(client_failures(client), 11);
    EXPECT_RESULT(wrong, 0);
    client_finish(client);
    engine_finish(engine);
}

static void too_many_names_at_once_fail(void)
{
    struct pl_server_options one = suite_options();
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options;
    struct engine *engine;

    one.helper_threads = one.helper_queue = 1;
    engine = engine_prepare(&suite_echo, &one, NULL);
    server_start(engine->server);
    options = client_options(engine->port);
    options.host = "slow";
    slow_name = gate_new();
    CLIENT_CONNECT(client, engine->handle, &options);
    GATE_WAIT(slow_name, 1);
    for (int i = 0; i < 2; i++) /* one may wait */
        CLIENT_CONNECT(client, engine->handle, &options);
    EXPECT_FAILED(client, 0, -EAGAIN);
    gate_open(slow_name);
    RECORDER_WAIT(client_recorder(client), RECORD_LINE, 2);
    finish(engine, client);
    gate_free(slow_name);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"a refused connection fails", refused_connection_fails},
        {"a connection that takes too long fails", connection_that_takes_too_long_fails},
        {"a name that takes too long fails at once", name_that_takes_too_long_fails_at_once},
        {"a connection can be taken back", connection_can_be_taken_back},
        {"a look-up can be taken back", lookup_can_be_taken_back},
        {"a connection taken back comes about or fails, but once",
         connection_taken_back_comes_about_or_fails_but_once},
        {"a drain takes connections back", drain_takes_connections_back},
        {"a drain with sessions takes connections back meanwhile",
         drain_with_sessions_takes_connections_back_meanwhile},
        {"a server that is freed takes connections back",
         server_that_is_freed_takes_connections_back},
        {NULL, NULL},
    };
    static const struct unit_test once[] = {
        {"a name without an address fails", name_without_an_address_fails},
        {"senseless options are refused", senseless_options_are_refused},
        {"a server that never ran takes connections back",
         server_that_never_ran_takes_connections_back},
        {"too many names at once fail", too_many_names_at_once_fail},
        {NULL, NULL},
    };

    return suite_main(argc, argv, "failing to connect", each, once);
}
