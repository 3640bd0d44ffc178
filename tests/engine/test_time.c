/* SPDX-License-Identifier: MIT */
/* Timers, signals and posts. What is asserted of time is that nothing comes too early. */
#include "config.h"

#include "tests/engine/suite.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* -- Of sessions ------------------------------------------------------------------------ */

/* A line of digits sets the timer to as many milliseconds. */
static void set_session_timer(struct pl_session *session, const struct pl_line *line)
{
    pl_session_set_timer(session, (unsigned)atoi(line->text));
    record_echo(session, line);
}

static void say_tick(struct pl_session *session)
{
    pl_session_printf(session, "tick\n");
}

static const struct pl_service timer_service = {.line = set_session_timer, .timer = say_tick};

static void session_timer_goes_off_once_and_not_early(void)
{
    struct engine *engine = engine_start(&timer_service);
    struct peer *peer = PEER_CONNECT(engine->port);
    uint64_t start = pli_clock_now();

    PEER_SEND_TEXT(peer, "30\n");
    PEER_EXPECT(peer, "30\ntick\n");
    EXPECT(pli_clock_now() - start >= 30000000, "it came too early");
    PEER_SEND_TEXT(peer, "1\n");
    PEER_EXPECT(peer, "1\ntick\n");
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_TIMER), 2);
    peer_close(peer);
    engine_finish(engine);
}

static void session_timer_can_be_moved_and_taken_back(void)
{
    struct engine *engine = engine_start(&timer_service);
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, "3600000\n10\n");
    PEER_EXPECT(peer, "3600000\n10\ntick\n");
    PEER_SEND_TEXT(peer, "10\n3600000\n0\n");
    PEER_EXPECT(peer, "10\n3600000\n0\n");
    PEER_SEND_TEXT(peer, "50\n");
    PEER_EXPECT(peer, "50\ntick\n");
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_TIMER), 2);
    peer_close(peer);
    engine_finish(engine);
}

static void tick_thrice(struct pl_session *session)
{
    int *left = session_user(session);

    pl_session_printf(session, "tick %d\n", *left);
    if (--*left > 0)
        pl_session_set_timer(session, 5);
}

static void session_timer_can_be_set_in_its_call(void)
{
    static const struct pl_service hooks = {.line = set_session_timer, .timer = tick_thrice};
    struct engine *engine = engine_prepare(&hooks, NULL, NULL);
    struct peer *peer;
    int left = 3;

    recorder_set_user(engine->recorder, &left);
    server_start(engine->server);
    peer = PEER_CONNECT(engine->port);
    PEER_SEND_TEXT(peer, "5\n");
    PEER_EXPECT(peer, "5\ntick 3\ntick 2\ntick 1\n");
    peer_close(peer);
    engine_finish(engine);
}

static int set_timer_at_open(struct pl_session *session, void *context)
{
    (void)context;
    pl_session_set_timer(session, 10);
    return 0;
}

static void session_timer_can_be_set_in_open(void)
{
    static const struct pl_service hooks = {.open = set_timer_at_open, .timer = say_tick};
    struct engine *engine = engine_start(&hooks);
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_EXPECT(peer, "tick\n");
    peer_close(peer);
    engine_finish(engine);
}

static void timer_of_an_ended_session_is_silent(void)
{
    struct engine *engine = engine_start(&timer_service);
    struct peer *peer = PEER_CONNECT(engine->port);
    struct peer *other = PEER_CONNECT(engine->port);
    int i;

    for (i = 0; i < 20; i++) {
        PEER_SEND_TEXT(peer, i % 2 ? "20\n" : "1\n");
        peer_close(peer);
        peer = PEER_CONNECT(engine->port);
    }
    PEER_SEND_TEXT(other, "50\n"); /* the recorder notices a timer after close */
    PEER_EXPECT(other, "50\ntick\n");
    peer_close(peer);
    peer_close(other);
    engine_finish(engine);
}

static void say_why(struct pl_session *session, enum pl_reason reason)
{
    pl_session_printf(session, "goodbye: %s\n", pl_reason_text(reason));
}

