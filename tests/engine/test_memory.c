/* SPDX-License-Identifier: MIT */
/*
 * Allocations that fail, each in turn: what cannot be made says so, and a failure while the server
 * runs costs at most the connection that needed the memory.
 */
#include "config.h"

#include "tests/engine/suite.h"
#include "tests/engine/suite_over.h"
#include "tests/lib/failmalloc.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* -- Making ------------------------------------------------------------------------------ */

static void nothing(void *argument)
{
    (void)argument;
}

static int furnish(struct pl_server *server)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct pl_listener *listener;
    struct pl_timer *timer;
    int result = pl_server_listen(server, &suite_echo, NULL, &options, &listener);

    if (result == 0)
        result = pl_listener_set_limits(listener, &options);
    if (result == 0)
        result = pl_timer_new(server, nothing, NULL, &timer);
    if (result == 0)
        result = pl_server_post(server, nothing, NULL);
    return result;
}

/* Returns whether an allocation failed, which must be what the calls say too. */
static bool make_without_memory(long failing)
{
    struct pl_server_options options = suite_options();
    struct pl_server *server = NULL;
    int result;

    failmalloc_after(failing);
    result = pl_server_new(&options, &server);
    if (result == 0)
        result = furnish(server);
    failmalloc_off();
    EXPECT_RESULT(result, failmalloc_fired() ? -ENOMEM : 0);
    pl_server_free(server);
    return failmalloc_fired();
}

static void what_cannot_be_made_says_so(void)
{
    long failing = 1;

    while (make_without_memory(failing))
        failing++;
    EXPECT(failing > 5, "only %ld allocations failed", failing - 1);
}

/* -- Running ----------------------------------------------------------------------------- */

struct start {
    struct pl_server *server;
    struct gate *gate; /* passed when the server runs, or does not */
    int result;
};

static void has_begun(void *argument)
{
    gate_pass(argument);
}

static void *run(void *argument)
{
    struct start *start = argument;

    start->result = pl_server_run(start->server);
    gate_pass(start->gate);
    return NULL;
}

static bool start_without_memory(long failing)
{
    struct pl_server_options options = suite_options();
    struct start start = {.gate = gate_new()};
    pthread_t thread;

    gate_open(start.gate);
    EXPECT_RESULT(pl_server_new(&options, &start.server), 0);
    EXPECT_RESULT(pl_server_post(start.server, has_begun, start.gate), 0);
    failmalloc_after(failing);
    EXPECT_RESULT(pthread_create(&thread, NULL, run, &start), 0);
    GATE_WAIT(start.gate, 1);
    pl_server_stop(start.server);
    pthread_join(thread, NULL);
    failmalloc_off();
    EXPECT(start.result == 0 || (start.result == -ENOMEM && failmalloc_fired()), "run: %s",
           strerror(-start.result));
    pl_server_free(start.server);
    gate_free(start.gate);
    return failmalloc_fired();
}

static void server_that_cannot_start_says_so(void)
{
    long failing = 1;

    while (start_without_memory(failing)) /* some models allocate nothing then */
        failing++;
}

/* -- Serving ----------------------------------------------------------------------------- */

struct visits {
    atomic_int opened;
    atomic_int closed;
    struct pl_server *server;
    struct pl_message *message;
};

static int greet(struct pl_session *session, void *context)
{
    struct visits *visits = context;
    int result = pl_session_printf(session, "welcome\n");

    if (result == 0)
        visits->opened++;
    return result;
}

static void count_close(struct pl_session *session, enum pl_reason reason)
{
    struct visits *visits = pl_session_context(session);

    (void)reason;
    visits->closed++;
}

static void send_done(struct pl_session *session, bool open, void *argument)
{
    (void)argument;
    if (open)
        pl_session_printf(session, "done\n");
}

static void resume_posted(void *argument)
{
    pl_session_resume(argument);
    pl_session_unref(argument);
}

