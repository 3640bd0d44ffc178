/* SPDX-License-Identifier: MIT */
/* Sessions that wait: parked, slowed down, or for the helper pool. */
#include "config.h"

#include "tests/engine/suite.h"

#include "base/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool says(const struct pl_line *line, const char *word)
{
    return line->length == strlen(word) && memcmp(line->text, word, line->length) == 0;
}

static void expect_story(struct engine *engine, size_t index, const char *wanted)
{
    uint64_t id = RECORDER_SESSION(engine->recorder, index);
    char story[64];

    recorder_story(engine->recorder, id, story, sizeof(story));
    EXPECT(strcmp(story, wanted) == 0, "calls %s expected, got %s", wanted, story);
}

/* -- Parking ---------------------------------------------------------------------------- */

/* "park" parks; "both" resumes before the call returns; every line comes back. */
static void park_at_word(struct pl_session *session, const struct pl_line *line)
{
    if (says(line, "park") || says(line, "both"))
        pl_session_park(session);
    if (says(line, "both"))
        pl_session_resume(session);
    record_echo(session, line);
}

static void say_resumed(struct pl_session *session)
{
    pl_session_printf(session, "resumed\n");
}

static const struct pl_service parking_service = {.line = park_at_word, .resume = say_resumed};

static void lines_wait_while_parked(void)
{
    struct engine *engine = engine_start(&parking_service);
    struct peer *peer = ENGINE_CONNECT(engine);
    struct peer *other = ENGINE_CONNECT(engine);
    struct pl_session *session = ENGINE_SESSION(engine, 0);

    PEER_SEND_TEXT(peer, "park\none\ntwo\n");
    PEER_EXPECT(peer, "park\n");
    PEER_SEND_TEXT(peer, "three\n");
    ENGINE_PING(other);
    ENGINE_PING(other);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_LINE), 3);
    pl_session_resume(session);
    PEER_EXPECT(peer, "resumed\none\ntwo\nthree\n");
    pl_session_unref(session);
    peer_close(peer);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, 1);
    expect_story(engine, 0, "olrlllc");
    peer_close(other);
    engine_finish(engine);
}

static void resume_may_come_before_the_call_returns(void)
{
    struct engine *engine = engine_start(&parking_service);
    struct peer *peer = ENGINE_CONNECT(engine);
    int i;

    for (i = 0; i < 50; i++) {
        PEER_SEND_TEXT(peer, "both\nnext\n");
        PEER_EXPECT(peer, "both\nresumed\nnext\n");
    }
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_RESUME), 50);
    peer_close(peer);
    engine_finish(engine);
}

static void many_parkings_in_one_read_keep_the_order(void)
{
    struct engine *engine = engine_start(&parking_service);
    struct peer *peer = ENGINE_CONNECT(engine);
    int i;

    for (i = 0; i < 100; i++)
        PEER_SEND_TEXT(peer, "a\nboth\nb\n");
    for (i = 0; i < 100; i++)
        PEER_EXPECT(peer, "a\nboth\nresumed\nb\n");
    peer_close(peer);
    engine_finish(engine);
}

static void output_leaves_a_parked_session(void)
{
    struct engine *engine = engine_start(&parking_service);
    struct peer *peer = ENGINE_CONNECT(engine);
    struct pl_session *session = ENGINE_SESSION(engine, 0);

    PEER_SEND_TEXT(peer, "park\n");
    PEER_EXPECT(peer, "park\n");
    EXPECT_RESULT(pl_session_printf(session, "news\n"), 0);
    PEER_EXPECT(peer, "news\n");
    pl_session_resume(session);
    PEER_EXPECT(peer, "resumed\n");
    pl_session_unref(session);
    peer_close(peer);
    engine_finish(engine);
}

static void break_ends_a_parked_session(void)
{
    struct engine *engine = engine_start(&parking_service);
    struct peer *peer = ENGINE_CONNECT(engine);
    struct pl_session *session = ENGINE_SESSION(engine, 0);

    PEER_SEND_TEXT(peer, "park\n");
    PEER_EXPECT(peer, "park\n");
    peer_reset(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_RESET);
    pl_session_resume(session);
    peer = ENGINE_CONNECT(engine);
    ENGINE_PING(peer);
    expect_story(engine, 0, "olc");
    pl_session_unref(session);
    peer_close(peer);
    engine_finish(engine);
}

