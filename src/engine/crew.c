/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/crew.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "engine/engine.h"
#include "engine/reactor.h"

#define IDLE_NS 10000000000u /* how long a surplus thread waits before it ends */

struct pli_crew_member {
    struct pli_crew *crew;
    struct pli_worker *worker;
    struct pli_cond woken;
    struct pli_crew_member
        *next; /* (lock) in the stack of those that wait, the ended, the vacant */
    pthread_t thread;
    bool go;        /* (lock) promoted */
    bool first;     /* the thread that called run(): it never ends by idling */
    unsigned taken; /* events taken since the last flush; the thread's own */
};

static void *member_main(void *argument);

void pli_crew_lock(struct pli_crew *crew)
{
    if (crew->shared)
        pli_lock(&crew->lock);
}

void pli_crew_unlock(struct pli_crew *crew)
{
    if (crew->shared)
        pli_unlock(&crew->lock);
}

/* -- Members ----------------------------------------------------------- */

/*
 * A member for one more thread, with its worker. Those of threads that have ended are used again
 * and freed only with the crew: whoever promoted one may still be about to signal it.
 */
static int member_new_locked(struct pli_crew *crew, struct pli_crew_member **out)
{
    struct pli_crew_member *member = crew->vacant;

    if (!member) {
        member = calloc(1, sizeof(*member));
        if (!member)
            return -ENOMEM;
        member->crew = crew;
        pli_cond_init(&member->woken);
        member->next = NULL;
        crew->vacant = member;
    }
    member->worker = pli_worker_new(crew->engine);
    if (!member->worker)
        return -ENOMEM;
    crew->vacant = member->next;
    *out = member;
    return 0;
}

static void member_vacate_locked(struct pli_crew *crew, struct pli_crew_member *member)
{
    member->next = crew->vacant;
    crew->vacant = member;
}

/* Waits for threads that are past their last unlock. */
static void reap_locked(struct pli_crew *crew)
{
    while (crew->ended) {
        struct pli_crew_member *member = crew->ended;

        crew->ended = member->next;
        pthread_join(member->thread, NULL);
        member_vacate_locked(crew, member);
    }
}

/* Starts one more thread. Its place among the running is reserved by the caller. */
static int member_start_locked(struct pli_crew *crew, bool woken)
{
    struct pli_crew_member *member;
    int rc;

    reap_locked(crew);
    rc = member_new_locked(crew, &member);
    if (rc < 0)
        return rc;
    member->go = woken;
    rc = pli_thread_start(&member->thread, "paceline-pool", member_main, member);
    if (rc < 0) {
        pli_worker_retire(member->worker);
        member_vacate_locked(crew, member);
        return rc;
    }
    crew->alive++;
    crew->unfinished++;
    return 0;
}

/* Whether a spare thread could be started to lead. Its start is rare, and so is done locked. */
static bool start_spare_locked(struct pli_crew *crew)
{
    int rc;

    if (crew->alive >= crew->members_max)
        return false;
    rc = member_start_locked(crew, true);
    if (rc < 0 && !crew->told_failed)
        pli_log(PL_LOG_WARNING, "no spare thread can be started: %s", strerror(-rc));
    crew->told_failed = rc < 0; /* every event tries again */
    return rc == 0;
}

/* -- Promotion --------------------------------------------------------- */

/* Whether one more thread may run, for all who are on their way. */
static bool has_place_locked(const struct pli_crew *crew)
{
    return !crew->stop && !crew->waking && crew->running < crew->limit;
}

struct pli_crew_member *pli_crew_promote_locked(struct pli_crew *crew)
{
    struct pli_crew_member *member = crew->waiting;

    if (!has_place_locked(crew) || !crew->class->wants(crew))
        return NULL;
    if (member) {
        crew->waiting = member->next;
        member->go = true;
    } else if (!start_spare_locked(crew)) {
        return NULL;
    }
    crew->waking = true;
    crew->running++; /* the place is reserved here, for the one who comes */
    atomic_fetch_add_explicit(&crew->engine->promotions, 1, memory_order_relaxed);
    return member;
}

/* Without the lock: members, used again or not, live until the crew's end. */
void pli_crew_signal(struct pli_crew_member *promoted)
{
    if (promoted)
        pli_cond_signal(&promoted->woken);
}

static void leave_stack_locked(struct pli_crew *crew, struct pli_crew_member *member)
{
    struct pli_crew_member **link = &crew->waiting;

    while (*link != member)
        link = &(*link)->next;
    *link = member->next;
}

