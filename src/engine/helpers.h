/* SPDX-License-Identifier: MIT */
/*
 * The helper pool: a few threads for work that takes long or waits (hashes, disks, reloads), fed
 * by a bounded queue, apart from the pool that serves events. Threads are started when first
 * needed, and make way for those that serve (pli_thread_give_way()). Work that has been accepted is
 * always done, also when the server stops.
 */
#ifndef PLI_ENGINE_HELPERS_H
#define PLI_ENGINE_HELPERS_H

#include <pthread.h>
#include <stdbool.h>

#include "base/lock.h"

/* A piece of work, embedded in what it belongs to. The callee may free it. */
struct pli_work {
    void (*run)(struct pli_work *work);
    struct pli_work *next;
};

struct pli_helpers {
    struct pli_mutex lock; /* PLI_RANK_HELPERS */
    struct pli_cond ready; /* work has come, or stop */
    struct pli_work *head; /* (lock) the queue */
    struct pli_work *tail;
    unsigned waiting; /* (lock) length of the queue */
    unsigned idle;    /* (lock) threads that wait */
    unsigned started; /* (lock) */
    unsigned threads; /* const: the most */
    unsigned queue;   /* const: the longest */
    bool stop;        /* (lock) */
    pthread_t *thread;
};

/* Returns 0 or -ENOMEM. */
int pli_helpers_init(struct pli_helpers *helpers, unsigned threads, unsigned queue);

/* Finishes what was accepted and ends the threads; nothing more is accepted. */
void pli_helpers_stop(struct pli_helpers *helpers);

/* Stops them, if need be, and frees what they have; nobody submits any more. */
void pli_helpers_deinit(struct pli_helpers *helpers);

/*
 * Queues the work. Returns 0, -EAGAIN when the queue is full or the pool has stopped, or why no
 * thread could be started.
 */
int pli_helpers_submit(struct pli_helpers *helpers, struct pli_work *work);

#endif
