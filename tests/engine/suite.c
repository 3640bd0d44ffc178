/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/engine/suite.h"

#include "tests/engine/suite_over.h"
#include "tests/lib/models.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct shape {
    unsigned threads;
    unsigned spare_threads;
    unsigned batch;
    unsigned queue;
};

/* The first is that of tests that run once. */
static const struct shape shapes[] = {
    {2, 4, 64, 1024}, {1, 0, 64, 1}, {4, 2, 1, 2}, {8, 64, 64, 64}};

static const struct shape *shape;

const struct pl_service suite_echo = {.name = "echo", .line = record_echo};

struct pl_server_options suite_options(void)
{
    struct pl_server_options options = PL_SERVER_OPTIONS;

    options.model = models_turn();
    options.threads = shape->threads;
    options.spare_threads = shape->spare_threads;
    options.batch = shape->batch;
    options.queue = shape->queue;
    return options;
}

enum suite_serving suite_serving(void)
{
    static const struct {
        const char *model;
        enum suite_serving serving;
    } known[] = {
        {"loop-per-thread", SUITE_ONE_THREAD},
        {"proactor", SUITE_ONE_THREAD},
        {"thread-per-connection", SUITE_OWN_THREAD},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strcmp(models_turn(), known[i].model) == 0)
            return known[i].serving;
    return SUITE_ANY_THREAD;
}

bool suite_accepts_apart(void)
{
    static const char *const known[] = {"leader-followers", "proactor"};

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strcmp(models_turn(), known[i]) == 0)
            return false;
    return true;
}

unsigned suite_session_descriptors(void)
{
    return suite_serving() == SUITE_OWN_THREAD ? 2 : 1;
}

/* -- Running ------------------------------------------------------------------------ */

/* What suite_main() is told. */
struct program {
    int argc;
    char **argv;
    const char *name;
    const struct unit_test *each;
    const struct unit_test *once;
};

static int run_tests(const struct program *program, const struct unit_test *tests)
{
    char title[200];

    if (!tests || !tests->name || (program->argc == 2 && !unit_has(tests, program->argv[1])))
        return 0;
    snprintf(title, sizeof(title), "%s [%s, %u threads, %u spare, batch %u]", program->name,
             models_turn(), shape->threads, shape->spare_threads, shape->batch);
    return unit_main(program->argc, program->argv, title, tests);
}

static int run_model(void *argument)
{
    const struct program *program = argument;
    int status = 0;
    size_t i;

    for (i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
        shape = &shapes[i];
        status |= run_tests(program, program->each);
    }
    shape = &shapes[0];
    return status | run_tests(program, program->once);
}

static void list(const struct unit_test *tests)
{
    for (; tests && tests->name; tests++)
        puts(tests->name);
}

int suite_main(int argc, char **argv, const char *name, const struct unit_test *each,
               const struct unit_test *once)
{
    struct program program = {argc, argv, name, each, once};

    if (argc == 2 && strcmp(argv[1], "-l") == 0) {
        list(each);
        list(once);
        return 0;
    }
    if (argc > 2 || (argc == 2 && !unit_has(each, argv[1]) && !unit_has(once, argv[1]))) {
        fprintf(stderr, "usage: %s [-l | TEST]\n", argv[0]);
        return 2;
    }
    return models_each(name, run_model, &program);
}

/* -- The server under test ------------------------------------------------------------ */

struct engine *engine_prepare(const struct pl_service *hooks,
                              const struct pl_server_options *options,
                              const struct pl_listener_options *listener)
{
    struct pl_server_options suite = suite_options();
    struct pl_listener_options door = listener ? *listener : PL_LISTENER_OPTIONS;
    struct engine *engine = calloc(1, sizeof(*engine));
    int result;

    EXPECT(engine, "no memory");
    engine->recorder = recorder_new(hooks);
    engine->server = server_new(options ? options : &suite);
    engine->handle = server_handle(engine->server);
    suite_over_begin(&door);
    result = pl_server_listen(engine->handle, recorder_service(engine->recorder), engine->recorder,
                              &door, &engine->listener);
    suite_over_end(&door);
    EXPECT(result == 0, "pl_server_listen: %s", strerror(-result));
    engine->port = pl_listener_port(engine->listener);
    return engine;
}