/*
 * Waits until promoted. Returns false if the thread is to end instead: nobody needed
 * it for a while, and there are more threads than configured.
 */
static bool park_locked(struct pli_crew_member *member)
{
    struct pli_crew *crew = member->crew;
    int rc = 0;

    crew->running--;
    member->go = false;
    member->next = crew->waiting;
    crew->waiting = member;
    while (!member->go && !crew->stop) {
        if (!member->first && crew->alive > crew->limit)
            rc = pli_cond_wait_until(&member->woken, &crew->lock, pli_clock_now() + IDLE_NS);
        else
            pli_cond_wait(&member->woken, &crew->lock);
        if (rc < 0 && !member->go && !crew->stop && crew->alive > crew->limit) {
            leave_stack_locked(crew, member);
            crew->alive--; /* at once, so that another may be started in its place */
            return false;
        }
    }
    if (member->go)
        crew->waking = false; /* first of all, whatever it finds now */
    else
        crew->running++;
    return true;
}

/* -- The life of a thread ---------------------------------------------- */

static void run_ready(struct pli_crew *crew, const struct pli_ready *ready)
{
    if (ready->posted) {
        pli_mailbox_kick(ready->handle);
    } else if (ready->handle) {
        pli_handle_kick(ready->handle, ready->notes);
        pli_handle_unref(ready->handle);
    } else if (ready->id) {
        pli_handle_event(crew->engine, ready->id, ready->notes);
    }
}

/* Takes one event and, once another thread is going to come, processes it. */
static void process_one_locked(struct pli_crew_member *member)
{
    struct pli_crew *crew = member->crew;
    struct pli_ready ready = crew->class->take(crew);
    struct pli_crew_member *promoted = pli_crew_promote_locked(crew);

    pli_crew_unlock(crew);
    pli_crew_signal(promoted);
    member->taken++;
    run_ready(crew, &ready);
    pli_count(&member->worker->counters.events, 1);
    pli_crew_lock(crew);
}

static void flush_locked(struct pli_crew_member *member, unsigned limit)
{
    struct pli_crew *crew = member->crew;
    struct pli_crew_member *promoted = pli_crew_promote_locked(crew);

    pli_flushers_enter(&crew->flushers, member->worker);
    crew->flushes++;
    pli_crew_unlock(crew);
    pli_crew_signal(promoted);
    pli_worker_flush(member->worker, limit);
    member->taken = 0;
    pli_crew_lock(crew);
    pli_flushers_leave(&crew->flushers, member->worker);
}

/* Until the stop or its own end. The place is reserved. */
static void member_loop_locked(struct pli_crew_member *member)
{
    struct pli_crew *crew = member->crew;
    const struct pli_crew_class *class = crew->class;
    struct pli_worker *worker = member->worker;

    while (!crew->stop) {
        bool owes = pli_worker_owes(worker);

        if (crew->running > crew->limit) {
            if (owes)
                flush_locked(member, UINT32_MAX);
            else if (!park_locked(member))
                return;
        } else if (class->ready(crew) && !(owes && member->taken >= PLI_FLUSH_AFTER)) {
            process_one_locked(member);
        } else if (owes && pli_flushers_hand_over(&crew->flushers, worker)) {
            continue;
        } else if (owes) {
            flush_locked(member, PLI_FLUSH_CHUNK);
            if (!class->ready(crew) && pli_worker_owes(worker))
                class->wait(crew, worker);
        } else if (!class->wait(crew, worker) && !park_locked(member)) {
            return;
        }
    }
    crew->running--;
    crew->alive--;
}

static void run_member(struct pli_crew_member *member)
{
    struct pli_crew *crew = member->crew;

    pli_worker_enter(member->worker);
    pli_crew_lock(crew);
    if (member->go)
        crew->waking = false; /* a spare thread, started in place of a wake-up */
    member->go = false;
    member_loop_locked(member);
    pli_crew_unlock(crew);
    pli_worker_hand_over(member->worker);
    pli_worker_enter(NULL);
    pli_worker_retire(member->worker);
    pli_crew_lock(crew);
    crew->unfinished--;
    if (member->first) {
        member_vacate_locked(crew, member);
    } else {
        member->next = crew->ended;
        crew->ended = member;
        pli_cond_signal(&crew->ending);
    }
    pli_crew_unlock(crew);
}

