/* SPDX-License-Identifier: MIT */
/* Who is turned away: limits on sessions, by address, and what there are descriptors for. */
#include "config.h"

#include "tests/engine/suite.h"
#include "tests/engine/suite_over.h"
#include "tests/lib/network.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static size_t say_refused(enum pl_reason reason, char *text, size_t size, void *context)
{
    int length = snprintf(text, size, "refused: %s\n", pl_reason_text(reason));

    (void)context;
    return length < 0 || (size_t)length >= size ? 0 : (size_t)length;
}

static const struct pl_service limited_service = {.line = record_echo, .refuse = say_refused};

/*
 * accept() takes a descriptor for a moment even if nobody waits. Where peer and server share the
 * last one, the peer may have to try again.
 */
static int open_with_patience(const struct peer_target *target, struct peer **peer)
{
    uint64_t deadline = expect_deadline();
    int rc;

    while ((rc = peer_open(target, peer)) == -EMFILE && expect_remaining(deadline) > 0)
        poll(NULL, 0, 1);
    return rc;
}

#define EXPECT_TURNED_AWAY(target, reason) expect_turned_away(HERE, target, reason)
static void expect_turned_away(struct place place, const struct peer_target *target,
                               enum pl_reason reason)
{
    struct peer *peer = NULL;
    int rc = open_with_patience(target, &peer);
    char wanted[200];

    expect_result(place, "connecting", rc, suite_over_tells ? 0 : -EPROTO);
    if (rc < 0)
        return;
    snprintf(wanted, sizeof(wanted), "refused: %s\n", pl_reason_text(reason));
    peer_must_receive_text(place, peer, wanted);
    peer_must_end(place, peer, PEER_END_ANY);
    peer_close(peer);
}

/* Served, perhaps after a while in which one is turned away: what went before may still be ending. */
static struct peer *expect_served_soon(const struct peer_target *target)
{
    uint64_t deadline = expect_deadline();
    struct peer *peer;
    char *line;

    for (;;) {
        int rc = open_with_patience(target, &peer);

        if (rc < 0) {
            EXPECT(!suite_over_tells && rc == -EPROTO, "connecting: %s", strerror(-rc));
            peer = NULL;
        } else if (peer_send(peer, "ping\n", 5) == 0 && peer_next_line(peer, &line) == 0 &&
                   strcmp(line, "ping") == 0)
            return peer;
        peer_close(peer);
        EXPECT(expect_remaining(deadline) > 0, "nobody is served any more");
        poll(NULL, 0, 1);
    }
}

/* Of the process as it started; a test that failed may have left others. */
static struct rlimit descriptors;

static struct engine *start_limited(unsigned max_sessions, unsigned per_address,
                                    const struct pl_listener_options *listener)
{
    struct pl_server_options options = suite_options();
    struct engine *engine;

    EXPECT_RESULT(setrlimit(RLIMIT_NOFILE, &descriptors), 0);
    options.max_sessions = max_sessions;
    options.per_address = per_address;
    engine = engine_prepare(&limited_service, &options, listener);
    server_start(engine->server);
    return engine;
}

/* Each is counted once it has been told. */
static void expect_refused(struct engine *engine, uint64_t count)
{
    uint64_t deadline = expect_deadline();
    struct pl_stats stats;

    for (;;) {
        pl_server_stats(engine->handle, &stats);
        if (stats.refused == count)
            return;
        EXPECT(expect_remaining(deadline) > 0, "%llu were refused, not %llu",
               (unsigned long long)stats.refused, (unsigned long long)count);
        poll(NULL, 0, 1);
    }
}

static void full_server_turns_away_and_recovers(void)
{
    struct engine *engine = start_limited(2, 0, NULL);
    struct peer_target target = {.port = engine->port};
    struct peer *a = PEER_CONNECT(engine->port);
    struct peer *b = PEER_CONNECT(engine->port);
    struct pl_stats stats;
    int i;

    ENGINE_PING(a);
    ENGINE_PING(b);
    for (i = 0; i < 5; i++)
        EXPECT_TURNED_AWAY(&target, PL_REASON_FULL);
    expect_refused(engine, 5);
    pl_server_stats(engine->handle, &stats);
    EXPECT_RESULT(stats.sessions, 2);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_OPEN), 2);
    peer_close(a);
    a = expect_served_soon(&target);
    ENGINE_PING(b);
    EXPECT_TURNED_AWAY(&target, PL_REASON_FULL);
    peer_close(a);
    peer_close(b);
    engine_finish(engine);
}

static void who_says_nothing_turns_away_silently(void)
{
    struct pl_server_options options = suite_options();
    struct engine *engine;
    struct peer *a, *b;

    options.max_sessions = 1;
    engine = engine_prepare(&suite_echo, &options, NULL);
    server_start(engine->server);
    a = PEER_CONNECT(engine->port);
    ENGINE_PING(a);
    peer_set_opened(NULL); /* or this would be it */
    b = PEER_CONNECT(engine->port);
    if (suite_over_tells)
        PEER_EXPECT_GONE(b);
    else
        PEER_DRAIN(b);
    ENGINE_PING(a);
    peer_close(a);
    peer_close(b);
    engine_finish(engine);
}

