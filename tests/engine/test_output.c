/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/engine/suite.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int greet(struct pl_session *session, void *context)
{
    (void)context;
    return pl_session_printf(session, "welcome\n");
}

static void greeting_comes_first(void)
{
    static const struct pl_service hooks = {.open = greet, .line = record_echo};
    struct engine *engine = engine_start(&hooks);
    struct peer *peer = ENGINE_CONNECT(engine);

    PEER_SEND_TEXT(peer, "hello\n");
    PEER_EXPECT(peer, "welcome\nhello\n");
    peer_close(peer);
    engine_finish(engine);
}

static void greeting_needs_no_input(void)
{
    static const struct pl_service hooks = {.open = greet};
    struct engine *engine = engine_start(&hooks);
    struct peer *peer = ENGINE_CONNECT(engine);

    PEER_EXPECT(peer, "welcome\n");
    peer_close(peer);
    engine_finish(engine);
}

static void send_in_every_way(struct pl_session *session, const struct pl_line *line)
{
    struct pl_message *message = session_user(session);

    pl_session_send(session, "1 ", 2);
    pl_session_send_message(session, message);
    pl_session_printf(session, "3 %d ", 4);
    pl_session_send(session, "", 0);
    pl_session_send_message(session, message);
    pl_session_send(session, line->text, line->size);
}

static struct pl_message *make_message(const char *text)
{
    struct pl_message *message = NULL;

    EXPECT_RESULT(pl_message_new(text, strlen(text), &message), 0);
    return message;
}

static void sends_keep_their_order(void)
{
    static const struct pl_service hooks = {.line = send_in_every_way};
    struct engine *engine = engine_prepare(&hooks, NULL, NULL);
    struct pl_message *message = make_message("2 ");
    struct peer *peer;

    recorder_set_user(engine->recorder, message);
    server_start(engine->server);
    peer = ENGINE_CONNECT(engine);
    PEER_SEND_TEXT(peer, "a\nb\n");
    PEER_EXPECT(peer, "1 2 3 4 2 a\n1 2 3 4 2 b\n");
    peer_close(peer);
    engine_finish(engine);
    pl_message_unref(message);
}

static void print_long(struct pl_session *session, const struct pl_line *line)
{
    (void)line;
    pl_session_printf(session, "%099999d\n", 7);
}

static void formatted_text_may_be_long(void)
{
    static const struct pl_service hooks = {.line = print_long};
    struct engine *engine = engine_start(&hooks);
    struct peer *peer = ENGINE_CONNECT(engine);
    char *wanted = malloc(100001);

    EXPECT(wanted, "no memory");
    sprintf(wanted, "%099999d\n", 7);
    PEER_SEND_TEXT(peer, "go\n");
    PEER_EXPECT(peer, wanted);
    free(wanted);
    peer_close(peer);
    engine_finish(engine);
}

static void message_is_shared_and_outlives_its_maker(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct pl_message *message = make_message("for everybody\n");
    struct pl_session *session;
    struct peer *peers[10];
    int i;

    for (i = 0; i < 10; i++)
        peers[i] = ENGINE_CONNECT(engine);
    for (i = 0; i < 10; i++) {
        session = ENGINE_SESSION(engine, (size_t)i);
        EXPECT_RESULT(pl_session_send_message(session, message), 0);
        pl_session_unref(session);
    }
    pl_message_unref(message);
    for (i = 0; i < 10; i++) {
        PEER_EXPECT(peers[i], "for everybody\n");
        peer_close(peers[i]);
    }
    engine_finish(engine);
}

enum { BIG = 8 << 20 };

static char *make_big(void)
{
    char *data = malloc(BIG);
    size_t i;

    EXPECT(data, "no memory");
    for (i = 0; i < BIG; i++)
        data[i] = (char)(i * 7 + i / 251);
    return data;
}

static void send_big(struct pl_session *session, const struct pl_line *line)
{
    (void)line;
    pl_session_send(session, session_user(session), BIG);
    pl_session_close(session);
}

