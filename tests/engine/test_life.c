/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/engine/suite.h"
#include "tests/engine/suite_over.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void expect_story(struct engine *engine, size_t index, const char *wanted)
{
    uint64_t id = RECORDER_SESSION(engine->recorder, index);
    char story[64];

    recorder_story(engine->recorder, id, story, sizeof(story));
    EXPECT(strcmp(story, wanted) == 0, "calls %s expected, got %s", wanted, story);
}

static void peer_that_says_nothing_comes_and_goes(void)
{
    struct engine *engine = engine_start(&suite_echo);

    peer_close(PEER_CONNECT(engine->port));
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_EOF);
    expect_story(engine, 0, "oc");
    engine_finish(engine);
}

static void peer_that_breaks_off_at_once_comes_and_goes(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *other;
    int i;

    for (i = 0; i < 20; i++)
        peer_reset(PEER_CONNECT(engine->port));
    other = ENGINE_CONNECT(engine);
    ENGINE_PING(other);
    peer_close(other);
    engine_finish(engine);
}

static void reset_of_an_idle_session_ends_it(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = ENGINE_CONNECT(engine);

    ENGINE_PING(peer);
    peer_reset(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_RESET);
    expect_story(engine, 0, "olc");
    engine_finish(engine);
}

static void session_is_found_while_it_lives(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = ENGINE_CONNECT(engine);
    uint64_t id = RECORDER_SESSION(engine->recorder, 0);
    struct pl_session *session = pl_server_find(engine->handle, id);

    EXPECT(session, "a live session is not found");
    EXPECT(pl_session_id(session) == id, "it is another one");
    pl_session_unref(session);
    peer_close(peer);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, 1);
    EXPECT(!pl_server_find(engine->handle, id), "a dead session is found");
    EXPECT(!pl_server_find(engine->handle, 0), "session 0 is found");
    EXPECT(!pl_server_find(engine->handle, ~UINT64_C(0)), "the last session is found");
    engine_finish(engine);
}

static void reference_outlives_the_session(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = ENGINE_CONNECT(engine);
    struct pl_session *session = ENGINE_SESSION(engine, 0);
    uint64_t id = pl_session_id(session);
    char text[PL_ADDRESS_TEXT];

    EXPECT(pl_session_ref(session) == session, "pl_session_ref() does not return its argument");
    pl_session_unref(session);
    peer_close(peer);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, 1);
    peer = ENGINE_CONNECT(engine);
    ENGINE_PING(peer);
    EXPECT(pl_session_id(session) == id, "the id has changed");
    EXPECT(strcmp(pl_session_peer(session, text, sizeof(text)), "127.0.0.1") == 0, "peer %s", text);
    EXPECT(pl_session_context(session) == engine->recorder, "the context has changed");
    pl_session_close(session);
    pl_session_resume(session);
    ENGINE_PING(peer);
    pl_session_unref(session);
    peer_close(peer);
    engine_finish(engine);
}

/* Descriptors and slots are used again and again; the ids of the dead never name the living. */
static void old_ids_never_reach_new_sessions(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct pl_session *old = NULL;
    struct peer *peer;
    size_t i, k;

    for (i = 0; i < 200; i++) {
        peer = ENGINE_CONNECT(engine);
        ENGINE_PING(peer);
        for (k = 0; k < i; k++)
            EXPECT(!pl_server_find(engine->handle, RECORDER_SESSION(engine->recorder, k)),
                   "session %zu is found while session %zu lives", k, i);
        if (old) {
            EXPECT_RESULT(pl_session_send(old, "late\n", 5), -ENOTCONN);
            pl_session_close(old);
            pl_session_unref(old);
        }
        ENGINE_PING(peer);
        old = ENGINE_SESSION(engine, i);
        peer_close(peer);
        RECORDER_WAIT(engine->recorder, RECORD_CLOSE, i + 1);
    }
    pl_session_unref(old);
    engine_finish(engine);
}

