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

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"lines of one read go on after a parking", lines_of_one_read_go_on_after_a_parking},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "session", tests);
}
