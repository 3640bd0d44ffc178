/* SPDX-License-Identifier: MIT */
/* Peers that read slowly or not at all beside peers that are quick, and many who send to all. */
#include "config.h"

#include "tests/stress/crowd.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOW = 6, QUICK = 3, DEAF = 3, ROUNDS = 40, ANSWER = 20000, PIECES = 8 };

/* An answer of ANSWER bytes that begins with the line. */
static void answer_long(struct pl_session *session, const struct pl_line *line)
{
    char answer[ANSWER];
    int length = snprintf(answer, sizeof(answer), "%.*s ", (int)line->length, line->text);

    memset(answer + length, '.', sizeof(answer) - (size_t)length);
    answer[sizeof(answer) - 1] = '\n';
    pl_session_send(session, answer, sizeof(answer));
}

static int expect_answer(struct client *client, struct peer *peer, int number)
{
    char wanted[16];
    char *line;
    int result = peer_next_line(peer, &line);

    if (result)
        return result;
    snprintf(wanted, sizeof(wanted), "%d .", number);
    if (strlen(line) == ANSWER - 1 && strncmp(line, wanted, strlen(wanted)) == 0)
        return 0;
    snprintf(client->said, sizeof(client->said), "answer %d expected, got %.20s of %zu bytes",
             number, line, strlen(line));
    return -EPROTO;
}

/* PIECES questions at a time; a slow one lets the answers pile up before it reads any. */
static void ask(struct client *client, const struct peer_target *target)
{
    struct peer *peer;
    char text[16 * PIECES];
    int i, k;

    client->error = peer_open(target, &peer);
    if (client->error)
        return;
    for (i = 0; i < stress_rounds(ROUNDS) && !client->error; i++) {
        size_t used = 0;

        for (k = 0; k < PIECES; k++)
            used += (size_t)sprintf(text + used, "%d\n", i * PIECES + k);
        client->error = peer_send(peer, text, used);
        for (k = 0; k < PIECES && !client->error; k++)
            client->error = expect_answer(client, peer, i * PIECES + k);
    }
    peer_close(peer);
}

static void ask_slowly(struct client *client)
{
    ask(client, &(struct peer_target){.port = client->engine->port,
                                      .receive_buffer = PEER_SMALL_WINDOW,
                                      .mute = true});
}

static void ask_quickly(struct client *client)
{
    ask(client, &(struct peer_target){.port = client->engine->port});
}

/* Asks without end and reads nothing, until the server ends it. */
static void ask_only(struct client *client)
{
    struct peer_target target = {
        .port = client->engine->port, .receive_buffer = PEER_SMALL_WINDOW, .mute = true};
    struct peer *peer;
    int result = 0;

    client->error = peer_open(&target, &peer);
    if (client->error)
        return;
    while (result == 0)
        result = peer_send(peer, "again\n", 6);
    client->error = result == -ETIMEDOUT ? result : 0;
    peer_close(peer);
}

static void slow_and_deaf_peers_hold_up_nobody(void)
{
    static const struct pl_service hooks = {.line = answer_long};
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct client slow[SLOW], quick[QUICK], deaf[DEAF];
    struct engine *engine;
    size_t i;

    options.write_timeout = 1;
    engine = engine_start_with(&hooks, &options);
    crowd_start(deaf, DEAF, engine, ask_only);
    crowd_start(slow, SLOW, engine, ask_slowly);
    crowd_start(quick, QUICK, engine, ask_quickly);
    CROWD_JOIN(quick, QUICK);
    CROWD_JOIN(slow, SLOW);
    CROWD_JOIN(deaf, DEAF);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, SLOW + QUICK + DEAF);
    for (i = 0; i < SLOW + QUICK + DEAF; i++) {
        int reason = RECORDER_GET(engine->recorder, RECORD_CLOSE, i)->detail;

        EXPECT(reason == PL_REASON_EOF || reason == PL_REASON_WRITE_TIMEOUT ||
                   reason == PL_REASON_RESET,
               "a session ended because: %s", pl_reason_text((enum pl_reason)reason));
    }
    engine_finish(engine);
}

/* -- Everybody to everybody ---------------------------------------------------------------- */

enum { PEERS = 12, SENDERS = 4, SENDS = 150 };

static uint64_t ids[PEERS];

/* Numbered lines to all, from a thread that is none of the pool's. */
static void send_to_all(struct client *client)
{
    struct pl_session *session;
    struct pl_message *message;
    char text[32];
    int i, k, length;

    for (i = 0; i < stress_rounds(SENDS) && !client->error; i++) {
        length = sprintf(text, "%d %d\n", client->number, i);
        client->error = pl_message_new(text, (size_t)length, &message);
        if (client->error)
            return;
        for (k = 0; k < PEERS && !client->error; k++) {
            session = pl_server_find(client->engine->handle, ids[k]);
            client->error = session ? pl_session_send_message(session, message) : -ENOENT;
            pl_session_unref(session);
        }
        pl_message_unref(message);
    }
}

static void hear_all(struct peer *peer)
{
    int next[SENDERS] = {0};
    int i, number, count;
    char *line;

    for (i = 0; i < SENDERS * stress_rounds(SENDS); i++) {
        EXPECT_RESULT(peer_next_line(peer, &line), 0);
        EXPECT(sscanf(line, "%d %d", &number, &count) == 2 && number >= 0 && number < SENDERS,
               "torn line: %s", line);
        EXPECT_RESULT(count, next[number]++);
    }
}

static void every_line_reaches_everybody_in_its_order(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct client senders[SENDERS];
    struct peer *peers[PEERS];
    size_t i;

    for (i = 0; i < PEERS; i++) {
        peers[i] = ENGINE_CONNECT(engine);
        ids[i] = RECORDER_SESSION(engine->recorder, i);
    }
    crowd_start(senders, SENDERS, engine, send_to_all);
    for (i = 0; i < PEERS; i++)
        hear_all(peers[i]);
    CROWD_JOIN(senders, SENDERS);
    for (i = 0; i < PEERS; i++)
        peer_close(peers[i]);
    engine_finish(engine);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"slow and deaf peers hold up nobody", slow_and_deaf_peers_hold_up_nobody},
        {"every line reaches everybody in its order", every_line_reaches_everybody_in_its_order},
        {NULL, NULL},
    };

    return suite_main(argc, argv, "slow", each, NULL);
}