static void silent_peer_is_sent_away_after_idle_timeout(void)
{
    static const struct pl_service hooks = {.line = record_echo, .farewell = say_why};
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct engine *engine;
    struct peer *peer;
    char wanted[200];
    uint64_t start;

    options.idle_timeout = 1;
    engine = engine_start_with(&hooks, &options);
    start = pli_clock_now();
    peer = PEER_CONNECT(engine->port);
    snprintf(wanted, sizeof(wanted), "goodbye: %s\n", pl_reason_text(PL_REASON_IDLE));
    PEER_EXPECT(peer, wanted);
    EXPECT(pli_clock_now() - start >= 1000000000, "it came too early");
    PEER_EXPECT_END(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_IDLE);
    peer_close(peer);
    engine_finish(engine);
}

/* -- Of servers --------------------------------------------------------------------------- */

struct ticker {
    struct pl_timer *timer;
    struct gate *gate; /* its calls are counted here */
    atomic_int inside;
    atomic_int overlaps;
    unsigned again; /* times to set itself again */
    unsigned delay; /* for that, in milliseconds */
    bool free_in_call;
};

static void tick(void *argument)
{
    struct ticker *ticker = argument;

    if (atomic_fetch_add(&ticker->inside, 1) != 0)
        atomic_fetch_add(&ticker->overlaps, 1);
    if (ticker->again > 0) {
        ticker->again--;
        pl_timer_set(ticker->timer, ticker->delay);
    }
    if (ticker->free_in_call)
        pl_timer_free(ticker->timer);
    atomic_fetch_sub(&ticker->inside, 1);
    gate_pass(ticker->gate);
}

static void make_ticker(struct ticker *ticker, struct engine *engine)
{
    memset(ticker, 0, sizeof(*ticker));
    ticker->gate = gate_new();
    gate_open(ticker->gate);
    EXPECT_RESULT(pl_timer_new(engine->handle, tick, ticker, &ticker->timer), 0);
}

static void timer_goes_off_and_not_early(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct ticker ticker;
    uint64_t start = pli_clock_now();

    make_ticker(&ticker, engine);
    pl_timer_set(ticker.timer, 30);
    GATE_WAIT(ticker.gate, 1);
    EXPECT(pli_clock_now() - start >= 30000000, "it came too early");
    pl_timer_set(ticker.timer, 0);
    GATE_WAIT(ticker.gate, 2);
    pl_timer_free(ticker.timer);
    engine_finish(engine);
    gate_free(ticker.gate);
}

static void nearer_timer_is_not_held_up_by_a_farther(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct ticker far, near;

    make_ticker(&far, engine);
    make_ticker(&near, engine);
    pl_timer_set(far.timer, 3600000);
    pl_timer_set(near.timer, 3600000);
    pl_timer_set(near.timer, 5);
    GATE_WAIT(near.gate, 1);
    pl_timer_free(far.timer);
    pl_timer_free(near.timer);
    engine_finish(engine);
    gate_free(far.gate);
    gate_free(near.gate);
}

static void timer_set_before_the_server_runs_goes_off(void)
{
    struct engine *engine = engine_prepare(&suite_echo, NULL, NULL);
    struct ticker ticker;

    make_ticker(&ticker, engine);
    pl_timer_set(ticker.timer, 1);
    server_start(engine->server);
    GATE_WAIT(ticker.gate, 1);
    pl_timer_free(ticker.timer);
    engine_finish(engine);
    gate_free(ticker.gate);
}

static void timer_can_be_set_in_its_call(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct ticker ticker;

    make_ticker(&ticker, engine);
    ticker.again = 50;
    pl_timer_set(ticker.timer, 1);
    GATE_WAIT(ticker.gate, 51);
    pl_timer_free(ticker.timer);
    engine_finish(engine);
    gate_free(ticker.gate);
}

static void timer_can_be_freed_in_its_call(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct ticker ticker;

    make_ticker(&ticker, engine);
    ticker.free_in_call = true;
    pl_timer_set(ticker.timer, 1);
    GATE_WAIT(ticker.gate, 1);
    engine_finish(engine);
    gate_free(ticker.gate);
}

