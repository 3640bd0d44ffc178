/* SPDX-License-Identifier: MIT */
/* Servers at their edges: what is made while one drains, what fails, what is left at the end. */
#include "config.h"

#include "tests/lib/crowd.h"
#include "tests/lib/peer.h"
#include "tests/lib/server.h"
#include "tests/lib/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static struct pl_server_options options_of(const char *model)
{
    struct pl_server_options options = PL_SERVER_OPTIONS;

    options.model = model;
    options.threads = 2;
    return options;
}

static void for_each_model(void (*test)(const char *model))
{
    for (const char *const *model = pl_models(); *model; model++)
        test(*model);
}

static void ignore_line(struct pl_session *session, const struct pl_line *line)
{
    (void)session;
    (void)line;
}

static unsigned count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned count = 0;

    EXPECT(folder, "no /proc/self/fd");
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static const struct pl_service silent = {.name = "silent", .line = ignore_line};

/* -- What is made while the server drains --------------------------------------------------- */

#define ROUNDS 100
#define MAKERS 3u

struct making {
    struct pl_server *server;
    _Atomic unsigned wrong;
};

static void do_nothing(void *argument)
{
    (void)argument;
}

static void make_things(struct making *making)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;

    for (unsigned i = 0; i < 10; i++) {
        struct pl_timer *timer;

        CROWD_CHECK(making->wrong, pl_server_post(making->server, do_nothing, NULL) == 0);
        CROWD_CHECK(making->wrong, pl_timer_new(making->server, do_nothing, NULL, &timer) == 0);
        pl_timer_set(timer, 0);
        pl_timer_free(timer);
        CROWD_CHECK(making->wrong,
                    pl_server_listen(making->server, &silent, NULL, &options, NULL) == 0);
    }
}

static void make_or_drain(unsigned number, void *argument)
{
    struct making *making = argument;

    if (number < MAKERS)
        make_things(making);
    else
        pl_server_drain(making->server, 0);
}

static void on_making_during_drain(const char *model)
{
    struct pl_server_options options = options_of(model);

    for (unsigned i = 0; i < ROUNDS; i++) {
        struct test_server *server = server_new(&options);
        struct making making = {.server = server_handle(server)};

        server_start(server);
        crowd_run(MAKERS + 1, make_or_drain, &making);
        EXPECT_RESULT(server_wait(server), 0);
        CU_ASSERT_EQUAL(making.wrong, 0);
        server_free(server);
    }
}

static void what_is_made_while_the_server_drains_is_whole(void)
{
    for_each_model(on_making_during_drain);
}

/* -- A drain that takes its time ------------------------------------------------------------ */

/* Work that lasts until the test lets go of it. */
struct gate {
    pthread_mutex_t mutex;
    bool begun; /* (mutex) */
    pthread_cond_t changed;
    bool open; /* (mutex) */
};
#define GATE                                                                                       \
    ((struct gate){.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER})

static void pass(void *argument)
{
    struct gate *gate = argument;

    pthread_mutex_lock(&gate->mutex);
    gate->begun = true;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->open)
        pthread_cond_wait(&gate->changed, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
}

static void gate_await(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    while (!gate->begun)
        pthread_cond_wait(&gate->changed, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
}

static void gate_open(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    gate->open = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->mutex);
}

static void work_is_done(struct pl_session *session, bool open, void *argument)
{
    (void)session;
    (void)open;
    (void)argument;
}

static int work_at_the_gate(struct pl_session *session, void *context)
{
    return pl_session_work(session, pass, work_is_done, context);
}

static void on_listener_during_drain(const char *model)
{
    static const struct pl_service service = {
        .name = "gate", .open = work_at_the_gate, .line = ignore_line};
    struct pl_server_options options = options_of(model);
    struct pl_listener_options listen = PL_LISTENER_OPTIONS;
    struct test_server *server = server_new(&options);
    uint64_t deadline = expect_deadline();
    struct gate gate = GATE;
    struct pl_listener *listener;
    struct peer *late;
    struct peer *peer;
    int rc;

    EXPECT_RESULT(pl_server_listen(server_handle(server), &service, &gate, &listen, &listener), 0);
    server_start(server);
    peer = PEER_CONNECT(pl_listener_port(listener));
    gate_await(&gate);
    pl_server_drain(server_handle(server), 600000);
    EXPECT_RESULT(pl_server_listen(server_handle(server), &silent, NULL, &listen, &listener), 0);
    do {
        rc = peer_open(&(struct peer_target){.port = pl_listener_port(listener)}, &late);
        if (rc == 0)
            peer_close(late);
    } while ((rc == 0 || rc == -ECONNRESET) && expect_remaining(deadline) > 0);
    EXPECT_RESULT(rc, -ECONNREFUSED);
    peer_close(peer);
    gate_open(&gate);
    EXPECT_RESULT(server_wait(server), 0);
    server_free(server);
}

