/* SPDX-License-Identifier: MIT */
/*
 * The leader/followers pool as its spare threads come and go: pthread_create() fails on request, and
 * a follower is tired of waiting soon.
 */
#include "config.h"

#include "base/clock.h"
#include "tests/lib/crowd.h"
#include "tests/lib/peer.h"
#include "tests/lib/record.h"
#include "tests/lib/server.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

/* -- Threads that do not start -------------------------------------------------------------- */

/* How many of the pool's threads still start before all fail; negative: none fails. */
static _Atomic int threads_left = -1;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*body)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*body)(void *), void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*body)(void *), void *argument)
{
    int left = atomic_load(&threads_left);

    while (left > 0 && !atomic_compare_exchange_weak(&threads_left, &left, left - 1))
        ;
    return left == 0 ? EAGAIN : __real_pthread_create(thread, attributes, body, argument);
}

/* How long a follower that may end by idling waits, instead of what the pool says; 0: as it says. */
static _Atomic unsigned patience_us;

int __real_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *lock,
                                  const struct timespec *until);
int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *lock,
                                  const struct timespec *until);

int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *lock,
                                  const struct timespec *until)
{
    unsigned patience = atomic_load(&patience_us);
    uint64_t sooner = pli_clock_now() + patience * UINT64_C(1000);
    struct timespec then = {.tv_sec = (time_t)(sooner / 1000000000),
                            .tv_nsec = (long)(sooner % 1000000000)};

    return __real_pthread_cond_timedwait(cond, lock, patience ? &then : until);
}

static _Atomic unsigned warnings;

static void count_warnings(enum pl_log_level level, const char *text, void *argument)
{
    (void)argument;
    if (level == PL_LOG_WARNING && strstr(text, "no spare thread can be started"))
        atomic_fetch_add(&warnings, 1);
}

static struct pl_server_options pool_of(unsigned threads, unsigned spares)
{
    struct pl_server_options options = PL_SERVER_OPTIONS;

    options.model = "leader-followers";
    options.threads = threads;
    options.spare_threads = spares;
    return options;
}

/* -- Tests ---------------------------------------------------------------------------------- */

static void server_whose_threads_do_not_start_says_so(void)
{
    for (int started = 1; started < 4; started++) {
        struct pl_server_options options = pool_of(5, 2);
        struct test_server *server = server_new(&options);

        atomic_store(&threads_left, started); /* the first is the test's own, which runs it */
        server_start(server);
        EXPECT_RESULT(server_wait(server), -EAGAIN);
        atomic_store(&threads_left, -1);
        server_free(server);
    }
}

/* A handler that blocks, in a bracket, until it may go on. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned blocked; /* (mutex) */
static bool released;    /* (mutex) */

static void block(void)
{
    pl_blocking_begin();
    pthread_mutex_lock(&mutex);
    blocked++;
    pthread_cond_broadcast(&changed);
    while (!released)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
    pl_blocking_end();
}

static void echo_or_block(struct pl_session *session, const struct pl_line *line)
{
    if (line->text[0] == 'b')
        block();
    record_echo(session, line);
}

static void await_blocked(unsigned count)
{
    pthread_mutex_lock(&mutex);
    while (blocked < count)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
}

