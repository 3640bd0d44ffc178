/* SPDX-License-Identifier: MIT */
/* Threads of the pool: who runs, how many, and what blocking does to the others. */
#include "config.h"

#include "tests/engine/suite.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool says(const struct pl_line *line, const char *word)
{
    return line->length == strlen(word) && memcmp(line->text, word, line->length) == 0;
}

/* -- How many run ------------------------------------------------------------------------- */

struct crowd {
    atomic_int inside;
    atomic_int most;
};

static void count_inside(struct pl_session *session, const struct pl_line *line)
{
    struct crowd *crowd = session_user(session);
    int now = atomic_fetch_add(&crowd->inside, 1) + 1;
    int most = atomic_load(&crowd->most);

    while (now > most && !atomic_compare_exchange_weak(&crowd->most, &most, now))
        ;
    record_echo(session, line);
    sched_yield();
    atomic_fetch_sub(&crowd->inside, 1);
}

static void no_more_calls_at_once_than_threads(void)
{
    static const struct pl_service hooks = {.line = count_inside};
    struct engine *engine = engine_prepare(&hooks, NULL, NULL);
    struct crowd crowd = {0};
    struct peer *peers[30];
    int i, round;

    recorder_set_user(engine->recorder, &crowd);
    server_start(engine->server);
    for (i = 0; i < 30; i++)
        peers[i] = PEER_CONNECT(engine->port);
    for (round = 0; round < 50; round++) {
        for (i = 0; i < 30; i++)
            PEER_SEND_TEXT(peers[i], "ping\n");
        for (i = 0; i < 30; i++)
            PEER_EXPECT(peers[i], "ping\n");
    }
    for (i = 0; i < 30; i++)
        peer_close(peers[i]);
    engine_finish(engine);
    EXPECT(crowd.most <= (suite_serving() == SUITE_OWN_THREAD ? 30 : (int)suite_options().threads),
           "%d calls at once", crowd.most);
}

static void statistics_tell_what_happened(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct pl_server_options options = suite_options();
    unsigned most = options.threads + options.spare_threads;
    struct pl_stats stats;
    struct peer *a = PEER_CONNECT(engine->port);
    struct peer *b = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(a, "one\ntwo\n");
    PEER_EXPECT(a, "one\ntwo\n");
    ENGINE_PING(b);
    pl_server_stats(engine->handle, &stats);
    EXPECT_RESULT(stats.sessions, 2);
    EXPECT_RESULT(stats.accepted, 2);
    EXPECT_RESULT(stats.refused, 0);
    EXPECT_RESULT(stats.lines, 3);
    EXPECT_RESULT(stats.bytes_in, 13);
    EXPECT_RESULT(stats.spares_exhausted, 0);
    EXPECT_RESULT(stats.spare_threads, 0);
    if (suite_serving() == SUITE_OWN_THREAD)
        most = 2; /* connections */
    EXPECT(stats.threads >= 1 && stats.threads <= most + 1, "%u threads", stats.threads);
    EXPECT(stats.events >= 1 && stats.waits >= 1, "%llu events, %llu waits",
           (unsigned long long)stats.events, (unsigned long long)stats.waits);
    peer_close(b);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, 1);
    peer_close(a);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, 2);
    pl_server_stop(engine->handle);
    EXPECT_RESULT(server_wait(engine->server), 0);
    pl_server_stats(engine->handle, &stats);
    EXPECT_RESULT(stats.sessions, 0);
    EXPECT_RESULT(stats.accepted, 2);
    EXPECT_RESULT(stats.bytes_out, 13);
    EXPECT(stats.writes >= 1 && stats.writes <= 3, "%llu writes", (unsigned long long)stats.writes);
    engine_finish(engine);
}

struct talker {
    pthread_t thread;
    struct peer *peer;
    atomic_bool stop;
};

