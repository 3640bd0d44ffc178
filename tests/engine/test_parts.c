/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/engine/suite.h"

#include <stdatomic.h>
#include <string.h>

enum { PARTS = 512, PART = 8192 };

static void answer_in_parts(struct pl_session *session, const struct pl_line *line)
{
    unsigned *sent = session_user(session);

    if (line->length == 0 || line->text[0] != '!') {
        pl_session_send(session, line->text, line->size);
        return;
    }
    *sent = 0;
    pl_session_again(session);
}

static void send_part(struct pl_session *session)
{
    unsigned *sent = session_user(session);
    char part[PART];

    memset(part, 'a' + (int)(*sent % 26), sizeof(part));
    EXPECT_RESULT(pl_session_send(session, part, sizeof(part)), 0);
    if (++*sent < PARTS)
        pl_session_again(session);
}

static void expect_parts(struct peer *peer)
{
    char part[PART];

    for (int i = 0; i < PARTS; i++) {
        memset(part, 'a' + i % 26, sizeof(part));
        PEER_EXPECT_BYTES(peer, part, sizeof(part));
    }
}

/* Sixteen times what may be queued, to a peer with the smallest of buffers. */
static void answers_in_parts_never_pass_sendq_and_keep_their_place(void)
{
    static const struct pl_service hooks = {.line = answer_in_parts, .again = send_part};
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine;
    struct peer *peer;
    unsigned sent = 0;

    options.fd = suite_small_listener();
    options.sendq = 262144;
    options.high_water = 16384;
    engine = engine_prepare(&hooks, NULL, &options);
    recorder_set_user(engine->recorder, &sent);
    server_start(engine->server);
    peer = PEER_OPEN(.port = engine->port, .receive_buffer = PEER_SMALL_WINDOW, .mute = true);
    PEER_SEND_TEXT(peer, "!\none\n!\ntwo\n!");
    PEER_HALF_CLOSE(peer);
    expect_parts(peer);
    PEER_EXPECT(peer, "one\n");
    expect_parts(peer);
    PEER_EXPECT(peer, "two\n");
    expect_parts(peer);
    PEER_EXPECT_END(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_EOF);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_AGAIN), 3 * PARTS);
    peer_close(peer);
    engine_finish(engine);
}

/* "wake" wakes the other one, which "me" has made known. */
static void wake_other(struct pl_session *session, const struct pl_line *line)
{
    _Atomic(struct pl_session *) *other = session_user(session);

    if (line->text[0] == 'm')
        pl_session_unref(atomic_exchange(other, pl_session_ref(session)));
    else
        for (int i = 0; i < 3; i++)
            pl_session_wake(atomic_load(other));
    pl_session_send(session, line->text, line->size);
}

static void say_woken(struct pl_session *session)
{
    pl_session_printf(session, "woken\n");
}

static void who_is_woken_by_another_one_goes_on(void)
{
    static const struct pl_service hooks = {.line = wake_other, .again = say_woken};
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    _Atomic(struct pl_session *) other = NULL;
    struct engine *engine = engine_prepare(&hooks, NULL, &options);
    struct peer *idle;
    struct peer *peer;

    recorder_set_user(engine->recorder, &other);
    server_start(engine->server);
    idle = PEER_CONNECT(engine->port);
    peer = PEER_CONNECT(engine->port);
    PEER_SEND_TEXT(idle, "me\n");
    PEER_EXPECT(idle, "me\n");
    PEER_SEND_TEXT(peer, "wake\n");
    PEER_EXPECT(peer, "wake\n");
    PEER_EXPECT(idle, "woken\n");
    peer_close(idle);
    RECORDER_GET(engine->recorder, RECORD_CLOSE, 0);
    PEER_SEND_TEXT(peer, "wake\n"); /* which is too late, and harmless */
    PEER_EXPECT(peer, "wake\n");
    PEER_SEND_TEXT(peer, "me\nwake\n"); /* itself */
    PEER_EXPECT(peer, "me\nwake\nwoken\n");
    pl_session_unref(atomic_load(&other));
    peer_close(peer);
    engine_finish(engine);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"answers in parts never pass sendq and keep their place",
         answers_in_parts_never_pass_sendq_and_keep_their_place},
        {"who is woken by another one goes on", who_is_woken_by_another_one_goes_on},
        {NULL, NULL},
    };
    static const struct unit_test once[] = {{NULL, NULL}};

    return suite_main(argc, argv, "parts", each, once);
}
