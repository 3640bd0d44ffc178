/* SPDX-License-Identifier: MIT */
/*
 * Talk over real sockets, served by several threads of every model: everybody hears the same order, people who
 * come and go in every way leave nothing behind, and who does not read costs nobody else anything.
 */
#include "config.h"

#include "talk/talk.h"
#include "tests/lib/peer.h"
#include "tests/lib/server.h"
#include "tests/lib/models.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define LISTENERS 4
#define SPEAKERS  4
#define LINES     150
#define CHURNERS  3
#define ROUNDS    25

static struct chat_world *world;
static struct talk *talk;
static struct test_server *server;
static unsigned port;

static void begin(size_t sendq)
{
    static const struct chat_settings limits = {
        .nick_length = 16, .channel_length = 64, .topic_length = 390, .channels_per_user = 10};
    static const struct talk_settings settings = {
        .network = "Stress", .motd = "", .lobby = "#lobby", .registration_timeout = 600};
    struct pl_server_options options = PL_SERVER_OPTIONS;
    struct pl_listener_options door = PL_LISTENER_OPTIONS;
    struct pl_listener *listener;

    options.model = models_turn();
    options.threads = 4;
    door.max_line = 512;
    door.sendq = sendq;
    server = server_new(&options);
    EXPECT_RESULT(chat_world_new(&limits, 1, &world), 0);
    EXPECT_RESULT(talk_new(world, &settings, &talk), 0);
    EXPECT_RESULT(pl_server_listen(server_handle(server), &talk_service, talk, &door, &listener),
                  0);
    port = pl_listener_port(listener);
    server_start(server);
}

/* The world must be empty by then, which chat_world_free() insists on. */
static void end(void)
{
    server_free(server);
    talk_free(talk);
    chat_world_free(world);
}

static struct peer *come(const char *nick)
{
    struct peer *peer = PEER_CONNECT(port);
    char pattern[60];

    PEER_SKIP_TO(peer, "What is your nickname\\?");
    snprintf(pattern, sizeof pattern, "%s\n", nick);
    PEER_SEND_TEXT(peer, pattern);
    PEER_SKIP_TO(peer, ".* in #lobby: .*");
    return peer;
}

/* -- One order -------------------------------------------------------------------------------- */

struct speaker {
    struct peer *peer;
    pthread_t thread;
    int number;
    int error;
};

/* Lines in chunks: some come alone, some many at once. */
static void *speak(void *argument)
{
    struct speaker *speaker = argument;
    char text[400];
    size_t used = 0;

    for (int i = 0; i < LINES && speaker->error == 0; i++) {
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "line %d.%d\n", speaker->number, i);
        if (i % 7 != 3 && used < sizeof text - 40 && i + 1 < LINES)
            continue;
        speaker->error = peer_send(speaker->peer, text, used);
        used = 0;
    }
    return NULL;
}

/* Who said the next line that somebody hears, and which one it was; the time may be anything. */
static void next_said(struct peer *peer, int *speaker, int *line)
{
    char *text = NULL;

    do
        EXPECT_RESULT(peer_next_line(peer, &text), 0);
    while (sscanf(text, "[%*d:%*d] <s%*d> line %d.%d", speaker, line) != 2);
}

/* Compares what somebody hears with the order that the first listener heard, but for their own. */
static void expect_order(struct peer *peer, const int order[][2], int own)
{
    for (int i = 0; i < SPEAKERS * LINES; i++) {
        int speaker = -1;
        int line = -1;

        if (order[i][0] == own)
            continue;
        next_said(peer, &speaker, &line);
        EXPECT(speaker == order[i][0] && line == order[i][1],
               "line %d is %d.%d for one and %d.%d for another", i, order[i][0], order[i][1],
               speaker, line);
    }
}

static void everybody_hears_one_order(void)
{
    static int order[SPEAKERS * LINES][2];
    int next[SPEAKERS] = {0};
    struct peer *listeners[LISTENERS];
    struct speaker speakers[SPEAKERS];
    char nick[10];

    begin(1048576);
    for (int i = 0; i < LISTENERS; i++) {
        snprintf(nick, sizeof nick, "l%d", i);
        listeners[i] = come(nick);
    }
    for (int i = 0; i < SPEAKERS; i++) {
        snprintf(nick, sizeof nick, "s%d", i);
        speakers[i] = (struct speaker){.peer = come(nick), .number = i};
    }
    for (int i = 0; i < SPEAKERS; i++)
        EXPECT_RESULT(pthread_create(&speakers[i].thread, NULL, speak, &speakers[i]), 0);
    for (int i = 0; i < SPEAKERS; i++) {
        EXPECT_RESULT(pthread_join(speakers[i].thread, NULL), 0);
        EXPECT_RESULT(speakers[i].error, 0);
    }
    for (int i = 0; i < SPEAKERS * LINES; i++) {
        next_said(listeners[0], &order[i][0], &order[i][1]);
        EXPECT(order[i][1] == next[order[i][0]]++, "a speaker's lines are not in their order");
    }
    for (int i = 1; i < LISTENERS; i++)
        expect_order(listeners[i], order, -1);
    for (int i = 0; i < SPEAKERS; i++)
        expect_order(speakers[i].peer, order, i);
    for (int i = 0; i < LISTENERS; i++)
        peer_close(listeners[i]);
    for (int i = 0; i < SPEAKERS; i++)
        peer_close(speakers[i].peer);
    end();
}

