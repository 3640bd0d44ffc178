/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/front.h"

#include <errno.h>
#include <stdlib.h>

int pli_front_start(struct pli_engine *engine, size_t size)
{
    struct pli_front *front = calloc(1, size);
    int rc = front ? pli_requests_init(&front->requests, engine) : -ENOMEM;

    if (rc < 0) {
        free(front);
        return rc;
    }
    engine->state = front;
    rc = pli_loop_init(&front->loop, engine);
    front->ready = calloc(engine->options.batch, sizeof(*front->ready));
    if (rc == 0 && !front->ready)
        rc = -ENOMEM;
    if (rc < 0)
        pli_front_finish(engine);
    return rc;
}

void pli_front_finish(struct pli_engine *engine)
{
    struct pli_front *front = pli_front_of(engine);

    pli_requests_deinit(&front->requests);
    pli_loop_deinit(&front->loop);
    free(front->ready);
    free(front);
    engine->state = NULL;
}

int pli_front_run(struct pli_engine *engine, void (*turns)(struct pli_front *front))
{
    struct pli_front *front = pli_front_of(engine);
    int rc = pli_crew_start(&front->requests.crew);

    if (rc == 0) {
        pli_worker_enter(front->loop.worker);
        turns(front);
        pli_worker_enter(NULL);
    }
    pli_crew_join(&front->requests.crew);
    return rc;
}

void pli_front_request(struct pli_front *front, struct pli_handle *handle, unsigned notes)
{
    if (front->ready_count == front->loop.engine->options.batch)
        pli_front_hand_out(front);
    front->ready[front->ready_count++] = (struct pli_ready){.handle = handle, .notes = notes};
}

void pli_front_hand_out(struct pli_front *front)
{
    pli_requests_put(&front->requests, front->ready, front->ready_count);
    front->ready_count = 0;
}

void pli_front_stop(struct pli_engine *engine)
{
    struct pli_front *front = pli_front_of(engine);

    pli_crew_lock(&front->requests.crew);
    pli_requests_stop_locked(&front->requests);
    pli_mailbox_wake(&front->loop.mailbox); /* locked: once it is free the model may end */
    pli_crew_unlock(&front->requests.crew);
}

void pli_front_post(struct pli_handle *handle)
{
    struct pli_front *front = pli_front_of(handle->engine);

    if (pli_handle_is_central(handle))
        pli_mailbox_push(&front->loop.mailbox, handle);
    else
        pli_requests_post(&front->requests, handle);
}

void pli_front_kick(struct pli_handle *handle, unsigned notes)
{
    if (pli_handle_is_central(handle) == pli_front_is_mine(pli_front_of(handle->engine)))
        pli_handle_kick(handle, notes);
    else
        pli_handle_post(handle, notes);
}

void pli_front_blocking_begin(struct pli_worker *worker)
{
    struct pli_front *front = pli_front_of(worker->engine);

    if (worker != front->loop.worker)
        pli_crew_blocking_begin(&front->requests.crew, worker);
}

void pli_front_blocking_end(struct pli_worker *worker)
{
    struct pli_front *front = pli_front_of(worker->engine);

    if (worker != front->loop.worker)
        pli_crew_blocking_end(&front->requests.crew);
}

void pli_front_threads(struct pli_engine *engine, unsigned *alive, unsigned *spare)
{
    struct pli_front *front = pli_front_of(engine);

    pli_crew_threads(&front->requests.crew, alive, spare);
    ++*alive; /* the front thread */
}
