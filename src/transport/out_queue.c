/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/out_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Sizes of the messages that gather small texts; with its head each fills a round allocation. */
#define GATHER_FIRST 240u
#define GATHER_MORE  4064u

/* Slots of a ring that grows for the first time. */
#define MANY 32u

void pli_out_queue_init(struct pli_out_queue *queue)
{
    *queue = (struct pli_out_queue){.ring = queue->few, .capacity = PLI_OUT_QUEUE_INLINE};
    pli_mutex_init(&queue->lock, PLI_RANK_OUTQ);
}

void pli_out_queue_deinit(struct pli_out_queue *queue)
{
    pli_out_queue_close(queue);
    pli_mutex_deinit(&queue->lock);
}

static struct pl_message **slot_locked(struct pli_out_queue *queue, uint32_t index)
{
    return &queue->ring[(queue->head + index) & (queue->capacity - 1)];
}

static void count_bytes_locked(struct pli_out_queue *queue, size_t bytes)
{
    atomic_store_explicit(&queue->bytes, (uint32_t)bytes, memory_order_relaxed);
}

/* Who has more than a few is about to have many more: growing takes longer than what it saves. */
static int grow_locked(struct pli_out_queue *queue)
{
    uint32_t capacity = queue->capacity < MANY ? MANY : queue->capacity * 2;
    struct pl_message **ring = malloc(capacity * sizeof(struct pl_message *));

    if (!ring)
        return -ENOMEM;
    for (uint32_t i = 0; i < queue->count; i++)
        ring[i] = *slot_locked(queue, i);
    if (queue->ring != queue->few)
        free(queue->ring);
    queue->ring = ring;
    queue->capacity = capacity;
    queue->head = 0;
    return 0;
}

/* An empty queue owns no more than the slots it was born with. */
static void shrink_locked(struct pli_out_queue *queue)
{
    queue->head = 0;
    if (queue->ring == queue->few)
        return;
    free(queue->ring);
    queue->ring = queue->few;
    queue->capacity = PLI_OUT_QUEUE_INLINE;
}

/* Whether LENGTH bytes more may come. */
static int admit_locked(const struct pli_out_queue *queue, size_t length, size_t limit)
{
    if (queue->closed)
        return -ENOTCONN;
    if (length > limit || pli_out_queue_bytes(queue) > limit - length)
        return -ENOBUFS;
    return 0;
}

/* Puts a message at the end; its reference is the queue's from now on. */
static int put_locked(struct pli_out_queue *queue, struct pl_message *message)
{
    int rc = queue->count == queue->capacity ? grow_locked(queue) : 0;

    if (rc == 0)
        *slot_locked(queue, queue->count++) = message;
    return rc;
}

/* The last message if it still has room: then it is the queue's own. */
static struct pl_message *gathering_locked(struct pli_out_queue *queue, size_t length)
{
    struct pl_message *last = queue->count ? *slot_locked(queue, queue->count - 1) : NULL;

    return last && last->capacity - last->length >= length ? last : NULL;
}

static int gather_new_locked(struct pli_out_queue *queue, size_t length, struct pl_message **out)
{
    size_t capacity = queue->count ? GATHER_MORE : GATHER_FIRST;
    struct pl_message *message;
    int rc;

    if (length > capacity)
        capacity = length > GATHER_MORE ? length : GATHER_MORE;
    message = pli_message_reserve((uint32_t)capacity);
    if (!message)
        return -ENOMEM;
    rc = put_locked(queue, message);
    if (rc < 0) {
        pl_message_unref(message);
        return rc;
    }
    *out = message;
    return 0;
}

int pli_out_queue_append(struct pli_out_queue *queue, const void *data, size_t length, size_t limit)
{
    struct pl_message *last;
    int rc;

    pli_lock(&queue->lock);
    rc = admit_locked(queue, length, limit);
    last = rc == 0 ? gathering_locked(queue, length) : NULL;
    if (rc == 0 && length > 0 && !last)
        rc = gather_new_locked(queue, length, &last);
    if (rc == 0 && length > 0) {
        memcpy(last->data + last->length, data, length);
        last->length += (uint32_t)length;
        count_bytes_locked(queue, pli_out_queue_bytes(queue) + length);
    }
    pli_unlock(&queue->lock);
    return rc;
}

int pli_out_queue_push(struct pli_out_queue *queue, struct pl_message *message, size_t limit)
{
    int rc;

    pli_lock(&queue->lock);
    rc = admit_locked(queue, message->length, limit);
    if (rc == 0 && message->length > 0)
        rc = put_locked(queue, message);
    if (rc == 0 && message->length > 0) {
        pl_message_ref(message);
        count_bytes_locked(queue, pli_out_queue_bytes(queue) + message->length);
    }
    pli_unlock(&queue->lock);
    return rc;
}

int pli_out_queue_parts(struct pli_out_queue *queue, struct iovec *parts, int most)
{
    size_t offset = queue->offset;
    int count = 0;

    pli_lock(&queue->lock);
    for (uint32_t i = 0; i < queue->count && count < most; i++) {
        struct pl_message *message = *slot_locked(queue, i);

        parts[count].iov_base = message->data + offset;
        parts[count].iov_len = message->length - offset;
        if (parts[count].iov_len > 0)
            count++;
        offset = 0;
    }
    pli_unlock(&queue->lock);
    return count;
}

static void drop_first_locked(struct pli_out_queue *queue)
{
    struct pl_message *message = *slot_locked(queue, 0);

    queue->head = (queue->head + 1) & (queue->capacity - 1);
    queue->count--;
    queue->offset = 0;
    pl_message_unref(message);
}

/* A message written to its end goes, even if it had room: what comes later starts a new one. */
void pli_out_queue_advance(struct pli_out_queue *queue, size_t count)
{
    pli_lock(&queue->lock);
    count_bytes_locked(queue, pli_out_queue_bytes(queue) - count);
    while (count > 0) {
        size_t rest = (*slot_locked(queue, 0))->length - queue->offset;

        if (count < rest) {
            queue->offset += (uint32_t)count;
            break;
        }
        count -= rest;
        drop_first_locked(queue);
    }
    if (queue->count == 0)
        shrink_locked(queue);
    pli_unlock(&queue->lock);
}

void pli_out_queue_trim(struct pli_out_queue *queue)
{
    pli_lock(&queue->lock);
    if (queue->offset == 0) {
        while (queue->count > 0)
            drop_first_locked(queue);
        shrink_locked(queue);
        count_bytes_locked(queue, 0);
    } else {
        while (queue->count > 1)
            pl_message_unref(*slot_locked(queue, --queue->count));
        count_bytes_locked(queue, (*slot_locked(queue, 0))->length - queue->offset);
    }
    pli_unlock(&queue->lock);
}

void pli_out_queue_close(struct pli_out_queue *queue)
{
    pli_lock(&queue->lock);
    queue->closed = true;
    while (queue->count > 0)
        drop_first_locked(queue);
    shrink_locked(queue);
    count_bytes_locked(queue, 0);
    pli_unlock(&queue->lock);
}
