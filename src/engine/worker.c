/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/worker.h"

#include <stdlib.h>

#include "base/prefetch.h"
#include "engine/engine.h"

/* What a flush touches of a handle and what it is part of stands at the beginning. */
#define HANDLE_HEAD 320

static _Thread_local struct pli_worker *self;

struct pli_worker *pli_worker_self(void)
{
    return self;
}

void pli_worker_enter(struct pli_worker *worker)
{
    self = worker;
}

struct pli_worker *pli_worker_new(struct pli_engine *engine)
{
    char *buffer = malloc(PLI_READ_SIZE);
    struct pli_worker *worker;

    if (!buffer)
        return NULL;
    pli_lock(&engine->lock);
    worker = engine->idle_workers;
    if (worker) {
        engine->idle_workers = worker->next_idle;
    } else if ((worker = calloc(1, sizeof(*worker)))) {
        worker->engine = engine;
        worker->next = engine->workers;
        engine->workers = worker;
    }
    if (worker)
        worker->buffer = buffer;
    else
        free(buffer);
    pli_unlock(&engine->lock);
    return worker;
}

void pli_worker_retire(struct pli_worker *worker)
{
    struct pli_engine *engine = worker->engine;

    pli_lock(&engine->lock);
    free(worker->buffer);
    free(worker->room);
    worker->buffer = worker->room = NULL;
    worker->next_idle = engine->idle_workers;
    engine->idle_workers = worker;
    pli_unlock(&engine->lock);
}

char *pli_worker_room(void)
{
    if (!self->room)
        self->room = malloc(PLI_ROOM_SIZE);
    return self->room;
}

void pli_worker_owe(struct pli_worker *worker, struct pli_handle *handle)
{
    pli_handle_ref(handle);
    handle->next_owed = NULL;
    pli_owed_move(&worker->owed, &(struct pli_owed){handle, handle, 1});
}

void pli_owed_move(struct pli_owed *to, struct pli_owed *from)
{
    if (from->count == 0)
        return;
    if (to->count > 0)
        to->tail->next_owed = from->head;
    else
        to->head = from->head;
    to->tail = from->tail;
    to->count += from->count;
    from->count = 0;
}

/* Takes the first out of the FIFO and clears its flag; its reference is the caller's now. */
static struct pli_handle *take_owed(struct pli_worker *worker)
{
    struct pli_handle *handle = worker->owed.head;

    worker->owed.head = handle->next_owed;
    worker->owed.count--;
    atomic_exchange_explicit(&handle->owed, false, memory_order_acq_rel);
    return handle;
}

void pli_worker_flush(struct pli_worker *worker, unsigned limit)
{
    while (limit-- > 0 && pli_worker_owes(worker)) {
        struct pli_handle *handle = take_owed(worker);

        if (pli_worker_owes(worker))
            pli_prefetch(worker->owed.head, HANDLE_HEAD);
        worker->engine->model->kick(handle, PLI_FLUSH);
        pli_handle_unref(handle);
    }
}

void pli_worker_hand_over(struct pli_worker *worker)
{
    while (pli_worker_owes(worker)) {
        struct pli_handle *handle = take_owed(worker);

        pli_handle_post(handle, PLI_FLUSH);
        pli_handle_unref(handle);
    }
}