static void any_thread_may_close(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = ENGINE_CONNECT(engine);
    struct pl_session *session = ENGINE_SESSION(engine, 0);

    ENGINE_PING(peer);
    EXPECT_RESULT(pl_session_send(session, "bye\n", 4), 0);
    pl_session_close(session);
    pl_session_close(session);
    PEER_EXPECT(peer, "bye\n");
    PEER_EXPECT_END(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_CLOSED);
    expect_story(engine, 0, "olc");
    pl_session_unref(session);
    peer_close(peer);
    engine_finish(engine);
}

static int greet_and_close(struct pl_session *session, void *context)
{
    (void)context;
    pl_session_printf(session, "not today\n");
    pl_session_close(session);
    return 0;
}

static void session_may_be_closed_as_it_opens(void)
{
    static const struct pl_service hooks = {.open = greet_and_close, .line = record_echo};
    struct engine *engine = engine_start(&hooks);
    struct peer *peer = ENGINE_CONNECT(engine);

    PEER_EXPECT(peer, "not today\n");
    PEER_EXPECT_END(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_CLOSED);
    expect_story(engine, 0, "oc");
    peer_close(peer);
    engine_finish(engine);
}

static int greet_and_fail(struct pl_session *session, void *context)
{
    (void)context;
    pl_session_printf(session, "go away\n");
    return -EPERM;
}

static void failing_open_ends_the_connection(void)
{
    static const struct pl_service hooks = {.open = greet_and_fail, .line = record_echo};
    struct engine *engine = engine_start(&hooks);
    struct peer *peer = ENGINE_CONNECT(engine);

    PEER_EXPECT(peer, "go away\n");
    PEER_EXPECT_END(peer);
    expect_story(engine, 0, "o");
    peer_close(peer);
    engine_finish(engine);
}

static void send_when_closed(struct pl_session *session, enum pl_reason reason)
{
    (void)reason;
    *(int *)session_user(session) = pl_session_send(session, "late\n", 5);
}

static void sends_in_close_are_dropped(void)
{
    static const struct pl_service hooks = {.line = record_echo, .close = send_when_closed};
    struct engine *engine = engine_prepare(&hooks, NULL, NULL);
    struct peer *peer;
    int late = 0;

    recorder_set_user(engine->recorder, &late);
    server_start(engine->server);
    peer = ENGINE_CONNECT(engine);
    PEER_HALF_CLOSE(peer);
    PEER_EXPECT_END(peer);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, 1);
    EXPECT_RESULT(late, -ENOTCONN);
    peer_close(peer);
    engine_finish(engine);
}

static void close_named(struct pl_session *session, const struct pl_line *line)
{
    struct engine *engine = session_user(session);
    struct pl_session *other;

    if (line->length == 0 || line->text[0] != '#') {
        record_echo(session, line);
        return;
    }
    other = pl_server_find(engine->handle, RECORDER_SESSION(engine->recorder, 0));
    if (other)
        pl_session_close(other);
    pl_session_unref(other);
}

static void sessions_close_each_other(void)
{
    static const struct pl_service hooks = {.line = close_named};
    struct engine *engine = engine_prepare(&hooks, NULL, NULL);
    struct peer *first, *second;

    recorder_set_user(engine->recorder, engine);
    server_start(engine->server);
    first = ENGINE_CONNECT(engine);
    ENGINE_PING(first);
    second = ENGINE_CONNECT(engine);
    PEER_SEND_TEXT(second, "# close the first\n");
    PEER_EXPECT_END(first);
    ENGINE_PING(second);
    expect_story(engine, 0, "olc");
    peer_close(first);
    peer_close(second);
    engine_finish(engine);
}

struct facts {
    char peer[PL_ADDRESS_TEXT];
    char cut[5];
    unsigned port;
    bool local;
    bool same_server;
    int credentials;
};

