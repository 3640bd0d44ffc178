/* SPDX-License-Identifier: MIT */
/*
 * Who flushes. While a thread works its FIFO of owed kicks off, others go on taking events, and
 * come to owe more. If each of them flushed its own at once, a connection would get each line by
 * itself, in a send of its own; so what they owe goes behind what is being flushed already, where
 * more lines for the same connections join it, unless that has become so much that another
 * thread had better help.
 *
 * What is handed over is taken by whoever flushes next comes back from it, before it does anything
 * else, so that only threads that come back may be handed anything: one that is about to block
 * within a flush leaves the flushers first.
 *
 * All of this is guarded by the lock of the model that uses it.
 */
#ifndef PLI_ENGINE_FLUSHERS_H
#define PLI_ENGINE_FLUSHERS_H

#include "engine/worker.h"

/* Handles that each thread that flushes may owe before another one helps: a millisecond's work. */
#define PLI_FLUSH_SHARE 256u

struct pli_flushers {
    unsigned active;        /* threads that flush */
    unsigned load;          /* handles that they owed when they began */
    struct pli_owed handed; /* what they have been given since */
};

/* The worker is going to flush what it owes. */
void pli_flushers_enter(struct pli_flushers *flushers, struct pli_worker *worker);

/* It has done so, or will block: it owes what has been handed over now. May be called twice. */
void pli_flushers_leave(struct pli_flushers *flushers, struct pli_worker *worker);

/* Hands what the worker owes over to those who flush; false: it has to flush that itself. */
bool pli_flushers_hand_over(struct pli_flushers *flushers, struct pli_worker *worker);

#endif
