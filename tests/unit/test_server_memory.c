/* SPDX-License-Identifier: MIT */
/*
 * Servers to whom memory or descriptors are refused: each allocation and each descriptor in turn.
 * What was made by then is given back, and a running server serves on.
 */
#include "config.h"

#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/folder.h"
#include "tests/lib/server.h"
#include "tests/lib/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

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

static struct pl_server_options options_of(const char *model)
{
    struct pl_server_options options = PL_SERVER_OPTIONS;

    options.model = model;
    options.threads = 2;
    options.helper_threads = 1;
    return options;
}

static void for_each_model(void (*test)(const char *model))
{
    for (const char *const *model = pl_models(); *model; model++)
        test(*model);
}

/* -- Refusing --------------------------------------------------------------------------------- */

static struct rlimit limit_before;

/* From now on only so many more descriptors can be opened. */
static void allow_descriptors(unsigned count)
{
    struct rlimit limit;
    int lowest = dup(STDOUT_FILENO);

    EXPECT(lowest >= 0, "dup: %s", strerror(errno));
    close(lowest);
    EXPECT_RESULT(getrlimit(RLIMIT_NOFILE, &limit_before), 0);
    limit = limit_before;
    limit.rlim_cur = (rlim_t)lowest + count;
    EXPECT_RESULT(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void allow_all_descriptors(void)
{
    EXPECT_RESULT(setrlimit(RLIMIT_NOFILE, &limit_before), 0);
}

/* What is tried: makes something, and UNDO takes it down if that succeeded. */
struct attempt {
    struct pl_server *server;
    struct pl_server_options options;
    struct pl_listener_options listen;
    struct pl_listener *listener;
    struct pl_timer *timer;
    int (*make)(struct attempt *attempt);
    void (*undo)(struct attempt *attempt);
};

/* Has each allocation of an attempt fail. Returns how many there are. */
static unsigned refuse_memory(struct attempt *attempt)
{
    unsigned before = count_descriptors();

    for (long n = 1;; n++) {
        int rc;

        failmalloc_after(n);
        rc = attempt->make(attempt);
        failmalloc_off();
        EXPECT_RESULT(rc, failmalloc_fired() ? -ENOMEM : 0);
        if (rc == 0) {
            attempt->undo(attempt);
            return (unsigned)n - 1;
        }
        EXPECT_RESULT(count_descriptors(), before);
    }
}

/* Has each descriptor of an attempt fail. Returns how many it needs. */
static unsigned refuse_descriptors(struct attempt *attempt)
{
    unsigned before = count_descriptors();

    for (unsigned n = 0;; n++) {
        int rc;

        allow_descriptors(n);
        rc = attempt->make(attempt);
        allow_all_descriptors();
        if (rc == 0) {
            attempt->undo(attempt);
            return n;
        }
        EXPECT_RESULT(rc, -EMFILE);
        EXPECT_RESULT(count_descriptors(), before);
    }
}

/* -- Servers ---------------------------------------------------------------------------------- */

static int make_server(struct attempt *attempt)
{
    return pl_server_new(&attempt->options, &attempt->server);
}

static void undo_server(struct attempt *attempt)
{
    pl_server_free(attempt->server);
}

static void on_refused_server(const char *model)
{
    struct attempt attempt = {
        .options = options_of(model), .make = make_server, .undo = undo_server};
    unsigned before = count_descriptors();

    /* The server, its helpers, table, timers, and what the model has. */
    CU_ASSERT(refuse_memory(&attempt) >= 8);
    CU_ASSERT(refuse_descriptors(&attempt) >= 3);
    CU_ASSERT_EQUAL(count_descriptors(), before);
}

static void refused_server_leaves_nothing_behind(void)
{
    for_each_model(on_refused_server);
}

static int ignore_open(struct pl_session *session, void *context)
{
    (void)session;
    (void)context;
    return 0;
}

static void ignore_line(struct pl_session *session, const struct pl_line *line)
{
    (void)session;
    (void)line;
}

static const struct pl_service silent = {
    .name = "silent", .open = ignore_open, .line = ignore_line};

static int make_listener(struct attempt *attempt)
{
    return pl_server_listen(attempt->server, &silent, NULL, &attempt->listen, &attempt->listener);
}

static void undo_listener(struct attempt *attempt)
{
    pl_listener_close(attempt->listener);
}

static int make_timer(struct attempt *attempt)
{
    return pl_timer_new(attempt->server, free, NULL, &attempt->timer);
}

static void undo_timer(struct attempt *attempt)
{
    pl_timer_free(attempt->timer);
}

static int make_post(struct attempt *attempt)
{
    return pl_server_post(attempt->server, free, NULL);
}

static void ignore_signal(int signal, void *argument)
{
    (void)signal;
    (void)argument;
}

static int make_signal(struct attempt *attempt)
{
    return pl_server_on_signal(attempt->server, SIGUSR1, ignore_signal, NULL);
}

static void leave_it(struct attempt *attempt)
{
    (void)attempt; /* it ends with the server */
}

static void refuse_listeners(struct attempt *attempt, const char *first, const char *second)
{
    attempt->make = make_listener;
    attempt->undo = undo_listener;
    attempt->listen.path = first;
    CU_ASSERT(refuse_memory(attempt) >= (first ? 4u : 3u)); /* the model may have more */
    attempt->listen.path = second;
    CU_ASSERT_EQUAL(refuse_descriptors(attempt), 1);
}

static void refuse_events(struct attempt *attempt)
{
    attempt->make = make_timer;
    attempt->undo = undo_timer;
    CU_ASSERT_EQUAL(refuse_memory(attempt), 1);
    attempt->make = make_post;
    attempt->undo = leave_it;
    CU_ASSERT_EQUAL(refuse_memory(attempt), 1);
    attempt->make = make_signal;
    CU_ASSERT(refuse_memory(attempt) >= 1);
    CU_ASSERT_EQUAL(refuse_descriptors(attempt), 1);
}

static void on_refused_parts(const char *model)
{
    struct attempt attempt = {.options = options_of(model), .listen = PL_LISTENER_OPTIONS};
    unsigned before = count_descriptors();
    char *folder = folder_new();
    char *first = folder_path(folder, "first");
    char *second = folder_path(folder, "second");

    EXPECT(first && second, "no folder can be made");
    EXPECT_RESULT(pl_server_new(&attempt.options, &attempt.server), 0);
    refuse_listeners(&attempt, NULL, NULL);
    refuse_listeners(&attempt, first, second);
    refuse_events(&attempt);
    pl_server_free(attempt.server);
    CU_ASSERT_EQUAL(count_descriptors(), before);
    CU_ASSERT_EQUAL(access(first, F_OK), -1);
    CU_ASSERT_EQUAL(access(second, F_OK), -1);
    free(first);
    free(second);
    folder_remove(folder);
}

static void refused_listener_timer_post_or_signal_leaves_nothing_behind(void)
{
    for_each_model(on_refused_parts);
}

/* A path whose socket was bound when memory ran out is free again. */
static void refused_listener_leaves_no_socket_in_its_folder(void)
{
    struct attempt attempt = {.options = options_of(*pl_models()), .listen = PL_LISTENER_OPTIONS};
    char *folder = folder_new();
    char *path = folder_path(folder, "socket");
    unsigned posts = 0;
    int rc = 0;

    EXPECT(path, "no folder can be made");
    EXPECT_RESULT(pl_server_new(&attempt.options, &attempt.server), 0);
    attempt.listen.path = path;
    /* The table's first chunk is filled, so that the listener's slot is what fails. */
    while (rc == 0) {
        failmalloc_after(2); /* the second allocation of a post is a chunk of slots */
        rc = pl_server_post(attempt.server, free, NULL);
        failmalloc_off();
        posts++;
    }
    CU_ASSERT_EQUAL(rc, -ENOMEM);
    CU_ASSERT(posts > 100);
    failmalloc_after(5); /* its origin and limits, the listener, its path, its slot */
    EXPECT_RESULT(make_listener(&attempt), -ENOMEM);
    CU_ASSERT(failmalloc_fired());
    failmalloc_off();
    CU_ASSERT_EQUAL(access(path, F_OK), -1);
    EXPECT_RESULT(make_listener(&attempt), 0);
    CU_ASSERT_EQUAL(access(path, F_OK), 0);
    pl_listener_close(attempt.listener);
    pl_server_free(attempt.server);
    free(path);
    folder_remove(folder);
}

/* -- Sessions --------------------------------------------------------------------------------- */

static void do_nothing(void *argument)
{
    (void)argument;
}

/* An answer that needs memory of its own to be formatted and queued. */
static void answer(struct pl_session *session, bool open, void *argument)
{
    (void)argument;
    if (open)
        pl_session_printf(session, "%01500d\n", 7);
}

static void work_or_apologize(struct pl_session *session, const struct pl_line *line)
{
    (void)line;
    if (pl_session_work(session, do_nothing, answer, NULL) < 0)
        pl_session_send(session, "sorry\n", 6);
}

static int greet(struct pl_session *session, void *context)
{
    (void)context;
    return pl_session_send(session, "hello\n", 6);
}

static const struct pl_service working = {
    .name = "working", .open = greet, .line = work_or_apologize};

static int connect_to(unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    EXPECT(fd >= 0, "socket: %s", strerror(errno));
    EXPECT_RESULT(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

/* Receives up to WANTED bytes; returns how many came before an end of any kind. */
static size_t receive(int fd, size_t wanted)
{
    uint64_t deadline = expect_deadline();
    char bytes[4096];
    size_t got = 0;

    while (got < wanted) {
        struct pollfd poller = {.fd = fd, .events = POLLIN};
        ssize_t more;

        EXPECT(poll(&poller, 1, expect_remaining(deadline)) == 1, "nothing comes, nor an end");
        more = recv(fd, bytes, sizeof(bytes), 0);
        if (more <= 0)
            break;
        got += (size_t)more;
    }
    return got;
}

/*
 * A line in two parts, the second sent when the first has been taken, or the session has ended.
 * Returns the answer's size.
 */
static size_t converse(struct pl_server *server, unsigned port)
{
    int fd = connect_to(port);
    uint64_t deadline = expect_deadline();
    struct pl_stats before;
    struct pl_stats stats;
    size_t got = receive(fd, 6);

    pl_server_stats(server, &before);
    if (got == 6 && send(fd, "par", 3, MSG_NOSIGNAL) == 3) {
        do {
            pl_server_stats(server, &stats);
            EXPECT(expect_remaining(deadline) > 0, "nobody takes the line");
        } while (stats.bytes_in == before.bytes_in && stats.sessions > 0);
        if (send(fd, "tial\n", 5, MSG_NOSIGNAL) == 5 && shutdown(fd, SHUT_WR) == 0)
            got += receive(fd, SIZE_MAX);
    }
    close(fd);
    return got;
}

static void await_no_session(struct pl_server *server)
{
    uint64_t deadline = expect_deadline();
    struct pl_stats stats;

    do {
        pl_server_stats(server, &stats);
        EXPECT(expect_remaining(deadline) > 0, "%u sessions stay", stats.sessions);
    } while (stats.sessions > 0);
}

/* A model may close a descriptor when nothing uses it any more: later than its session ends. */
static void await_descriptors(unsigned most)
{
    uint64_t deadline = expect_deadline();

    while (count_descriptors() > most)
        EXPECT(expect_remaining(deadline) > 0, "%u descriptors, not %u", count_descriptors(), most);
}

static void on_sessions_without_memory(const char *model)
{
    struct pl_listener_options listen = PL_LISTENER_OPTIONS;
    struct pl_server_options options = options_of(model);
    struct test_server *server = server_new(&options);
    struct pl_server *handle = server_handle(server);
    struct pl_listener *listener;
    unsigned failures = 0;
    unsigned before;
    unsigned port;

    EXPECT_RESULT(pl_server_listen(handle, &working, NULL, &listen, &listener), 0);
    port = pl_listener_port(listener);
    server_start(server);
    EXPECT_RESULT(converse(handle, port), 6 + 1501);
    await_no_session(handle);
    before = count_descriptors();
    for (long n = 1;; n++) {
        failmalloc_after(n);
        converse(handle, port);
        await_no_session(handle);
        failmalloc_off();
        failures += failmalloc_fired();
        EXPECT_RESULT(converse(handle, port), 6 + 1501);
        await_no_session(handle);
        if (!failmalloc_fired())
            break;
    }
    /* The session, its greeting, the held part, the work, the text and its place in the queue. */
    CU_ASSERT(failures >= 6);
    await_descriptors(before);
    server_free(server);
}

static void allocation_that_fails_costs_one_session_at_most(void)
{
    for_each_model(on_sessions_without_memory);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a refused server leaves nothing behind", refused_server_leaves_nothing_behind},
        {"a refused listener, timer, post or signal leaves nothing behind",
         refused_listener_timer_post_or_signal_leaves_nothing_behind},
        {"a refused listener leaves no socket in its folder",
         refused_listener_leaves_no_socket_in_its_folder},
        {"an allocation that fails costs one session at most",
         allocation_that_fails_costs_one_session_at_most},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "server memory", tests);
}