/* -- Coming and going ------------------------------------------------------------------------- */

struct churner {
    pthread_t thread;
    int number;
    int error;
};

/* Receives lines until one has WORD in it. */
static int skip_to(struct peer *peer, const char *word)
{
    char *line;
    int error;

    do
        error = peer_next_line(peer, &line);
    while (error == 0 && !strstr(line, word));
    return error;
}

/* The ways to go. Those that close in good order wait for the end of what comes. */
static int go(struct peer *peer, int way)
{
    int error = 0;

    switch (way) {
    case 0:
        error = peer_send(peer, "/quit done\n", 11);
        if (error == 0)
            error = skip_to(peer, "Goodbye.");
        break;
    case 1:
        error = peer_send(peer, "last words", 10);
        if (error == 0)
            error = peer_half_close(peer);
        if (error == 0)
            error = peer_receive_end(peer);
        break;
    case 2:
        peer_reset(peer);
        return 0;
    default:
        break;
    }
    peer_close(peer);
    return error;
}

static int come_and_go(const struct churner *churner, int round)
{
    static const char script[] = "hello\n/join #side\n/me waits\n/nick x%d_%d\n/leave\n/leave\n"
                                 "/join #lobby\n/who\n";
    struct peer *peer;
    char text[200];
    int error = peer_open(&(struct peer_target){.port = port}, &peer);
    int length;

    if (error < 0)
        return error;
    length = snprintf(text, sizeof text, "c%d_%d\n", churner->number, round);
    error = peer_send(peer, text, (size_t)length);
    if (error == 0)
        error = skip_to(peer, "you have joined #lobby");
    length = snprintf(text, sizeof text, script, churner->number, round);
    if (error == 0)
        error = peer_send(peer, text, (size_t)length);
    if (error == 0 && round % 2)
        error = skip_to(peer, "you are now called x");
    return error < 0 ? (peer_close(peer), error) : go(peer, round % 4);
}

static void *churn(void *argument)
{
    struct churner *churner = argument;

    for (int round = 0; round < ROUNDS && churner->error == 0; round++)
        churner->error = come_and_go(churner, round);
    return NULL;
}

/* Asks until the watcher is alone: those who went by a reset or a close are noticed in due time. */
static void wait_until_alone(struct peer *watcher)
{
    char *line = NULL;
    int people = 0;

    while (people != 1) {
        PEER_SEND_TEXT(watcher, "/who\n");
        do
            EXPECT_RESULT(peer_next_line(watcher, &line), 0);
        while (sscanf(line, "%d pe%*[a-z] in #lobby:", &people) != 1);
    }
}

static void who_comes_and_goes_leaves_nothing(void)
{
    struct churner churners[CHURNERS];
    struct peer *watcher;

    begin(1048576);
    watcher = come("watcher");
    for (int i = 0; i < CHURNERS; i++) {
        churners[i] = (struct churner){.number = i};
        EXPECT_RESULT(pthread_create(&churners[i].thread, NULL, churn, &churners[i]), 0);
    }
    for (int i = 0; i < CHURNERS; i++) {
        EXPECT_RESULT(pthread_join(churners[i].thread, NULL), 0);
        EXPECT_RESULT(churners[i].error, 0);
    }
    wait_until_alone(watcher);
    PEER_SEND_TEXT(watcher, "/rooms\n");
    PEER_SKIP_TO(watcher, "1 room:");
    PEER_EXPECT_LINE(watcher, "* #lobby (1)");
    peer_close(watcher);
    end();
}

/* -- Who does not read ------------------------------------------------------------------------ */

static void who_does_not_read_is_cut_off_and_the_others_are_served(void)
{
    struct peer *deaf, *speaker, *watcher;
    char line[500];
    bool gone = false;

    begin(65536);
    deaf = PEER_OPEN(.port = port, .receive_buffer = PEER_SMALL_WINDOW, .mute = true);
    PEER_SEND_TEXT(deaf, "deaf\n");
    watcher = come("watcher");
    speaker = come("speaker");
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\n';
    /* Sockets hold a few megabytes at most; each round is answered before the next. */
    for (int round = 0; round < 20000 && !gone; round++) {
        char *text = NULL;

        PEER_SEND(speaker, line, sizeof line);
        do {
            EXPECT_RESULT(peer_next_line(watcher, &text), 0);
            gone = gone || strstr(text, "* deaf has quit (too much unread output)");
        } while (!strstr(text, "<speaker> xxx"));
    }
    EXPECT(gone, "who does not read is still there");
    PEER_SEND_TEXT(watcher, "/who\n");
    PEER_EXPECT_LINE(watcher, "2 people in #lobby: watcher speaker");
    peer_close(deaf);
    peer_close(watcher);
    peer_close(speaker);
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"everybody hears one order", everybody_hears_one_order},
        {"who comes and goes leaves nothing", who_comes_and_goes_leaves_nothing},
        {"who does not read is cut off and the others are served",
         who_does_not_read_is_cut_off_and_the_others_are_served},
        {NULL, NULL},
    };

    return models_main(argc, argv, "talk under load", tests);
}