static void exempt_listener_is_always_open(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine = start_limited(1, 0, NULL);
    struct peer_target target = {.port = engine->port};
    struct pl_listener *door;
    struct peer *a, *b, *c;

    options.exempt = true;
    suite_over_begin(&options);
    EXPECT_RESULT(pl_server_listen(engine->handle, recorder_service(engine->recorder),
                                   engine->recorder, &options, &door),
                  0);
    suite_over_end(&options);
    b = PEER_CONNECT(pl_listener_port(door)); /* is not counted */
    ENGINE_PING(b);
    a = PEER_CONNECT(engine->port);
    ENGINE_PING(a);
    EXPECT_TURNED_AWAY(&target, PL_REASON_FULL);
    c = PEER_CONNECT(pl_listener_port(door));
    ENGINE_PING(c);
    peer_close(b);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, 1);
    EXPECT_TURNED_AWAY(&target, PL_REASON_FULL); /* nor is its end */
    peer_close(a);
    peer_close(c);
    engine_finish(engine);
}

static void one_address_may_have_so_many_sessions(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine;
    struct peer_target one = {.address = NETWORK_ADDRESS, .from = NETWORK_ADDRESS};
    struct peer_target other = {.address = NETWORK_ADDRESS, .from = NETWORK_OTHER_ADDRESS};
    struct peer *a, *b, *c;
    int i;

    options.address = "*";
    engine = start_limited(0, 2, &options);
    one.port = other.port = engine->port;
    a = peer_must_open(HERE, &one);
    ENGINE_PING(a);
    b = peer_must_open(HERE, &one);
    ENGINE_PING(b);
    for (i = 0; i < 3; i++)
        EXPECT_TURNED_AWAY(&one, PL_REASON_PER_ADDRESS);
    c = peer_must_open(HERE, &other);
    ENGINE_PING(c);
    peer_close(a);
    a = expect_served_soon(&one);
    EXPECT_TURNED_AWAY(&one, PL_REASON_PER_ADDRESS);
    peer_close(a);
    peer_close(b);
    peer_close(c);
    engine_finish(engine);
}

static void loopback_is_exempt_from_per_address(void)
{
    struct engine *engine = start_limited(0, 1, NULL);
    struct peer *peers[5];
    int i;

    for (i = 0; i < 5; i++) {
        peers[i] = PEER_OPEN(.port = engine->port, .from = i % 2 ? "127.0.0.7" : NULL);
        ENGINE_PING(peers[i]);
    }
    for (i = 0; i < 5; i++)
        peer_close(peers[i]);
    engine_finish(engine);
}

static void one_address_may_connect_so_often(void)
{
    struct pl_server_options server = suite_options();
    struct pl_listener_options listener = PL_LISTENER_OPTIONS;
    struct peer_target one = {.address = NETWORK_ADDRESS, .from = NETWORK_ADDRESS};
    struct peer_target other = {.address = NETWORK_ADDRESS, .from = NETWORK_OTHER_ADDRESS};
    struct peer_target local = {0};
    struct engine *engine;
    struct peer *a, *b;

    EXPECT_RESULT(setrlimit(RLIMIT_NOFILE, &descriptors), 0);
    listener.address = "*";
    server.connect_rate = 1; /* no minute passes here */
    server.connect_burst = 2;
    engine = engine_prepare(&limited_service, &server, &listener);
    server_start(engine->server);
    one.port = other.port = local.port = engine->port;
    for (int i = 0; i < 2; i++) { /* one that has gone counts as well */
        a = peer_must_open(HERE, &one);
        ENGINE_PING(a);
        peer_close(a);
    }
    for (int i = 0; i < 3; i++)
        EXPECT_TURNED_AWAY(&one, PL_REASON_CONNECT_RATE);
    b = peer_must_open(HERE, &other);
    ENGINE_PING(b);
    for (int i = 0; i < 5; i++) { /* loopback is exempt */
        a = peer_must_open(HERE, &local);
        ENGINE_PING(a);
        peer_close(a);
    }
    pl_server_set_connect_rate(engine->handle, 0, 0);
    a = peer_must_open(HERE, &one);
    ENGINE_PING(a);
    pl_server_set_connect_rate(engine->handle, 1, 2);
    EXPECT_TURNED_AWAY(&one, PL_REASON_CONNECT_RATE);
    expect_refused(engine, 4);
    peer_close(a);
    peer_close(b);
    engine_finish(engine);
}