/* Lines without end, until told to stop. */
static void *talk_without_end(void *argument)
{
    struct talker *talker = argument;
    char lines[64 * 512];
    long result = 0;

    memset(lines, 'x', sizeof(lines));
    for (size_t i = 63; i < sizeof(lines); i += 64)
        lines[i] = '\n';
    while (!atomic_load(&talker->stop) && result == 0) {
        const char *kept;

        result = peer_send(talker->peer, lines, sizeof(lines));
        peer_drop(talker->peer, peer_kept(talker->peer, &kept));
    }
    return (void *)result;
}

static void peer_that_sends_without_end_owns_no_thread(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct talker talkers[2];
    struct peer *other = PEER_CONNECT(engine->port);
    void *result;
    int i;

    for (i = 0; i < 2; i++) {
        talkers[i].peer = PEER_CONNECT(engine->port);
        talkers[i].stop = false;
        EXPECT_RESULT(pthread_create(&talkers[i].thread, NULL, talk_without_end, &talkers[i]), 0);
    }
    for (i = 0; i < 30; i++)
        ENGINE_PING(other);
    for (i = 0; i < 2; i++)
        talkers[i].stop = true;
    for (i = 0; i < 2; i++) {
        pthread_join(talkers[i].thread, &result);
        EXPECT_RESULT((long)result, 0);
        peer_reset(talkers[i].peer);
    }
    peer_close(other);
    engine_finish(engine);
}

/* -- Blocking ------------------------------------------------------------------------------- */

/* "block" waits at the gate, "bracket" does so in a bracket; other lines come back. */
static void block_at_word(struct pl_session *session, const struct pl_line *line)
{
    struct gate *gate = session_user(session);

    if (says(line, "block"))
        gate_pass(gate);
    if (says(line, "bracket")) {
        pl_blocking_begin();
        gate_pass(gate);
        pl_blocking_end();
    }
    record_echo(session, line);
}

static const struct pl_service blocking_service = {.line = block_at_word};

/* With COUNT sessions that said WORD and whose calls wait, others are served. */
static void block_and_serve(unsigned threads, unsigned spare, unsigned count, const char *word)
{
    struct pl_server_options options = suite_options();
    struct gate *gate = gate_new();
    struct peer *blocked[16], *other;
    struct engine *engine;
    char line[16];
    unsigned i;

    options.threads = threads;
    options.spare_threads = spare;
    engine = engine_prepare(&blocking_service, &options, NULL);
    recorder_set_user(engine->recorder, gate);
    server_start(engine->server);
    other = ENGINE_CONNECT(engine);
    for (i = 0; i < count; i++)
        blocked[i] = ENGINE_CONNECT(engine);
    sprintf(line, "%s\n", word);
    for (i = 0; i < count; i++)
        PEER_SEND_TEXT(blocked[i], line);
    GATE_WAIT(gate, count);
    for (i = 0; i < 20; i++)
        ENGINE_PING(other);
    gate_open(gate);
    for (i = 0; i < count; i++) {
        PEER_EXPECT(blocked[i], line);
        ENGINE_PING(blocked[i]);
        peer_close(blocked[i]);
    }
    ENGINE_PING(other);
    peer_close(other);
    engine_finish(engine);
    gate_free(gate);
}

static void handlers_that_block_delay_nobody_while_a_thread_is_left(void)
{
    unsigned threads;

    if (suite_serving() == SUITE_ONE_THREAD)
        return;
    for (threads = 2; threads <= 8; threads *= 2)
        block_and_serve(threads, 0, threads - 1, "block");
}

static void spares_run_for_those_in_brackets(void)
{
    if (suite_serving() == SUITE_ONE_THREAD)
        return;
    block_and_serve(1, 1, 1, "bracket");
    block_and_serve(1, 8, 8, "bracket");
    block_and_serve(2, 4, 5, "bracket");
    block_and_serve(4, 12, 15, "bracket");
}

