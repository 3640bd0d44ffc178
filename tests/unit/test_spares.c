/* SPDX-License-Identifier: MIT */
/* The leader/followers pool where no thread can be started: pthread_create() fails on request. */
#include "config.h"

#include "tests/lib/peer.h"
#include "tests/lib/record.h"
#include "tests/lib/server.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <pthread.h>
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
static bool blocked;  /* (mutex) */
static bool released; /* (mutex) */

static void block(void)
{
    pl_blocking_begin();
    pthread_mutex_lock(&mutex);
    blocked = true;
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

static void await_blocked(void)
{
    pthread_mutex_lock(&mutex);
    while (!blocked)
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
    await_blocked();
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

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a server whose threads do not start says so", server_whose_threads_do_not_start_says_so},
        {"a pool whose spares do not start serves on and says so once",
         pool_whose_spares_do_not_start_serves_on_and_says_so_once},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "spares", tests);
}