static void big_output_arrives_whole(void)
{
    static const struct pl_service hooks = {.line = send_big};
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine;
    struct peer *peer;
    char *data = make_big();

    options.sendq = BIG;
    engine = engine_prepare(&hooks, NULL, &options);
    recorder_set_user(engine->recorder, data);
    server_start(engine->server);
    peer = PEER_OPEN(.port = engine->port, .receive_buffer = PEER_SMALL_WINDOW);
    PEER_SEND_TEXT(peer, "go\n");
    PEER_EXPECT_BYTES(peer, data, BIG);
    PEER_EXPECT_END(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_CLOSED);
    peer_close(peer);
    engine_finish(engine);
    free(data);
}

/* Closing with unread input would break the connection and lose what the kernel still holds. */
static void close_delivers_although_the_peer_goes_on_sending(void)
{
    static const struct pl_service hooks = {.line = send_big};
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine;
    struct peer *peer;
    char *data = make_big();

    options.sendq = BIG;
    engine = engine_prepare(&hooks, NULL, &options);
    recorder_set_user(engine->recorder, data);
    server_start(engine->server);
    peer = PEER_OPEN(.port = engine->port, .receive_buffer = PEER_SMALL_WINDOW, .mute = true);
    PEER_SEND_TEXT(peer, "go\n");
    RECORDER_WAIT(engine->recorder, RECORD_LINE, 1);
    PEER_SEND_TEXT(peer, "more\nand more\n");
    PEER_EXPECT_BYTES(peer, data, BIG);
    PEER_EXPECT_END(peer);
    peer_close(peer);
    engine_finish(engine);
    free(data);
}

static void send_big_only(struct pl_session *session, const struct pl_line *line)
{
    (void)line;
    pl_session_send(session, session_user(session), BIG);
}

static void queued_output_is_delivered_after_a_half_close(void)
{
    static const struct pl_service hooks = {.line = send_big_only};
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine;
    struct peer *peer;
    char *data = make_big();

    options.sendq = BIG;
    engine = engine_prepare(&hooks, NULL, &options);
    recorder_set_user(engine->recorder, data);
    server_start(engine->server);
    peer = PEER_OPEN(.port = engine->port, .receive_buffer = PEER_SMALL_WINDOW);
    PEER_SEND_TEXT(peer, "go\n");
    PEER_HALF_CLOSE(peer);
    RECORDER_WAIT(engine->recorder, RECORD_LINE, 1);
    PEER_EXPECT_BYTES(peer, data, BIG);
    PEER_EXPECT_END(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_EOF);
    peer_close(peer);
    engine_finish(engine);
    free(data);
}

/* -- Peers that do not read ----------------------------------------------------------- */

static struct pl_listener_options tight_queues(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;

    options.fd = suite_small_listener();
    options.sendq = 262144;
    options.high_water = 16384;
    return options;
}

enum { FLOOD_LINES = 64000, FLOOD_LINE = 64 };

/* Line I of the flood into TEXT, which has room for FLOOD_LINE bytes. */
static void flood_line(char *text, int i)
{
    memset(text, '-', FLOOD_LINE);
    text[sprintf(text, "%d", i)] = '-';
    text[FLOOD_LINE - 1] = '\n';
}

static void *flood(void *argument)
{
    struct peer *peer = argument;
    char lines[FLOOD_LINE * 1000];
    long result = 0;
    int i;

    for (i = 0; i < FLOOD_LINES && result == 0; i++) {
        flood_line(lines + (size_t)(i % 1000) * FLOOD_LINE, i);
        if (i % 1000 == 999)
            result = peer_send(peer, lines, sizeof(lines));
    }
    return (void *)result;
}