static void gather_facts(struct pl_session *session, const struct pl_line *line)
{
    struct facts *facts = session_user(session);
    uint32_t uid, gid;

    pl_session_peer(session, facts->peer, sizeof(facts->peer));
    pl_session_peer(session, facts->cut, sizeof(facts->cut));
    facts->port = pl_session_peer_port(session);
    facts->local = pl_session_is_local(session);
    facts->credentials = pl_session_credentials(session, &uid, &gid);
    record_echo(session, line);
}

static void session_knows_its_peer(void)
{
    static const struct pl_service hooks = {.line = gather_facts};
    struct engine *engine = engine_prepare(&hooks, NULL, NULL);
    struct facts facts = {.port = 0};
    struct peer *peer;

    recorder_set_user(engine->recorder, &facts);
    server_start(engine->server);
    peer = ENGINE_CONNECT(engine);
    ENGINE_PING(peer);
    RECORDER_WAIT(engine->recorder, RECORD_LINE, 1); /* an answer alone does not order memory */
    EXPECT(strcmp(facts.peer, "127.0.0.1") == 0, "peer %s", facts.peer);
    EXPECT(strcmp(facts.cut, "127.") == 0, "peer cut to 5 bytes: %s", facts.cut);
    EXPECT_RESULT(facts.port, peer_local_port(peer));
    EXPECT(facts.local, "127.0.0.1 is not local");
    EXPECT_RESULT(facts.credentials, -ENOTSUP);
    peer_close(peer);
    engine_finish(engine);
}

static void session_knows_its_server(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = ENGINE_CONNECT(engine);
    struct pl_session *session = ENGINE_SESSION(engine, 0);

    EXPECT(pl_session_server(session) == engine->handle, "another server");
    pl_session_unref(session);
    peer_close(peer);
    engine_finish(engine);
}

static void peer_that_leaves_output_behind_ends_once(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer;
    char data[50001];
    int i, reason;

    memset(data, 'x', sizeof(data));
    data[sizeof(data) - 1] = '\n';
    for (i = 0; i < 10; i++) {
        peer = PEER_OPEN(.port = engine->port, .receive_buffer = PEER_SMALL_WINDOW, .mute = true);
        PEER_SEND(peer, data, sizeof(data));
        RECORDER_WAIT(engine->recorder, RECORD_LINE, (size_t)i + 1);
        peer_close(peer); /* with unread input: a reset */
        reason = RECORDER_GET(engine->recorder, RECORD_CLOSE, (size_t)i)->detail;
        EXPECT(reason == PL_REASON_RESET || reason == PL_REASON_EOF, "%s",
               pl_reason_text((enum pl_reason)reason));
    }
    engine_finish(engine);
}

static void stop_ends_the_sessions_that_are_left(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peers[10];
    int i;

    for (i = 0; i < 10; i++) {
        peers[i] = ENGINE_CONNECT(engine);
        ENGINE_PING(peers[i]);
    }
    server_free(engine->server);
    engine->server = NULL;
    for (i = 0; i < 10; i++) {
        EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, (size_t)i)->detail,
                      PL_REASON_STOPPING);
        PEER_EXPECT_GONE(peers[i]);
        peer_close(peers[i]);
    }
    engine_finish(engine);
}

static void every_end_is_told_once(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peers[60];
    size_t i;

    for (i = 0; i < 60; i++) {
        peers[i] = ENGINE_CONNECT(engine);
        PEER_SEND_TEXT(peers[i], "a line\nand a half");
    }
    for (i = 0; i < 60; i++) {
        if (i % 3 == 0)
            peer_reset(peers[i]);
        else if (i % 3 == 1)
            peer_close(peers[i]);
        else
            PEER_HALF_CLOSE(peers[i]);
    }
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, 60);
    for (i = 2; i < 60; i += 3) {
        PEER_EXPECT(peers[i], "a line\nand a half");
        PEER_EXPECT_END(peers[i]);
        peer_close(peers[i]);
    }
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_CLOSE), 60);
    engine_finish(engine);
}

