/* SPDX-License-Identifier: MIT */
/* What initiators of all kinds have in common. */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "engine/proactor.h"

void pli_initiator_begin(struct pli_initiator *initiator, struct io_uring_sqe *entry,
                         enum pli_operation operation)
{
    io_uring_sqe_set_data64(entry, (uintptr_t)initiator | operation);
    initiator->under_way |= (uint8_t)(1u << operation);
    initiator->ring->under_way++;
    pli_initiator_ref(initiator);
}

void pli_initiator_cancel(struct pli_initiator *initiator, enum pli_operation operation)
{
    struct io_uring_sqe *entry;

    if (!pli_initiator_awaits(initiator, operation))
        return;
    entry = pli_ring_entry(initiator->ring);
    io_uring_prep_cancel64(entry, (uintptr_t)initiator | operation, 0);
    entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
    io_uring_sqe_set_data64(entry, PLI_OP_NONE);
}

void pli_initiator_poll(struct pli_initiator *initiator, unsigned events)
{
    struct io_uring_sqe *entry;

    if (pli_initiator_awaits(initiator, PLI_OP_POLL))
        return;
    entry = pli_ring_entry(initiator->ring);
    io_uring_prep_poll_add(entry, initiator->fd, events);
    pli_initiator_begin(initiator, entry, PLI_OP_POLL);
}

void pli_initiator_kick(struct pli_initiator *initiator, unsigned notes)
{
    if (!initiator->handle || initiator->ring->draining)
        return;
    initiator->want = 0;
    pli_handle_kick(initiator->handle, notes);
}

void pli_initiator_list(struct pli_initiator *initiator)
{
    struct pli_initiators *ready = &initiator->ring->ready;

    if (initiator->listed)
        return;
    initiator->listed = true;
    pli_initiator_ref(initiator);
    initiator->next_ready = NULL;
    if (ready->head)
        ready->tail->next_ready = initiator;
    else
        ready->head = initiator;
    ready->tail = initiator;
}

void pli_initiator_run_listed(struct pli_ring *ring)
{
    struct pli_initiator *next;
    struct pli_initiator *initiator = ring->ready.head;

    ring->ready.head = NULL;
    for (; initiator; initiator = next) {
        unsigned notes;

        next = initiator->next_ready;
        initiator->listed = false;
        notes = initiator->handle ? initiator->class->ready(initiator) : 0;
        if (notes) {
            pli_initiator_kick(initiator, notes);
            pli_count(&ring->worker->counters.events, 1);
        }
        pli_initiator_unref(initiator);
    }
}

void pli_initiator_close(struct pli_initiator *initiator)
{
    struct pli_ring *ring = initiator->ring;

    if (initiator->fd < 0)
        return;
    if (pli_ring_is_mine(ring)) {
        struct io_uring_sqe *entry = pli_ring_entry(ring);

        io_uring_prep_close(entry, initiator->fd);
        entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
        io_uring_sqe_set_data64(entry, PLI_OP_NONE);
    } else {
        close(initiator->fd);
    }
    initiator->fd = -1;
}

void pli_initiator_complete(struct pli_initiator *initiator, enum pli_operation operation,
                            int result, unsigned flags)
{
    if (flags & IORING_CQE_F_MORE) {
        pli_initiator_ref(initiator);
    } else {
        initiator->under_way &= (uint8_t) ~(1u << operation);
        initiator->ring->under_way--;
    }
    initiator->class->complete(initiator, operation, result, flags);
    pli_initiator_unref(initiator); /* the operation's, or this call's */
}

void pli_initiator_ref(struct pli_initiator *initiator)
{
    initiator->references++;
}

void pli_initiator_unref(struct pli_initiator *initiator)
{
    if (--initiator->references == 0)
        free(initiator);
}
