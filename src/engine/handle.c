/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/handle.h"

#include <assert.h>

#include "base/log.h"
#include "engine/engine.h"

#define NOTES (~(uint32_t)PLI_CLAIM)

/* Notes of events, which consume a oneshot registration. */
#define CONSUMING (PLI_IN | PLI_OUT | PLI_HUP)

void pli_handle_init(struct pli_handle *handle, struct pli_engine *engine,
                     const struct pli_handle_class *class, int fd)
{
    *handle = (struct pli_handle){.class = class, .engine = engine, .word = PLI_CLAIM, .fd = fd};
}

static void forget(struct pli_handle *handle)
{
    if (handle->engine->model->forget)
        handle->engine->model->forget(handle);
}

int pli_handle_add(struct pli_handle *handle)
{
    const struct pli_model *model = handle->engine->model;
    int rc = model->place(handle); /* first: whoever finds it may post it */

    if (rc < 0)
        return rc;
    rc = pli_table_insert(&handle->engine->table, handle);
    if (rc < 0) {
        model->displace(handle);
        forget(handle);
    }
    return rc;
}

struct pli_handle *pli_handle_ref(struct pli_handle *handle)
{
    pli_table_ref(&handle->engine->table, handle->id);
    return handle;
}

void pli_handle_unref(struct pli_handle *handle)
{
    if (!pli_table_unref(&handle->engine->table, handle->id))
        return;
    forget(handle);
    handle->class->free(handle);
}

void pli_handle_shut(struct pli_handle *handle)
{
    if (handle->fd >= 0)
        handle->engine->model->close(handle);
    handle->registered = false;
    handle->armed = 0;
    handle->fd = -1;
}

/* The death of a handle: the claim stays set for ever. */
static void end(struct pli_handle *handle)
{
    pli_handle_shut(handle);
    handle->engine->model->displace(handle);
    pli_handle_unref(handle);
}

/* Brings the registration up to date. What cannot be registered would never be heard of again. */
static int arm(struct pli_handle *handle, unsigned want)
{
    int rc;

    want |= PLI_HUP;
    if (handle->fd < 0 || want == handle->armed)
        return 0;
    rc = handle->engine->model->arm(handle, want);
    if (rc == 0)
        handle->armed = (uint8_t)want;
    return rc;
}

/*
 * Holds the claim until no note is left. The registration changes only here, before the release:
 * an event that it lets through afterwards finds the claim free or leaves a note.
 */
static void hold(struct pli_handle *handle)
{
    struct pli_worker *worker = pli_worker_self();
    unsigned failed = 0;

    assert(!worker || !worker->current);
    if (worker)
        worker->current = handle;
    for (;;) {
        uint32_t claim = PLI_CLAIM;
        uint32_t notes = atomic_fetch_and_explicit(&handle->word, PLI_CLAIM, memory_order_acquire);
        int want;

        notes = (notes & NOTES) | failed;
        failed = 0;
        if (notes & (handle->engine->model->oneshot ? CONSUMING : PLI_REARM))
            handle->armed = 0;
        want = handle->class->run(handle, notes);
        if (want == PLI_DONE)
            break;
        if (want == PLI_MORE)
            continue;
        if (arm(handle, (unsigned)want) < 0) {
            pli_log(PL_LOG_ERROR, "%s: cannot be registered", handle->class->name);
            failed = PLI_HUP;
            continue;
        }
        if (atomic_compare_exchange_strong_explicit(&handle->word, &claim, 0, memory_order_release,
                                                    memory_order_relaxed)) {
            if (worker)
                worker->current = NULL;
            return;
        }
    }
    if (worker)
        worker->current = NULL;
    end(handle);
}

void pli_handle_kick(struct pli_handle *handle, unsigned notes)
{
    uint32_t before =
        atomic_fetch_or_explicit(&handle->word, notes | PLI_CLAIM, memory_order_acq_rel);

    if (!(before & PLI_CLAIM))
        hold(handle);
}

void pli_handle_post(struct pli_handle *handle, unsigned notes)
{
    atomic_fetch_or_explicit(&handle->word, notes, memory_order_acq_rel);
    if (atomic_exchange_explicit(&handle->posted, true, memory_order_acq_rel))
        return;
    handle->engine->model->post(pli_handle_ref(handle));
}

void pli_handle_touch(struct pli_handle *handle, unsigned notes)
{
    struct pli_worker *worker = pli_worker_self();

    if (!worker || worker->engine != handle->engine || worker->blocking) {
        pli_handle_post(handle, notes);
        return;
    }
    if (worker->current == handle) {
        atomic_fetch_or_explicit(&handle->word, notes, memory_order_relaxed);
        return;
    }
    if (notes != PLI_FLUSH)
        atomic_fetch_or_explicit(&handle->word, notes, memory_order_acq_rel);
    if (!atomic_exchange_explicit(&handle->owed, true, memory_order_acq_rel))
        pli_worker_owe(worker, handle);
}

void pli_handle_begin(struct pli_handle *handle)
{
    /* Once the claim is free another thread may run it to its end. */
    pli_handle_ref(handle);
    atomic_fetch_xor_explicit(&handle->word, PLI_CLAIM | PLI_OPEN, memory_order_release);
    pli_handle_post(handle, 0);
    pli_handle_unref(handle);
}

void pli_handle_event(struct pli_engine *engine, uint64_t id, unsigned notes)
{
    struct pli_handle *handle = pli_table_find(&engine->table, id);

    if (!handle)
        return;
    pli_handle_kick(handle, notes);
    pli_handle_unref(handle);
}
