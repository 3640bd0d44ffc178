/* SPDX-License-Identifier: MIT */
/*
 * A crew: threads that take ready events in turn, of which no more than a limit run at once. What
 * is ready, and what a thread does when nothing is, says the model the crew works for, in a table
 * of functions (struct pli_crew_class).
 *
 * Before a thread processes the event it has taken, and whenever something gets ready, promote()
 * sees to it that one more thread comes if the model has use for it: the one that waited last (its
 * cache is warm), on its own condition variable, after the unlock. Under load all threads are
 * awake, and this costs no system call.
 *
 * RUNNING counts the threads that process, wait for the model or have been woken, without those in
 * a bracket (pl_blocking_begin()). Nobody is promoted and no event begun that would make it exceed
 * LIMIT. A bracket gives its place up; if then the model needs a thread and none waits, a spare one
 * is started in its stead. After the bracket RUNNING may exceed LIMIT until the event is done. A
 * thread that nobody needed for a while ends if there are more than the configured ones.
 *
 * WAKING is the one wake-up in flight: from the promotion until the woken thread runs, which clears
 * it before it looks at anything.
 *
 * A thread flushes what it owes (engine/worker.h) when no event is ready, unless others flush
 * already and can do that as well (engine/flushers.h).
 *
 * LOCK guards everything here and what the model adds to it. A crew of one thread that can never
 * become more, and that no other thread feeds, takes no lock. Only a stop wakes everybody.
 */
#ifndef PLI_ENGINE_CREW_H
#define PLI_ENGINE_CREW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/lock.h"
#include "engine/flushers.h"

struct pli_crew;
struct pli_crew_member;
struct pli_engine;
struct pli_handle;
struct pli_worker;

/* What is ready: something for a handle, with a reference or by its id. */
struct pli_ready {
    struct pli_handle *handle; /* or NULL: ID */
    uint64_t id;
    unsigned notes;
    bool posted; /* HANDLE comes from a list of posts; its notes are made */
};

/* All of them are called with the lock held. */
struct pli_crew_class {
    /* Whether take() has something. */
    bool (*ready)(const struct pli_crew *crew);

    /* The next that is ready; or nothing after all: no handle, and 0 for an id. */
    struct pli_ready (*take)(struct pli_crew *crew);

    /* Whether one more thread would be of use. */
    bool (*wants)(const struct pli_crew *crew);

    /*
     * Has the thread wait where only the model can, while nothing is ready: without waiting if it
     * owes flushes. May let go of the lock. False: it did not, and is to wait as a follower.
     */
    bool (*wait)(struct pli_crew *crew, struct pli_worker *worker);
};

struct pli_crew {
    const struct pli_crew_class *class; /* const, as all of this block */
    struct pli_engine *engine;
    bool shared; /* more than one thread comes by: locks are taken */
    unsigned limit;
    unsigned members_max;

    struct pli_mutex lock;  /* PLI_RANK_POOL */
    struct pli_cond ending; /* a thread has ended */
    _Atomic bool stop;      /* set under lock; atomic for a crew that takes none */
    bool waking;
    unsigned running;
    unsigned unfinished;             /* threads that have not passed their last unlock */
    _Atomic unsigned alive;          /* threads that have not decided to end; atomic like stop */
    struct pli_crew_member *waiting; /* a stack: who came last leaves first */
    struct pli_crew_member *ended;   /* threads that have ended and wait to be joined */
    struct pli_crew_member *vacant;  /* members without a thread */
    struct pli_flushers flushers;
    unsigned flushes; /* how often a thread has flushed what it owed */
    bool told_exhausted;
    bool told_failed; /* that no spare could be started */
};

/* Of options.threads and options.spare_threads. FED: threads from elsewhere bring events. */
void pli_crew_init(struct pli_crew *crew, struct pli_engine *engine,
                   const struct pli_crew_class *class, bool fed);
void pli_crew_deinit(struct pli_crew *crew);

void pli_crew_lock(struct pli_crew *crew);
void pli_crew_unlock(struct pli_crew *crew);

/*
 * Runs it: the calling thread is one of the crew, the others are started. Returns when all have
 * ended, 0 or why a thread could not be started.
 */
int pli_crew_run(struct pli_crew *crew);

/* Starts all its threads. Returns 0, or why one could not be: then the crew has stopped. */
int pli_crew_start(struct pli_crew *crew);

/* Waits until all threads have ended. */
void pli_crew_join(struct pli_crew *crew);

/* Lets all threads end after the event that they process. */
void pli_crew_stop_locked(struct pli_crew *crew);

/*
 * Makes sure that one more thread comes, if the model has use for one and there may be one. The
 * caller signals whom it returns after the unlock.
 */
struct pli_crew_member *pli_crew_promote_locked(struct pli_crew *crew);
void pli_crew_signal(struct pli_crew_member *promoted);

/* Brackets, of a worker of the crew. */
void pli_crew_blocking_begin(struct pli_crew *crew, struct pli_worker *worker);
void pli_crew_blocking_end(struct pli_crew *crew);

/* The threads there are, and how many of them beyond the configured ones. Any thread. */
void pli_crew_threads(const struct pli_crew *crew, unsigned *alive, unsigned *spare);

#endif