static void half_close_while_parked_waits_for_the_resume(void)
{
    struct engine *engine = engine_start(&parking_service);
    struct peer *peer = ENGINE_CONNECT(engine);
    struct peer *other = ENGINE_CONNECT(engine);
    struct pl_session *session = ENGINE_SESSION(engine, 0);

    PEER_SEND_TEXT(peer, "park\nmore\nlast");
    PEER_EXPECT(peer, "park\n");
    PEER_HALF_CLOSE(peer);
    ENGINE_PING(other);
    ENGINE_PING(other);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_CLOSE), 0);
    pl_session_resume(session);
    PEER_EXPECT(peer, "resumed\nmore\nlast");
    PEER_EXPECT_END(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_EOF);
    pl_session_unref(session);
    peer_close(peer);
    peer_close(other);
    engine_finish(engine);
}

static void parked_session_can_be_closed(void)
{
    struct engine *engine = engine_start(&parking_service);
    struct peer *peer = ENGINE_CONNECT(engine);
    struct pl_session *session = ENGINE_SESSION(engine, 0);

    PEER_SEND_TEXT(peer, "park\nmore\n");
    PEER_EXPECT(peer, "park\n");
    pl_session_close(session);
    PEER_EXPECT_GONE(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_CLOSED);
    pl_session_resume(session);
    expect_story(engine, 0, "olc");
    pl_session_unref(session);
    peer_close(peer);
    engine_finish(engine);
}

/* Lines of 100 bytes, each with its number, that are more than a server takes in on suspicion. */
enum { FLOOD_LINES = 1000, FLOOD_LINE = 100 };

static char *new_flood(void)
{
    char *flood = malloc(FLOOD_LINES * FLOOD_LINE + 1);

    EXPECT(flood, "no memory");
    for (int i = 0; i < FLOOD_LINES; i++)
        snprintf(flood + i * FLOOD_LINE, FLOOD_LINE + 1, "%-*d\n", FLOOD_LINE - 1, i);
    return flood;
}

/* Parks the session, and floods it meanwhile. What OTHER asks afterwards has been answered. */
static void flood_parked(struct peer *peer, struct peer *other, const char *flood)
{
    PEER_SEND_TEXT(peer, "park\n");
    PEER_EXPECT(peer, "park\n");
    PEER_SEND(peer, flood, FLOOD_LINES * FLOOD_LINE);
    ENGINE_PING(other);
    ENGINE_PING(other);
}

static void a_flood_while_parked_waits_in_order(void)
{
    struct engine *engine = engine_start(&parking_service);
    struct peer *peer = ENGINE_CONNECT(engine);
    struct peer *other = ENGINE_CONNECT(engine);
    struct pl_session *session = ENGINE_SESSION(engine, 0);
    char *flood = new_flood();

    for (int round = 0; round < 3; round++) {
        flood_parked(peer, other, flood);
        pl_session_resume(session);
        PEER_EXPECT(peer, "resumed\n");
        PEER_EXPECT_BYTES(peer, flood, FLOOD_LINES * FLOOD_LINE);
    }
    free(flood);
    pl_session_unref(session);
    peer_close(peer);
    peer_close(other);
    engine_finish(engine);
}

static void a_flooded_parked_session_ends_once(void)
{
    struct engine *engine = engine_start(&parking_service);
    struct peer *other = ENGINE_CONNECT(engine);
    char *flood = new_flood();

    for (size_t round = 1; round <= 4; round++) {
        struct peer *peer = ENGINE_CONNECT(engine);
        struct pl_session *session = ENGINE_SESSION(engine, round);

        flood_parked(peer, other, flood);
        if (round % 2 == 0) {
            pl_session_close(session);
            PEER_EXPECT_GONE(peer);
            peer_close(peer);
        } else {
            peer_reset(peer); /* is noticed although nothing is read */
        }
        RECORDER_WAIT(engine->recorder, RECORD_CLOSE, round);
        expect_story(engine, round, "olc");
        pl_session_unref(session);
    }
    free(flood);
    peer_close(other);
    engine_finish(engine);
}