/* The recorder uses the sessions' data itself; here is a service without it. */
static int count_open(struct pl_session *session, void *context)
{
    pl_session_set_data(session, context);
    return 0;
}

static void count_line(struct pl_session *session, const struct pl_line *line)
{
    int *count = pl_session_data(session);

    (void)line;
    ++*count;
    pl_session_printf(session, "%d\n", *count);
}

static void session_carries_the_services_data(void)
{
    static const struct pl_service service = {
        .name = "count", .open = count_open, .line = count_line};
    struct pl_server_options options = suite_options();
    struct pl_listener_options listener_options = PL_LISTENER_OPTIONS;
    struct test_server *server = server_new(&options);
    struct pl_listener *listener;
    struct peer *peer;
    int count = 0;

    suite_over_begin(&listener_options);
    EXPECT_RESULT(
        pl_server_listen(server_handle(server), &service, &count, &listener_options, &listener), 0);
    suite_over_end(&listener_options);
    server_start(server);
    peer = PEER_CONNECT(pl_listener_port(listener));
    PEER_SEND_TEXT(peer, "\n\n");
    PEER_EXPECT(peer, "1\n2\n");
    PEER_SEND_TEXT(peer, "\n");
    PEER_EXPECT(peer, "3\n");
    peer_close(peer);
    server_free(server);
}

static void service_may_have_lines_only(void)
{
    static const struct pl_service service = {.name = "bare", .line = record_echo};
    struct pl_server_options options = suite_options();
    struct pl_listener_options listener_options = PL_LISTENER_OPTIONS;
    struct test_server *server = server_new(&options);
    struct pl_listener *listener;
    struct peer *peer;
    char text[300];

    listener_options.max_line = 100;
    suite_over_begin(&listener_options);
    EXPECT_RESULT(
        pl_server_listen(server_handle(server), &service, NULL, &listener_options, &listener), 0);
    suite_over_end(&listener_options);
    server_start(server);
    peer = PEER_CONNECT(pl_listener_port(listener));
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\n';
    PEER_SEND(peer, text, sizeof(text)); /* a fault that nobody hears of */
    ENGINE_PING(peer);
    peer_reset(peer);
    peer = PEER_CONNECT(pl_listener_port(listener));
    ENGINE_PING(peer);
    server_free(server); /* a farewell and a close that nobody hears of */
    PEER_EXPECT_GONE(peer);
    peer_close(peer);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"a peer that says nothing comes and goes", peer_that_says_nothing_comes_and_goes},
        {"a peer that breaks off at once comes and goes",
         peer_that_breaks_off_at_once_comes_and_goes},
        {"a reset of an idle session ends it", reset_of_an_idle_session_ends_it},
        {"a session is found while it lives", session_is_found_while_it_lives},
        {"a reference outlives the session", reference_outlives_the_session},
        {"old ids never reach new sessions", old_ids_never_reach_new_sessions},
        {"any thread may close", any_thread_may_close},
        {"a session may be closed as it opens", session_may_be_closed_as_it_opens},
        {"a failing open ends the connection", failing_open_ends_the_connection},
        {"sends in close are dropped", sends_in_close_are_dropped},
        {"sessions close each other", sessions_close_each_other},
        {"a session knows its peer", session_knows_its_peer},
        {"a session knows its server", session_knows_its_server},
        {"a peer that leaves output behind ends once", peer_that_leaves_output_behind_ends_once},
        {"stop ends the sessions that are left", stop_ends_the_sessions_that_are_left},
        {"every end is told once", every_end_is_told_once},
        {"a session carries the service's data", session_carries_the_services_data},
        {"a service may have lines only", service_may_have_lines_only},
        {NULL, NULL},
    };

    return suite_main(argc, argv, "life", each, NULL);
}
