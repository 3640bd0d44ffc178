/* SPDX-License-Identifier: MIT */
/*
 * A thread for each connection, which waits for nothing but that: how servers were written before
 * there was readiness for many, and the baseline of the others.
 *
 * The thread that called run() accepts, keeps time and takes signals in a loop of its own
 * (engine/loop.h). Each connection has a seat: a thread, started when the handle gets its place and
 * ended with it, up to engine.options.connection_threads of them. It blocks in poll(2) until its
 * connection is readable, or writable where output is left, or until another thread wants something
 * of it, which it is told through its mailbox: a read that blocked by itself could not be woken for
 * that without a race.
 *
 * Only its own thread runs a handle, so that the claim is always found free there, and remains the
 * one place of exclusion; a kick elsewhere becomes a post. Timeouts are timers of the session.
 *
 * A seat is referred to by its thread and by its handle, which may still be posted after its end by
 * whoever has a reference: DONE says that nobody will take the posts.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/thread.h"
#include "engine/loop.h"

struct seat {
    struct threads *threads;
    struct pli_handle *handle; /* while it is not over */
    struct pli_worker *worker; /* its home is this seat */
    pthread_t thread;
    _Atomic unsigned references; /* the thread's and the handle's */
    _Atomic bool over;           /* the handle has ended */
    unsigned want;               /* the thread's: what the handle is registered for */
    struct pli_mutex lock;       /* PLI_RANK_POOL */
    bool done;                   /* (lock) the thread takes no posts any more */
    struct pli_mailbox mailbox;  /* (lock) pushing */
    struct seat *next;           /* (threads.lock) in one of its lists */
    struct seat **link;          /* (threads.lock) in TAKEN */
};

struct threads {
    struct pli_loop loop; /* first; of the thread that accepts */
    _Atomic bool stop;
    struct pli_mutex lock; /* PLI_RANK_POOL */
    struct pli_cond freed; /* a thread has ended */
    struct seat *taken;    /* (lock) with a thread that runs */
    struct seat *left;     /* (lock) with a thread to be joined */
    unsigned count;        /* (lock) seats taken */
    unsigned limit;        /* const; 0: none */
};

static struct threads *threads_of(struct pli_handle *handle)
{
    return handle->engine->state;
}

/* -- Seats ------------------------------------------------------------- */

static void seat_unref(struct seat *seat)
{
    if (atomic_fetch_sub_explicit(&seat->references, 1, memory_order_acq_rel) != 1)
        return;
    pli_mailbox_deinit(&seat->mailbox);
    pli_mutex_deinit(&seat->lock);
    free(seat);
}

static void run_posts(struct seat *seat)
{
    struct pli_handle *next;

    for (struct pli_handle *post = pli_mailbox_take(&seat->mailbox); post; post = next) {
        next = post->next_posted;
        pli_mailbox_kick(post);
        pli_count(&seat->worker->counters.events, 1);
    }
}

/* Blocks until there is something for the seat's handle, and runs it. */
static void serve(struct seat *seat)
{
    struct pollfd ready[2] = {
        {.fd = seat->mailbox.fd, .events = POLLIN},
        {.fd = seat->want ? seat->handle->fd : -1},
    };

    ready[1].events =
        (short)((seat->want & PLI_IN ? POLLIN : 0) | (seat->want & PLI_OUT ? POLLOUT : 0));
    if (poll(ready, 2, -1) < 0)
        return; /* EINTR */
    pli_count(&seat->worker->counters.waits, 1);
    if (ready[1].revents) {
        pli_handle_kick(seat->handle, pli_reactor_notes((unsigned)ready[1].revents));
        pli_count(&seat->worker->counters.events, 1);
    }
    if (ready[0].revents)
        run_posts(seat);
    pli_worker_flush(seat->worker, UINT32_MAX);
}

/* Nobody takes what is still posted: the handle has ended, or the server has stopped. */
static void refuse_posts(struct seat *seat)
{
    struct pli_handle *posts;

    pli_lock(&seat->lock);
    seat->done = true;
    posts = pli_mailbox_collect(&seat->mailbox);
    pli_unlock(&seat->lock);
    pli_mailbox_drop(posts);
}