static void release(void)
{
    pthread_mutex_lock(&mutex);
    released = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

/*
 * One of two threads blocks and no spare starts: the other serves everybody, and each of its events
 * would have a spare started. It is said once.
 */
static void pool_whose_spares_do_not_start_serves_on_and_says_so_once(void)
{
    static const struct pl_service hooks = {.line = echo_or_block};
    struct pl_listener_options listen = PL_LISTENER_OPTIONS;
    struct pl_server_options options = pool_of(2, 4);
    struct recorder *recorder = recorder_new(&hooks);
    struct test_server *server = server_new(&options);
    struct pl_listener *listener;
    struct peer *blocking;
    struct peer *peer;

    pl_set_log(count_warnings, NULL);
    EXPECT_RESULT(pl_server_listen(server_handle(server), recorder_service(recorder), recorder,
                                   &listen, &listener),
                  0);
    server_start(server);
    blocking = PEER_CONNECT(pl_listener_port(listener));
    peer = PEER_CONNECT(pl_listener_port(listener));
    PEER_SEND_TEXT(peer, "hello\n");
    PEER_EXPECT(peer, "hello\n"); /* both threads have started by now */
    atomic_store(&threads_left, 0);
    PEER_SEND_TEXT(blocking, "block\n");
    await_blocked(1);
    for (unsigned i = 0; i < 50; i++) {
        PEER_SEND_TEXT(peer, "line\n");
        PEER_EXPECT(peer, "line\n");
    }
    CU_ASSERT_EQUAL(warnings, 1);
    release();
    PEER_EXPECT(blocking, "block\n");
    atomic_store(&threads_left, -1);
    peer_close(blocking);
    peer_close(peer);
    server_free(server);
    pl_set_log(NULL, NULL);
    recorder_check(recorder);
    recorder_free(recorder);
}

/* -- Spares that come and go ------------------------------------------------------------------ */

struct fixture {
    struct test_server *server;
    struct recorder *recorder;
    unsigned port;
};

static struct fixture fixture_start(const struct pl_server_options *options,
                                    const struct pl_service *hooks)
{
    struct pl_listener_options listen = PL_LISTENER_OPTIONS;
    struct fixture fixture = {.server = server_new(options), .recorder = recorder_new(hooks)};
    struct pl_listener *listener;

    EXPECT_RESULT(pl_server_listen(server_handle(fixture.server),
                                   recorder_service(fixture.recorder), fixture.recorder, &listen,
                                   &listener),
                  0);
    fixture.port = pl_listener_port(listener);
    server_start(fixture.server);
    return fixture;
}

static void fixture_end(struct fixture *fixture)
{
    server_free(fixture->server);
    recorder_check(fixture->recorder);
    recorder_free(fixture->recorder);
}

static struct pl_stats stats_of(const struct fixture *fixture)
{
    struct pl_stats stats;

    pl_server_stats(server_handle(fixture->server), &stats);
    return stats;
}

static void await_no_spare(const struct fixture *fixture)
{
    uint64_t deadline = expect_deadline();

    while (stats_of(fixture).spare_threads > 0) {
        EXPECT(expect_remaining(deadline) > 0, "%u spares stay", stats_of(fixture).spare_threads);
        poll(NULL, 0, 1);
    }
    /* Of several who are tired at the same time only the surplus ends. */
    for (unsigned i = 0; i < 20; i++) {
        CU_ASSERT(stats_of(fixture).threads >= 3);
        poll(NULL, 0, 1);
    }
}

/* Four handlers block, and a fifth peer is served: that takes two threads more than there are. */
static void spares_end_when_nobody_needs_them_and_start_again(void)
{
    static const struct pl_service hooks = {.line = echo_or_block};
    struct pl_server_options options = pool_of(3, 4);
    struct fixture fixture = fixture_start(&options, &hooks);
    struct peer *peers[5];

    atomic_store(&patience_us, 1000);
    for (unsigned i = 0; i < 5; i++)
        peers[i] = PEER_CONNECT(fixture.port);
    for (unsigned round = 0; round < 5; round++) {
        blocked = 0;
        released = false;
        for (unsigned i = 0; i < 4; i++)
            PEER_SEND_TEXT(peers[i], "block\n");
        await_blocked(4);
        PEER_SEND_TEXT(peers[4], "line\n");
        PEER_EXPECT(peers[4], "line\n");
        CU_ASSERT(stats_of(&fixture).spare_threads >= 2);
        CU_ASSERT(stats_of(&fixture).spare_threads <= 4);
        release();
        for (unsigned i = 0; i < 4; i++)
            PEER_EXPECT(peers[i], "block\n");
        await_no_spare(&fixture);
    }
    for (unsigned i = 0; i < 5; i++)
        peer_close(peers[i]);
    atomic_store(&patience_us, 0);
    fixture_end(&fixture);
}

static void spares_are_so_many_and_no_more(void)
{
    static const struct pl_service hooks = {.line = echo_or_block};
    struct pl_server_options options = pool_of(1, 2);
    struct fixture fixture = fixture_start(&options, &hooks);
    struct peer *peers[4];

    blocked = 0;
    released = false;
    for (unsigned i = 0; i < 4; i++) {
        peers[i] = PEER_CONNECT(fixture.port);
        PEER_SEND_TEXT(peers[i], "block\n");
    }
    await_blocked(3);
    CU_ASSERT_EQUAL(stats_of(&fixture).threads, 3);
    CU_ASSERT_EQUAL(stats_of(&fixture).spares_exhausted, 1);
    release();
    for (unsigned i = 0; i < 4; i++) {
        PEER_EXPECT(peers[i], "block\n");
        peer_close(peers[i]);
    }
    fixture_end(&fixture);
}

/* -- Under load ----------------------------------------------------------------------------- */

#define CLIENTS 8u
#define LINES   150u

/* Every third line's handler steps aside for a moment. */
static void echo_or_yield(struct pl_session *session, const struct pl_line *line)
{
    if (line->text[0] % 3 == 0) {
        pl_blocking_begin();
        for (unsigned i = 0; i < 20; i++)
            sched_yield();
        pl_blocking_end();
    }
    record_echo(session, line);
}

struct load {
    unsigned port;
    _Atomic unsigned wrong;
};

static void converse(unsigned number, void *argument)
{
    struct load *load = argument;
    struct peer *peer;
    int rc = peer_open(&(struct peer_target){.port = load->port}, &peer);

    if (rc < 0) {
        atomic_fetch_add(&load->wrong, 1);
        return;
    }
    for (unsigned i = 0; i < LINES && rc == 0; i++) {
        char line[3] = {(char)('a' + (i + number) % 26), '\n', '\0'};
        char *answer = NULL;

        rc = peer_send(peer, line, 2);
        if (rc == 0)
            rc = peer_next_line(peer, &answer);
        CROWD_CHECK(load->wrong, rc == 0 && answer && answer[0] == line[0]);
    }
    peer_close(peer);
}

/* Followers are promoted as they give up, spares start as others end; nobody's line is lost. */
static void spares_that_end_at_any_moment_lose_nothing(void)
{
    static const struct {
        unsigned threads;
        unsigned spares;
        unsigned patience;
    } cases[] = {{1, 1, 1}, {1, 3, 50}, {2, 2, 1}, {2, 6, 100}, {4, 4, 20}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static const struct pl_service hooks = {.line = echo_or_yield};
        struct pl_server_options options = pool_of(cases[i].threads, cases[i].spares);
        struct fixture fixture = fixture_start(&options, &hooks);
        struct load load = {.port = fixture.port};
        struct pl_stats stats;

        atomic_store(&patience_us, cases[i].patience);
        crowd_run(CLIENTS, converse, &load);
        CU_ASSERT_EQUAL(load.wrong, 0);
        stats = stats_of(&fixture);
        CU_ASSERT_EQUAL(stats.lines, CLIENTS * LINES);
        CU_ASSERT(stats.threads <= cases[i].threads + cases[i].spares);
        fixture_end(&fixture);
        atomic_store(&patience_us, 0);
    }
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a server whose threads do not start says so", server_whose_threads_do_not_start_says_so},
        {"a pool whose spares do not start serves on and says so once",
         pool_whose_spares_do_not_start_serves_on_and_says_so_once},
        {"spares end when nobody needs them and start again",
         spares_end_when_nobody_needs_them_and_start_again},
        {"spares are so many and no more", spares_are_so_many_and_no_more},
        {"spares that end at any moment lose nothing", spares_that_end_at_any_moment_lose_nothing},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "spares", tests);
}