static int park_at_open(struct pl_session *session, void *context)
{
    (void)context;
    pl_session_park(session);
    return 0;
}

static void session_may_be_parked_as_it_opens(void)
{
    static const struct pl_service hooks = {
        .open = park_at_open, .line = record_echo, .resume = say_resumed};
    struct engine *engine = engine_start(&hooks);
    struct peer *peer = ENGINE_CONNECT(engine);
    struct pl_session *session = ENGINE_SESSION(engine, 0);

    PEER_SEND_TEXT(peer, "early\n");
    pl_session_resume(session);
    PEER_EXPECT(peer, "resumed\nearly\n");
    pl_session_unref(session);
    peer_close(peer);
    engine_finish(engine);
}

static void stop_ends_a_parked_session(void)
{
    struct engine *engine = engine_start(&parking_service);
    struct peer *peer = ENGINE_CONNECT(engine);

    PEER_SEND_TEXT(peer, "park\nmore\n");
    PEER_EXPECT(peer, "park\n");
    engine_finish(engine);
    PEER_EXPECT_GONE(peer);
    peer_close(peer);
}

/* -- Slowing down ----------------------------------------------------------------------- */

static void slow_at_word(struct pl_session *session, const struct pl_line *line)
{
    if (says(line, "slow"))
        pl_session_slow(session, 40);
    else if (says(line, "stay"))
        pl_session_slow(session, 3600000);
    record_echo(session, line);
}

static void say_why(struct pl_session *session, enum pl_reason reason)
{
    pl_session_printf(session, "goodbye: %s\n", pl_reason_text(reason));
}

static const struct pl_service slow_service = {.line = slow_at_word, .farewell = say_why};

static void slowed_lines_come_later_and_in_order(void)
{
    struct engine *engine = engine_start(&slow_service);
    struct peer *peer = ENGINE_CONNECT(engine);
    uint64_t start = pli_clock_now();

    PEER_SEND_TEXT(peer, "slow\none\nslow\ntwo\n");
    PEER_EXPECT(peer, "slow\none\n");
    EXPECT(pli_clock_now() - start >= 40000000, "the line did not wait");
    PEER_SEND_TEXT(peer, "three\n");
    PEER_EXPECT(peer, "slow\ntwo\nthree\n");
    EXPECT(pli_clock_now() - start >= 80000000, "the line did not wait");
    peer_close(peer);
    engine_finish(engine);
}

static void recvq_bounds_what_a_slowed_peer_sends(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine;
    struct peer *peer, *other;
    int i;

    options.max_line = 64;
    options.recvq = 1000;
    engine = engine_start_with(&slow_service, &options);
    peer = ENGINE_CONNECT(engine);
    other = ENGINE_CONNECT(engine);
    PEER_SEND_TEXT(peer, "stay\n");
    PEER_EXPECT(peer, "stay\n");
    for (i = 0; i < 300; i++) {
        if (peer_send(peer, "0123456789\n", 11) != 0)
            break;
    }
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_RECVQ);
    PEER_EXPECT_MATCH(peer, "goodbye: .*");
    PEER_EXPECT_GONE(peer);
    ENGINE_PING(other);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_LINE), 2);
    peer_close(peer);
    peer_close(other);
    engine_finish(engine);
}

static void break_ends_a_slowed_session(void)
{
    struct engine *engine = engine_start(&slow_service);
    struct peer *peer = ENGINE_CONNECT(engine);

    PEER_SEND_TEXT(peer, "stay\nmore\n");
    PEER_EXPECT(peer, "stay\n");
    peer_reset(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_RESET);
    engine_finish(engine);
}

