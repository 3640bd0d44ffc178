/* SPDX-License-Identifier: MIT */
/*
 * A worker is a thread of the pool as the handles see it: its input buffer, the handle whose claim
 * it holds, and the FIFO of handles it owes a kick. All of it is the thread's own, but for the
 * counters, which others may read.
 *
 * Owing: output for other connections is only appended to their out-queues; sending is what costs.
 * Whoever finds nobody owing that connection a flush takes that on, by the handle's owed flag,
 * and puts it with a reference into its FIFO. The model works the FIFO off in chunks when no event
 * is ready, so that many lines for one recipient become one send. The flag is cleared before the
 * kick: what is appended afterwards is owed anew. A FIFO may be given to another thread.
 */
#ifndef PLI_ENGINE_WORKER_H
#define PLI_ENGINE_WORKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pli_engine;
struct pli_handle;

#define PLI_READ_SIZE   65536u /* the most that one event reads */
#define PLI_ROOM_SLACK  20480u /* what a room has beyond that */
#define PLI_ROOM_SIZE   (PLI_READ_SIZE + PLI_ROOM_SLACK)
#define PLI_FLUSH_CHUNK 32u /* handles kicked before new events are looked for */
#define PLI_FLUSH_AFTER 64u /* events taken while handles are owed a kick */

/* A FIFO of handles that are owed a kick, with a reference each. */
struct pli_owed {
    struct pli_handle *head; /* HEAD and TAIL mean something if COUNT is not 0 */
    struct pli_handle *tail;
    unsigned count;
};

/* Written by the thread, read by anybody: relaxed. */
struct pli_counters {
    _Atomic uint64_t events;
    _Atomic uint64_t waits;
    _Atomic uint64_t lines;
    _Atomic uint64_t bytes_in;
    _Atomic uint64_t bytes_out;
    _Atomic uint64_t writes;
};

struct pli_worker {
    struct pli_engine *engine;
    struct pli_handle *current; /* whose claim this thread holds */
    bool blocking;              /* between brackets */
    void *home;                 /* the model's: whose handles this thread runs; const */
    char *buffer;               /* PLI_READ_SIZE bytes */
    char *room;                 /* PLI_ROOM_SIZE bytes, or NULL: pli_worker_room() */
    struct pli_owed owed;
    unsigned flushing; /* (the model's lock) what it owed when it began to flush; 0: it does not */
    struct pli_counters counters;
    struct pli_worker *next;      /* (engine.lock) all that there have been */
    struct pli_worker *next_idle; /* (engine.lock) those whose thread has ended */
};

/*
 * A worker known to the engine: a new one, or one whose thread has ended. It is freed with the
 * engine. Returns NULL without memory.
 */
struct pli_worker *pli_worker_new(struct pli_engine *engine);

/* Gives the worker of a thread that ends back; its counts stay. */
void pli_worker_retire(struct pli_worker *worker);

/* Makes the calling thread that worker, or none. */
void pli_worker_enter(struct pli_worker *worker);

/* The calling thread's worker, or NULL. */
struct pli_worker *pli_worker_self(void);

/*
 * Where the calling thread, which is of the pool, puts what becomes of its input and output on the
 * way, for as long as it holds a claim. NULL without memory.
 */
char *pli_worker_room(void);

/* Puts the handle into the FIFO and takes a reference for it. The caller has set its owed flag. */
void pli_worker_owe(struct pli_worker *worker, struct pli_handle *handle);

static inline bool pli_worker_owes(const struct pli_worker *worker)
{
    return worker->owed.count > 0;
}

/* Puts all of FROM behind what is in TO. */
void pli_owed_move(struct pli_owed *to, struct pli_owed *from);

/* Kicks, through the model, up to LIMIT of the handles owed. The thread holds no claim and no lock. */
void pli_worker_flush(struct pli_worker *worker, unsigned limit);

/* Hands the whole FIFO over to other threads: before this one blocks. */
void pli_worker_hand_over(struct pli_worker *worker);

static inline void pli_count(_Atomic uint64_t *counter, uint64_t amount)
{
    /* Only the owner writes: no read-modify-write cycle on the bus is needed. */
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + amount,
                          memory_order_relaxed);
}

#endif