static void limits_can_be_changed(void)
{
    struct engine *engine = start_limited(0, 0, NULL);
    struct peer_target target = {.port = engine->port};
    struct peer *a = PEER_CONNECT(engine->port);
    struct peer *b = PEER_CONNECT(engine->port);
    struct peer *c;

    ENGINE_PING(a);
    ENGINE_PING(b);
    pl_server_set_limits(engine->handle, 1, 0);
    EXPECT_TURNED_AWAY(&target, PL_REASON_FULL);
    ENGINE_PING(a); /* who is there stays */
    ENGINE_PING(b);
    pl_server_set_limits(engine->handle, 0, 0);
    c = PEER_CONNECT(engine->port);
    ENGINE_PING(c);
    peer_close(a);
    peer_close(b);
    peer_close(c);
    engine_finish(engine);
}

static int fail_open(struct pl_session *session, void *context)
{
    (void)session;
    (void)context;
    return -EPERM;
}

static void failed_opens_do_not_count_for_ever(void)
{
    static const struct pl_service hooks = {.open = fail_open, .refuse = say_refused};
    struct pl_server_options options = suite_options();
    struct engine *engine;
    struct peer *peer;
    struct pl_stats stats;
    uint64_t deadline = expect_deadline();
    int i;

    options.max_sessions = 1;
    engine = engine_prepare(&hooks, &options, NULL);
    server_start(engine->server);
    for (i = 0; i < 20; i++) {
        peer = PEER_CONNECT(engine->port);
        PEER_DRAIN(peer);
        peer_close(peer);
        do {
            pl_server_stats(engine->handle, &stats);
            EXPECT(expect_remaining(deadline) > 0, "%u sessions are left", stats.sessions);
            poll(NULL, 0, 1);
        } while (stats.sessions > 0);
    }
    engine_finish(engine);
}

/* -- Descriptors ------------------------------------------------------------------------- */

enum { ROOM = 8, MOST_DESCRIPTORS = 500 };

/* Before a server starts: io_uring goes by the limit as it was when accepting began. */
static void bound_descriptors(void)
{
    struct rlimit limit = descriptors;

    limit.rlim_cur = MOST_DESCRIPTORS;
    EXPECT_RESULT(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* Leaves the process COUNT free descriptors: the others are FILLERS, ended by -1. */
static void leave_descriptors(unsigned count, int *fillers)
{
    unsigned filled = 0;
    int fd;

    while ((fd = dup(0)) >= 0)
        fillers[filled++] = fd;
    EXPECT(filled > count, "only %u descriptors were free", filled);
    for (; count > 0; count--)
        close(fillers[--filled]);
    fillers[filled] = -1;
}

/*
 * Peers and sessions share the descriptors of this process; where a session has a thread, that needs
 * one too. The last one is a peer's, and the server has none for its end of that connection.
 */
static void out_of_descriptors_turns_away_and_recovers(void)
{
    struct peer_target target = {0};
    struct engine *engine;
    unsigned each = 1 + suite_session_descriptors();
    int fillers[MOST_DESCRIPTORS];
    struct peer *peers[ROOM];
    int i, round;

    bound_descriptors();
    engine = engine_start(&limited_service);
    target.port = engine->port;
    peers[0] = PEER_CONNECT(engine->port); /* what is opened at first use is open now */
    ENGINE_PING(peers[0]);
    leave_descriptors(each * (ROOM - 1) + 1, fillers);
    for (i = 1; i < ROOM; i++) {
        peers[i] = PEER_CONNECT(engine->port);
        ENGINE_PING(peers[i]);
    }
    for (round = 0; round < 3; round++) {
        EXPECT_TURNED_AWAY(&target, PL_REASON_FULL);
        for (i = 0; i < ROOM; i++)
            ENGINE_PING(peers[i]);
    }
    peer_close(peers[0]);
    peers[0] = expect_served_soon(&target);
    EXPECT_RESULT(setrlimit(RLIMIT_NOFILE, &descriptors), 0);
    for (i = 0; fillers[i] >= 0; i++)
        close(fillers[i]);
    for (i = 0; i < ROOM; i++) {
        ENGINE_PING(peers[i]);
        peer_close(peers[i]);
    }
    peer_close(expect_served_soon(&target));
    engine_finish(engine);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"a full server turns away and recovers", full_server_turns_away_and_recovers},
        {"who says nothing turns away silently", who_says_nothing_turns_away_silently},
        {"an exempt listener is always open", exempt_listener_is_always_open},
        {"one address may have so many sessions", one_address_may_have_so_many_sessions},
        {"loopback is exempt from per_address", loopback_is_exempt_from_per_address},
        {"one address may connect so often", one_address_may_connect_so_often},
        {"limits can be changed", limits_can_be_changed},
        {"failed opens do not count for ever", failed_opens_do_not_count_for_ever},
        {"out of descriptors turns away and recovers", out_of_descriptors_turns_away_and_recovers},
        {NULL, NULL},
    };
    int result = network_enter();

    if (result < 0) {
        fprintf(stderr, "%s: no network of one's own: %s\n", argv[0], strerror(-result));
        return 77;
    }
    if (getrlimit(RLIMIT_NOFILE, &descriptors) < 0) {
        perror("getrlimit");
        return 1;
    }
    return suite_main(argc, argv, "limits", each, NULL);
}