static void leave(struct seat *seat)
{
    struct threads *threads = seat->threads;

    pli_lock(&threads->lock);
    *seat->link = seat->next;
    if (seat->next)
        seat->next->link = seat->link;
    seat->next = threads->left;
    threads->left = seat;
    threads->count--;
    pli_cond_signal(&threads->freed);
    pli_mailbox_wake(&threads->loop.mailbox); /* so that it is joined soon */
    pli_unlock(&threads->lock);
}

static void *seat_main(void *argument)
{
    struct seat *seat = argument;

    pli_worker_enter(seat->worker);
    while (!seat->over && !seat->threads->stop)
        serve(seat);
    pli_worker_hand_over(seat->worker);
    pli_worker_enter(NULL);
    refuse_posts(seat);
    pli_worker_retire(seat->worker);
    leave(seat);
    return NULL;
}

/* Joins the threads that have left. */
static void clear(struct threads *threads)
{
    struct seat *left;

    pli_lock(&threads->lock);
    left = threads->left;
    threads->left = NULL;
    pli_unlock(&threads->lock);
    while (left) {
        struct seat *seat = left;

        left = seat->next;
        pthread_join(seat->thread, NULL);
        seat_unref(seat);
    }
}

/* Counts one more; the thread that starts is there to be woken by a stop. */
static int take_seat(struct threads *threads, struct seat *seat)
{
    int rc = -EAGAIN;

    pli_lock(&threads->lock);
    if (threads->stop)
        rc = -ECANCELED;
    else if (threads->limit == 0 || threads->count < threads->limit)
        rc = pli_thread_start(&seat->thread, "paceline-conn", seat_main, seat);
    if (rc == 0) {
        threads->count++;
        seat->next = threads->taken;
        seat->link = &threads->taken;
        if (seat->next)
            seat->next->link = &seat->next;
        threads->taken = seat;
    }
    pli_unlock(&threads->lock);
    return rc;
}

static int seat_new(struct pli_handle *handle)
{
    struct seat *seat = calloc(1, sizeof(*seat));
    int rc = -ENOMEM;

    if (!seat)
        return -ENOMEM;
    seat->threads = threads_of(handle);
    seat->handle = handle;
    seat->references = 2;
    seat->mailbox.fd = -1;
    seat->worker = pli_worker_new(handle->engine);
    if (seat->worker) {
        seat->worker->home = seat;
        rc = pli_mailbox_open(&seat->mailbox);
    }
    if (rc == 0) {
        pli_mutex_init(&seat->lock, PLI_RANK_POOL);
        rc = take_seat(seat->threads, seat);
        if (rc == 0) {
            handle->home = seat;
            return 0;
        }
        pli_mutex_deinit(&seat->lock);
        pli_mailbox_deinit(&seat->mailbox);
    }
    if (seat->worker)
        pli_worker_retire(seat->worker);
    free(seat);
    return rc;
}

/* -- The thread that accepts ------------------------------------------- */

static void threads_stop(struct pli_engine *engine)
{
    struct threads *threads = engine->state;

    pli_lock(&threads->lock);
    threads->stop = true;
    for (struct seat *seat = threads->taken; seat; seat = seat->next)
        pli_mailbox_wake(&seat->mailbox);
    pli_mailbox_wake(&threads->loop.mailbox); /* locked: once it is free the model may end */
    pli_unlock(&threads->lock);
}

static void wait_for_seats(struct threads *threads)
{
    pli_lock(&threads->lock);
    while (threads->count > 0)
        pli_cond_wait(&threads->freed, &threads->lock);
    pli_unlock(&threads->lock);
    clear(threads);
}

static int threads_run(struct pli_engine *engine)
{
    struct threads *threads = engine->state;
    struct pli_loop *loop = &threads->loop;

    pli_worker_enter(loop->worker);
    while (!threads->stop) {
        unsigned count = pli_loop_wait(loop, -1, 2);

        for (unsigned i = 0; i < count; i++)
            pli_loop_run_event(loop, &loop->events[i]);
        pli_worker_flush(loop->worker, UINT32_MAX);
        clear(threads);
    }
    pli_worker_enter(NULL);
    wait_for_seats(threads);
    return 0;
}

