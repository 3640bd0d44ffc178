/* SPDX-License-Identifier: MIT */
/*
 * The engine: handles, timers and wake-ups under one concurrency model. A model decides which
 * thread waits for what and who runs a handle; it is one file with one const table of functions.
 *
 * The interface for bytes is completion-shaped. A handle asks to read, write or accept and is told
 * what moved, or -EAGAIN: then a note (PLI_IN, PLI_OUT) will come when asking again pays. A model
 * over readiness makes the system call in the asking thread (engine/reactor.h); one over
 * completions answers with what the kernel has already done. While a write is under way
 * (-EAGAIN), the bytes offered stay as they are until the next write is asked for.
 */
#ifndef PLI_ENGINE_ENGINE_H
#define PLI_ENGINE_ENGINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/lock.h"
#include "base/timers.h"
#include "engine/handle.h"
#include "engine/table.h"
#include "engine/worker.h"

struct pli_engine;

/* Bytes read: where they are and how many. Valid until the worker's next read. */
struct pli_span {
    const char *data;
    size_t length;
};

struct pli_model {
    const char *name;

    /*
     * Why the model cannot be had here, static; NULL: it can. Any thread. A model without this
     * function can always be had; one that cannot be needs nothing else.
     */
    const char *(*missing)(void);

    /* Prepares what run() and the calls below need. Returns 0 or a negative errno. */
    int (*start)(struct pli_engine *engine);

    /* Frees it; no thread of the pool is left. */
    void (*finish)(struct pli_engine *engine);

    /* The pool: the calling thread is one of it. Returns when all its threads have ended. */
    int (*run)(struct pli_engine *engine);

    /* Lets run() return soon. Any thread. */
    void (*stop)(struct pli_engine *engine);

    /*
     * Decides which thread will run a new handle, where a model cares, and makes what it needs of
     * its own; before anybody knows the handle. Returns 0 or a negative errno.
     */
    int (*place)(struct pli_handle *handle);

    /* The handle that was placed has ended, its descriptor closed. It may still be posted. */
    void (*displace)(struct pli_handle *handle);

    /* Nobody refers to it any more: the last call, just before its memory is freed. May be NULL. */
    void (*forget)(struct pli_handle *handle);

    /* Brings the registration up to WANT; the claim holder, before it lets go. */
    int (*arm)(struct pli_handle *handle, unsigned want);

    /*
     * Takes the descriptor out of the kernel's set and closes it, at once or as soon as nothing
     * uses it any more; the claim holder. The handle has none after that.
     */
    void (*close)(struct pli_handle *handle);

    /* pli_handle_kick() in a thread that may run the handle: this one or another. */
    void (*kick)(struct pli_handle *handle, unsigned notes);

    /* Lets a thread of the pool kick the handle; the note is made. It holds a reference. Any thread. */
    void (*post)(struct pli_handle *handle);

    /* Completion-shaped transfers, as described above; the claim holder. Read: length 0 is end. */
    int (*read)(struct pli_handle *handle, size_t limit, struct pli_span *span);
    ssize_t (*write)(struct pli_handle *handle, const struct iovec *parts, int count);
    int (*accept)(struct pli_handle *handle, struct sockaddr_storage *from, socklen_t *length);

    /*
     * Whether output that write() has taken is still under way, which closing would cut short. Then
     * PLI_OUT comes, if it is wanted, when it no longer is. NULL: what is taken is the kernel's.
     */
    bool (*writing)(struct pli_handle *handle);

    /* Ends the output, behind what was written; the claim holder. Returns 0 or a negative errno. */
    int (*shutdown)(struct pli_handle *handle);

    /* Brackets, of a worker. */
    void (*blocking_begin)(struct pli_worker *worker);
    void (*blocking_end)(struct pli_worker *worker);

    /* Fills in what only the model knows; any thread while it runs. */
    void (*threads)(struct pli_engine *engine, unsigned *alive, unsigned *spare);

    /* Whether an event consumes the registration, so that it has to be renewed. */
    bool oneshot;
};

struct pli_engine_options {
    unsigned threads; /* at least 1 */
    unsigned spare_threads;
    unsigned batch;
    unsigned queue;              /* requests that may wait for workers, in models with a queue */
    unsigned connection_threads; /* the most, where each connection has one; 0: no limit */
};

struct pli_engine {
    const struct pli_model *model;
    struct pli_engine_options options;
    void *state; /* the model's */
    struct pli_table table;

    struct pli_mutex timers_lock; /* PLI_RANK_TIMERS */
    struct pli_timers timers;     /* (timers_lock) */
    size_t timers_promised;       /* (timers_lock) timers that have room reserved */
    uint64_t timer_armed;         /* (timers_lock) when the timerfd goes off; UINT64_MAX: not */
    struct pli_handle *timer;     /* const after new: the timerfd */

    struct pli_mutex lock;           /* PLI_RANK_WORKERS */
    struct pli_worker *workers;      /* (lock) all that there have been */
    struct pli_worker *idle_workers; /* (lock) those whose thread has ended, to be used again */
    _Atomic uint64_t promotions;
    _Atomic uint64_t spares_exhausted;
};

/* All models, ended by NULL, and the one of that name, or NULL: also those that cannot be had here. */
extern const struct pli_model *const pli_all_models[];
const struct pli_model *pli_model_find(const char *name);

/* Why a model cannot be had here, or NULL. */
const char *pli_model_missing(const struct pli_model *model);

/* Names of the models that can be had here, ended by NULL; static. Any thread. */
const char *const *pli_model_names(void);

int pli_engine_init(struct pli_engine *engine, const struct pli_model *model,
                    const struct pli_engine_options *options);

/* No thread of the pool is left. Every handle but the engine's own has ended. */
void pli_engine_deinit(struct pli_engine *engine);

/* Adds the counters of all workers up. Any thread. */
void pli_engine_count(struct pli_engine *engine, struct pli_counters *sum);

/*
 * Timers of handles: when one goes off, its handle gets PLI_TIMER. Any thread. A timer is promised
 * before it is first set, so that setting cannot fail, and released at its end.
 */
int pli_engine_timer_promise(struct pli_engine *engine);
void pli_engine_timer_set(struct pli_engine *engine, struct pli_timer *timer, uint64_t deadline);
void pli_engine_timer_cancel(struct pli_engine *engine, struct pli_timer *timer);
void pli_engine_timer_release(struct pli_engine *engine, struct pli_timer *timer);

#endif
