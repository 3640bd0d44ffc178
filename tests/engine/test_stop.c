/* SPDX-License-Identifier: MIT */
/* The ways to an end: stop, drain, and a server that never ran. */
#include "config.h"

#include "tests/engine/suite.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_end(struct engine *engine)
{
    EXPECT_RESULT(server_wait(engine->server), 0);
}

/* -- Stop ----------------------------------------------------------------------------- */

static void idle_server_stops(void)
{
    struct engine *engine = engine_start(&suite_echo);

    pl_server_stop(engine->handle);
    pl_server_stop(engine->handle);
    expect_end(engine);
    pl_server_stop(engine->handle);
    engine_finish(engine);
}

static void server_may_start_and_stop_at_once(void)
{
    int i;

    for (i = 0; i < 20; i++) {
        struct engine *engine = engine_start(&suite_echo);
        struct peer *peer = PEER_CONNECT(engine->port);

        PEER_SEND_TEXT(peer, "perhaps\n");
        engine_finish(engine);
        PEER_DRAIN(peer);
        peer_close(peer);
    }
}

static void server_that_never_ran_can_be_freed(void)
{
    struct engine *engine = engine_prepare(&suite_echo, NULL, NULL);
    struct pl_timer *timer;
    struct peer *peer;

    peer_set_opened(NULL); /* nobody would answer */
    peer = PEER_CONNECT(engine->port);
    EXPECT_RESULT(pl_timer_new(engine->handle, free, NULL, &timer), 0);
    pl_timer_set(timer, 0);
    engine_finish(engine);
    PEER_EXPECT_GONE(peer);
    peer_close(peer);
    pl_server_free(NULL);
}

static void stop_at_line(struct pl_session *session, const struct pl_line *line)
{
    (void)line;
    pl_server_stop(pl_session_server(session));
}

static void handler_may_stop_the_server(void)
{
    static const struct pl_service hooks = {.line = stop_at_line};
    struct engine *engine = engine_start(&hooks);
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, "stop\n");
    expect_end(engine);
    peer_close(peer);
    engine_finish(engine);
}

static void stop_server(void *argument)
{
    pl_server_stop(argument);
}

static void post_may_stop_the_server(void)
{
    struct engine *engine = engine_start(&suite_echo);

    EXPECT_RESULT(pl_server_post(engine->handle, stop_server, engine->handle), 0);
    expect_end(engine);
    engine_finish(engine);
}

static void timer_may_stop_the_server(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct pl_timer *timer;

    EXPECT_RESULT(pl_timer_new(engine->handle, stop_server, engine->handle, &timer), 0);
    pl_timer_set(timer, 1);
    expect_end(engine);
    engine_finish(engine);
}

static void wait_at_gate(struct pl_session *session, const struct pl_line *line)
{
    gate_pass(session_user(session));
    record_echo(session, line);
}

static void stop_waits_for_the_calls_that_run(void)
{
    static const struct pl_service hooks = {.line = wait_at_gate};
    struct engine *engine = engine_prepare(&hooks, NULL, NULL);
    struct gate *gate = gate_new();
    struct peer *peer;

    recorder_set_user(engine->recorder, gate);
    server_start(engine->server);
    peer = PEER_CONNECT(engine->port);
    PEER_SEND_TEXT(peer, "wait\n");
    GATE_WAIT(gate, 1);
    pl_server_stop(engine->handle);
    gate_open(gate);
    expect_end(engine);
    peer_close(peer);
    engine_finish(engine); /* the recorder would notice a call after that */
    gate_free(gate);
}

struct flood {
    pthread_t thread;
    struct peer *peer;
    int result; /* why it ended */
};

/* Numbered lines until the connection ends, which it then does from here too; answers are kept. */
static void *flood(void *argument)
{
    struct flood *flood = argument;
    char line[32];
    long number = 0;
    int result = 0;

    while (result == 0 || result == -EAGAIN) {
        sprintf(line, "line %ld\n", number++);
        result = peer_send(flood->peer, line, strlen(line));
        if (result == 0)
            result = peer_receive_now(flood->peer);
    }
    flood->result = result;
    peer_half_close(flood->peer);
    return NULL;
}

enum { FLOODS = 6 };

/* They have all come before any of them speaks: who comes to a flood waits for its turn. */
static void start_floods(struct flood *floods, struct engine *engine)
{
    int i;

    for (i = 0; i < FLOODS; i++)
        floods[i].peer = ENGINE_CONNECT(engine);
    for (i = 0; i < FLOODS; i++)
        EXPECT_RESULT(pthread_create(&floods[i].thread, NULL, flood, &floods[i]), 0);
}

static void join_floods(struct flood *floods)
{
    int i;

    for (i = 0; i < FLOODS; i++) {
        pthread_join(floods[i].thread, NULL);
        EXPECT(floods[i].result != -ETIMEDOUT, "a peer was left alone");
        PEER_DRAIN(floods[i].peer);
    }
}

