/* SPDX-License-Identifier: MIT */
/*
 * A line costs a receive and a send, and its share of a wait: a generator that did more would measure
 * itself. So nothing is asked for that is not known to be there, the wait is one without a time-out
 * where a timer tells the window's edges, and the clock is read once for each event, which it takes:
 * a batch of events may last longer than an answer.
 */
#include "config.h"

#include "tools/bench/traffic.h"

#include "base/clock.h"
#include "tools/bench/fail.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { EVENTS = 128 };

/* -- Connections ----------------------------------------------------------------------------- */

static void set_watched(struct worker *w, int op, int fd, uint32_t events, void *pointer)
{
    struct epoll_event event = {.events = events, .data.ptr = pointer};

    if (epoll_ctl(w->epoll, op, fd, &event) != 0)
        bench_die("epoll_ctl");
}

static void set_blocked(struct worker *w, struct conn *conn, bool blocked)
{
    if (conn->blocked == blocked)
        return;
    conn->blocked = blocked;
    set_watched(w, EPOLL_CTL_MOD, conn->wire.fd, EPOLLIN | (blocked ? (uint32_t)EPOLLOUT : 0),
                conn);
}

void worker_open(struct worker *w, const struct bench_options *options, const struct target *target,
                 uint64_t index)
{
    uint64_t under_way = 1;

    while (under_way < options->flight)
        under_way *= 2;
    w->options = options;
    w->open = options->rate != 0;
    w->index = index;
    w->count = (options->connections - index + options->threads - 1) / options->threads;
    w->conns = bench_alloc(w->count, sizeof(*w->conns));
    w->due_mask = under_way - 1;
    w->due_at = w->open ? NULL : bench_alloc(w->count * under_way, sizeof(*w->due_at));
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    w->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (w->epoll < 0 || w->timer < 0)
        bench_die("epoll_create1, timerfd_create");
    set_watched(w, EPOLL_CTL_ADD, w->timer, EPOLLIN | EPOLLET, NULL);
    for (uint64_t i = 0; i < w->count; i++) {
        struct conn *conn = &w->conns[i];

        conn->id = (uint32_t)(i * options->threads + index);
        conn->wire = wire_open(target, conn->id);
        conn->due_at = w->open ? NULL : w->due_at + i * under_way;
        wire_unblock(&conn->wire);
        set_watched(w, EPOLL_CTL_ADD, conn->wire.fd, EPOLLIN, conn);
    }
}

void worker_close(struct worker *w)
{
    for (uint64_t i = 0; i < w->count; i++)
        wire_close(&w->conns[i].wire);
    close(w->epoll);
    close(w->timer);
    free(w->conns);
    free(w->due_at);
}

/* -- Sending --------------------------------------------------------------------------------- */

/* Of the open loop's line number i of this worker. */
static uint64_t scheduled(const struct worker *w, uint64_t i)
{
    return w->start + (i * w->options->threads + w->index) * NS_PER_S / w->options->rate;
}

static uint64_t due_at(const struct worker *w, const struct conn *conn, uint64_t number)
{
    if (w->open)
        return scheduled(w, number * w->count + (uint64_t)(conn - w->conns));
    return conn->due_at[number & w->due_mask];
}

/* The whole lines and the rest of them that have moved; *PART counted in LENGTH already. */
static void advance(uint64_t *lines, size_t *part, size_t length, size_t size)
{
    *lines += length / size;
    *part = length % size;
}

/* Send what is due, as far as the socket takes it. */
static void pump(struct worker *w, struct conn *conn)
{
    const struct line_shape *shape = &w->options->shape;

    while (conn->sent < conn->due) {
        size_t filled = 0;
        ssize_t sent;

        for (uint64_t number = conn->sent;
             number < conn->due && filled + shape->size <= sizeof(w->out); number++) {
            line_build(shape, conn->id, number, w->out + filled);
            filled += shape->size;
        }
        sent = wire_send(&conn->wire, w->out + conn->sent_part, filled - conn->sent_part);
        if (sent < 0 && errno == EAGAIN) {
            set_blocked(w, conn, true);
            return;
        }
        if (sent < 0 && errno != EINTR)
            bench_die("connection %u, sending line %ju", conn->id, (uintmax_t)conn->sent);
        if (sent > 0)
            advance(&conn->sent, &conn->sent_part, conn->sent_part + (size_t)sent, shape->size);
    }
    set_blocked(w, conn, false);
}

/* Closed: one more line may go. */
static void let_go(struct worker *w, struct conn *conn, uint64_t now)
{
    conn->due_at[conn->due & w->due_mask] = now;
    conn->due++;
    w->due++;
}

/* Open: hand out what is due by now; nothing is due once the window has closed. */
static void hand_out(struct worker *w, uint64_t now)
{
    uint64_t due;

    while ((due = scheduled(w, w->due)) <= now && due < w->to) {
        struct conn *conn = &w->conns[w->due % w->count];

        w->due++;
        conn->due++;
        if (due >= w->from)
            hist_add(&w->late, now - due);
        if (!conn->blocked)
            pump(w, conn);
    }
}

