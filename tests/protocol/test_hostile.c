/* SPDX-License-Identifier: MIT */
/*
 * Peers that mean no good, or are just broken: each meets a limit with a defined answer, and
 * somebody else is served meanwhile and afterwards.
 */
#include "config.h"

#include "tests/protocol/served.h"

#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define BOTH                                                                                       \
    "listeners = ( { service = \"echo\"; port = 0; max_line = 512; },\n"                           \
    "              { service = \"talk\"; port = 0; } );\n"

/* The daemon, and an honest peer of echo who must not notice anything. */
struct scene {
    struct daemon *daemon;
    unsigned echo;
    unsigned talk;
    struct peer *honest;
};

static struct scene begin(struct place place, const char *limits)
{
    char configuration[1024];
    struct scene scene;

    snprintf(configuration, sizeof(configuration), "limits: { %s };\n" BOTH, limits);
    scene.daemon = served_start(place, configuration, 2);
    scene.echo = daemon_port(place, scene.daemon, "echo", 0);
    scene.talk = daemon_port(place, scene.daemon, "talk", 0);
    scene.honest = peer_must_open(place, &(struct peer_target){.port = scene.echo});
    served_ping(place, scene.honest);
    return scene;
}

static void finish(struct scene *scene)
{
    struct peer *late = PEER_CONNECT(scene->echo);

    SERVED_PING(scene->honest);
    SERVED_PING(late);
    peer_close(late);
    peer_close(scene->honest);
    DAEMON_STOP(scene->daemon);
}

static void one_byte_at_a_time_is_served(void)
{
    struct scene scene = begin(HERE, "");
    struct peer *peer = PEER_CONNECT(scene.echo);
    static const char text[] = "patience\r\n";
    size_t i;

    for (i = 0; i < sizeof(text) - 1; i++) {
        PEER_SEND(peer, text + i, 1);
        SERVED_PING(scene.honest); /* so that the bytes come one by one */
    }
    PEER_EXPECT(peer, text);
    peer_close(peer);
    finish(&scene);
}

static void endless_line_is_told_and_ended(void)
{
    struct scene scene = begin(HERE, "recvq = 4096;");
    struct peer *peer = PEER_CONNECT(scene.echo);
    char *megabyte = malloc(1 << 20);

    EXPECT(megabyte, "no memory");
    memset(megabyte, 'x', 1 << 20);
    /* How much of it is taken before the end is not said. */
    (void)peer_send(peer, megabyte, 1 << 20);
    PEER_EXPECT_LINE(peer, "ERROR line too long");
    PEER_EXPECT_MATCH(peer, "ERROR .+");
    PEER_EXPECT_GONE(peer);
    peer_close(peer);
    free(megabyte);
    finish(&scene);
}

static void long_lines_are_told_and_the_peer_lives(void)
{
    struct scene scene = begin(HERE, "");
    struct peer *peer = PEER_CONNECT(scene.echo);
    char line[4001];
    int i;

    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    for (i = 0; i < 50; i++) {
        PEER_SEND(peer, line, sizeof(line));
        SERVED_PING(scene.honest);
    }
    for (i = 0; i < 50; i++)
        PEER_EXPECT_LINE(peer, "ERROR line too long");
    SERVED_PING(peer);
    peer_close(peer);
    finish(&scene);
}

static void nuls_pass_in_echo_and_vanish_in_talk(void)
{
    struct scene scene = begin(HERE, "");
    struct peer *peer = PEER_CONNECT(scene.echo);
    struct peer *ann = PEER_CONNECT(scene.talk);

    PEER_SEND(peer, "\0\0a\0\n", 5);
    PEER_EXPECT_BYTES(peer, "\0\0a\0\n", 5);
    PEER_SEND(ann, "a\0n\0n\0\n", 7);
    PEER_SKIP_TO(ann, ".*you are ann");
    peer_close(peer);
    peer_close(ann);
    finish(&scene);
}

static void who_says_nothing_is_sent_away(void)
{
    struct scene scene = begin(HERE, "registration_timeout = 1;");
    struct peer *peer = PEER_CONNECT(scene.talk);

    PEER_SKIP_TO(peer, "Goodbye: .+");
    PEER_EXPECT_END(peer);
    peer_close(peer);
    finish(&scene);
}