static void brackets_work_without_spares(void)
{
    if (suite_serving() == SUITE_ONE_THREAD)
        return;
    block_and_serve(4, 0, 3, "bracket");
}

/* All threads and spares wait: nobody is served, which is counted, and then everybody is. */
static void running_out_of_spares_is_counted_and_passes(void)
{
    struct pl_server_options options = suite_options();
    struct gate *gate = gate_new();
    struct peer *blocked[3], *other;
    struct engine *engine;
    struct pl_stats stats;
    int i;

    options.threads = 2;
    options.spare_threads = 1;
    engine = engine_prepare(&blocking_service, &options, NULL);
    recorder_set_user(engine->recorder, gate);
    server_start(engine->server);
    other = ENGINE_CONNECT(engine);
    for (i = 0; i < 3; i++)
        blocked[i] = ENGINE_CONNECT(engine);
    for (i = 0; i < 3; i++)
        PEER_SEND_TEXT(blocked[i], "bracket\n");
    if (suite_serving() == SUITE_ANY_THREAD) {
        GATE_WAIT(gate, 3);
        PEER_SEND_TEXT(other, "waits\n");
        pl_server_stats(engine->handle, &stats);
        EXPECT(stats.spares_exhausted >= 1, "it was not counted");
        EXPECT_RESULT(stats.spare_threads, 1);
        gate_open(gate);
        PEER_EXPECT(other, "waits\n");
    } else {
        GATE_WAIT(gate, 1);
        gate_open(gate);
    }
    for (i = 0; i < 3; i++) {
        PEER_EXPECT(blocked[i], "bracket\n");
        peer_close(blocked[i]);
    }
    ENGINE_PING(other);
    peer_close(other);
    engine_finish(engine);
    gate_free(gate);
}

/* A handler that blocks for long on every thread: the server recovers. */
static void server_recovers_when_all_threads_have_blocked(void)
{
    struct pl_server_options options = suite_options();
    struct engine *engine = engine_prepare(&blocking_service, &options, NULL);
    struct gate *gate = gate_new();
    const unsigned calls_at_once[] = {
        [SUITE_ANY_THREAD] = options.threads, [SUITE_ONE_THREAD] = 1, [SUITE_OWN_THREAD] = 16};
    struct peer *peers[16];
    int i;

    recorder_set_user(engine->recorder, gate);
    server_start(engine->server);
    for (i = 0; i < 16; i++)
        peers[i] = ENGINE_CONNECT(engine);
    for (i = 0; i < 16; i++)
        PEER_SEND_TEXT(peers[i], "block\nnext\n");
    GATE_WAIT(gate, calls_at_once[suite_serving()]);
    gate_open(gate);
    for (i = 0; i < 16; i++) {
        PEER_EXPECT(peers[i], "block\nnext\n");
        ENGINE_PING(peers[i]);
        peer_close(peers[i]);
    }
    engine_finish(engine);
    gate_free(gate);
}

static void brackets_come_and_go_under_load(void)
{
    struct engine *engine = engine_prepare(&blocking_service, NULL, NULL);
    struct gate *gate = gate_new();
    struct peer *peers[20];
    int i, round;

    gate_open(gate); /* brackets without waiting */
    recorder_set_user(engine->recorder, gate);
    server_start(engine->server);
    for (i = 0; i < 20; i++)
        peers[i] = PEER_CONNECT(engine->port);
    for (round = 0; round < 50; round++) {
        for (i = 0; i < 20; i++)
            PEER_SEND_TEXT(peers[i], "bracket\nping\nbracket\n");
        for (i = 0; i < 20; i++)
            PEER_EXPECT(peers[i], "bracket\nping\nbracket\n");
    }
    for (i = 0; i < 20; i++)
        peer_close(peers[i]);
    engine_finish(engine);
    gate_free(gate);
}

static void brackets_do_nothing_on_other_threads(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = PEER_CONNECT(engine->port);

    pl_blocking_begin();
    ENGINE_PING(peer);
    pl_blocking_end();
    ENGINE_PING(peer);
    peer_close(peer);
    engine_finish(engine);
}