static void server_stops_under_load(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct flood floods[FLOODS];
    int i;

    start_floods(floods, engine);
    RECORDER_WAIT(engine->recorder, RECORD_LINE, 1000);
    pl_server_stop(engine->handle);
    expect_end(engine);
    server_free(engine->server);
    engine->server = NULL;
    join_floods(floods);
    for (i = 0; i < FLOODS; i++)
        peer_close(floods[i].peer);
    engine_finish(engine);
}

/* -- Drain ---------------------------------------------------------------------------- */

static void say_why(struct pl_session *session, enum pl_reason reason)
{
    pl_session_printf(session, "goodbye: %s\n", pl_reason_text(reason));
}

static const struct pl_service polite_service = {.line = record_echo, .farewell = say_why};

static void expect_goodbye(struct peer *peer)
{
    char wanted[200];

    snprintf(wanted, sizeof(wanted), "goodbye: %s", pl_reason_text(PL_REASON_STOPPING));
    PEER_EXPECT_LINE(peer, wanted);
    PEER_EXPECT_END(peer);
}

static void drain_bids_everybody_farewell(void)
{
    struct engine *engine = engine_start(&polite_service);
    struct peer *peers[20], *late = NULL;
    int i;

    for (i = 0; i < 20; i++) {
        peers[i] = PEER_CONNECT(engine->port);
        ENGINE_PING(peers[i]);
    }
    pl_server_drain(engine->handle, 3600000);
    pl_server_drain(engine->handle, 3600000);
    for (i = 0; i < 20; i++) {
        expect_goodbye(peers[i]);
        peer_close(peers[i]);
    }
    expect_end(engine);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_FAREWELL), 20);
    for (i = 0; i < 20; i++)
        EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, (size_t)i)->detail,
                      PL_REASON_STOPPING);
    EXPECT_RESULT(peer_open(&(struct peer_target){.port = engine->port}, &late), -ECONNREFUSED);
    engine_finish(engine);
}

static void drain_of_an_idle_server_ends_it(void)
{
    struct engine *engine = engine_start(&polite_service);

    pl_server_drain(engine->handle, 3600000);
    expect_end(engine);
    engine_finish(engine);
}

enum { BIG = 8 << 20 };

static void send_big(struct pl_session *session, const struct pl_line *line)
{
    (void)line;
    pl_session_send(session, session_user(session), BIG);
}

static void drain_delivers_what_is_queued(void)
{
    static const struct pl_service hooks = {.line = send_big, .farewell = say_why};
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine;
    struct peer *peer;
    char *data = calloc(1, BIG);

    EXPECT(data, "no memory");
    memset(data, 'x', BIG);
    options.sendq = 2 * (size_t)BIG;
    engine = engine_prepare(&hooks, NULL, &options);
    recorder_set_user(engine->recorder, data);
    server_start(engine->server);
    peer = PEER_OPEN(.port = engine->port, .receive_buffer = PEER_SMALL_WINDOW, .mute = true);
    PEER_SEND_TEXT(peer, "go\n");
    RECORDER_WAIT(engine->recorder, RECORD_LINE, 1);
    pl_server_drain(engine->handle, 3600000);
    RECORDER_WAIT(engine->recorder, RECORD_FAREWELL, 1);
    PEER_EXPECT_BYTES(peer, data, BIG);
    expect_goodbye(peer);
    peer_close(peer);
    expect_end(engine);
    engine_finish(engine);
    free(data);
}

/* Every line that was answered into a queue is delivered, in order, before the farewell. */
static void drain_under_load_loses_no_answer(void)
{
    struct engine *engine = engine_start(&polite_service);
    struct flood floods[FLOODS];
    long lines, line;
    long delivered = 0;
    char none[] = "", *text, wanted[200];
    int i;

    start_floods(floods, engine);
    RECORDER_WAIT(engine->recorder, RECORD_LINE, 1000);
    pl_server_drain(engine->handle, 3600000);
    expect_end(engine);
    server_free(engine->server);
    engine->server = NULL;
    join_floods(floods);
    lines = (long)recorder_count(engine->recorder, RECORD_LINE);
    snprintf(wanted, sizeof(wanted), "goodbye: %s", pl_reason_text(PL_REASON_STOPPING));
    for (i = 0; i < FLOODS; i++) {
        text = none;
        for (line = 0; peer_next_line(floods[i].peer, &text) == 0; line++) {
            char expected[32];

            if (strcmp(text, wanted) == 0)
                break;
            sprintf(expected, "line %ld", line);
            EXPECT(strcmp(text, expected) == 0, "%s expected, got %s", expected, text);
        }
        EXPECT(strcmp(text, wanted) == 0, "peer %d: no farewell after %ld lines, but %s", i, line,
               text);
        delivered += line;
        peer_close(floods[i].peer);
    }
    EXPECT_RESULT(delivered, lines);
    engine_finish(engine);
}

