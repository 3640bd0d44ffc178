/* SPDX-License-Identifier: MIT */
/*
 * Loop per thread: the efficient half-sync/half-async variant. Loop 0, the calling thread's,
 * accepts and runs timers and signals; it hands each new connection through a pipe to one of the N
 * event loops, the one with the fewest, where the connection stays for life.
 *
 * A loop owns its epoll set and everything in it. Handles are registered level-triggered, so that a
 * line costs no epoll_ctl. HOME is the loop that owns a handle; only that loop's thread kicks
 * it, so that the claim is always found free there, and remains the one place of exclusion. What
 * other threads want of a handle goes into the owner's mailbox.
 *
 * The pipe carries ids, eight bytes each, so that a read and a write are whole ids. A pipe that is
 * full sends the handle through the mailbox instead, which has no bound.
 *
 * tests/model/handover.pml is a model of this hand-over.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/thread.h"
#include "engine/loop.h"

/* The event data of a loop's pipe. No handle has this id: generations begin at 1. */
#define PIPE_ID     1u
#define IDS_AT_ONCE 64

struct loop {
    struct pli_loop loop;     /* first */
    int pipe[2];              /* ids of new handles */
    _Atomic unsigned handles; /* placed here and not yet ended */
    pthread_t thread;
};

struct loops {
    _Atomic bool stop;
    _Atomic unsigned next; /* where the search for the least loaded loop begins */
    unsigned count;        /* const: loop 0 and the N others */
    unsigned started;      /* of the threads; run() only */
    struct loop loop[];
};

static struct loop *loop_of(struct pli_handle *handle)
{
    return handle->home;
}

/* Begins to run the handles that the accepting loop has sent. */
static void adopt(struct loop *loop)
{
    uint64_t ids[IDS_AT_ONCE];
    ssize_t got = read(loop->pipe[0], ids, sizeof(ids));

    for (size_t i = 0; got > 0 && i < (size_t)got / sizeof(ids[0]); i++)
        pli_handle_event(loop->loop.engine, ids[i], 0);
}

static void run_loop(struct loop *loop)
{
    struct loops *loops = loop->loop.engine->state;
    struct pli_worker *worker = loop->loop.worker;

    pli_worker_enter(worker);
    while (!loops->stop) {
        unsigned count = pli_loop_wait(&loop->loop, pli_worker_owes(worker) ? 0 : -1, 1);

        for (unsigned i = 0; i < count; i++) {
            const struct epoll_event *event = &loop->loop.events[i];

            if (event->data.u64 == PIPE_ID)
                adopt(loop);
            else
                pli_loop_run_event(&loop->loop, event);
            if (i % PLI_FLUSH_AFTER == PLI_FLUSH_AFTER - 1)
                pli_worker_flush(worker, PLI_FLUSH_CHUNK);
        }
        pli_worker_flush(worker, PLI_FLUSH_CHUNK);
    }
    pli_worker_hand_over(worker);
    pli_worker_enter(NULL);
}

static void *loop_main(void *argument)
{
    run_loop(argument);
    return NULL;
}

static void loops_stop(struct pli_engine *engine)
{
    struct loops *loops = engine->state;

    loops->stop = true;
    for (unsigned i = 0; i < loops->count; i++)
        pli_mailbox_wake(&loops->loop[i].loop.mailbox);
}

static int loops_run(struct pli_engine *engine)
{
    struct loops *loops = engine->state;
    int rc = 0;

    loops->started = 1;
    while (loops->started < loops->count && rc == 0) {
        struct loop *loop = &loops->loop[loops->started];

        rc = pli_thread_start(&loop->thread, "paceline-loop", loop_main, loop);
        if (rc == 0)
            loops->started++;
    }
    if (rc < 0)
        loops_stop(engine);
    run_loop(&loops->loop[0]);
    for (unsigned i = 1; i < loops->started; i++)
        pthread_join(loops->loop[i].thread, NULL);
    return rc;
}

static void loop_deinit(struct loop *loop)
{
    pli_loop_deinit(&loop->loop);
    for (int i = 0; i < 2; i++)
        if (loop->pipe[i] >= 0)
            close(loop->pipe[i]);
}

static int loop_init(struct loop *loop, struct pli_engine *engine)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = PIPE_ID};

    int rc = pli_loop_init(&loop->loop, engine);

    loop->pipe[0] = loop->pipe[1] = -1;
    if (rc < 0)
        return rc;
    if (pipe2(loop->pipe, O_NONBLOCK | O_CLOEXEC) < 0)
        return -errno;
    if (epoll_ctl(loop->loop.epoll, EPOLL_CTL_ADD, loop->pipe[0], &event) < 0)
        return -errno;
    return 0;
}