static void use_memory(struct pl_session *session, const struct pl_line *line)
{
    struct visits *visits = pl_session_context(session);

    switch (line->text[0]) {
    case 'b':
        pl_session_printf(session, "%099999d\n", 7);
        break;
    case 'm':
        pl_session_send_message(session, visits->message);
        break;
    case 'p':
        pl_session_park(session);
        if (pl_server_post(visits->server, resume_posted, pl_session_ref(session)) < 0)
            resume_posted(session);
        pl_session_send(session, line->text, line->size);
        break;
    case 'w':
        if (pl_session_work(session, nothing, send_done, NULL) < 0)
            pl_session_close(session);
        break;
    default:
        pl_session_send(session, line->text, line->size);
        break;
    }
}

static void say_why(struct pl_session *session, enum pl_reason reason)
{
    pl_session_printf(session, "goodbye: %s\n", pl_reason_text(reason));
}

/* One after the other, as each answer is awaited; the first is cut in two. */
static int use_everything(struct peer *peer)
{
    static const char *const questions[] = {"part",   "ial\n",  "big\n", "message\n",
                                            "park\n", "work\n", "last"};
    static const int answers[] = {0, 1, 1, 1, 1, 1, 0};
    char *line;
    size_t i;
    int result = peer_next_line(peer, &line);

    for (i = 0; i < sizeof(answers) / sizeof(*answers) && result == 0; i++) {
        result = peer_send(peer, questions[i], strlen(questions[i]));
        if (result == 0 && answers[i])
            result = peer_next_line(peer, &line);
    }
    if (result == 0)
        result = peer_half_close(peer);
    return result ? result : peer_receive_end(peer);
}

static void wait_empty(struct test_server *server)
{
    uint64_t deadline = expect_deadline();
    struct pl_stats stats;

    do {
        pl_server_stats(server_handle(server), &stats);
        EXPECT(expect_remaining(deadline) > 0, "%u sessions are left", stats.sessions);
        poll(NULL, 0, 1);
    } while (stats.sessions > 0);
}

static void visit(struct test_server *server, unsigned port, long failed)
{
    struct peer *peer = PEER_CONNECT(port);
    int result = use_everything(peer);

    EXPECT(result == 0, "after allocation %ld has failed: %s", failed, strerror(-result));
    peer_close(peer);
    wait_empty(server);
}

/* Visits once with an allocation failing, which may fail, and once without, which must not. */
static bool serve_without_memory(struct test_server *server, unsigned port, long failing)
{
    struct peer_target target = {.port = port};
    struct peer *peer;
    int result;

    failmalloc_after(failing);
    result = peer_open(&target, &peer);
    if (result == 0) {
        result = use_everything(peer);
        peer_close(peer);
    }
    wait_empty(server);
    failmalloc_off();
    EXPECT(result == 0 || failmalloc_fired(), "a visit failed: %s", strerror(-result));
    EXPECT(result != -ETIMEDOUT, "allocation %ld failed and the peer is left waiting", failing);
    visit(server, port, failing);
    return failmalloc_fired();
}

static void failed_allocation_costs_one_connection(void)
{
    static const struct pl_service service = {.name = "memory",
                                              .open = greet,
                                              .line = use_memory,
                                              .farewell = say_why,
                                              .close = count_close};
    struct pl_server_options options = suite_options();
    struct pl_listener_options listener_options = PL_LISTENER_OPTIONS;
    struct test_server *server = server_new(&options);
    struct visits visits = {.server = server_handle(server)};
    struct pl_listener *listener;
    long failing = 1;

    EXPECT_RESULT(pl_message_new("message\n", 8, &visits.message), 0);
    suite_over_begin(&listener_options);
    EXPECT_RESULT(pl_server_listen(visits.server, &service, &visits, &listener_options, &listener),
                  0);
    suite_over_end(&listener_options);
    server_start(server);
    visit(server, pl_listener_port(listener), 0); /* so that all threads are there */
    while (serve_without_memory(server, pl_listener_port(listener), failing))
        failing++;
    EXPECT(failing > 5, "only %ld allocations failed", failing - 1);
    server_free(server);
    EXPECT_RESULT(visits.closed, visits.opened);
    pl_message_unref(visits.message);
}

int main(int argc, char **argv)
{
    static const struct unit_test once[] = {
        {"what cannot be made says so", what_cannot_be_made_says_so},
        {"a server that cannot start says so", server_that_cannot_start_says_so},
        {"a failed allocation costs one connection", failed_allocation_costs_one_connection},
        {NULL, NULL},
    };

    return suite_main(argc, argv, "memory", NULL, once);
}