struct engine *engine_start_with(const struct pl_service *hooks,
                                 const struct pl_listener_options *listener)
{
    struct engine *engine = engine_prepare(hooks, NULL, listener);

    server_start(engine->server);
    return engine;
}

struct engine *engine_start(const struct pl_service *hooks)
{
    return engine_start_with(hooks, NULL);
}

void engine_finish(struct engine *engine)
{
    server_free(engine->server);
    recorder_check(engine->recorder);
    recorder_free(engine->recorder);
    free(engine);
}

struct peer *engine_connect(struct place place, struct engine *engine)
{
    size_t before = recorder_count(engine->recorder, RECORD_OPEN);
    struct peer *peer = peer_must_open(place, &(struct peer_target){.port = engine->port});

    recorder_wait(place, engine->recorder, RECORD_OPEN, before + 1);
    return peer;
}

struct pl_session *engine_session(struct place place, struct engine *engine, size_t index)
{
    uint64_t id = recorder_get(place, engine->recorder, RECORD_OPEN, index)->session;
    struct pl_session *session = pl_server_find(engine->handle, id);

    if (!session)
        expect_fail(place, "session %zu is not found", index);
    return session;
}

void engine_wait_bytes_in(struct place place, struct engine *engine, uint64_t count)
{
    uint64_t deadline = expect_deadline();
    struct pl_stats stats;

    for (;;) {
        pl_server_stats(engine->handle, &stats);
        if (stats.bytes_in >= count)
            return;
        if (expect_remaining(deadline) == 0)
            expect_fail(place, "%llu bytes were to be read, not %llu", (unsigned long long)count,
                        (unsigned long long)stats.bytes_in);
        poll(NULL, 0, 1);
    }
}

void engine_ping(struct place place, struct peer *peer)
{
    peer_must_send_text(place, peer, "ping\n");
    peer_must_receive_text(place, peer, "ping\n");
}

/* -- Gates ------------------------------------------------------------------------------ */

int suite_small_listener(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int size = 4096;

    EXPECT(fd >= 0, "socket: %s", strerror(errno));
    EXPECT(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) == 0 &&
               bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 100) == 0,
           "listener: %s", strerror(errno));
    return fd;
}

struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool open;     /* (mutex) */
    unsigned came; /* (mutex) */
};

struct gate *gate_new(void)
{
    struct gate *gate = calloc(1, sizeof(*gate));
    pthread_condattr_t attributes;

    if (!gate)
        abort();
    pthread_mutex_init(&gate->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&gate->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return gate;
}

void gate_free(struct gate *gate)
{
    pthread_cond_destroy(&gate->changed);
    pthread_mutex_destroy(&gate->mutex);
    free(gate);
}

void gate_pass(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    gate->came++;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->open)
        pthread_cond_wait(&gate->changed, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
}

void gate_open(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    gate->open = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->mutex);
}

void gate_wait(struct place place, struct gate *gate, unsigned count)
{
    uint64_t deadline = expect_deadline();
    struct timespec until = {.tv_sec = (time_t)(deadline / 1000000000),
                             .tv_nsec = (long)(deadline % 1000000000)};
    unsigned came;
    int error = 0;

    pthread_mutex_lock(&gate->mutex);
    while (gate->came < count && error == 0)
        error = pthread_cond_timedwait(&gate->changed, &gate->mutex, &until);
    came = gate->came;
    pthread_mutex_unlock(&gate->mutex);
    if (came < count)
        expect_fail(place, "%u calls were to wait, %u do", count, came);
}
