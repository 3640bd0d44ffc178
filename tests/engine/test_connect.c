/* SPDX-License-Identifier: MIT */
/* Outgoing connections that succeed: how they are made, and that their sessions are like others. */
#include "config.h"

#include "tests/engine/client.h"
#include "tests/lib/crowd.h"
#include "tests/lib/folder.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int say_hello(struct pl_session *session, void *context)
{
    (void)context;
    return pl_session_printf(session, "hello\n");
}

static const struct pl_service hello_service = {.name = "hello", .open = say_hello};

static const struct pl_service silent_service = {.name = "silent"};

/* Both ends of all sessions of a server are closed, and nothing is left but what was there. */
static void wait_sessions(struct engine *engine, unsigned count)
{
    uint64_t deadline = expect_deadline();
    struct pl_stats stats;

    do {
        pl_server_stats(engine->handle, &stats);
        EXPECT(expect_remaining(deadline) > 0, "%u sessions, not %u", stats.sessions, count);
        poll(NULL, 0, 1);
    } while (stats.sessions != count);
}

static struct pl_session *session_of(struct engine *engine, struct client *client, size_t index)
{
    struct pl_session *session =
        pl_server_find(engine->handle, RECORDER_SESSION(client_recorder(client), index));

    EXPECT(session, "session %zu is gone", index);
    return session;
}

/* The client's session number INDEX says hello and hears that it did. */
static void expect_hello(struct client *client, size_t index)
{
    EXPECT(strcmp(RECORDER_GET(client_recorder(client), RECORD_LINE, index)->text, "hello\n") == 0,
           "something else than hello came back");
}

static void finish(struct engine *engine, struct client *client)
{
    server_free(engine->server);
    engine->server = NULL;
    EXPECT_RESULT(client_failures(client), 0);
    client_finish(client);
    engine_finish(engine);
}

/* -- Ways to connect -------------------------------------------------------------------------- */

static void connected_session_is_like_an_accepted_one(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options = client_options(engine->port);
    uint64_t id = CLIENT_CONNECT(client, engine->handle, &options);
    struct pl_session *session;
    char text[PL_ADDRESS_TEXT];
    struct pl_stats stats;

    expect_hello(client, 0);
    session = session_of(engine, client, 0);
    EXPECT(strcmp(pl_session_peer(session, text, sizeof(text)), "127.0.0.1") == 0, "at %s", text);
    EXPECT_RESULT(pl_session_peer_port(session), engine->port);
    EXPECT(pl_session_is_local(session), "it is not local");
    EXPECT(pl_session_server(session) == engine->handle, "it is another server's");
    EXPECT(pl_session_id(session) != id, "the connection's id is the session's");
    EXPECT_RESULT(pl_connect_cancel(engine->handle, id), -ENOENT);
    pl_server_stats(engine->handle, &stats);
    EXPECT_RESULT(stats.sessions, 2);
    EXPECT_RESULT(stats.accepted, 1);
    EXPECT_RESULT(stats.connected, 1);
    EXPECT_RESULT(pl_session_printf(session, "from outside\n"), 0);
    EXPECT(strcmp(RECORDER_GET(client_recorder(client), RECORD_LINE, 1)->text, "from outside\n") ==
               0,
           "another line came back");
    pl_session_close(session);
    pl_session_unref(session);
    EXPECT_RESULT(RECORDER_GET(client_recorder(client), RECORD_CLOSE, 0)->detail, PL_REASON_CLOSED);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_EOF);
    finish(engine, client);
}

static void server_may_run_later(void)
{
    struct engine *engine = engine_prepare(&suite_echo, NULL, NULL);
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options = client_options(engine->port);

    CLIENT_CONNECT(client, engine->handle, &options);
    server_start(engine->server);
    expect_hello(client, 0);
    finish(engine, client);
}

static void no_id_and_no_failed_are_wanted(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options = client_options(engine->port);
    struct full full = full_open();

    EXPECT_RESULT(pl_connect(engine->handle, recorder_service(client_recorder(client)),
                             client_recorder(client), &options, NULL),
                  0);
    expect_hello(client, 0);
    options.port = full.port;
    EXPECT_RESULT(pl_connect(engine->handle, recorder_service(client_recorder(client)),
                             client_recorder(client), &options, NULL),
                  0);
    finish(engine, client);
    full_close(&full);
}

static bool have_ipv6(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool have = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

    if (fd >= 0)
        close(fd);
    if (!have)
        fputs("(no IPv6 here) ", stderr);
    return have;
}