static void drain_does_not_wait_for_ever(void)
{
    static const struct pl_service hooks = {.line = send_big, .farewell = say_why};
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine;
    struct peer *peer;
    char *data = calloc(1, BIG);

    EXPECT(data, "no memory");
    options.sendq = 2 * (size_t)BIG;
    engine = engine_prepare(&hooks, NULL, &options);
    recorder_set_user(engine->recorder, data);
    server_start(engine->server);
    peer = PEER_OPEN(.port = engine->port, .receive_buffer = PEER_SMALL_WINDOW, .mute = true);
    PEER_SEND_TEXT(peer, "go\n");
    RECORDER_WAIT(engine->recorder, RECORD_LINE, 1);
    pl_server_drain(engine->handle, 200);
    expect_end(engine);
    engine_finish(engine);
    PEER_DRAIN(peer);
    peer_close(peer);
    free(data);
}

static void stop_cuts_a_drain_short(void)
{
    static const struct pl_service hooks = {.line = send_big};
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine;
    struct peer *peer;
    char *data = calloc(1, BIG);

    EXPECT(data, "no memory");
    options.sendq = 2 * (size_t)BIG;
    engine = engine_prepare(&hooks, NULL, &options);
    recorder_set_user(engine->recorder, data);
    server_start(engine->server);
    peer = PEER_OPEN(.port = engine->port, .receive_buffer = PEER_SMALL_WINDOW, .mute = true);
    PEER_SEND_TEXT(peer, "go\n");
    RECORDER_WAIT(engine->recorder, RECORD_LINE, 1);
    pl_server_drain(engine->handle, 3600000);
    RECORDER_WAIT(engine->recorder, RECORD_FAREWELL, 1);
    pl_server_stop(engine->handle);
    expect_end(engine);
    peer_close(peer);
    engine_finish(engine);
    free(data);
}

static void drain_at_line(struct pl_session *session, const struct pl_line *line)
{
    record_echo(session, line);
    pl_server_drain(pl_session_server(session), 3600000);
}

static void handler_may_drain_the_server(void)
{
    static const struct pl_service hooks = {.line = drain_at_line, .farewell = say_why};
    struct engine *engine = engine_start(&hooks);
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, "drain\n");
    PEER_EXPECT(peer, "drain\n");
    expect_goodbye(peer);
    peer_close(peer);
    expect_end(engine);
    engine_finish(engine);
}

static void park_and_echo(struct pl_session *session, const struct pl_line *line)
{
    pl_session_park(session);
    record_echo(session, line);
}

static void drain_ends_parked_sessions_too(void)
{
    static const struct pl_service hooks = {.line = park_and_echo, .farewell = say_why};
    struct engine *engine = engine_start(&hooks);
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, "park\n");
    PEER_EXPECT(peer, "park\n");
    pl_server_drain(engine->handle, 3600000);
    expect_goodbye(peer);
    peer_close(peer);
    expect_end(engine);
    engine_finish(engine);
}

static void drain_lets_running_calls_answer(void)
{
    static const struct pl_service hooks = {.line = wait_at_gate, .farewell = say_why};
    struct engine *engine = engine_prepare(&hooks, NULL, NULL);
    struct gate *gate = gate_new();
    struct peer *peer;

    recorder_set_user(engine->recorder, gate);
    server_start(engine->server);
    peer = PEER_CONNECT(engine->port);
    PEER_SEND_TEXT(peer, "answer\n");
    GATE_WAIT(gate, 1);
    pl_server_drain(engine->handle, 3600000);
    gate_open(gate);
    PEER_EXPECT(peer, "answer\n");
    expect_goodbye(peer);
    peer_close(peer);
    expect_end(engine);
    engine_finish(engine);
    gate_free(gate);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"an idle server stops", idle_server_stops},
        {"a server may start and stop at once", server_may_start_and_stop_at_once},
        {"a server that never ran can be freed", server_that_never_ran_can_be_freed},
        {"a handler may stop the server", handler_may_stop_the_server},
        {"a post may stop the server", post_may_stop_the_server},
        {"a timer may stop the server", timer_may_stop_the_server},
        {"stop waits for the calls that run", stop_waits_for_the_calls_that_run},
        {"a server stops under load", server_stops_under_load},
        {"drain bids everybody farewell", drain_bids_everybody_farewell},
        {"drain of an idle server ends it", drain_of_an_idle_server_ends_it},
        {"drain delivers what is queued", drain_delivers_what_is_queued},
        {"drain under load loses no answer", drain_under_load_loses_no_answer},
        {"drain does not wait for ever", drain_does_not_wait_for_ever},
        {"stop cuts a drain short", stop_cuts_a_drain_short},
        {"a handler may drain the server", handler_may_drain_the_server},
        {"drain ends parked sessions too", drain_ends_parked_sessions_too},
        {"drain lets running calls answer", drain_lets_running_calls_answer},
        {NULL, NULL},
    };

    return suite_main(argc, argv, "stop", each, NULL);
}