static void peer_that_does_not_read_is_not_read_from(void)
{
    struct pl_listener_options options = tight_queues();
    struct engine *engine = engine_start_with(&suite_echo, &options);
    struct peer *peer =
        PEER_OPEN(.port = engine->port, .receive_buffer = PEER_SMALL_WINDOW, .mute = true);
    struct peer *other = ENGINE_CONNECT(engine);
    struct pl_stats stats;
    pthread_t thread;
    char line[FLOOD_LINE];
    void *result;
    int i;

    EXPECT_RESULT(pthread_create(&thread, NULL, flood, peer), 0);
    ENGINE_WAIT_BYTES_IN(engine, 16384);
    for (i = 0; i < 100; i++)
        ENGINE_PING(other);
    pl_server_stats(engine->handle, &stats);
    EXPECT(stats.bytes_in < FLOOD_LINES * FLOOD_LINE / 2, "%llu bytes were read from it",
           (unsigned long long)stats.bytes_in);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_CLOSE), 0);
    for (i = 0; i < FLOOD_LINES; i++) {
        flood_line(line, i);
        PEER_EXPECT_BYTES(peer, line, sizeof(line));
    }
    pthread_join(thread, &result);
    EXPECT_RESULT((long)result, 0);
    peer_close(peer);
    peer_close(other);
    engine_finish(engine);
}

static void peer_that_takes_nothing_is_given_up(void)
{
    struct pl_listener_options options = tight_queues();
    struct engine *engine;
    struct peer *peer, *other;
    pthread_t thread;

    options.write_timeout = 1;
    engine = engine_start_with(&suite_echo, &options);
    peer = PEER_OPEN(.port = engine->port, .receive_buffer = PEER_SMALL_WINDOW, .mute = true);
    other = ENGINE_CONNECT(engine);
    EXPECT_RESULT(pthread_create(&thread, NULL, flood, peer), 0);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_WRITE_TIMEOUT);
    ENGINE_PING(other);
    pthread_join(thread, NULL);
    PEER_DRAIN(peer);
    peer_close(peer);
    peer_close(other);
    engine_finish(engine);
}

static void sends_past_sendq_end_the_session(void)
{
    struct pl_listener_options options = tight_queues();
    struct engine *engine = engine_start_with(&suite_echo, &options);
    struct peer *peer = PEER_OPEN(.port = engine->port, .receive_buffer = PEER_SMALL_WINDOW);
    struct pl_session *session = ENGINE_SESSION(engine, 0);
    struct peer *other = ENGINE_CONNECT(engine);
    char data[4096];
    int result = 0;
    int i;

    memset(data, 'x', sizeof(data));
    for (i = 0; i < 1000 && result == 0; i++)
        result = pl_session_send(session, data, sizeof(data));
    EXPECT_RESULT(result, -ENOBUFS);
    EXPECT(i >= 64, "only %d sends of 4096 bytes were taken", i);
    EXPECT_RESULT(pl_session_send(session, "x", 1), -ENOTCONN);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_SENDQ);
    ENGINE_PING(other);
    pl_session_unref(session);
    PEER_DRAIN(peer);
    peer_close(peer);
    peer_close(other);
    engine_finish(engine);
}

static void flood_back(struct pl_session *session, const struct pl_line *line)
{
    char data[4096];
    int i;

    (void)line;
    memset(data, 'x', sizeof(data));
    for (i = 0; i < 1000 && pl_session_send(session, data, sizeof(data)) == 0; i++)
        ;
}

static void answer_past_sendq_ends_the_session(void)
{
    static const struct pl_service hooks = {.line = flood_back};
    struct pl_listener_options options = tight_queues();
    struct engine *engine = engine_start_with(&hooks, &options);
    struct peer *peer = ENGINE_CONNECT(engine);

    PEER_SEND_TEXT(peer, "go\nno more\n");
    PEER_DRAIN(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_SENDQ);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_LINE), 1);
    peer_close(peer);
    engine_finish(engine);
}

/* -- Sends from elsewhere --------------------------------------------------------------- */