static void connect_to_host(const char *listen, const char *host, const char *peer)
{
    struct pl_listener_options listener = PL_LISTENER_OPTIONS;
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options;
    struct pl_session *session;
    char text[PL_ADDRESS_TEXT];
    struct engine *engine;

    listener.address = listen;
    engine = engine_start_with(&suite_echo, &listener);
    options = client_options(engine->port);
    options.host = host;
    CLIENT_CONNECT(client, engine->handle, &options);
    expect_hello(client, 0);
    session = session_of(engine, client, 0);
    pl_session_peer(session, text, sizeof(text));
    EXPECT(!peer || strcmp(text, peer) == 0, "%s, not %s", text, peer);
    pl_session_unref(session);
    finish(engine, client);
}

static void ipv6_address_is_connected(void)
{
    if (!have_ipv6())
        return;
    connect_to_host("::1", "::1", "::1");
    connect_to_host("::1", "[::1]", "::1");
}

static void name_is_looked_up(void)
{
    connect_to_host("127.0.0.1", "localhost", "127.0.0.1");
    if (have_ipv6())
        connect_to_host("*", "localhost", NULL);
}

/* Nobody listens at the first address, which is of the other family where there is one. */
static void next_address_is_tried_when_one_refuses(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options = client_options(1);
    struct pli_endpoint endpoints[3] = {
        client_endpoint(have_ipv6() ? "::1" : "127.0.0.2", engine->port),
        client_endpoint("127.0.0.1", 1), client_endpoint("127.0.0.1", engine->port)};
    struct pl_session *session;

    CLIENT_CONNECT_TO(client, engine->handle, &options, endpoints, 3);
    expect_hello(client, 0);
    session = session_of(engine, client, 0);
    EXPECT_RESULT(pl_session_peer_port(session), engine->port);
    pl_session_unref(session);
    finish(engine, client);
}

static void next_address_is_tried_when_one_takes_too_long(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options = client_options(1);
    struct full full = full_open();
    struct pli_endpoint endpoints[4];
    unsigned before = count_descriptors();

    for (int i = 0; i < 3; i++)
        endpoints[i] = client_endpoint("127.0.0.1", full.port);
    endpoints[3] = client_endpoint("127.0.0.1", engine->port);
    options.attempt_timeout = 20;
    CLIENT_CONNECT_TO(client, engine->handle, &options, endpoints, 4);
    expect_hello(client, 0);
    EXPECT_DESCRIPTORS(before + 2 * suite_session_descriptors()); /* at its two ends */
    finish(engine, client);
    full_close(&full);
}

static void unix_socket_is_connected(void)
{
    char *folder = folder_new();
    char *path = folder_path(folder, "socket");
    struct pl_listener_options listener = PL_LISTENER_OPTIONS;
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options = client_options(0);
    struct engine *engine;
    struct pl_session *session;
    uint32_t uid = 0, gid = 0;

    listener.path = options.path = path;
    engine = engine_start_with(&suite_echo, &listener);
    CLIENT_CONNECT(client, engine->handle, &options);
    expect_hello(client, 0);
    session = session_of(engine, client, 0);
    EXPECT_RESULT(pl_session_credentials(session, &uid, &gid), 0);
    EXPECT_RESULT(uid, getuid());
    EXPECT_RESULT(pl_session_peer_port(session), 0);
    pl_session_unref(session);
    finish(engine, client);
    free(path);
    folder_remove(folder);
}

static void unix_socket_whose_queue_is_full_is_waited_for(void)
{
    char *folder = folder_new();
    char *path = folder_path(folder, "socket");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct engine *engine = engine_start(&suite_echo);
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options = client_options(0);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int accepted[3];

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    EXPECT(listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0 &&
               listen(listener, 0) == 0,
           "listener: %s", strerror(errno));
    options.path = path;
    for (int i = 0; i < 3; i++) /* one has a place, the others wait for theirs */
        CLIENT_CONNECT(client, engine->handle, &options);
    for (int i = 0; i < 3; i++)
        accepted[i] = client_accept(listener);
    RECORDER_WAIT(client_recorder(client), RECORD_OPEN, 3);
    finish(engine, client);
    for (int i = 0; i < 3; i++)
        close(accepted[i]);
    close(listener);
    free(path);
    folder_remove(folder);
}

/* -- Client and server at once ------------------------------------------------------------------ */

enum { TALKERS = 8, LINES = 1000, AT_ONCE = 16 };