static void timer_taken_back_does_not_go_off(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct ticker cancelled, freed, last;

    make_ticker(&cancelled, engine);
    make_ticker(&freed, engine);
    make_ticker(&last, engine);
    cancelled.again = freed.again = 1; /* what a call would take away */
    pl_timer_set(cancelled.timer, 3600000);
    pl_timer_set(freed.timer, 3600000);
    pl_timer_cancel(cancelled.timer);
    pl_timer_free(freed.timer);
    pl_timer_set(last.timer, 20);
    GATE_WAIT(last.gate, 1);
    pl_timer_set(cancelled.timer, 1); /* it can be set again */
    GATE_WAIT(cancelled.gate, 2);
    pl_timer_free(cancelled.timer);
    pl_timer_free(last.timer);
    engine_finish(engine);
    EXPECT_RESULT(freed.again, 1);
    gate_free(cancelled.gate);
    gate_free(freed.gate);
    gate_free(last.gate);
}

static void timer_never_runs_twice_at_once(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct ticker ticker;
    int i;

    make_ticker(&ticker, engine);
    ticker.again = 200;
    for (i = 0; i < 2000; i++)
        pl_timer_set(ticker.timer, 0);
    GATE_WAIT(ticker.gate, 200);
    pl_timer_free(ticker.timer);
    engine_finish(engine);
    EXPECT_RESULT(ticker.overlaps, 0);
    gate_free(ticker.gate);
}

static void many_timers_all_go_off(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct ticker tickers[200];
    int i;

    for (i = 0; i < 200; i++) {
        make_ticker(&tickers[i], engine);
        pl_timer_set(tickers[i].timer, (unsigned)(i * 37 % 50));
    }
    for (i = 0; i < 200; i++) {
        GATE_WAIT(tickers[i].gate, 1);
        pl_timer_free(tickers[i].timer);
    }
    engine_finish(engine);
    for (i = 0; i < 200; i++)
        gate_free(tickers[i].gate);
}

static void server_frees_timers_that_are_left(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct ticker ticker;

    make_ticker(&ticker, engine);
    pl_timer_set(ticker.timer, 3600000);
    engine_finish(engine); /* a sanitizer would tell what is lost */
    gate_free(ticker.gate);
    pl_timer_free(NULL);
}

/* -- Signals and posts ---------------------------------------------------------------------- */

struct signals {
    struct gate *gate;
    atomic_int last;
};

static void on_signal(int signal, void *argument)
{
    struct signals *signals = argument;

    signals->last = signal;
    gate_pass(signals->gate);
}