/* A server with one thread, which is at the gate: what peers send is there at once when it is back. */
static struct engine *start_at_gate(struct gate *gate, struct peer **peers, int count)
{
    struct pl_server_options options = suite_options();
    struct engine *engine;

    options.threads = 1;
    options.spare_threads = 0;
    engine = engine_prepare(&blocking_service, &options, NULL);
    recorder_set_user(engine->recorder, gate);
    server_start(engine->server);
    for (int i = 0; i < count; i++) {
        peers[i] = PEER_CONNECT(engine->port);
        ENGINE_PING(peers[i]);
    }
    PEER_SEND_TEXT(peers[0], "block\n");
    GATE_WAIT(gate, 1);
    return engine;
}

enum { SPEAKERS = 350, FLOODERS = 30, FLOOD = 100000 };

static void all_of_a_crowd_that_speaks_at_once_are_heard(void)
{
    struct gate *gate = gate_new();
    struct peer *peers[SPEAKERS];
    struct engine *engine = start_at_gate(gate, peers, SPEAKERS);

    for (int round = 0; round < 2; round++)
        for (int i = 0; i < SPEAKERS; i++)
            PEER_SEND_TEXT(peers[i], "ping\n");
    gate_open(gate);
    PEER_EXPECT(peers[0], "block\n");
    for (int i = 0; i < SPEAKERS; i++)
        PEER_EXPECT(peers[i], "ping\nping\n");
    for (int i = 0; i < SPEAKERS; i++)
        peer_close(peers[i]);
    engine_finish(engine);
    gate_free(gate);
}

/* Together more than a thread has buffers for. */
static void all_that_flood_at_once_are_heard(void)
{
    struct gate *gate = gate_new();
    struct peer *peers[FLOODERS];
    struct engine *engine = start_at_gate(gate, peers, FLOODERS);
    char *flood = malloc(FLOOD);

    EXPECT(flood, "no memory");
    for (int i = 0; i < FLOOD; i++)
        flood[i] = i % 50 == 49 ? '\n' : (char)('a' + i / 50 % 26);
    for (int i = 0; i < FLOODERS; i++)
        PEER_SEND(peers[i], flood, FLOOD);
    gate_open(gate);
    PEER_EXPECT(peers[0], "block\n");
    for (int i = 0; i < FLOODERS; i++) {
        PEER_EXPECT_BYTES(peers[i], flood, FLOOD);
        peer_close(peers[i]);
    }
    free(flood);
    engine_finish(engine);
    gate_free(gate);
}

/* "hold" waits at one gate, "block" at another; other lines come back. */
struct gates {
    struct gate *hold;
    struct gate *block;
};

static void pass_gates(struct pl_session *session, const struct pl_line *line)
{
    struct gates *gates = session_user(session);

    if (says(line, "hold"))
        gate_pass(gates->hold);
    if (says(line, "block"))
        gate_pass(gates->block);
    record_echo(session, line);
}

static const struct pl_service gates_service = {.line = pass_gates};

enum { CROWD = 30 };

/* What has gathered while all threads were held is served, but for the one whose call blocks. */
static void serve_crowd(struct engine *engine, struct gates *gates, struct peer *blocked,
                        struct peer **crowd)
{
    unsigned threads = suite_options().threads;
    struct peer *holders[8];
    unsigned i;

    for (i = 0; i < threads; i++)
        holders[i] = ENGINE_CONNECT(engine);
    for (i = 0; i < threads; i++)
        PEER_SEND_TEXT(holders[i], "hold\n");
    GATE_WAIT(gates->hold, threads);
    PEER_SEND_TEXT(blocked, "block\n");
    for (i = 0; i < CROWD; i++)
        PEER_SEND_TEXT(crowd[i], "ping\n");
    gate_open(gates->hold);
    GATE_WAIT(gates->block, 1);
    for (i = 0; i < CROWD; i++)
        PEER_EXPECT(crowd[i], "ping\n");
    for (i = 0; i < threads; i++) {
        PEER_EXPECT(holders[i], "hold\n");
        peer_close(holders[i]);
    }
}