static void threads_finish(struct pli_engine *engine)
{
    struct threads *threads = engine->state;

    pli_loop_deinit(&threads->loop);
    pli_cond_deinit(&threads->freed);
    pli_mutex_deinit(&threads->lock);
    free(threads);
    engine->state = NULL;
}

static int threads_start(struct pli_engine *engine)
{
    struct threads *threads = calloc(1, sizeof(*threads));
    int rc;

    if (!threads)
        return -ENOMEM;
    engine->state = threads;
    threads->limit = engine->options.connection_threads;
    pli_mutex_init(&threads->lock, PLI_RANK_POOL);
    pli_cond_init(&threads->freed);
    rc = pli_loop_init(&threads->loop, engine);
    if (rc < 0)
        threads_finish(engine);
    return rc;
}

/* -- Handles ----------------------------------------------------------- */

static bool has_seat(const struct pli_handle *handle)
{
    return handle->class->kind == PLI_STREAM;
}

static int threads_place(struct pli_handle *handle)
{
    if (has_seat(handle))
        return seat_new(handle);
    handle->home = &threads_of(handle)->loop;
    return 0;
}

static void threads_displace(struct pli_handle *handle)
{
    struct seat *seat = handle->home;

    if (!has_seat(handle))
        return;
    seat->over = true;
    if (pli_worker_self() != seat->worker)
        pli_mailbox_wake(&seat->mailbox);
}

static void threads_forget(struct pli_handle *handle)
{
    if (has_seat(handle))
        seat_unref(handle->home);
}

static int threads_arm(struct pli_handle *handle, unsigned want)
{
    if (!has_seat(handle))
        return pli_reactor_arm(threads_of(handle)->loop.epoll, handle, want, 0);
    ((struct seat *)handle->home)->want = want;
    return 0;
}

static void threads_close(struct pli_handle *handle)
{
    if (has_seat(handle))
        ((struct seat *)handle->home)->want = 0;
    pli_reactor_close(threads_of(handle)->loop.epoll, handle);
}

static void threads_post(struct pli_handle *handle)
{
    struct seat *seat = handle->home;
    bool done;

    if (!has_seat(handle)) {
        pli_mailbox_push(&threads_of(handle)->loop.mailbox, handle);
        return;
    }
    pli_lock(&seat->lock);
    done = seat->done;
    if (!done)
        pli_mailbox_push(&seat->mailbox, handle);
    pli_unlock(&seat->lock);
    if (done) {
        handle->next_posted = NULL;
        pli_mailbox_drop(handle);
    }
}

static void threads_kick(struct pli_handle *handle, unsigned notes)
{
    if (pli_worker_self()->home == handle->home)
        pli_handle_kick(handle, notes);
    else
        pli_handle_post(handle, notes);
}

/* Nobody else needs this thread: brackets mean nothing here. */
static void threads_blocking(struct pli_worker *worker)
{
    (void)worker;
}

static void threads_count(struct pli_engine *engine, unsigned *alive, unsigned *spare)
{
    struct threads *threads = engine->state;

    pli_lock(&threads->lock);
    *alive = threads->count + 1; /* and the one that accepts */
    pli_unlock(&threads->lock);
    *spare = 0;
}

const struct pli_model pli_thread_per_connection = {
    .name = "thread-per-connection",
    .start = threads_start,
    .finish = threads_finish,
    .run = threads_run,
    .stop = threads_stop,
    .place = threads_place,
    .displace = threads_displace,
    .forget = threads_forget,
    .arm = threads_arm,
    .close = threads_close,
    .kick = threads_kick,
    .post = threads_post,
    .read = pli_reactor_read,
    .write = pli_reactor_write,
    .accept = pli_reactor_accept,
    .shutdown = pli_reactor_shutdown,
    .blocking_begin = threads_blocking,
    .blocking_end = threads_blocking,
    .threads = threads_count,
    .oneshot = false,
};
