/* SPDX-License-Identifier: MIT */
/*
 * The out-queue of a connection: messages in order, and how much of the first has been written.
 * Anybody appends, under the queue's own lock; only the connection's claim holder takes out, so
 * that what it has looked up stays where it is while it writes. Small texts for one connection are
 * gathered in a message of the queue's own that still has room.
 */
#ifndef PLI_TRANSPORT_OUT_QUEUE_H
#define PLI_TRANSPORT_OUT_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/lock.h"
#include "base/message.h"

#define PLI_OUT_QUEUE_INLINE 2u

struct pli_out_queue {
    struct pli_mutex lock;    /* PLI_RANK_OUTQ */
    struct pl_message **ring; /* (lock) CAPACITY slots, a power of two */
    uint32_t capacity;        /* (lock) */
    uint32_t head;            /* (lock) */
    uint32_t count;           /* (lock) */
    uint32_t offset;          /* claim holder: bytes of the first message already written */
    _Atomic uint32_t bytes;   /* written under lock: queued and not yet written */
    bool closed;              /* (lock) nothing is taken in any more */
    struct pl_message *few[PLI_OUT_QUEUE_INLINE]; /* the ring while it is small */
};

void pli_out_queue_init(struct pli_out_queue *queue);
void pli_out_queue_deinit(struct pli_out_queue *queue);

/*
 * Appends a copy, or a message, of which the queue takes a reference. More than LIMIT bytes in all
 * are not taken. Returns 0, -ENOTCONN (closed), -ENOBUFS (over the limit) or -ENOMEM. Any thread.
 */
int pli_out_queue_append(struct pli_out_queue *queue, const void *data, size_t length,
                         size_t limit);
int pli_out_queue_push(struct pli_out_queue *queue, struct pl_message *message, size_t limit);

/* What is to be written next, in at most MOST parts; returns how many. Claim holder. */
int pli_out_queue_parts(struct pli_out_queue *queue, struct iovec *parts, int most);

/* COUNT bytes more have been written. Claim holder. */
void pli_out_queue_advance(struct pli_out_queue *queue, size_t count);

/* Drops everything but the rest of a message of which a part is written already. Claim holder. */
void pli_out_queue_trim(struct pli_out_queue *queue);

/* Takes nothing in any more, and drops everything. Claim holder. */
void pli_out_queue_close(struct pli_out_queue *queue);

static inline size_t pli_out_queue_bytes(const struct pli_out_queue *queue)
{
    return atomic_load_explicit(&queue->bytes, memory_order_relaxed);
}

#endif