static void *member_main(void *argument)
{
    run_member(argument);
    return NULL;
}

void pli_crew_stop_locked(struct pli_crew *crew)
{
    crew->stop = true;
    for (struct pli_crew_member *member = crew->waiting; member; member = member->next)
        pli_cond_signal(&member->woken);
}

void pli_crew_join(struct pli_crew *crew)
{
    if (!crew->shared)
        return;
    pli_lock(&crew->lock);
    while (crew->unfinished > 0)
        pli_cond_wait(&crew->ending, &crew->lock);
    reap_locked(crew);
    pli_unlock(&crew->lock);
}

/* Starts the threads from number FIRST on. */
static int start_locked(struct pli_crew *crew, unsigned first)
{
    int rc = 0;

    for (unsigned i = first; i < crew->limit && rc == 0; i++)
        rc = member_start_locked(crew, false);
    if (rc < 0)
        pli_crew_stop_locked(crew);
    return rc;
}

int pli_crew_start(struct pli_crew *crew)
{
    int rc;

    pli_crew_lock(crew);
    rc = start_locked(crew, 0);
    pli_crew_unlock(crew);
    return rc;
}

int pli_crew_run(struct pli_crew *crew)
{
    struct pli_crew_member *self = NULL;
    int rc;

    pli_crew_lock(crew);
    rc = member_new_locked(crew, &self);
    if (rc == 0) {
        self->first = true;
        crew->alive++;
        crew->unfinished++;
        rc = start_locked(crew, 1);
    }
    pli_crew_unlock(crew);
    if (!self)
        return rc;
    run_member(self);
    pli_crew_join(crew);
    return rc;
}

/* -- Brackets ---------------------------------------------------------- */

/* After a promotion was tried: whether an event that is there, or comes next, finds no thread. */
static bool nobody_left_locked(const struct pli_crew *crew)
{
    return has_place_locked(crew) && !crew->waiting &&
           (crew->class->wants(crew) || crew->running == 0);
}

void pli_crew_blocking_begin(struct pli_crew *crew, struct pli_worker *worker)
{
    struct pli_crew_member *promoted;
    bool exhausted;
    bool tell;

    if (!crew->shared)
        return;
    pli_lock(&crew->lock);
    pli_flushers_leave(&crew->flushers, worker);
    crew->running--;
    promoted = pli_crew_promote_locked(crew);
    exhausted = nobody_left_locked(crew);
    tell = exhausted && !crew->told_exhausted;
    crew->told_exhausted |= exhausted;
    pli_unlock(&crew->lock);
    pli_crew_signal(promoted);
    pli_worker_hand_over(worker); /* what it has been given in the middle of a flush */
    if (exhausted)
        atomic_fetch_add_explicit(&crew->engine->spares_exhausted, 1, memory_order_relaxed);
    if (tell)
        pli_log(PL_LOG_WARNING,
                "a handler blocks and no spare thread is left: pool.spare_threads is too small");
}

/* Never waits: the event is finished even if there are more running now than the limit. */
void pli_crew_blocking_end(struct pli_crew *crew)
{
    if (!crew->shared)
        return;
    pli_lock(&crew->lock);
    crew->running++;
    pli_unlock(&crew->lock);
}

void pli_crew_threads(const struct pli_crew *crew, unsigned *alive, unsigned *spare)
{
    *alive = crew->alive;
    *spare = *alive > crew->limit ? *alive - crew->limit : 0;
}

/* -- Beginning and end ------------------------------------------------- */

void pli_crew_init(struct pli_crew *crew, struct pli_engine *engine,
                   const struct pli_crew_class *class, bool fed)
{
    unsigned threads = engine->options.threads;

    *crew = (struct pli_crew){
        .class = class,
        .engine = engine,
        .limit = threads,
        .running =
            threads, /* places of those that pli_crew_run() starts: none is promoted before */
        .members_max = threads + engine->options.spare_threads,
    };
    crew->shared = fed || crew->members_max > 1;
    pli_mutex_init(&crew->lock, PLI_RANK_POOL);
    pli_cond_init(&crew->ending);
}

void pli_crew_deinit(struct pli_crew *crew)
{
    while (crew->vacant) {
        struct pli_crew_member *member = crew->vacant;

        crew->vacant = member->next;
        pli_cond_deinit(&member->woken);
        free(member);
    }
    pli_cond_deinit(&crew->ending);
    pli_mutex_deinit(&crew->lock);
}
