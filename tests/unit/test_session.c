/* SPDX-License-Identifier: MIT */
/*
 * Sessions in states that are rare on a wire: each test brings one about on a server of one model
 * after the other, and ends with the recorder's own checks.
 */
#include "config.h"

#include "tests/lib/peer.h"
#include "tests/lib/record.h"
#include "tests/lib/server.h"
#include "tests/lib/unit.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* What a test runs on: a server with a recorder behind one listener. */
struct fixture {
    struct test_server *server;
    struct recorder *recorder;
    struct pl_listener *listener;
    unsigned port;
};

static struct fixture fixture_start(const char *model, const struct pl_service *hooks,
                                    const struct pl_listener_options *listener)
{
    struct pl_server_options options = PL_SERVER_OPTIONS;
    struct pl_listener_options defaults = PL_LISTENER_OPTIONS;
    struct fixture fixture;

    options.model = model;
    options.threads = 2;
    fixture.recorder = recorder_new(hooks);
    fixture.server = server_new(&options);
    EXPECT_RESULT(pl_server_listen(server_handle(fixture.server),
                                   recorder_service(fixture.recorder), fixture.recorder,
                                   listener ? listener : &defaults, &fixture.listener),
                  0);
    fixture.port = pl_listener_port(fixture.listener);
    server_start(fixture.server);
    return fixture;
}

static void fixture_end(struct fixture *fixture)
{
    server_free(fixture->server);
    recorder_check(fixture->recorder);
    recorder_free(fixture->recorder);
}

static void for_each_model(void (*test)(const char *model))
{
    for (const char *const *model = pl_models(); *model; model++)
        test(*model);
}

/* -- Lines that wait -------------------------------------------------------------------- */

static void echo_and_park_at_p(struct pl_session *session, const struct pl_line *line)
{
    record_echo(session, line);
    if (line->text[0] != 'p')
        return;
    pl_session_park(session);
    pl_session_resume(session);
}

static void on_lines_of_one_read(const char *model)
{
    static const struct pl_service hooks = {.line = echo_and_park_at_p};
    struct fixture fixture = fixture_start(model, &hooks, NULL);
    struct peer *peer = PEER_CONNECT(fixture.port);

    PEER_SEND_TEXT(peer, "park\none\ntwo\npark\nthree\n");
    PEER_EXPECT(peer, "park\none\ntwo\npark\nthree\n");
    peer_close(peer);
    fixture_end(&fixture);
}

static void lines_of_one_read_go_on_after_a_parking(void)
{
    for_each_model(on_lines_of_one_read);
}

/* -- The end of input ----------------------------------------------------------------------- */

#define BIG 16000000u

static void park(struct pl_session *session, const struct pl_line *line)
{
    (void)line;
    pl_session_park(session);
}

static void wait_for_output(struct fixture *fixture)
{
    uint64_t deadline = expect_deadline();
    struct pl_stats stats;

    do {
        EXPECT(expect_remaining(deadline) > 0, "nothing is written");
        pl_server_stats(server_handle(fixture->server), &stats);
        poll(NULL, 0, 1);
    } while (stats.bytes_out == 0);
}

/*
 * The last line parks the session at the end of its input, then so much is sent to it that its
 * peer, which does not read yet, is to blame for the pause when it resumes.
 */
static void on_end_of_input_while_paused(const char *model)
{
    static const struct pl_service hooks = {.line = park};
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct fixture fixture;
    struct pl_session *session;
    struct peer *peer;
    char *big = calloc(1, BIG);

    EXPECT(big, "no memory");
    options.sendq = 2 * BIG;
    fixture = fixture_start(model, &hooks, &options);
    peer = PEER_OPEN(.port = fixture.port, .receive_buffer = PEER_SMALL_WINDOW, .mute = true);
    PEER_SEND_TEXT(peer, "last");
    PEER_HALF_CLOSE(peer);
    RECORDER_WAIT(fixture.recorder, RECORD_LINE, 1);
    session = pl_server_find(server_handle(fixture.server), RECORDER_SESSION(fixture.recorder, 0));
    EXPECT(session, "the session is gone");
    EXPECT_RESULT(pl_session_send(session, big, BIG), 0);
    wait_for_output(&fixture);
    pl_session_resume(session);
    RECORDER_WAIT(fixture.recorder, RECORD_RESUME, 1);
    PEER_EXPECT_BYTES(peer, big, BIG);
    PEER_EXPECT_END(peer);
    CU_ASSERT_EQUAL(RECORDER_GET(fixture.recorder, RECORD_CLOSE, 0)->detail, PL_REASON_EOF);
    pl_session_unref(session);
    peer_close(peer);
    fixture_end(&fixture);
    free(big);
}

static void end_of_input_is_served_after_a_pause(void)
{
    for_each_model(on_end_of_input_while_paused);
}

/* -- The last words ------------------------------------------------------------------------- */

#define PIECES 20000u

/* So many messages that writing them takes many turns, although the peer takes all of them. */
static void send_pieces(struct pl_session *session, const struct pl_line *line)
{
    struct pl_message *piece;

    (void)line;
    if (pl_message_new("piece\n", 6, &piece) < 0)
        abort();
    for (unsigned i = 0; i < PIECES; i++)
        pl_session_send_message(session, piece);
    pl_message_unref(piece);
    /* By then some of them are written and the session waits for its next turn. */
    pl_session_set_timer(session, 1);
}

static void send_too_much(struct pl_session *session)
{
    static char much[PL_MESSAGE_MAX / 64];

    pl_session_send(session, much, sizeof(much));
}

static void say_last_words(struct pl_session *session, enum pl_reason reason)
{
    pl_session_printf(session, "%s\n", pl_reason_text(reason));
}

static void on_last_words_past_sendq(const char *model)
{
    static const struct pl_service hooks = {
        .line = send_pieces, .timer = send_too_much, .farewell = say_last_words};
    struct fixture fixture = fixture_start(model, &hooks, NULL);
    struct peer *peer = PEER_CONNECT(fixture.port);
    const char *text;
    char *line;
    int rc;

    PEER_SEND_TEXT(peer, "line\n");
    while ((rc = peer_next_line(peer, &line)) == 0 && strcmp(line, "piece") == 0)
        ;
    EXPECT_RESULT(rc, 0);
    text = pl_reason_text(PL_REASON_SENDQ);
    EXPECT(strcmp(line, text) == 0, "the last words are '%s', not '%s'", line, text);
    PEER_EXPECT_END(peer);
    peer_close(peer);
    fixture_end(&fixture);
}

static void who_reads_hears_why_it_is_cut_off_at_sendq(void)
{
    for_each_model(on_last_words_past_sendq);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"lines of one read go on after a parking", lines_of_one_read_go_on_after_a_parking},
        {"the end of input is served after a pause", end_of_input_is_served_after_a_pause},
        {"who reads hears why it is cut off at sendq", who_reads_hears_why_it_is_cut_off_at_sendq},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "session", tests);
}