/* Whether there is a thread for others while a handler blocks. */
static bool others_go_on(void)
{
    return suite_serving() == SUITE_OWN_THREAD ||
           (suite_serving() == SUITE_ANY_THREAD && suite_options().threads > 1);
}

static void blocked_handler_delays_no_event_of_its_batch(void)
{
    struct gates gates = {.hold = gate_new(), .block = gate_new()};
    struct peer *crowd[CROWD], *blocked;
    struct engine *engine;
    int i;

    if (others_go_on()) {
        engine = engine_prepare(&gates_service, NULL, NULL);
        recorder_set_user(engine->recorder, &gates);
        server_start(engine->server);
        blocked = ENGINE_CONNECT(engine);
        for (i = 0; i < CROWD; i++)
            crowd[i] = ENGINE_CONNECT(engine);
        serve_crowd(engine, &gates, blocked, crowd);
        gate_open(gates.block);
        PEER_EXPECT(blocked, "block\n");
        for (i = 0; i < CROWD; i++)
            peer_close(crowd[i]);
        peer_close(blocked);
        engine_finish(engine);
    }
    gate_free(gates.hold);
    gate_free(gates.block);
}

static void blocked_handler_delays_no_new_connection(void)
{
    struct engine *engine = engine_prepare(&blocking_service, NULL, NULL);
    struct gate *gate = gate_new();
    struct peer *peers[30], *blocked;
    int i;

    recorder_set_user(engine->recorder, gate);
    blocked = PEER_CONNECT(engine->port); /* all are there before the server runs */
    PEER_SEND_TEXT(blocked, "block\n");
    for (i = 0; i < 30; i++) {
        peers[i] = PEER_CONNECT(engine->port);
        PEER_SEND_TEXT(peers[i], "ping\n");
    }
    server_start(engine->server);
    if (others_go_on())
        GATE_WAIT(gate, 1);
    else
        gate_open(gate);
    for (i = 0; i < 30; i++)
        PEER_EXPECT(peers[i], "ping\n");
    gate_open(gate);
    PEER_EXPECT(blocked, "block\n");
    for (i = 0; i < 30; i++)
        peer_close(peers[i]);
    peer_close(blocked);
    engine_finish(engine);
    gate_free(gate);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"no more calls at once than threads", no_more_calls_at_once_than_threads},
        {"statistics tell what happened", statistics_tell_what_happened},
        {"a peer that sends without end owns no thread",
         peer_that_sends_without_end_owns_no_thread},
        {"the server recovers when all threads have blocked",
         server_recovers_when_all_threads_have_blocked},
        {"brackets come and go under load", brackets_come_and_go_under_load},
        {"brackets do nothing on other threads", brackets_do_nothing_on_other_threads},
        {"a blocked handler delays no event of its batch",
         blocked_handler_delays_no_event_of_its_batch},
        {"a blocked handler delays no new connection", blocked_handler_delays_no_new_connection},
        {NULL, NULL},
    };
    static const struct unit_test once[] = {
        {"handlers that block delay nobody while a thread is left",
         handlers_that_block_delay_nobody_while_a_thread_is_left},
        {"all of a crowd that speaks at once are heard",
         all_of_a_crowd_that_speaks_at_once_are_heard},
        {"all that flood at once are heard", all_that_flood_at_once_are_heard},
        {"spares run for those in brackets", spares_run_for_those_in_brackets},
        {"brackets work without spares", brackets_work_without_spares},
        {"running out of spares is counted and passes",
         running_out_of_spares_is_counted_and_passes},
        {NULL, NULL},
    };

    return suite_main(argc, argv, "pool", each, once);
}
