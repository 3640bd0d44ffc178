/* SPDX-License-Identifier: MIT */
/*
 * Leader/followers (Schmidt et al., "Leader/Followers: A Design Pattern for Efficient
 * Multi-threaded Event Demultiplexing and Dispatching", PLoP 2000) over one epoll set in which
 * every connection and listener is registered EPOLLONESHOT.
 *
 * At any moment at most one thread leads; only the leader calls epoll_wait. It harvests up to
 * a batch of events into the ready ring and gives the lead back. A thread takes one event at a time
 * from the ring, and before it processes the event it makes sure that somebody else will lead:
 * promote() wakes the follower that waited last (its cache is warm), on its own condition variable,
 * after the unlock. The woken thread takes the ring's next event or, if there is none, leads. Under
 * load all threads are awake, find events in the ring, and the hand-off costs no system call.
 *
 * RUNNING counts the threads that process, lead or have been woken, without those in a bracket
 * (pl_blocking_begin()). Nobody is promoted and no event begun that would make it exceed LIMIT.
 * A bracket gives its place up; if then nobody leads and no follower waits, a spare thread is
 * started in its stead. After the bracket RUNNING may exceed LIMIT until the event is done. A
 * follower that nobody needed for a while ends if there are more threads than the configured ones.
 *
 * WAKING is the one wake-up in flight: from the promotion until the woken thread runs, which
 * clears it before it looks at anything.
 *
 * A thread flushes what it owes (engine/worker.h) when no event is ready, unless others flush already
 * and can do that as well (engine/flushers.h).
 *
 * LOCK guards everything in struct pool but the epoll set, the mailbox and the ring's slots, which
 * the leader alone fills while COUNT is 0. A pool of one thread that can never become more takes no
 * lock. Whoever leaves the lead does so under the lock and goes round the loop again, so that no
 * way out of epoll_wait can lose it. Only a stop wakes everybody.
 *
 * tests/model/pool.pml is a model of this file, checked by spin.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "engine/flushers.h"
#include "engine/reactor.h"

#define IDLE_NS 10000000000u /* how long a surplus follower waits before it ends */

struct member {
    struct pool *pool;
    struct pli_worker *worker;
    struct pli_cond woken;
    struct member *next; /* (lock) in the stack of followers, or the list of ended or vacant ones */
    pthread_t thread;
    bool go;        /* (lock) promoted */
    bool first;     /* the thread that called run(): it never ends by idling */
    unsigned taken; /* events taken since the last flush; the thread's own */
};

struct pool {
    struct pli_engine *engine;
    int epoll;
    struct pli_mailbox mailbox;
    bool shared; /* const: more than one thread is possible */
    unsigned limit;
    unsigned members_max;

    struct pli_mutex lock;  /* PLI_RANK_POOL */
    struct pli_cond ending; /* a thread has ended */
    _Atomic bool stop;      /* set under lock; atomic for a pool that takes none */
    bool led;
    bool waking;
    unsigned running;
    unsigned unfinished;      /* threads that have not passed their last unlock */
    _Atomic unsigned alive;   /* threads that have not decided to end; atomic like stop */
    struct member *followers; /* a stack: who came last leaves first */
    struct member *ended;     /* threads that have ended and wait to be joined */
    struct member *vacant;    /* members without a thread */
    struct pli_handle *posts; /* ready like the ring's events, oldest first */
    unsigned head;            /* of the ring: the next event */
    unsigned count;           /* events in it */
    struct pli_flushers flushers;
    bool told_exhausted;
    bool told_failed;         /* that no spare could be started */
    struct epoll_event *ring; /* engine.options.batch slots, filled from 0 */
};

static void *member_main(void *argument);

static void lock_pool(struct pool *pool)
{
    if (pool->shared)
        pli_lock(&pool->lock);
}

static void unlock_pool(struct pool *pool)
{
    if (pool->shared)
        pli_unlock(&pool->lock);
}

static bool ready_locked(const struct pool *pool)
{
    return pool->count > 0 || pool->posts;
}

/*
 * A member for one more thread, with its worker. Those of threads that have ended are used again
 * and freed only with the pool: whoever promoted one may still be about to signal it.
 */
static int member_new_locked(struct pool *pool, struct member **out)
{
    struct member *member = pool->vacant;

    if (!member) {
        member = calloc(1, sizeof(*member));
        if (!member)
            return -ENOMEM;
        member->pool = pool;
        pli_cond_init(&member->woken);
        member->next = NULL;
        pool->vacant = member;
    }
    member->worker = pli_worker_new(pool->engine);
    if (!member->worker)
        return -ENOMEM;
    pool->vacant = member->next;
    *out = member;
    return 0;
}

