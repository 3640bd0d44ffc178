/* SPDX-License-Identifier: MIT */
/*
 * Leader/followers (Schmidt et al., "Leader/Followers: A Design Pattern for Efficient
 * Multi-threaded Event Demultiplexing and Dispatching", PLoP 2000) over one epoll set in which
 * every connection and listener is registered EPOLLONESHOT.
 *
 * At any moment at most one thread leads; only the leader calls epoll_wait. It harvests up to
 * a batch of events into the ready ring and gives the lead back. A thread of the crew
 * (engine/crew.h) takes one event at a time from the ring, and before it processes the event makes
 * sure that somebody else will lead: a thread is wanted whenever nobody leads. The woken thread
 * takes the ring's next event or, if there is none, leads. Under load all threads are awake, find
 * events in the ring, and the hand-off costs no system call.
 *
 * The crew's lock guards everything in struct pool but the epoll set, the mailbox and the ring's
 * slots, which the leader alone fills while COUNT is 0. Whoever leaves the lead does so under the
 * lock and goes round the crew's loop again, so that no way out of epoll_wait can lose it.
 *
 * tests/model/pool.pml is a model of this file and the crew, checked by spin.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/crew.h"
#include "engine/reactor.h"

struct pool {
    struct pli_crew crew; /* first */
    int epoll;
    struct pli_mailbox mailbox;
    bool led;
    struct pli_handle *posts; /* ready like the ring's events, oldest first */
    unsigned head;            /* of the ring: the next event */
    unsigned count;           /* events in it */
    unsigned harvested;       /* events that there were in it at first */
    unsigned flushes;         /* the crew's, when the last leader began to wait */
    struct epoll_event *ring; /* engine.options.batch slots, filled from 0 */
};

/* -- What the crew asks ------------------------------------------------ */

static bool lf_ready(const struct pli_crew *crew)
{
    const struct pool *pool = (const struct pool *)crew;

    return pool->count > 0 || pool->posts;
}

static struct pli_ready lf_take(struct pli_crew *crew)
{
    struct pool *pool = (struct pool *)crew;
    struct pli_handle *post = pool->posts;
    const struct epoll_event *event;

    if (pool->count == 0) {
        pool->posts = post->next_posted;
        return (struct pli_ready){.handle = post, .posted = true};
    }
    pool->count--;
    event = &pool->ring[pool->head++];
    if (event->data.u64 == PLI_MAILBOX_ID)
        return (struct pli_ready){0};
    return (struct pli_ready){.id = event->data.u64, .notes = pli_reactor_notes(event->events)};
}

static bool lf_wants(const struct pli_crew *crew)
{
    return !((const struct pool *)crew)->led;
}

/*
 * The leader's turn: waits for events, unless this thread has flushes left to do. Under load it lets
 * others run first, but not where lines fan out: whoever is let go then brings events one by one,
 * for recipients that have just been served (bench/run-chat --case channels).
 */
static bool lf_lead(struct pli_crew *crew, struct pli_worker *worker)
{
    struct pool *pool = (struct pool *)crew;
    struct pli_handle *posts = NULL;
    unsigned count;
    bool yield;

    if (pool->led)
        return false;
    assert(pool->count == 0);
    pool->led = true;
    yield = pool->harvested > 1 && pool->flushes == crew->flushes;
    pool->flushes = crew->flushes;
    pli_crew_unlock(crew);
    count =
        pli_reactor_wait(pool->epoll, worker, pool->ring, pli_worker_owes(worker) ? 0 : -1, yield);
    for (unsigned i = 0; i < count; i++)
        if (pool->ring[i].data.u64 == PLI_MAILBOX_ID)
            posts = pli_mailbox_take(&pool->mailbox);
    pli_crew_lock(crew);
    pool->head = 0;
    pool->count = pool->harvested = count;
    pool->posts = posts;
    pool->led = false;
    return true;
}

static const struct pli_crew_class lf_class = {
    .ready = lf_ready,
    .take = lf_take,
    .wants = lf_wants,
    .wait = lf_lead,
};

/* -- The model --------------------------------------------------------- */

static int lf_run(struct pli_engine *engine)
{
    struct pool *pool = engine->state;

    return pli_crew_run(&pool->crew);
}

static void lf_stop(struct pli_engine *engine)
{
    struct pool *pool = engine->state;

    pli_crew_lock(&pool->crew);
    pli_crew_stop_locked(&pool->crew);
    pli_mailbox_wake(&pool->mailbox); /* locked: once it is free the pool may end */
    pli_crew_unlock(&pool->crew);
}

static int lf_start(struct pli_engine *engine)
{
    struct pool *pool = calloc(1, sizeof(*pool));
    int rc = -ENOMEM;

    if (!pool)
        return -ENOMEM;
    pool->mailbox.fd = -1;
    pool->epoll = epoll_create1(EPOLL_CLOEXEC);
    pool->ring = calloc(engine->options.batch, sizeof(*pool->ring));
    if (pool->epoll < 0)
        rc = -errno;
    else if (pool->ring)
        rc = pli_mailbox_init(&pool->mailbox, pool->epoll);
    if (rc < 0) {
        if (pool->epoll >= 0)
            close(pool->epoll);
        free(pool->ring);
        free(pool);
        return rc;
    }
    pli_crew_init(&pool->crew, engine, &lf_class, false);
    engine->state = pool;
    return 0;
}

static void lf_finish(struct pli_engine *engine)
{
    struct pool *pool = engine->state;

    pli_mailbox_drop(pool->posts);
    pli_mailbox_deinit(&pool->mailbox);
    pli_crew_deinit(&pool->crew);
    close(pool->epoll);
    free(pool->ring);
    free(pool);
    engine->state = NULL;
}

static int lf_arm(struct pli_handle *handle, unsigned want)
{
    struct pool *pool = handle->engine->state;

    return pli_reactor_arm(pool->epoll, handle, want, EPOLLONESHOT);
}

static void lf_close(struct pli_handle *handle)
{
    struct pool *pool = handle->engine->state;

    pli_reactor_close(pool->epoll, handle);
}

static void lf_post(struct pli_handle *handle)
{
    struct pool *pool = handle->engine->state;

    pli_mailbox_push(&pool->mailbox, handle);
}

/* Any thread of the pool may run any handle: nothing to decide, nothing to forget. */
static int lf_place(struct pli_handle *handle)
{
    (void)handle;
    return 0;
}

static void lf_displace(struct pli_handle *handle)
{
    (void)handle;
}

static void lf_blocking_begin(struct pli_worker *worker)
{
    pli_crew_blocking_begin(worker->engine->state, worker);
}

static void lf_blocking_end(struct pli_worker *worker)
{
    pli_crew_blocking_end(worker->engine->state);
}

static void lf_threads(struct pli_engine *engine, unsigned *alive, unsigned *spare)
{
    pli_crew_threads(engine->state, alive, spare);
}

const struct pli_model pli_leader_followers = {
    .name = "leader-followers",
    .start = lf_start,
    .finish = lf_finish,
    .run = lf_run,
    .stop = lf_stop,
    .arm = lf_arm,
    .close = lf_close,
    .place = lf_place,
    .displace = lf_displace,
    .kick = pli_handle_kick,
    .post = lf_post,
    .read = pli_reactor_read,
    .write = pli_reactor_write,
    .accept = pli_reactor_accept,
    .shutdown = pli_reactor_shutdown,
    .blocking_begin = lf_blocking_begin,
    .blocking_end = lf_blocking_end,
    .threads = lf_threads,
    .oneshot = true,
};