static void any_thread_may_send(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = ENGINE_CONNECT(engine);
    struct pl_session *session = ENGINE_SESSION(engine, 0);
    int i;

    for (i = 0; i < 200; i++) {
        EXPECT_RESULT(pl_session_printf(session, "number %d\n", i), 0);
        if (i % 10 == 9) { /* nothing is under way then */
            char line[32];
            int k;

            for (k = i - 9; k <= i; k++) {
                sprintf(line, "number %d", k);
                PEER_EXPECT_LINE(peer, line);
            }
        }
    }
    pl_session_unref(session);
    peer_close(peer);
    engine_finish(engine);
}

enum { PIECES = 3000 };

/* Each message stays a part of its own: more of them than one turn of writing takes. */
static void send_pieces(struct pl_session *session, const struct pl_line *line)
{
    struct pl_message *message = session_user(session);

    (void)line;
    for (int i = 0; i < PIECES; i++)
        pl_session_send_message(session, message);
}

static void more_than_one_turn_is_all_written(void)
{
    static const struct pl_service hooks = {.line = send_pieces};
    struct pl_message *message = make_message("piece\n");
    struct engine *engine = engine_prepare(&hooks, NULL, NULL);
    struct peer *peer;

    recorder_set_user(engine->recorder, message);
    server_start(engine->server);
    peer = PEER_CONNECT(engine->port);
    PEER_SEND_TEXT(peer, "all\nall\n");
    for (int i = 0; i < 2 * PIECES; i++)
        PEER_EXPECT_LINE(peer, "piece");
    peer_close(peer);
    engine_finish(engine);
    pl_message_unref(message);
}

enum { SENDERS = 4, SENDS = 2000 };

struct sender {
    pthread_t thread;
    struct pl_session *session;
    int number;
};

static void *send_many(void *argument)
{
    struct sender *sender = argument;
    long result = 0;
    int i;

    for (i = 0; i < SENDS && result == 0; i++)
        result = pl_session_printf(sender->session, "%d %d\n", sender->number, i);
    return (void *)result;
}

static void sends_of_many_threads_are_all_there_and_in_order(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = ENGINE_CONNECT(engine);
    struct pl_session *session = ENGINE_SESSION(engine, 0);
    struct sender senders[SENDERS];
    int next[SENDERS] = {0};
    int i, number, count;
    char *line;
    void *result;

    for (i = 0; i < SENDERS; i++) {
        senders[i].session = session;
        senders[i].number = i;
        EXPECT_RESULT(pthread_create(&senders[i].thread, NULL, send_many, &senders[i]), 0);
    }
    for (i = 0; i < SENDERS * SENDS; i++) {
        EXPECT_RESULT(peer_next_line(peer, &line), 0);
        EXPECT(sscanf(line, "%d %d", &number, &count) == 2 && number >= 0 && number < SENDERS,
               "torn line: %s", line);
        EXPECT_RESULT(count, next[number]++);
    }
    for (i = 0; i < SENDERS; i++) {
        pthread_join(senders[i].thread, &result);
        EXPECT_RESULT((long)result, 0);
    }
    pl_session_unref(session);
    peer_close(peer);
    engine_finish(engine);
}

struct pair {
    _Atomic uint64_t ids[2];
};

/* The n-th session is number n of the pair; what one says the other hears. */
static int join_pair(struct pl_session *session, void *context)
{
    struct pair *pair = recorder_user(context);

    pair->ids[pair->ids[0] != 0] = pl_session_id(session);
    return 0;
}

static void tell_other(struct pl_session *session, const struct pl_line *line)
{
    struct pair *pair = session_user(session);
    uint64_t other = pair->ids[pair->ids[0] == pl_session_id(session)];
    struct pl_session *target = pl_server_find(pl_session_server(session), other);

    if (target)
        pl_session_send(target, line->text, line->size);
    pl_session_unref(target);
}