static void listener_made_during_a_drain_closes(void)
{
    for_each_model(on_listener_during_drain);
}

/* -- Without descriptors -------------------------------------------------------------------- */

#define FILLERS 4096

/* Takes every descriptor there is besides the COUNT that it has taken; returns how many that makes. */
static unsigned take_all(int *taken, unsigned count)
{
    while (count < FILLERS && (taken[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        count++;
    EXPECT(count < FILLERS, "there is no end of descriptors");
    return count;
}

static struct rlimit lower_descriptors(void)
{
    struct rlimit before;
    struct rlimit lower;

    EXPECT_RESULT(getrlimit(RLIMIT_NOFILE, &before), 0);
    lower = before;
    lower.rlim_cur = lower.rlim_cur < 512 ? lower.rlim_cur : 512;
    EXPECT_RESULT(setrlimit(RLIMIT_NOFILE, &lower), 0);
    return before;
}

static int connect_to(int fd, unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    return connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 ? 0 : -errno;
}

static int let_in(struct pl_session *session, void *context)
{
    (void)context;
    return pl_session_send(session, "+", 1);
}

#define CLIENTS 16

/*
 * Connects one after the other until one is turned away. accept() takes a descriptor for a moment even if
 * nobody waits, so that one is left when all seem to be taken; who is let in has it then.
 */
static void run_out(int clients[static CLIENTS], unsigned port)
{
    static int taken[FILLERS];
    unsigned count = 0;
    ssize_t got = 1;
    char answer;

    for (unsigned i = 0; i < CLIENTS && got == 1; i++) {
        count = take_all(taken, count);
        EXPECT_RESULT(connect_to(clients[i], port), 0);
        got = recv(clients[i], &answer, 1, 0);
    }
    EXPECT_RESULT(got, 0);
    while (count > 0)
        close(taken[--count]);
}

/* A client is turned away while no descriptor is left; then its listener closes. */
static void on_closed_after_running_out(const char *model)
{
    static const struct pl_service service = {
        .name = "telling", .open = let_in, .line = ignore_line};
    struct pl_listener_options listen = PL_LISTENER_OPTIONS;
    struct pl_server_options options = options_of(model);
    struct rlimit before = lower_descriptors();
    struct test_server *server = server_new(&options);
    uint64_t deadline = expect_deadline();
    struct pl_listener *listener;
    int clients[CLIENTS];
    unsigned port;
    int rc;

    for (unsigned i = 0; i < CLIENTS; i++)
        clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_RESULT(pl_server_listen(server_handle(server), &service, NULL, &listen, &listener), 0);
    port = pl_listener_port(listener);
    server_start(server);
    close(socket(AF_INET, SOCK_STREAM, 0)); /* the pool's threads have begun or need none */
    run_out(clients, port);
    for (unsigned i = 0; i < CLIENTS; i++)
        close(clients[i]);
    pl_listener_close(listener);
    do {
        int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        rc = connect_to(client, port);
        close(client);
    } while (rc != -ECONNREFUSED && expect_remaining(deadline) > 0);
    EXPECT_RESULT(rc, -ECONNREFUSED);
    server_free(server);
    EXPECT_RESULT(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void listener_closes_even_after_descriptors_ran_out(void)
{
    for_each_model(on_closed_after_running_out);
}

/* -- A service that says too much ----------------------------------------------------------- */

static size_t refuse_at_length(enum pl_reason reason, char *text, size_t size, void *context)
{
    (void)reason;
    (void)context;
    memset(text, 'x', size);
    return size + 100000; /* as snprintf() counts */
}

static void on_refusal_at_length(const char *model)
{
    static const struct pl_service service = {
        .name = "refusing", .line = ignore_line, .refuse = refuse_at_length};
    struct pl_listener_options listen = PL_LISTENER_OPTIONS;
    struct pl_server_options options = options_of(model);
    struct pl_listener *listener;
    struct test_server *server;
    struct peer *refused;
    struct peer *peer;
    const char *text;
    size_t length;

    options.max_sessions = 1;
    server = server_new(&options);
    EXPECT_RESULT(pl_server_listen(server_handle(server), &service, NULL, &listen, &listener), 0);
    server_start(server);
    peer = PEER_CONNECT(pl_listener_port(listener));
    refused = PEER_CONNECT(pl_listener_port(listener));
    EXPECT_RESULT(peer_receive_end(refused), 0);
    length = peer_kept(refused, &text);
    CU_ASSERT(length > 0 && length <= 4096);
    for (size_t i = 0; i < length; i++)
        CU_ASSERT_FATAL(text[i] == 'x');
    peer_close(refused);
    peer_close(peer);
    server_free(server);
}

static void refusal_is_cut_to_its_size(void)
{
    for_each_model(on_refusal_at_length);
}

/* -- What sessions do at the server's end --------------------------------------------------- */

/* What a session's service does when it is over. */
struct ending {
    struct gate gate; /* first, for pass() */
    _Atomic unsigned done;
    int refused; /* what the second request came to */
};

static void ask_again(struct pl_session *session, bool open, void *argument)
{
    struct ending *ending = argument;

    (void)open;
    atomic_fetch_add(&ending->done, 1);
    ending->refused = pl_session_work(session, pass, ask_again, argument);
}

static int work_once(struct pl_session *session, void *context)
{
    return pl_session_work(session, pass, ask_again, context);
}

static void on_work_asked_for_at_the_end(const char *model)
{
    static const struct pl_service service = {
        .name = "again", .open = work_once, .line = ignore_line};
    struct pl_server_options options = options_of(model);
    struct pl_listener_options listen = PL_LISTENER_OPTIONS;
    struct test_server *server = server_new(&options);
    struct ending ending = {.gate = GATE};
    struct pl_listener *listener;
    struct peer *peer;

    EXPECT_RESULT(pl_server_listen(server_handle(server), &service, &ending, &listen, &listener),
                  0);
    server_start(server);
    peer = PEER_CONNECT(pl_listener_port(listener));
    gate_await(&ending.gate);
    pl_server_stop(server_handle(server));
    EXPECT_RESULT(server_wait(server), 0);
    gate_open(&ending.gate);
    server_free(server);
    CU_ASSERT_EQUAL(ending.done, 1);
    CU_ASSERT_EQUAL(ending.refused, -EAGAIN);
    peer_close(peer);
}

static void work_asked_for_at_the_servers_end_is_refused(void)
{
    for_each_model(on_work_asked_for_at_the_end);
}

/* -- What is made at the server's end ------------------------------------------------------- */

struct late {
    struct pl_timer *timer;
    _Atomic bool opened;
    _Atomic unsigned called;
    _Atomic unsigned closed;
};

static void call_late(void *argument)
{
    struct late *late = argument;

    atomic_fetch_add(&late->called, 1);
}

static int note_opened(struct pl_session *session, void *context)
{
    (void)session;
    atomic_store(&((struct late *)context)->opened, true);
    return 0;
}

static void make_more(struct pl_session *session, enum pl_reason reason)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct pl_server *server = pl_session_server(session);
    struct late *late = pl_session_context(session);
    int rc = 0;

    (void)reason;
    /* The first gets the place before the session's; its descriptor would be missed. */
    rc |= pl_server_listen(server, &silent, NULL, &options, NULL);
    rc |= pl_server_post(server, call_late, late);
    rc |= pl_timer_new(server, call_late, late, &late->timer);
    pl_timer_set(late->timer, 0);
    if (rc == 0)
        atomic_fetch_add(&late->closed, 1);
}

/* A session that is left at the end makes things in its close: in slots before and behind its own. */
static void on_things_made_at_the_end(const char *model)
{
    static const struct pl_service service = {
        .name = "late", .open = note_opened, .line = ignore_line, .close = make_more};
    struct pl_server_options options = options_of(model);
    struct pl_listener_options listen = PL_LISTENER_OPTIONS;
    unsigned before = count_descriptors();
    struct test_server *server = server_new(&options);
    uint64_t deadline = expect_deadline();
    struct pl_listener *listener;
    struct late late = {0};
    struct peer *peer;

    EXPECT_RESULT(pl_server_listen(server_handle(server), &service, &late, &listen, &listener), 0);
    server_start(server);
    peer = PEER_CONNECT(pl_listener_port(listener));
    while (!atomic_load(&late.opened)) {
        EXPECT(expect_remaining(deadline) > 0, "no session is opened");
        sched_yield();
    }
    server_free(server);
    CU_ASSERT_EQUAL(late.closed, 1);
    CU_ASSERT_EQUAL(late.called, 0);
    peer_close(peer);
    CU_ASSERT_EQUAL(count_descriptors(), before);
}

static void what_a_session_makes_as_the_server_ends_ends_too(void)
{
    for_each_model(on_things_made_at_the_end);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"what is made while the server drains is whole",
         what_is_made_while_the_server_drains_is_whole},
        {"a listener made during a drain closes", listener_made_during_a_drain_closes},
        {"a listener closes even after descriptors ran out",
         listener_closes_even_after_descriptors_ran_out},
        {"work asked for at the server's end is refused",
         work_asked_for_at_the_servers_end_is_refused},
        {"what a session makes as the server ends, ends too",
         what_a_session_makes_as_the_server_ends_ends_too},
        {"a refusal is cut to its size", refusal_is_cut_to_its_size},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "server", tests);
}