static void signal_is_a_call(void)
{
    struct engine *engine = engine_prepare(&suite_echo, NULL, NULL);
    struct signals one = {.gate = gate_new()};
    struct signals two = {.gate = gate_new()};
    struct peer *peer;
    sigset_t set;

    gate_open(one.gate);
    gate_open(two.gate);
    EXPECT_RESULT(pl_server_on_signal(engine->handle, SIGUSR1, on_signal, &one), 0);
    EXPECT_RESULT(pl_server_on_signal(engine->handle, SIGUSR2, on_signal, &two), 0);
    server_start(engine->server);
    peer = PEER_CONNECT(engine->port);
    ENGINE_PING(peer);
    EXPECT_RESULT(kill(getpid(), SIGUSR1), 0);
    GATE_WAIT(one.gate, 1);
    EXPECT_RESULT(one.last, SIGUSR1);
    EXPECT_RESULT(kill(getpid(), SIGUSR1), 0);
    GATE_WAIT(one.gate, 2);
    EXPECT_RESULT(kill(getpid(), SIGUSR2), 0);
    GATE_WAIT(two.gate, 1);
    EXPECT_RESULT(two.last, SIGUSR2);
    ENGINE_PING(peer);
    peer_close(peer);
    engine_finish(engine);
    gate_free(one.gate);
    gate_free(two.gate);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void impossible_signal_is_refused(void)
{
    struct engine *engine = engine_prepare(&suite_echo, NULL, NULL);

    EXPECT_RESULT(pl_server_on_signal(engine->handle, 0, on_signal, NULL), -EINVAL);
    EXPECT_RESULT(pl_server_on_signal(engine->handle, 1000, on_signal, NULL), -EINVAL);
    engine_finish(engine);
}

enum { POSTERS = 4, POSTS = 500 };

struct posts {
    struct pl_server *server;
    struct gate *gate;
    atomic_int calls[POSTERS * POSTS];
};

struct poster {
    pthread_t thread;
    struct posts *posts;
    int number;
};

struct post {
    struct posts *posts;
    int index;
};

static void run_post(void *argument)
{
    struct post *post = argument;

    atomic_fetch_add(&post->posts->calls[post->index], 1);
    gate_pass(post->posts->gate);
    free(post);
}

static void *post_many(void *argument)
{
    struct poster *poster = argument;
    struct post *post;
    long result = 0;
    int i;

    for (i = 0; i < POSTS && result == 0; i++) {
        post = malloc(sizeof(*post));
        if (!post)
            return (void *)(long)-ENOMEM;
        post->posts = poster->posts;
        post->index = poster->number * POSTS + i;
        result = pl_server_post(poster->posts->server, run_post, post);
    }
    return (void *)result;
}

static void posts_of_many_threads_all_run_once(void)
{
    struct engine *engine = engine_start(&suite_echo);
    static struct posts posts;
    struct poster posters[POSTERS];
    void *result;
    int i;

    memset(&posts, 0, sizeof(posts));
    posts.server = engine->handle;
    posts.gate = gate_new();
    gate_open(posts.gate);
    for (i = 0; i < POSTERS; i++) {
        posters[i].posts = &posts;
        posters[i].number = i;
        EXPECT_RESULT(pthread_create(&posters[i].thread, NULL, post_many, &posters[i]), 0);
    }
    for (i = 0; i < POSTERS; i++) {
        pthread_join(posters[i].thread, &result);
        EXPECT_RESULT((long)result, 0);
    }
    GATE_WAIT(posts.gate, POSTERS * POSTS);
    engine_finish(engine);
    for (i = 0; i < POSTERS * POSTS; i++)
        EXPECT_RESULT(posts.calls[i], 1);
    gate_free(posts.gate);
}

static void post_before_the_run_is_done_in_it(void)
{
    struct engine *engine = engine_prepare(&suite_echo, NULL, NULL);
    struct ticker ticker = {.gate = gate_new()};

    gate_open(ticker.gate);
    EXPECT_RESULT(pl_server_post(engine->handle, tick, &ticker), 0);
    server_start(engine->server);
    GATE_WAIT(ticker.gate, 1);
    engine_finish(engine);
    gate_free(ticker.gate);
}

struct chain {
    struct pl_server *server;
    struct gate *gate;
    int left;
};

static void post_again(void *argument)
{
    struct chain *chain = argument;

    if (--chain->left > 0)
        pl_server_post(chain->server, post_again, chain);
    gate_pass(chain->gate);
}

static void post_may_post(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct chain chain = {.server = engine->handle, .gate = gate_new(), .left = 100};

    gate_open(chain.gate);
    EXPECT_RESULT(pl_server_post(engine->handle, post_again, &chain), 0);
    GATE_WAIT(chain.gate, 100);
    engine_finish(engine);
    gate_free(chain.gate);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"a session timer goes off once and not early", session_timer_goes_off_once_and_not_early},
        {"a session timer can be moved and taken back", session_timer_can_be_moved_and_taken_back},
        {"a session timer can be set in its call", session_timer_can_be_set_in_its_call},
        {"a session timer can be set in open", session_timer_can_be_set_in_open},
        {"the timer of an ended session is silent", timer_of_an_ended_session_is_silent},
        {"a timer goes off and not early", timer_goes_off_and_not_early},
        {"a nearer timer is not held up by a farther", nearer_timer_is_not_held_up_by_a_farther},
        {"a timer set before the server runs goes off", timer_set_before_the_server_runs_goes_off},
        {"a timer can be set in its call", timer_can_be_set_in_its_call},
        {"a timer can be freed in its call", timer_can_be_freed_in_its_call},
        {"a timer taken back does not go off", timer_taken_back_does_not_go_off},
        {"a timer never runs twice at once", timer_never_runs_twice_at_once},
        {"many timers all go off", many_timers_all_go_off},
        {"the server frees timers that are left", server_frees_timers_that_are_left},
        {"a signal is a call", signal_is_a_call},
        {"posts of many threads all run once", posts_of_many_threads_all_run_once},
        {"a post before the run is done in it", post_before_the_run_is_done_in_it},
        {"a post may post", post_may_post},
        {NULL, NULL},
    };
    static const struct unit_test once[] = {
        {"a silent peer is sent away after idle_timeout",
         silent_peer_is_sent_away_after_idle_timeout},
        {"an impossible signal is refused", impossible_signal_is_refused},
        {NULL, NULL},
    };

    return suite_main(argc, argv, "time", each, once);
}