static void member_vacate_locked(struct pool *pool, struct member *member)
{
    member->next = pool->vacant;
    pool->vacant = member;
}

/* Waits for threads that are past their last unlock. */
static void reap_locked(struct pool *pool)
{
    while (pool->ended) {
        struct member *member = pool->ended;

        pool->ended = member->next;
        pthread_join(member->thread, NULL);
        member_vacate_locked(pool, member);
    }
}

/* Starts one more thread. Its place among the running is reserved by the caller. */
static int member_start_locked(struct pool *pool, bool woken)
{
    struct member *member;
    int rc;

    reap_locked(pool);
    rc = member_new_locked(pool, &member);
    if (rc < 0)
        return rc;
    member->go = woken;
    rc = pli_thread_start(&member->thread, "paceline-pool", member_main, member);
    if (rc < 0) {
        pli_worker_retire(member->worker);
        member_vacate_locked(pool, member);
        return rc;
    }
    pool->alive++;
    pool->unfinished++;
    return 0;
}

/* Whether a spare thread could be started to lead. Its start is rare, and so is done locked. */
static bool start_spare_locked(struct pool *pool)
{
    int rc;

    if (pool->alive >= pool->members_max)
        return false;
    rc = member_start_locked(pool, true);
    if (rc < 0 && !pool->told_failed)
        pli_log(PL_LOG_WARNING, "no spare thread can be started: %s", strerror(-rc));
    pool->told_failed = rc < 0; /* every event tries again */
    return rc == 0;
}

/* Whether it is for a thread to be woken or started, to lead or to take a ready event. */
static bool promotion_due_locked(const struct pool *pool)
{
    return !pool->stop && !pool->led && !pool->waking && pool->running < pool->limit;
}

/*
 * Makes sure that somebody will lead, if there is anybody who may: the follower that waited last,
 * whom the caller signals after the unlock, or else a spare thread. The place among the running is
 * reserved here, for the one who comes.
 */
static struct member *promote_locked(struct pool *pool)
{
    struct member *follower = pool->followers;

    if (!promotion_due_locked(pool))
        return NULL;
    if (follower) {
        pool->followers = follower->next;
        follower->go = true;
    } else if (!start_spare_locked(pool)) {
        return NULL;
    }
    pool->waking = true;
    pool->running++;
    atomic_fetch_add_explicit(&pool->engine->promotions, 1, memory_order_relaxed);
    return follower;
}

/* Without the lock: members, used again or not, live until the pool's end. */
static void signal_promoted(struct member *follower)
{
    if (follower)
        pli_cond_signal(&follower->woken);
}

static void leave_stack_locked(struct pool *pool, struct member *member)
{
    struct member **link = &pool->followers;

    while (*link != member)
        link = &(*link)->next;
    *link = member->next;
}

/*
 * Waits as a follower until promoted. Returns false if the thread is to end instead: nobody needed
 * it for a while, and there are more threads than configured.
 */
static bool park_locked(struct member *member)
{
    struct pool *pool = member->pool;
    int rc = 0;

    pool->running--;
    member->go = false;
    member->next = pool->followers;
    pool->followers = member;
    while (!member->go && !pool->stop) {
        if (!member->first && pool->alive > pool->limit)
            rc = pli_cond_wait_until(&member->woken, &pool->lock, pli_clock_now() + IDLE_NS);
        else
            pli_cond_wait(&member->woken, &pool->lock);
        if (rc < 0 && !member->go && !pool->stop && pool->alive > pool->limit) {
            leave_stack_locked(pool, member);
            pool->alive--; /* at once, so that another may be started in its place */
            return false;
        }
    }
    if (member->go)
        pool->waking = false; /* first of all, whatever it finds now */
    else
        pool->running++;
    return true;
}

