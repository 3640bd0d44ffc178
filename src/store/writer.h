/* SPDX-License-Identifier: MIT */
/*
 * The writer: a bounded queue of changes and the one thread that commits them, in groups of all that
 * wait. For the files of this room.
 */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "base/lock.h"
#include "store/backend.h"

#include <pthread.h>
#include <stdatomic.h>

struct store_request {
    struct store_request *next;
    struct store_change *change; /* NULL: it is only waited for those before */
    store_done *done;            /* NULL: nobody waits */
    void *argument;
    int outcome;
};

struct store_writer {
    const struct store_backend *backend; /* const, like all down to `retry` */
    void *self;                          /* the backend's; the thread's own once it runs */
    unsigned queue;
    unsigned retry; /* milliseconds */
    pthread_t thread;
    struct pli_mutex lock;      /* PLI_RANK_STORE */
    struct pli_cond changed;    /* work has come, or stop */
    struct pli_cond room;       /* there may be room in the queue */
    unsigned hopeful;           /* (lock) callers that wait for room */
    struct store_request *head; /* (lock) */
    struct store_request *tail; /* (lock) */
    bool stop;                  /* (lock) */
    store_done *seen;           /* (lock; then const) store_observe(); or NULL */
    void *seen_argument;        /* likewise */
    struct store_stats stats;   /* (lock) */
    atomic_int state;           /* (written with the lock) 0, or why nothing is written */
};

/* Starts the thread. Returns 0 or a negative errno. */
int store_writer_start(struct store_writer *writer, const struct store_backend *backend, void *self,
                       const struct store_options *options);

/* Commits what waits and ends the thread. Once. */
void store_writer_stop(struct store_writer *writer);
void store_writer_deinit(struct store_writer *writer);

/*
 * store_submit() of a change, or NULL, that is the queue's from now on if 0 is returned. WAITS: for room in the
 * queue, instead of -EAGAIN.
 */
int store_writer_submit(struct store_writer *writer, struct store_change *change, bool waits,
                        store_done *done, void *argument);

#endif
