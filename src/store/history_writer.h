/* SPDX-License-Identifier: MIT */
/* The queue of a history and the one thread that empties it. For the files of this room. */
#ifndef STORE_HISTORY_WRITER_H
#define STORE_HISTORY_WRITER_H

#include "base/lock.h"
#include "store/history_backend.h"

#include <pthread.h>
#include <stdatomic.h>

enum history_task { HISTORY_KEEP, HISTORY_REDACT, HISTORY_FORGET };

/* What is to be done; the texts of the line stand in DATA. */
struct history_item {
    struct history_item *next;
    enum history_task task;
    size_t bytes;             /* of all of it */
    struct history_line line; /* of HISTORY_REDACT: target and id; of HISTORY_FORGET: target.one */
    char data[];
};

struct history_writer {
    const struct history_backend *backend; /* const, like all down to `queue_bytes` */
    void *self;                            /* the backend's; the thread's own once it runs */
    unsigned retry, interval;              /* milliseconds */
    unsigned queue;
    size_t queue_bytes;
    pthread_t thread;
    struct pli_mutex lock;        /* PLI_RANK_STORE */
    struct pli_cond changed;      /* there is something to do */
    struct pli_cond settled;      /* `written` or `searchable` has moved */
    unsigned waiters;             /* (lock) for that */
    unsigned index_waiters;       /* (lock) likewise, of those who want words indexed */
    struct history_item *head;    /* (lock) */
    struct history_item *tail;    /* (lock) */
    uint64_t since;               /* (lock) pli_clock_now() when the first of them came */
    uint64_t given;               /* (lock) items, ever */
    uint64_t written;             /* (lock) of which so many are committed or lost, */
    uint64_t searchable;          /* (lock) and so many can be found by their words */
    bool hurry;                   /* (lock) the next group is not to wait */
    bool stop;                    /* (lock) */
    struct history_limits limits; /* (lock) */
    struct history_stats stats;   /* (lock) */
    atomic_int state;             /* (written with the lock) 0, or why nothing is written */
};

/* Starts the thread. Returns 0 or a negative errno. */
int history_writer_start(struct history_writer *writer, const struct history_backend *backend,
                         void *self, const struct history_options *options);

/* Commits what waits and ends the thread. Once. */
void history_writer_stop(struct history_writer *writer);
void history_writer_deinit(struct history_writer *writer);

/* Takes an item over if 0 is returned. A line that is not taken is counted as lost. */
int history_writer_give(struct history_writer *writer, struct history_item *item);

/* Counts a line that did not even become an item. */
void history_writer_lose(struct history_writer *writer, enum history_loss loss);

/* history_settle(). */
int history_writer_settle(struct history_writer *writer, bool indexed, unsigned patience);

#endif
