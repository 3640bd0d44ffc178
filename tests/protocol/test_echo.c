/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/protocol/served.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ONE_ECHO "listeners = ( { service = \"echo\"; port = 0; } );\n"

/* Lines of every length up to 400 and of every byte but LF, ended by LF or CR LF. */
static char *make_lines(size_t *size)
{
    char *text = malloc((size_t)400 * 402);
    uint32_t random = 12345;
    size_t used = 0;
    size_t length, i;

    EXPECT(text, "no memory");
    for (length = 0; length < 400; length++) {
        for (i = 0; i < length; i++) {
            random = random * 1664525 + 1013904223;
            text[used++] = (char)(random >> 24 == '\n' ? '\0' : random >> 24);
        }
        if (length % 2)
            text[used++] = '\r';
        text[used++] = '\n';
    }
    *size = used;
    return text;
}

static void expect_echo(const struct peer_target *target)
{
    size_t size;
    char *text = make_lines(&size);
    struct peer *peer = peer_must_open(HERE, target);

    PEER_SEND(peer, text, size);
    PEER_EXPECT_BYTES(peer, text, size);
    PEER_SEND_TEXT(peer, "last");
    PEER_HALF_CLOSE(peer);
    PEER_EXPECT(peer, "last");
    PEER_EXPECT_END(peer);
    peer_close(peer);
    free(text);
}

static void lines_come_back_byte_for_byte(void)
{
    struct daemon *daemon = SERVED_START("listeners = ( { service = \"echo\"; port = 0; },\n"
                                         "{ service = \"echo\"; path = \"@DIR@/echo\"; } );\n",
                                         2);

    expect_echo(&(struct peer_target){.port = DAEMON_PORT(daemon, "echo", 0)});
    expect_echo(&(struct peer_target){.path = daemon_path(daemon, "echo")});
    DAEMON_STOP(daemon);
}

static void lines_come_back_over_ipv6(void)
{
    struct daemon *daemon;

    if (!served_ipv6())
        return;
    daemon =
        SERVED_START("listeners = ( { service = \"echo\"; address = \"::1\"; port = 0; } );\n", 1);
    expect_echo(&(struct peer_target){.address = "::1", .port = DAEMON_PORT(daemon, "echo", 0)});
    DAEMON_STOP(daemon);
}

static void any_number_of_lines_may_be_in_flight(void)
{
    struct daemon *daemon = SERVED_START(ONE_ECHO, 1);
    struct peer *peers[5];
    char line[32];
    int i, k;

    for (i = 0; i < 5; i++) {
        peers[i] = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));
        for (k = 0; k < 5000; k++) {
            sprintf(line, "peer %d line %d\n", i, k);
            PEER_SEND_TEXT(peers[i], line);
        }
    }
    for (i = 0; i < 5; i++) {
        for (k = 0; k < 5000; k++) {
            sprintf(line, "peer %d line %d\n", i, k);
            PEER_EXPECT(peers[i], line);
        }
        peer_close(peers[i]);
    }
    DAEMON_STOP(daemon);
}

static void two_hundred_are_served_at_once(void)
{
    struct daemon *daemon = SERVED_START(ONE_ECHO, 1);
    struct peer *peers[200];
    int i, round;

    for (i = 0; i < 200; i++)
        peers[i] = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));
    for (round = 0; round < 3; round++) {
        for (i = 0; i < 200; i++)
            PEER_SEND_TEXT(peers[i], "hello\nthere\n");
        for (i = 0; i < 200; i++)
            PEER_EXPECT(peers[i], "hello\nthere\n");
    }
    for (i = 0; i < 200; i++)
        peer_close(peers[i]);
    DAEMON_STOP(daemon);
}

static void too_long_line_is_told_and_the_next_served(void)
{
    struct daemon *daemon =
        SERVED_START("listeners = ( { service = \"echo\"; port = 0; max_line = 16; } );\n", 1);
    struct peer *peer = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));

    PEER_SEND_TEXT(peer, "123456789012345\n1234567890123456\nnext\n");
    PEER_EXPECT(peer, "123456789012345\nERROR line too long\r\nnext\n");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void full_house_is_told_at_the_door(void)
{
    struct daemon *daemon = SERVED_START("limits: { connections = 2; };\n" ONE_ECHO, 1);
    struct peer *a = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));
    struct peer *b = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));
    struct peer *c;

    SERVED_PING(a);
    SERVED_PING(b);
    c = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));
    PEER_EXPECT_MATCH(c, "ERROR .+");
    PEER_EXPECT_GONE(c);
    SERVED_PING(a);
    peer_close(a);
    peer_close(b);
    peer_close(c);
    DAEMON_STOP(daemon);
}

/* -- Stopping under load -------------------------------------------------------------------- */

struct flood {
    pthread_t thread;
    struct peer *peer;
    int result; /* why it ended */
};

/* Numbered lines until the daemon ends the connection, which then ends from here too. */
static void *flood(void *argument)
{
    struct flood *flood = argument;
    char line[32];
    long number = 0;
    int result = 0;

    while (result == 0 || result == -EAGAIN) {
        sprintf(line, "line %ld\n", number++);
        result = peer_send(flood->peer, line, strlen(line));
        if (result == 0)
            result = peer_receive_now(flood->peer);
    }
    flood->result = result;
    peer_half_close(flood->peer);
    return NULL;
}

/* All answers, none missing or torn, and then the last words: so none was lost before them. */
static void expect_answers(struct peer *peer)
{
    char wanted[32];
    char *line;
    long number;

    for (number = 0;; number++) {
        int result = peer_next_line(peer, &line);

        EXPECT(result == 0, "after %ld lines: %s", number, strerror(-result));
        if (strncmp(line, "ERROR ", 6) == 0)
            break;
        sprintf(wanted, "line %ld", number);
        EXPECT(strcmp(line, wanted) == 0, "%s expected, got %s", wanted, line);
    }
    PEER_EXPECT_GONE(peer);
}

static void stop_under_load_loses_no_answer(void)
{
    struct daemon *daemon = SERVED_START("limits: { drain_timeout = 600; };\n" ONE_ECHO, 1);
    struct flood floods[6];
    int i;

    for (i = 0; i < 6; i++) {
        floods[i].peer = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));
        SERVED_PING(floods[i].peer);
    }
    for (i = 0; i < 6; i++)
        EXPECT_RESULT(pthread_create(&floods[i].thread, NULL, flood, &floods[i]), 0);
    for (i = 0; i < 10; i++) { /* while they flood */
        struct peer *peer = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));

        SERVED_PING(peer);
        peer_close(peer);
    }
    daemon_signal(daemon, SIGTERM);
    DAEMON_EXPECT_EXIT(daemon, 0);
    for (i = 0; i < 6; i++) {
        pthread_join(floods[i].thread, NULL);
        EXPECT(floods[i].result != -ETIMEDOUT, "peer %d was left alone", i);
        expect_answers(floods[i].peer);
        peer_close(floods[i].peer);
    }
    daemon_free(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"lines come back byte for byte", lines_come_back_byte_for_byte},
        {"lines come back over IPv6", lines_come_back_over_ipv6},
        {"any number of lines may be in flight", any_number_of_lines_may_be_in_flight},
        {"two hundred are served at once", two_hundred_are_served_at_once},
        {"a too long line is told and the next served", too_long_line_is_told_and_the_next_served},
        {"a stop under load loses no answer", stop_under_load_loses_no_answer},
        {"a full house is told at the door", full_house_is_told_at_the_door},
        {NULL, NULL},
    };

    return models_main(argc, argv, "echo", tests);
}