static void sessions_send_to_each_other(void)
{
    static const struct pl_service hooks = {.open = join_pair, .line = tell_other};
    struct engine *engine = engine_prepare(&hooks, NULL, NULL);
    struct pair pair = {{0}};
    struct peer *a, *b;
    char text[32];
    int i;

    recorder_set_user(engine->recorder, &pair);
    server_start(engine->server);
    a = ENGINE_CONNECT(engine);
    b = ENGINE_CONNECT(engine);
    for (i = 0; i < 200; i++) {
        sprintf(text, "%d\n", i);
        PEER_SEND_TEXT(a, text);
        PEER_SEND_TEXT(b, text);
    }
    for (i = 0; i < 200; i++) {
        sprintf(text, "%d\n", i);
        PEER_EXPECT(a, text);
        PEER_EXPECT(b, text);
    }
    peer_close(a);
    peer_close(b);
    engine_finish(engine);
}

static void ended_session_takes_no_sends(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = ENGINE_CONNECT(engine);
    struct pl_session *session = ENGINE_SESSION(engine, 0);
    struct pl_message *message = make_message("late\n");

    peer_close(peer);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, 1);
    EXPECT_RESULT(pl_session_send(session, "late", 4), -ENOTCONN);
    EXPECT_RESULT(pl_session_printf(session, "late"), -ENOTCONN);
    EXPECT_RESULT(pl_session_send_message(session, message), -ENOTCONN);
    pl_message_unref(message);
    pl_session_unref(session);
    engine_finish(engine);
}

static void close_at_word(struct pl_session *session, const struct pl_line *line)
{
    pl_session_send(session, line->text, line->size);
    if (line->length == 3 && memcmp(line->text, "bye", 3) == 0) {
        pl_session_close(session);
        pl_session_close(session);
        *(int *)session_user(session) = pl_session_send(session, "late", 4);
    }
}

static void close_delivers_what_is_queued_and_no_more_lines(void)
{
    static const struct pl_service hooks = {.line = close_at_word};
    struct engine *engine = engine_prepare(&hooks, NULL, NULL);
    int late = 0;
    struct peer *peer;
    char story[16];

    recorder_set_user(engine->recorder, &late);
    server_start(engine->server);
    peer = ENGINE_CONNECT(engine);
    PEER_SEND_TEXT(peer, "hello\nbye\nnot served\n");
    PEER_EXPECT(peer, "hello\nbye\n");
    PEER_EXPECT_GONE(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_CLOSED);
    recorder_story(engine->recorder, RECORDER_SESSION(engine->recorder, 0), story, sizeof(story));
    EXPECT(strcmp(story, "ollc") == 0, "calls: %s", story);
    EXPECT_RESULT(late, -ENOTCONN);
    peer_close(peer);
    engine_finish(engine);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"a greeting comes first", greeting_comes_first},
        {"a greeting needs no input", greeting_needs_no_input},
        {"sends keep their order", sends_keep_their_order},
        {"formatted text may be long", formatted_text_may_be_long},
        {"a message is shared and outlives its maker", message_is_shared_and_outlives_its_maker},
        {"big output arrives whole", big_output_arrives_whole},
        {"close delivers although the peer goes on sending",
         close_delivers_although_the_peer_goes_on_sending},
        {"queued output is delivered after a half-close",
         queued_output_is_delivered_after_a_half_close},
        {"a peer that does not read is not read from", peer_that_does_not_read_is_not_read_from},
        {"sends past sendq end the session", sends_past_sendq_end_the_session},
        {"an answer past sendq ends the session", answer_past_sendq_ends_the_session},
        {"any thread may send", any_thread_may_send},
        {"more than one turn is all written", more_than_one_turn_is_all_written},
        {"sends of many threads are all there and in order",
         sends_of_many_threads_are_all_there_and_in_order},
        {"sessions send to each other", sessions_send_to_each_other},
        {"an ended session takes no sends", ended_session_takes_no_sends},
        {"close delivers what is queued and no more lines",
         close_delivers_what_is_queued_and_no_more_lines},
        {NULL, NULL},
    };
    static const struct unit_test once[] = {
        {"a peer that takes nothing is given up", peer_that_takes_nothing_is_given_up},
        {NULL, NULL},
    };

    return suite_main(argc, argv, "output", each, once);
}