static void half_close_while_slowed_loses_no_line(void)
{
    struct engine *engine = engine_start(&slow_service);
    struct peer *peer = ENGINE_CONNECT(engine);

    PEER_SEND_TEXT(peer, "slow\none\nslow\nlast");
    PEER_HALF_CLOSE(peer);
    PEER_EXPECT(peer, "slow\none\nslow\nlast");
    PEER_EXPECT_END(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_EOF);
    peer_close(peer);
    engine_finish(engine);
}

/* -- The helper pool ---------------------------------------------------------------------- */

/* What the works of a test share. */
struct works {
    struct gate *gate; /* works wait here */
    atomic_int started;
    atomic_int done;
    atomic_int done_open;
    atomic_int refused;
};

static void do_work(void *argument)
{
    struct works *works = argument;

    atomic_fetch_add(&works->started, 1);
    gate_pass(works->gate);
}

static void work_done(struct pl_session *session, bool open, void *argument)
{
    struct works *works = argument;

    atomic_fetch_add(&works->done, 1);
    if (!open) {
        if (pl_session_send(session, "late\n", 5) != -ENOTCONN)
            atomic_fetch_add(&works->done_open, 1000);
        return;
    }
    recorder_enter(session);
    atomic_fetch_add(&works->done_open, 1);
    pl_session_printf(session, "done\n");
    recorder_leave(session);
}

static void work_at_word(struct pl_session *session, const struct pl_line *line)
{
    struct works *works = session_user(session);
    int result = 0;

    record_echo(session, line);
    if (says(line, "work"))
        result = pl_session_work(session, do_work, work_done, works);
    if (result == -EAGAIN) {
        atomic_fetch_add(&works->refused, 1);
        pl_session_printf(session, "busy\n");
    } else if (result != 0) {
        pl_session_printf(session, "work: %d\n", result);
    }
}

static const struct pl_service working_service = {.line = work_at_word};

static struct engine *start_works(struct works *works, unsigned threads, unsigned queue)
{
    struct pl_server_options options = suite_options();
    struct engine *engine;

    memset(works, 0, sizeof(*works));
    works->gate = gate_new();
    options.helper_threads = threads;
    options.helper_queue = queue;
    engine = engine_prepare(&working_service, &options, NULL);
    recorder_set_user(engine->recorder, works);
    server_start(engine->server);
    return engine;
}

static void work_parks_the_session_and_nobody_else(void)
{
    struct works works;
    struct engine *engine = start_works(&works, 2, 16);
    struct peer *peer = ENGINE_CONNECT(engine);
    struct peer *other = ENGINE_CONNECT(engine);

    PEER_SEND_TEXT(peer, "work\nnext\n");
    GATE_WAIT(works.gate, 1);
    PEER_EXPECT(peer, "work\n");
    ENGINE_PING(other);
    EXPECT_RESULT(works.done, 0);
    gate_open(works.gate);
    PEER_EXPECT(peer, "done\nnext\n");
    EXPECT_RESULT(works.done, 1);
    EXPECT_RESULT(works.done_open, 1);
    peer_close(peer);
    peer_close(other);
    engine_finish(engine);
    gate_free(works.gate);
}

static void many_works_are_each_done_once(void)
{
    struct works works;
    struct engine *engine = start_works(&works, 2, 64);
    struct peer *peers[20];
    int i, k;

    gate_open(works.gate);
    for (i = 0; i < 20; i++) {
        peers[i] = ENGINE_CONNECT(engine);
        for (k = 0; k < 20; k++)
            PEER_SEND_TEXT(peers[i], "work\nnext\n");
    }
    for (i = 0; i < 20; i++) {
        for (k = 0; k < 20; k++)
            PEER_EXPECT(peers[i], "work\ndone\nnext\n");
        peer_close(peers[i]);
    }
    engine_finish(engine);
    EXPECT_RESULT(works.done, 400);
    EXPECT_RESULT(works.done_open, 400);
    gate_free(works.gate);
}

