/* SPDX-License-Identifier: MIT */
/* Stop and drain, again and again, in the middle of everything. */
#include "config.h"

#include "tests/stress/crowd.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { CLIENTS = 4, MEDDLERS = 2, STOPS = 6 };

static atomic_bool over;

static void work(void *argument)
{
    (void)argument;
}

static void work_done(struct pl_session *session, bool open, void *argument)
{
    (void)argument;
    if (open)
        pl_session_printf(session, "#done\n");
}

static void echo_and_use(struct pl_session *session, const struct pl_line *line)
{
    record_echo(session, line);
    if (line->length > 0 && line->text[0] == 'w')
        pl_session_work(session, work, work_done, NULL);
    if (line->length > 0 && line->text[0] == 't')
        pl_session_set_timer(session, 1);
}

static void tick(struct pl_session *session)
{
    pl_session_printf(session, "#tick\n");
}

static void say_why(struct pl_session *session, enum pl_reason reason)
{
    pl_session_printf(session, "#%s\n", pl_reason_text(reason));
}

static const struct pl_service hooks = {.line = echo_and_use, .timer = tick, .farewell = say_why};

/* Talks until the server is gone, on one connection after the other. */
static void talk_on(struct client *client)
{
    struct peer_target target = {.port = client->engine->port};
    struct peer *peer;
    char text[64];
    int result = 0;
    int i;

    while (!over && peer_open(&target, &peer) == 0) {
        for (i = 0; i < 200 && (result == 0 || result == -EAGAIN); i++) {
            sprintf(text, "%c line %d\n", "ewt"[client_random(client, 3)], i);
            result = peer_send(peer, text, strlen(text));
            if (result == 0)
                result = peer_receive_now(peer);
        }
        peer_half_close(peer);
        if (result == -ETIMEDOUT || peer_receive_end(peer) == -ETIMEDOUT)
            client->error = -ETIMEDOUT;
        peer_close(peer);
        result = 0;
    }
}

static void meddle(struct client *client)
{
    struct recorder *recorder = client->engine->recorder;
    struct pl_session *session;
    size_t opened;

    while (!over) {
        opened = recorder_count(recorder, RECORD_OPEN);
        if (opened == 0)
            continue;
        session =
            pl_server_find(client->engine->handle,
                           RECORDER_SESSION(recorder, client_random(client, (unsigned)opened)));
        if (session)
            pl_session_printf(session, "#news\n");
        pl_session_unref(session);
        sched_yield();
    }
}

static void end_in_the_middle(bool drain)
{
    struct engine *engine = engine_start(&hooks);
    struct client clients[CLIENTS], meddlers[MEDDLERS];

    over = false;
    crowd_start(clients, CLIENTS, engine, talk_on);
    crowd_start(meddlers, MEDDLERS, engine, meddle);
    RECORDER_WAIT(engine->recorder, RECORD_LINE, 500);
    if (drain)
        pl_server_drain(engine->handle, 3600000);
    else
        pl_server_stop(engine->handle);
    EXPECT_RESULT(server_wait(engine->server), 0);
    over = true;
    CROWD_JOIN(meddlers, MEDDLERS); /* they must let go before the server is freed */
    server_free(engine->server);
    engine->server = NULL;
    CROWD_JOIN(clients, CLIENTS);
    engine_finish(engine);
}

static void stop_in_the_middle_of_everything(void)
{
    int i;

    for (i = 0; i < stress_rounds(STOPS); i++)
        end_in_the_middle(false);
}

static void drain_in_the_middle_of_everything(void)
{
    int i;

    for (i = 0; i < stress_rounds(STOPS); i++)
        end_in_the_middle(true);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"stop in the middle of everything", stop_in_the_middle_of_everything},
        {"drain in the middle of everything", drain_in_the_middle_of_everything},
        {NULL, NULL},
    };

    return suite_main(argc, argv, "stop", each, NULL);
}