/* -- Receiving ------------------------------------------------------------------------------- */

static void count_answer(struct worker *w, struct conn *conn)
{
    uint64_t due = due_at(w, conn, conn->got), when = w->open ? due : w->now;

    w->answered++;
    if (when >= w->from && when < w->to) {
        bool slow = line_is_slow(&w->options->shape, conn->id, conn->got);

        conn->counted++;
        hist_add(slow ? &w->slow : &w->normal, w->now - due);
    }
    conn->got++;
    conn->got_part = 0;
    if (!w->open && w->now < w->to)
        let_go(w, conn, w->now);
}

static void verify(struct worker *w, struct conn *conn, size_t length)
{
    const struct line_shape *shape = &w->options->shape;
    uint64_t most = (conn->sent - conn->got) * shape->size + conn->sent_part - conn->got_part;

    if (length > most)
        bench_fail("connection %u, line %ju: more came back than was sent", conn->id,
                   (uintmax_t)conn->got);
    for (size_t done = 0; done < length;) {
        size_t piece = shape->size - conn->got_part;

        if (piece > length - done)
            piece = length - done;
        line_build(shape, conn->id, conn->got, w->expected);
        if (memcmp(w->in + done, w->expected + conn->got_part, piece) != 0)
            bench_fail("connection %u, line %ju: the answer is not what was sent", conn->id,
                       (uintmax_t)conn->got);
        done += piece;
        conn->got_part += piece;
        if (conn->got_part == shape->size)
            count_answer(w, conn);
    }
}

static void receive(struct worker *w, struct conn *conn)
{
    ssize_t got = wire_receive(&conn->wire, w->in, sizeof(w->in));

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got < 0)
        bench_die("connection %u, receiving line %ju", conn->id, (uintmax_t)conn->got);
    if (got == 0)
        bench_fail("connection %u, line %ju: the server has closed it", conn->id,
                   (uintmax_t)conn->got);
    w->now = pli_clock_now();
    verify(w, conn, (size_t)got);
    pump(w, conn);
}

/* -- The loop -------------------------------------------------------------------------------- */

static void note_window(struct worker *w)
{
    if (!w->opened && w->now >= w->from) {
        w->opened = true;
        if (w->watch)
            watch_begin(w->watch);
    }
    if (!w->closed && w->now >= w->to) {
        w->closed = true;
        if (w->watch)
            watch_end(w->watch);
    }
}

static uint64_t next_wake(const struct worker *w)
{
    uint64_t wake = !w->opened ? w->from : !w->closed ? w->to : w->to + w->options->patience;

    if (w->open && !w->closed) {
        uint64_t due = scheduled(w, w->due);

        wake = due < wake ? due : wake;
    }
    return wake;
}

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

/* The closed loop has nothing to do at other times than the window's edges. */
static int wait_closed(struct worker *w, struct epoll_event *events)
{
    uint64_t wake = next_wake(w);

    if (wake != w->timer_at) {
        struct itimerspec at = {.it_value = timespec_of(wake)};

        if (timerfd_settime(w->timer, TFD_TIMER_ABSTIME, &at, NULL) != 0)
            bench_die("timerfd_settime");
        w->timer_at = wake;
    }
    return epoll_wait(w->epoll, events, EVENTS, -1);
}

static int wait_open(struct worker *w, struct epoll_event *events)
{
    uint64_t wake = next_wake(w);
    struct timespec timeout = timespec_of(wake > w->now ? wake - w->now : 0);

    return epoll_pwait2(w->epoll, events, EVENTS, &timeout, NULL);
}

static void handle_events(struct worker *w)
{
    struct epoll_event events[EVENTS];
    int n = w->open ? wait_open(w, events) : wait_closed(w, events);

    if (n < 0 && errno != EINTR)
        bench_die("waiting for events");
    for (int i = 0; i < n; i++) {
        struct conn *conn = events[i].data.ptr;

        if (!conn)
            continue; /* the timer */
        if (events[i].events & EPOLLOUT)
            pump(w, conn);
        if (events[i].events & ~(uint32_t)EPOLLOUT)
            receive(w, conn);
    }
}

static void begin_closed(struct worker *w)
{
    for (uint64_t i = 0; i < w->count; i++) {
        for (uint64_t n = 0; n < w->options->flight; n++)
            let_go(w, &w->conns[i], w->now);
        pump(w, &w->conns[i]);
    }
}

void *worker_run(void *argument)
{
    struct worker *w = argument;

    w->now = pli_clock_now();
    if (!w->open)
        begin_closed(w);
    for (;;) {
        w->now = pli_clock_now();
        note_window(w);
        if (w->open)
            hand_out(w, w->now);
        if (w->closed && (w->answered == w->due || w->now >= w->to + w->options->patience))
            break;
        atomic_store_explicit(&w->progress, w->answered, memory_order_relaxed);
        handle_events(w);
    }
    if (sem_post(w->done) != 0)
        bench_die("sem_post");
    return NULL;
}