/* The leader's turn: waits for events, unless this thread has flushes left to do. */
static void lead_locked(struct member *member)
{
    struct pool *pool = member->pool;
    struct pli_handle *posts = NULL;
    int timeout = pli_worker_owes(member->worker) ? 0 : -1;
    int count;

    assert(!pool->led && pool->count == 0);
    pool->led = true;
    unlock_pool(pool);
    count = epoll_wait(pool->epoll, pool->ring, (int)pool->engine->options.batch, timeout);
    pli_count(&member->worker->counters.waits, 1);
    if (count < 0 && errno != EINTR)
        pli_log(PL_LOG_ERROR, "epoll_wait: %s", strerror(errno));
    for (int i = 0; i < count; i++)
        if (pool->ring[i].data.u64 == PLI_MAILBOX_ID)
            posts = pli_mailbox_take(&pool->mailbox);
    lock_pool(pool);
    pool->head = 0;
    pool->count = count > 0 ? (unsigned)count : 0;
    pool->posts = posts;
    pool->led = false;
}

/* Takes one event and, once somebody else is going to lead, processes it. */
static void process_one_locked(struct member *member)
{
    struct pool *pool = member->pool;
    struct pli_worker *worker = member->worker;
    struct epoll_event event = {0};
    struct pli_handle *post = NULL;
    struct member *promoted;

    if (pool->count > 0) {
        event = pool->ring[pool->head++];
        pool->count--;
    } else {
        post = pool->posts;
        pool->posts = post->next_posted;
    }
    promoted = promote_locked(pool);
    unlock_pool(pool);
    signal_promoted(promoted);
    member->taken++;
    if (post)
        pli_mailbox_kick(post);
    else if (event.data.u64 != PLI_MAILBOX_ID)
        pli_handle_event(pool->engine, event.data.u64, pli_reactor_notes(event.events));
    pli_count(&worker->counters.events, 1);
    lock_pool(pool);
}

static void flush_locked(struct member *member, unsigned limit)
{
    struct pool *pool = member->pool;
    struct member *promoted = promote_locked(pool);

    pli_flushers_enter(&pool->flushers, member->worker);
    unlock_pool(pool);
    signal_promoted(promoted);
    pli_worker_flush(member->worker, limit);
    member->taken = 0;
    lock_pool(pool);
    pli_flushers_leave(&pool->flushers, member->worker);
}

/* The life of a thread of the pool, until the stop or its own end. The place is reserved. */
static void member_loop_locked(struct member *member)
{
    struct pool *pool = member->pool;
    struct pli_worker *worker = member->worker;

    while (!pool->stop) {
        bool owes = pli_worker_owes(worker);

        if (pool->running > pool->limit) {
            if (owes)
                flush_locked(member, UINT32_MAX);
            else if (!park_locked(member))
                return;
        } else if (ready_locked(pool) && !(owes && member->taken >= PLI_FLUSH_AFTER)) {
            process_one_locked(member);
        } else if (owes && pli_flushers_hand_over(&pool->flushers, worker)) {
            continue;
        } else if (owes) {
            flush_locked(member, PLI_FLUSH_CHUNK);
            if (!ready_locked(pool) && !pool->led && pli_worker_owes(worker))
                lead_locked(member);
        } else if (!pool->led) {
            lead_locked(member);
        } else if (!park_locked(member)) {
            return;
        }
    }
    pool->running--;
    pool->alive--;
}

static void run_member(struct member *member)
{
    struct pool *pool = member->pool;

    pli_worker_enter(member->worker);
    lock_pool(pool);
    if (member->go)
        pool->waking = false; /* a spare thread, started in place of a wake-up */
    member->go = false;
    member_loop_locked(member);
    unlock_pool(pool);
    pli_worker_hand_over(member->worker);
    pli_worker_enter(NULL);
    pli_worker_retire(member->worker);
    lock_pool(pool);
    pool->unfinished--;
    if (member->first) {
        member_vacate_locked(pool, member);
    } else {
        member->next = pool->ended;
        pool->ended = member;
        pli_cond_signal(&pool->ending);
    }
    unlock_pool(pool);
}

static void *member_main(void *argument)
{
    run_member(argument);
    return NULL;
}

static void lf_stop(struct pli_engine *engine)
{
    struct pool *pool = engine->state;

    lock_pool(pool);
    pool->stop = true;
    for (struct member *member = pool->followers; member; member = member->next)
        pli_cond_signal(&member->woken);
    pli_mailbox_wake(&pool->mailbox); /* locked: once it is free the pool may end */
    unlock_pool(pool);
}

static void wait_for_the_others(struct pool *pool)
{
    if (!pool->shared)
        return;
    pli_lock(&pool->lock);
    while (pool->unfinished > 0)
        pli_cond_wait(&pool->ending, &pool->lock);
    reap_locked(pool);
    pli_unlock(&pool->lock);
}