static void idle_peer_is_sent_away(void)
{
    struct daemon *daemon = SERVED_START("limits: { idle_timeout = 1; };\n" BOTH, 2);
    struct peer *peer = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));

    PEER_EXPECT_MATCH(peer, "ERROR .+");
    PEER_EXPECT_END(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void half_close_loses_nothing(void)
{
    struct scene scene = begin(HERE, "");
    struct peer *peer =
        PEER_OPEN(.port = scene.echo, .receive_buffer = PEER_SMALL_WINDOW, .mute = true);
    struct peer *ann = PEER_CONNECT(scene.talk);
    char line[101];
    int i;

    memset(line, 'y', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    for (i = 0; i < 300; i++)
        PEER_SEND(peer, line, sizeof(line));
    PEER_HALF_CLOSE(peer);
    SERVED_PING(scene.honest);
    for (i = 0; i < 300; i++)
        PEER_EXPECT_BYTES(peer, line, sizeof(line));
    PEER_EXPECT_END(peer);
    peer_close(peer);
    PEER_SEND_TEXT(ann, "ann\n/who");
    PEER_HALF_CLOSE(ann);
    PEER_SKIP_TO(ann, "1 person in #lobby: ann"); /* on joining */
    PEER_SKIP_TO(ann, "1 person in #lobby: ann"); /* the answer */
    PEER_DRAIN(ann);
    peer_close(ann);
    finish(&scene);
}

static void resets_are_survived(void)
{
    struct scene scene = begin(HERE, "");
    struct peer *peer;
    int i;

    for (i = 0; i < 200; i++) {
        peer = PEER_CONNECT(i % 2 ? scene.echo : scene.talk);
        if (i % 4 < 2)
            PEER_SEND_TEXT(peer, i % 8 < 4 ? "half a li" : "ann\nhello\n/quit");
        peer_reset(peer);
    }
    finish(&scene);
}

/* Sends lines until it is ended, and reads nothing. */
static void *flood(void *argument)
{
    struct peer *peer = argument;
    char line[200];
    int result = 0;

    memset(line, 'z', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    while (result == 0)
        result = peer_send(peer, line, sizeof(line));
    return NULL;
}

static void peer_that_never_reads_is_given_up(void)
{
    struct scene scene = begin(HERE, "write_timeout = 1;");
    struct peer *peer =
        PEER_OPEN(.port = scene.echo, .receive_buffer = PEER_SMALL_WINDOW, .mute = true);
    pthread_t thread;
    int i;

    EXPECT_RESULT(pthread_create(&thread, NULL, flood, peer), 0);
    for (i = 0; i < 50; i++)
        SERVED_PING(scene.honest);
    pthread_join(thread, NULL);
    PEER_DRAIN(peer);
    peer_close(peer);
    finish(&scene);
}

/* Others talk, one does not read: at sendq it is gone, and they hear of it. */
static void listener_that_never_reads_is_cut_off(void)
{
    struct scene scene =
        begin(HERE, "sendq = 1024; high_water = 1024; flood_rate = 0; write_timeout = 0;");
    struct peer *deaf =
        PEER_OPEN(.port = scene.talk, .receive_buffer = PEER_SMALL_WINDOW, .mute = true);
    struct peer *ann = PEER_CONNECT(scene.talk);
    const char *kept;
    char line[480];
    int i;

    PEER_SEND_TEXT(deaf, "deaf\n");
    PEER_SEND_TEXT(ann, "ann\n");
    PEER_SKIP_TO(ann, ".*deaf.*");
    memset(line, 'w', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    for (i = 0; i < 100000; i++) {
        PEER_SEND(ann, line, sizeof(line));
        if (peer_receive_now(ann) == 0)
            break;
    }
    PEER_SKIP_TO(ann, ".*deaf has quit \\(.+\\)");
    (void)peer_kept(ann, &kept);
    PEER_DRAIN(deaf);
    peer_close(deaf);
    peer_close(ann);
    finish(&scene);
}

static void who_floods_a_room_is_slowed_and_cut(void)
{
    struct scene scene = begin(HERE, "flood_rate = 1; flood_burst = 2; recvq = 1024;");
    struct peer *peer = PEER_CONNECT(scene.talk);
    pthread_t thread;

    PEER_SEND_TEXT(peer, "ann\n");
    PEER_SKIP_TO(peer, "1 person in #lobby: ann");
    EXPECT_RESULT(pthread_create(&thread, NULL, flood, peer), 0);
    pthread_join(thread, NULL);
    PEER_DRAIN(peer);
    peer_close(peer);
    finish(&scene);
}

/* -- Descriptors ---------------------------------------------------------------------------- */

static unsigned count_descriptors(struct daemon *daemon)
{
    char pattern[64];
    unsigned count;
    glob_t found;

    snprintf(pattern, sizeof(pattern), "/proc/%ld/fd/*", (long)daemon_pid(daemon));
    EXPECT_RESULT(glob(pattern, 0, NULL, &found), 0);
    count = (unsigned)found.gl_pathc;
    globfree(&found);
    return count;
}

/* Until the daemon has COUNT descriptors again, as it lets go of one soon after its peer did. */
static void wait_descriptors(struct daemon *daemon, unsigned count)
{
    uint64_t deadline = expect_deadline();

    while (count_descriptors(daemon) > count) {
        EXPECT(expect_remaining(deadline) > 0, "%u descriptors, not %u", count_descriptors(daemon),
               count);
        poll(NULL, 0, 5);
    }
}

static void coming_and_going_leaks_no_descriptor(void)
{
    struct scene scene = begin(HERE, "");
    unsigned before = count_descriptors(scene.daemon);
    struct peer *peer;
    int i;

    for (i = 0; i < 1500; i++) {
        peer = PEER_CONNECT(i % 3 ? scene.echo : scene.talk);
        if (i % 3 == 1)
            SERVED_PING(peer);
        if (i % 3 == 2)
            peer_reset(peer);
        else
            peer_close(peer);
    }
    wait_descriptors(scene.daemon, before);
    finish(&scene);
}

/* Whether the peer is served; if not, it was turned away. */
static bool is_served(struct peer *peer)
{
    char *line;

    return peer_send(peer, "hello\n", 6) == 0 && peer_next_line(peer, &line) == 0 &&
           strcmp(line, "hello") == 0;
}

/* A peer that is served. Those before it may be turned away: there is no room yet. */
static struct peer *served_soon(const struct scene *scene)
{
    uint64_t deadline = expect_deadline();

    for (;;) {
        struct peer *peer = PEER_CONNECT(scene->echo);

        if (is_served(peer))
            return peer;
        peer_close(peer);
        EXPECT(expect_remaining(deadline) > 0, "nobody is served any more");
    }
}

/*
 * The first come one by one: where the kernel accepts by itself, a server sees that the limit was
 * lowered by what was accepted beyond it.
 */
static void out_of_descriptors_is_survived(void)
{
    struct scene scene = begin(HERE, "");
    unsigned before = count_descriptors(scene.daemon);
    struct rlimit limit = {.rlim_cur = before + 10, .rlim_max = before + 10};
    struct peer *peers[60];
    int i;

    EXPECT(prlimit(daemon_pid(scene.daemon), RLIMIT_NOFILE, &limit, NULL) == 0, "prlimit: %s",
           strerror(errno));
    for (i = 0; i < 60; i++) {
        peers[i] = PEER_CONNECT(scene.echo);
        if (i < 12)
            is_served(peers[i]);
    }
    DAEMON_EXPECT_LOG(scene.daemon, "accepting pauses");
    for (i = 0; i < 20; i++)
        SERVED_PING(scene.honest);
    for (i = 0; i < 60; i++)
        peer_close(peers[i]);
    peers[0] = served_soon(&scene);
    SERVED_PING(peers[0]);
    peer_close(peers[0]);
    wait_descriptors(scene.daemon, before);
    finish(&scene);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"one byte at a time is served", one_byte_at_a_time_is_served},
        {"an endless line is told and ended", endless_line_is_told_and_ended},
        {"long lines are told and the peer lives", long_lines_are_told_and_the_peer_lives},
        {"NULs pass in echo and vanish in talk", nuls_pass_in_echo_and_vanish_in_talk},
        {"who says nothing is sent away", who_says_nothing_is_sent_away},
        {"an idle peer is sent away", idle_peer_is_sent_away},
        {"a half-close loses nothing", half_close_loses_nothing},
        {"resets are survived", resets_are_survived},
        {"a peer that never reads is given up", peer_that_never_reads_is_given_up},
        {"a listener that never reads is cut off", listener_that_never_reads_is_cut_off},
        {"who floods a room is slowed and cut", who_floods_a_room_is_slowed_and_cut},
        {"coming and going leaks no descriptor", coming_and_going_leaks_no_descriptor},
        {"out of descriptors is survived", out_of_descriptors_is_survived},
        {NULL, NULL},
    };

    return models_main(argc, argv, "hostile", tests);
}
