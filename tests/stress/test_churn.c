/* SPDX-License-Identifier: MIT */
/*
 * Connections that come, use everything there is for a session, and go in every way, while other
 * threads send to them and close them by their ids.
 */
#include "config.h"

#include "tests/stress/crowd.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CLIENTS = 4, VISITS = 120, LINES = 12, KINDS = 6, LATEST = 64 };

/* Ids of the latest sessions, for those who meddle. */
struct churn {
    atomic_uint_least64_t latest[LATEST];
    atomic_uint next;
    atomic_bool over;
    struct engine *engine;
    atomic_uint resets; /* a peer that has broken off may never have been accepted */
    atomic_int works;
    atomic_int done;
    atomic_uint parked;
    struct gate *resumed; /* always open: it counts */
};

static int remember(struct pl_session *session, void *context)
{
    struct churn *churn = recorder_user(context);

    churn->latest[churn->next++ % LATEST] = pl_session_id(session);
    return 0;
}

static void work(void *argument)
{
    struct churn *churn = argument;

    churn->works++;
}

static void work_done(struct pl_session *session, bool open, void *argument)
{
    struct churn *churn = argument;

    if (open) {
        recorder_enter(session);
        pl_session_printf(session, "#done\n");
        recorder_leave(session);
    }
    churn->done++;
}

static void resume_later(void *argument)
{
    struct pl_session *session = argument;
    struct churn *churn = session_user(session);

    pl_session_resume(session);
    pl_session_unref(session);
    gate_pass(churn->resumed);
}

/* The first letter says what to do beside sending the line back. */
static void use_everything(struct pl_session *session, const struct pl_line *line)
{
    struct churn *churn = session_user(session);

    pl_session_send(session, line->text, line->size);
    switch (line->length ? line->text[0] : ' ') {
    case 'b':
        pl_blocking_begin();
        sched_yield();
        pl_blocking_end();
        break;
    case 'p':
        churn->parked++;
        pl_session_park(session);
        if (pl_server_post(churn->engine->handle, resume_later, pl_session_ref(session)) < 0)
            resume_later(session);
        break;
    case 's':
        pl_session_slow(session, 1);
        break;
    case 't':
        pl_session_set_timer(session, 1);
        break;
    case 'w':
        pl_session_work(session, work, work_done, churn);
        break;
    default:
        break;
    }
}

static void tick(struct pl_session *session)
{
    pl_session_printf(session, "#tick\n");
}

static void say_why(struct pl_session *session, enum pl_reason reason)
{
    pl_session_printf(session, "#%s\n", pl_reason_text(reason));
}

/* -- Clients ------------------------------------------------------------------------------ */

/* The lines of a visit come back in order; between them may stand what others say, behind a #. */
static int expect_lines(struct client *client, struct peer *peer, char lines[LINES][32])
{
    char *line;
    int i = 0;
    int result;

    while (i < LINES) {
        result = peer_next_line(peer, &line);
        if (result)
            return result;
        if (line[0] == '#')
            continue;
        if (strcmp(line, lines[i]) != 0) {
            snprintf(client->said, sizeof(client->said), "%s expected, got %s", lines[i], line);
            return -EPROTO;
        }
        i++;
    }
    return 0;
}

static int talk(struct client *client, struct peer *peer)
{
    char lines[LINES][32], text[LINES * 34];
    size_t used = 0;
    int i, result;

    for (i = 0; i < LINES; i++) {
        snprintf(lines[i], sizeof(lines[i]), "%c %u", "ebpstw"[client_random(client, KINDS)],
                 client_random(client, 1000000));
        used += (size_t)sprintf(text + used, "%s\n", lines[i]);
    }
    result = peer_send(peer, text, used);
    return result ? result : expect_lines(client, peer, lines);
}

static void go(struct client *client, struct peer *peer)
{
    struct churn *churn = recorder_user(client->engine->recorder);

    switch (client_random(client, 4)) {
    case 0:
        peer_close(peer);
        break;
    case 1:
        (void)peer_send(peer, "half a li", 9); /* it may have been closed by others */
        churn->resets++;
        peer_reset(peer);
        break;
    case 2:
        (void)peer_send(peer, "w\np\ne\n", 6);
        peer_close(peer);
        break;
    default:
        peer_half_close(peer);
        client->error = peer_receive_end(peer) == -ETIMEDOUT ? -ETIMEDOUT : 0;
        peer_close(peer);
        break;
    }
}

/* Meddlers close sessions: then a visit ends early, which is no error. */
static bool is_error(int result)
{
    return result != 0 && result != -ENODATA && result != -ECONNRESET && result != -EPIPE;
}

static void visit(struct client *client)
{
    struct peer_target target = {.port = client->engine->port};
    struct peer *peer;
    int i;

    for (i = 0; i < stress_rounds(VISITS) && !client->error; i++) {
        client->error = peer_open(&target, &peer);
        if (client->error)
            return;
        if (client_random(client, 5) > 0) {
            int result = talk(client, peer);

            client->error = is_error(result) ? result : 0;
        }
        if (client->error)
            peer_close(peer);
        else
            go(client, peer);
    }
}

/* Sends to sessions that may live or not, and closes some. */
static void meddle(struct client *client)
{
    struct churn *churn = recorder_user(client->engine->recorder);

    while (!churn->over) {
        uint64_t id = churn->latest[client_random(client, LATEST)];
        struct pl_session *session = pl_server_find(client->engine->handle, id);

        if (session) {
            int result = pl_session_printf(session, "#news for %llu\n", (unsigned long long)id);

            if (result != 0 && result != -ENOTCONN && result != -ENOBUFS)
                client->error = result;
            if (pl_session_id(session) != id)
                client->error = -EPROTO;
            if (client_random(client, 50) == 0)
                pl_session_close(session);
            pl_session_unref(session);
        }
        sched_yield();
    }
}

static void connections_come_and_go_in_every_way(void)
{
    static const struct pl_service hooks = {
        .open = remember, .line = use_everything, .timer = tick, .farewell = say_why};
    struct engine *engine = engine_prepare(&hooks, NULL, NULL);
    struct churn churn = {.engine = engine, .resumed = gate_new()};
    unsigned visits = CLIENTS * (unsigned)stress_rounds(VISITS);
    struct client visitors[CLIENTS], meddlers[2];
    struct pl_stats stats;

    gate_open(churn.resumed);
    recorder_set_user(engine->recorder, &churn);
    server_start(engine->server);
    crowd_start(meddlers, 2, engine, meddle);
    crowd_start(visitors, CLIENTS, engine, visit);
    CROWD_JOIN(visitors, CLIENTS);
    churn.over = true;
    CROWD_JOIN(meddlers, 2);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, recorder_count(engine->recorder, RECORD_OPEN));
    /* Others may have closed a session before its post ran, which a stop would drop. */
    GATE_WAIT(churn.resumed, churn.parked);
    pl_server_stop(engine->handle);
    EXPECT_RESULT(server_wait(engine->server), 0);
    pl_server_stats(engine->handle, &stats);
    EXPECT_RESULT(stats.refused, 0);
    EXPECT(stats.accepted <= visits && stats.accepted + churn.resets >= visits,
           "%llu of %u accepted, %u broke off", (unsigned long long)stats.accepted, visits,
           churn.resets);
    engine_finish(engine);
    gate_free(churn.resumed);
    EXPECT_RESULT(churn.done, churn.works);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"connections come and go in every way", connections_come_and_go_in_every_way},
        {NULL, NULL},
    };

    return suite_main(argc, argv, "churn", each, NULL);
}