/* Says so many lines that it has always AT_ONCE of them under way, and ends with the last answer. */
static int begin_talk(struct pl_session *session, void *context)
{
    int rc = 0;

    (void)context;
    for (int i = 0; i < AT_ONCE && rc == 0; i++)
        rc = pl_session_printf(session, "%d\n", i);
    return rc;
}

static void go_on_talking(struct pl_session *session, const struct pl_line *line)
{
    int number = atoi(line->text);

    if (number + AT_ONCE < LINES)
        pl_session_printf(session, "%d\n", number + AT_ONCE);
    else if (number + 1 == LINES)
        pl_session_close(session);
}

static void server_and_client_talk_to_themselves(void)
{
    static const struct pl_service hooks = {.open = begin_talk, .line = go_on_talking};
    struct engine *engine = engine_start(&suite_echo);
    struct client *client = client_new(&hooks);
    struct pl_connect_options options = client_options(engine->port);

    for (int i = 0; i < TALKERS; i++)
        CLIENT_CONNECT(client, engine->handle, &options);
    RECORDER_WAIT(client_recorder(client), RECORD_CLOSE, TALKERS);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, TALKERS);
    EXPECT_RESULT(recorder_count(client_recorder(client), RECORD_LINE), TALKERS * LINES);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_LINE), TALKERS * LINES);
    finish(engine, client);
}

/* A line to the engine makes it connect to itself. */
struct ring {
    struct client *client;
    struct pl_connect_options options;
    _Atomic int wrong;
};

static void connect_at_line(struct pl_session *session, const struct pl_line *line)
{
    struct ring *ring = session_user(session);

    if (line->length == 2 && memcmp(line->text, "go", 2) == 0)
        CROWD_CHECK(ring->wrong, client_try(ring->client, pl_session_server(session),
                                            &ring->options, NULL) == 0);
    record_echo(session, line);
}

static void service_call_connects(void)
{
    static const struct pl_service hooks = {.line = connect_at_line};
    struct engine *engine = engine_start(&hooks);
    struct ring ring = {.client = client_new(&hello_service),
                        .options = client_options(engine->port)};
    struct peer *peer;

    recorder_set_user(engine->recorder, &ring);
    peer = ENGINE_CONNECT(engine);
    for (size_t i = 0; i < 10; i++) {
        PEER_SEND_TEXT(peer, "go\n");
        PEER_EXPECT_LINE(peer, "go");
        expect_hello(ring.client, i);
    }
    peer_close(peer);
    EXPECT_RESULT(ring.wrong, 0);
    finish(engine, ring.client);
}

/* -- Many ----------------------------------------------------------------------------------------- */

enum { MANY = 500, THREADS = 4 };

static void close_at_line(struct pl_session *session, const struct pl_line *line)
{
    (void)line;
    pl_session_close(session);
}

static void many_at_once_leave_no_descriptor(void)
{
    static const struct pl_service hooks = {.open = say_hello, .line = close_at_line};
    struct engine *engine = engine_start(&suite_echo);
    struct client *client = client_new(&hooks);
    struct pl_connect_options options = client_options(engine->port);
    unsigned before = count_descriptors();

    for (int i = 0; i < MANY; i++)
        CLIENT_CONNECT(client, engine->handle, &options);
    RECORDER_WAIT(client_recorder(client), RECORD_CLOSE, MANY);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, MANY);
    wait_sessions(engine, 0);
    EXPECT_DESCRIPTORS(before);
    finish(engine, client);
}

static void connect_some(unsigned number, void *argument)
{
    struct ring *ring = argument;
    struct engine *engine = client_user(ring->client);

    (void)number;
    for (int i = 0; i < 50; i++)
        CROWD_CHECK(ring->wrong,
                    client_try(ring->client, engine->handle, &ring->options, NULL) == 0);
}

static void threads_outside_connect(void)
{
    static const struct pl_service hooks = {.open = say_hello, .line = close_at_line};
    struct engine *engine = engine_start(&suite_echo);
    struct ring ring = {.client = client_new(&hooks), .options = client_options(engine->port)};

    client_set_user(ring.client, engine);
    crowd_run(THREADS, connect_some, &ring);
    EXPECT_RESULT(ring.wrong, 0);
    RECORDER_WAIT(client_recorder(ring.client), RECORD_CLOSE, THREADS * 50);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, THREADS * 50);
    finish(engine, ring.client);
}

/* -- Limits --------------------------------------------------------------------------------------- */