static void work_of_an_ended_session_is_done_once(void)
{
    struct works works;
    struct engine *engine = start_works(&works, 1, 16);
    struct peer *peer = ENGINE_CONNECT(engine);
    struct peer *other = ENGINE_CONNECT(engine);

    PEER_SEND_TEXT(peer, "work\n");
    GATE_WAIT(works.gate, 1);
    peer_reset(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_RESET);
    gate_open(works.gate);
    PEER_SEND_TEXT(other, "work\n");
    PEER_EXPECT(other, "work\ndone\n");
    peer_close(other);
    engine_finish(engine);
    EXPECT_RESULT(works.done, 2);
    EXPECT_RESULT(works.done_open, 1);
    gate_free(works.gate);
}

static void full_helper_queue_is_told_and_parks_nobody(void)
{
    struct works works;
    struct engine *engine = start_works(&works, 1, 1);
    struct peer *running = ENGINE_CONNECT(engine);
    struct peer *waiting = ENGINE_CONNECT(engine);
    struct peer *refused = ENGINE_CONNECT(engine);

    PEER_SEND_TEXT(running, "work\n");
    GATE_WAIT(works.gate, 1);
    PEER_SEND_TEXT(waiting, "work\n");
    PEER_EXPECT(waiting, "work\n");
    PEER_SEND_TEXT(refused, "work\nnext\n");
    PEER_EXPECT(refused, "work\nbusy\nnext\n");
    EXPECT_RESULT(works.refused, 1);
    gate_open(works.gate);
    PEER_EXPECT(running, "work\ndone\n");
    PEER_EXPECT(waiting, "done\n");
    PEER_SEND_TEXT(refused, "work\n");
    PEER_EXPECT(refused, "work\ndone\n");
    EXPECT_RESULT(works.done, 3);
    peer_close(running);
    peer_close(waiting);
    peer_close(refused);
    engine_finish(engine);
    gate_free(works.gate);
}

static void work_under_way_at_stop_is_done(void)
{
    struct works works;
    struct engine *engine = start_works(&works, 1, 16);
    struct peer *peers[3];
    int i;

    for (i = 0; i < 3; i++) {
        peers[i] = ENGINE_CONNECT(engine);
        PEER_SEND_TEXT(peers[i], "work\n");
        PEER_EXPECT(peers[i], "work\n");
    }
    GATE_WAIT(works.gate, 1);
    pl_server_stop(engine->handle);
    gate_open(works.gate);
    engine_finish(engine);
    EXPECT_RESULT(works.done, works.started);
    for (i = 0; i < 3; i++)
        peer_close(peers[i]);
    gate_free(works.gate);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"lines wait while parked", lines_wait_while_parked},
        {"resume may come before the call returns", resume_may_come_before_the_call_returns},
        {"many parkings in one read keep the order", many_parkings_in_one_read_keep_the_order},
        {"output leaves a parked session", output_leaves_a_parked_session},
        {"a break ends a parked session", break_ends_a_parked_session},
        {"a half-close while parked waits for the resume",
         half_close_while_parked_waits_for_the_resume},
        {"a parked session can be closed", parked_session_can_be_closed},
        {"a flood while parked waits in order", a_flood_while_parked_waits_in_order},
        {"a flooded parked session ends once", a_flooded_parked_session_ends_once},
        {"a session may be parked as it opens", session_may_be_parked_as_it_opens},
        {"stop ends a parked session", stop_ends_a_parked_session},
        {"slowed lines come later and in order", slowed_lines_come_later_and_in_order},
        {"recvq bounds what a slowed peer sends", recvq_bounds_what_a_slowed_peer_sends},
        {"a break ends a slowed session", break_ends_a_slowed_session},
        {"a half-close while slowed loses no line", half_close_while_slowed_loses_no_line},
        {"work parks the session and nobody else", work_parks_the_session_and_nobody_else},
        {"many works are each done once", many_works_are_each_done_once},
        {"work of an ended session is done once", work_of_an_ended_session_is_done_once},
        {"a full helper queue is told and parks nobody",
         full_helper_queue_is_told_and_parks_nobody},
        {"work under way at stop is done", work_under_way_at_stop_is_done},
        {NULL, NULL},
    };

    return suite_main(argc, argv, "park", each, NULL);
}