static int lf_run(struct pli_engine *engine)
{
    struct pool *pool = engine->state;
    struct member *self = NULL;
    int rc;

    lock_pool(pool);
    rc = member_new_locked(pool, &self);
    if (rc == 0) {
        self->first = true;
        pool->alive++;
        pool->unfinished++;
        pool->running = pool->limit; /* everybody's place */
        for (unsigned i = 1; i < pool->limit && rc == 0; i++)
            rc = member_start_locked(pool, false);
    }
    unlock_pool(pool);
    if (rc < 0 && !self)
        return rc;
    if (rc < 0)
        lf_stop(engine);
    run_member(self);
    wait_for_the_others(pool);
    return rc;
}

static int lf_start(struct pli_engine *engine)
{
    struct pool *pool = calloc(1, sizeof(*pool));
    int rc = -ENOMEM;

    if (!pool)
        return -ENOMEM;
    pool->engine = engine;
    pool->limit = engine->options.threads;
    pool->members_max = engine->options.threads + engine->options.spare_threads;
    pool->shared = pool->members_max > 1;
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
    pli_mutex_init(&pool->lock, PLI_RANK_POOL);
    pli_cond_init(&pool->ending);
    engine->state = pool;
    return 0;
}

static void lf_finish(struct pli_engine *engine)
{
    struct pool *pool = engine->state;

    while (pool->posts) {
        struct pli_handle *post = pool->posts;

        pool->posts = post->next_posted;
        atomic_store_explicit(&post->posted, false, memory_order_release);
        pli_handle_unref(post);
    }
    while (pool->vacant) {
        struct member *member = pool->vacant;

        pool->vacant = member->next;
        pli_cond_deinit(&member->woken);
        free(member);
    }
    pli_mailbox_deinit(&pool->mailbox);
    pli_cond_deinit(&pool->ending);
    pli_mutex_deinit(&pool->lock);
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

static void lf_disarm(struct pli_handle *handle)
{
    struct pool *pool = handle->engine->state;

    pli_reactor_disarm(pool->epoll, handle);
}

static void lf_post(struct pli_handle *handle)
{
    struct pool *pool = handle->engine->state;

    pli_mailbox_push(&pool->mailbox, handle);
}

/* Any thread of the pool may run any handle: nothing to decide, nothing to forget. */
static void lf_place(struct pli_handle *handle)
{
    (void)handle;
}

static void lf_blocking_begin(struct pli_worker *worker)
{
    struct pool *pool = worker->engine->state;
    struct member *promoted;
    bool exhausted;
    bool tell;

    if (!pool->shared)
        return;
    lock_pool(pool);
    pli_flushers_leave(&pool->flushers, worker);
    pool->running--;
    promoted = promote_locked(pool);
    exhausted = promotion_due_locked(pool);
    tell = exhausted && !pool->told_exhausted;
    pool->told_exhausted |= exhausted;
    unlock_pool(pool);
    signal_promoted(promoted);
    pli_worker_hand_over(worker); /* what it has been given in the middle of a flush */
    if (exhausted)
        atomic_fetch_add_explicit(&worker->engine->spares_exhausted, 1, memory_order_relaxed);
    if (tell)
        pli_log(PL_LOG_WARNING,
                "a handler blocks and no spare thread is left: pool.spare_threads is too small");
}

/* Never waits: the event is finished even if there are more running now than the limit. */
static void lf_blocking_end(struct pli_worker *worker)
{
    struct pool *pool = worker->engine->state;

    if (!pool->shared)
        return;
    lock_pool(pool);
    pool->running++;
    unlock_pool(pool);
}

static void lf_threads(struct pli_engine *engine, unsigned *alive, unsigned *spare)
{
    struct pool *pool = engine->state;

    *alive = pool->alive;
    *spare = pool->alive > pool->limit ? pool->alive - pool->limit : 0;
}

const struct pli_model pli_leader_followers = {
    .name = "leader-followers",
    .start = lf_start,
    .finish = lf_finish,
    .run = lf_run,
    .stop = lf_stop,
    .arm = lf_arm,
    .disarm = lf_disarm,
    .place = lf_place,
    .displace = lf_place,
    .kick = pli_handle_kick,
    .post = lf_post,
    .read = pli_reactor_read,
    .write = pli_reactor_write,
    .accept = pli_reactor_accept,
    .blocking_begin = lf_blocking_begin,
    .blocking_end = lf_blocking_end,
    .threads = lf_threads,
    .oneshot = true,
};