static void limits_are_those_of_the_connection(void)
{
    struct engine *engine = engine_start(&hello_service);
    struct client *client = client_new(&silent_service);
    struct pl_connect_options options = client_options(engine->port);

    options.max_line = 4; /* hello is longer */
    CLIENT_CONNECT(client, engine->handle, &options);
    EXPECT_RESULT(RECORDER_GET(client_recorder(client), RECORD_FAULT, 0)->detail,
                  PL_FAULT_TOO_LONG);
    options.max_line = 65536;
    options.idle_timeout = 1;
    CLIENT_CONNECT(client, engine->handle, &options);
    EXPECT_RESULT(RECORDER_GET(client_recorder(client), RECORD_CLOSE, 0)->detail, PL_REASON_IDLE);
    finish(engine, client);
}

static void connections_do_not_count_as_accepted(void)
{
    struct pl_server_options limited = suite_options();
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options;
    struct engine *engine;

    limited.max_sessions = 2;
    engine = engine_prepare(&suite_echo, &limited, NULL);
    server_start(engine->server);
    options = client_options(engine->port);
    for (size_t i = 0; i < 2; i++) {
        CLIENT_CONNECT(client, engine->handle, &options);
        expect_hello(client, i);
    }
    CLIENT_CONNECT(client, engine->handle, &options); /* the third is turned away over there */
    RECORDER_WAIT(client_recorder(client), RECORD_CLOSE, 1);
    EXPECT_RESULT(recorder_count(client_recorder(client), RECORD_LINE), 2);
    finish(engine, client);
}

/* -- The end -------------------------------------------------------------------------------------- */

static int refuse_to_open(struct pl_session *session, void *context)
{
    (void)context;
    pl_session_printf(session, "sorry\n");
    return -EPERM;
}

static void open_that_fails_is_the_end_but_no_failure(void)
{
    static const struct pl_service hooks = {.open = refuse_to_open};
    struct engine *engine = engine_start(&silent_service);
    struct client *client = client_new(&hooks);
    struct pl_connect_options options = client_options(engine->port);

    CLIENT_CONNECT(client, engine->handle, &options);
    EXPECT(strcmp(RECORDER_GET(engine->recorder, RECORD_LINE, 0)->text, "sorry\n") == 0,
           "something else came");
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_EOF);
    wait_sessions(engine, 0);
    finish(engine, client);
}

/* The other end is the test's, which closes when the session has said that the server stops. */
static void drain_ends_connected_sessions_too(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct client *client = client_new(&hello_service);
    struct pl_connect_options options = client_options(1);
    int listener = client_silent_port(&options.port);
    int peer;

    EXPECT_RESULT(listen(listener, 1), 0);
    CLIENT_CONNECT(client, engine->handle, &options);
    peer = client_accept(listener);
    RECORDER_WAIT(client_recorder(client), RECORD_OPEN, 1);
    pl_server_drain(engine->handle, 60000);
    EXPECT_RESULT(RECORDER_GET(client_recorder(client), RECORD_CLOSE, 0)->detail,
                  PL_REASON_STOPPING);
    EXPECT_RESULT(client_try(client, engine->handle, &options, NULL), -ECANCELED);
    close(peer);
    EXPECT_RESULT(server_wait(engine->server), 0);
    finish(engine, client);
    close(listener);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"a connected session is like an accepted one", connected_session_is_like_an_accepted_one},
        {"the server may run later", server_may_run_later},
        {"an IPv6 address is connected", ipv6_address_is_connected},
        {"a name is looked up", name_is_looked_up},
        {"the next address is tried when one refuses", next_address_is_tried_when_one_refuses},
        {"the next address is tried when one takes too long",
         next_address_is_tried_when_one_takes_too_long},
        {"a Unix socket is connected", unix_socket_is_connected},
        {"a Unix socket whose queue is full is waited for",
         unix_socket_whose_queue_is_full_is_waited_for},
        {"server and client talk to themselves", server_and_client_talk_to_themselves},
        {"a service call connects", service_call_connects},
        {"many at once leave no descriptor", many_at_once_leave_no_descriptor},
        {"threads outside connect", threads_outside_connect},
        {"open that fails is the end but no failure", open_that_fails_is_the_end_but_no_failure},
        {"a drain ends connected sessions too", drain_ends_connected_sessions_too},
        {NULL, NULL},
    };
    static const struct unit_test once[] = {
        {"no id and no failed are wanted", no_id_and_no_failed_are_wanted},
        {"limits are those of the connection", limits_are_those_of_the_connection},
        {"connections do not count as accepted", connections_do_not_count_as_accepted},
        {NULL, NULL},
    };

    return suite_main(argc, argv, "connect", each, once);
}