static void loops_finish(struct pli_engine *engine)
{
    struct loops *loops = engine->state;

    for (unsigned i = 0; i < loops->count; i++)
        loop_deinit(&loops->loop[i]);
    free(loops);
    engine->state = NULL;
}

static int loops_start(struct pli_engine *engine)
{
    unsigned count = engine->options.threads + 1;
    struct loops *loops = calloc(1, sizeof(*loops) + count * sizeof(loops->loop[0]));
    int rc = 0;

    if (!loops)
        return -ENOMEM;
    engine->state = loops;
    while (rc == 0 && loops->count < count) {
        rc = loop_init(&loops->loop[loops->count], engine);
        loops->count++; /* a failed one is taken down like the others */
    }
    if (rc < 0)
        loops_finish(engine);
    return rc;
}

static int loops_arm(struct pli_handle *handle, unsigned want)
{
    return pli_reactor_arm(loop_of(handle)->loop.epoll, handle, want, 0);
}

static void loops_close(struct pli_handle *handle)
{
    pli_reactor_close(loop_of(handle)->loop.epoll, handle);
}

/* The search begins somewhere else each time, so that equals take turns. */
static struct loop *least_loaded(struct loops *loops)
{
    unsigned others = loops->count - 1;
    unsigned first = atomic_fetch_add_explicit(&loops->next, 1, memory_order_relaxed) % others;
    struct loop *best = &loops->loop[1 + first];

    for (unsigned i = 1; i < others; i++) {
        struct loop *other = &loops->loop[1 + (first + i) % others];

        if (other->handles < best->handles)
            best = other;
    }
    return best;
}

static int loops_place(struct pli_handle *handle)
{
    struct loops *loops = handle->engine->state;
    struct loop *loop = pli_handle_is_central(handle) ? &loops->loop[0] : least_loaded(loops);

    handle->home = loop;
    atomic_fetch_add_explicit(&loop->handles, 1, memory_order_relaxed);
    return 0;
}

static void loops_displace(struct pli_handle *handle)
{
    atomic_fetch_sub_explicit(&loop_of(handle)->handles, 1, memory_order_relaxed);
}

/*
 * A new handle goes through the owner's pipe, which carries no reference: who has ended by then is
 * not found. The posted flag is cleared before: a note made from now on is a post of its own, as
 * the owner may be done with the id already.
 */
static bool hand_over(struct pli_handle *handle)
{
    ssize_t size = sizeof(handle->id);

    atomic_exchange_explicit(&handle->posted, false, memory_order_acq_rel);
    return write(loop_of(handle)->pipe[1], &handle->id, sizeof(handle->id)) == size ||
           atomic_exchange_explicit(&handle->posted, true, memory_order_acq_rel);
}

static void loops_post(struct pli_handle *handle)
{
    bool new = atomic_load_explicit(&handle->word, memory_order_relaxed) & PLI_OPEN;

    if (new &&hand_over(handle))
        pli_handle_unref(handle);
    else
        pli_mailbox_push(&loop_of(handle)->loop.mailbox, handle);
}

/* At once in the owner's thread, by its mailbox from elsewhere. */
static void loops_kick(struct pli_handle *handle, unsigned notes)
{
    if (pli_worker_self()->home == handle->home)
        pli_handle_kick(handle, notes);
    else
        pli_handle_post(handle, notes);
}

/* A loop cannot go on without its thread: brackets mean nothing here. */
static void loops_blocking(struct pli_worker *worker)
{
    (void)worker;
}

static void loops_threads(struct pli_engine *engine, unsigned *alive, unsigned *spare)
{
    struct loops *loops = engine->state;

    *alive = loops->count;
    *spare = 0;
}

const struct pli_model pli_loop_per_thread = {
    .name = "loop-per-thread",
    .start = loops_start,
    .finish = loops_finish,
    .run = loops_run,
    .stop = loops_stop,
    .arm = loops_arm,
    .close = loops_close,
    .place = loops_place,
    .displace = loops_displace,
    .kick = loops_kick,
    .post = loops_post,
    .read = pli_reactor_read,
    .write = pli_reactor_write,
    .accept = pli_reactor_accept,
    .shutdown = pli_reactor_shutdown,
    .blocking_begin = loops_blocking,
    .blocking_end = loops_blocking,
    .threads = loops_threads,
    .oneshot = false,
};
