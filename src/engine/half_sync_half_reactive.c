/* SPDX-License-Identifier: MIT */
/*
 * Half-sync/half-reactive (Schmidt and Cranor, "Half-Sync/Half-Async", PLoP 1995, with a reactor as
 * its asynchronous half): one thread, the reactor, owns the epoll set. It accepts, keeps time and
 * takes signals itself; connections that are ready it puts into the request queue
 * (engine/requests.h), where a crew of workers competes for them. A worker reads, processes and
 * writes. A full queue makes the reactor wait.
 *
 * Connections are registered edge-triggered, so that the reactor is not told again of what a worker
 * is about to read, and a line costs no epoll_ctl. What comes while a worker is at work is an event
 * of its own, and a note to that worker. A worker registers again, which has the kernel look anew,
 * only where there may be more to do than an edge will tell: input behind a read that was as long as
 * it could be, or the end of the connection, or more output behind a write that was complete.
 *
 * The reactor stands in front of the queue (engine/front.h): posts, kicks, brackets and the stop are
 * told there.
 */
#include "config.h"

#include <errno.h>

#include "engine/front.h"

/* -- The reactor's thread ---------------------------------------------- */

/* Behind the input that is reported there may be an end, of which no other event tells. */
static unsigned notes_of(uint32_t events)
{
    unsigned notes = pli_reactor_notes(events);

    return events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR) ? notes | PLI_REARM : notes;
}

/* Runs an event of the reactor's own; makes a request of a worker's. */
static void run_event(struct pli_front *front, const struct epoll_event *event)
{
    struct pli_handle *handle;
    unsigned notes = notes_of(event->events);

    if (event->data.u64 == PLI_MAILBOX_ID) {
        pli_loop_run_posts(&front->loop);
        return;
    }
    handle = pli_table_find(&front->loop.engine->table, event->data.u64);
    if (!handle)
        return;
    if (!pli_handle_is_central(handle)) {
        pli_front_request(front, handle, notes);
        return;
    }
    pli_handle_kick(handle, notes);
    pli_handle_unref(handle);
    pli_count(&front->loop.worker->counters.events, 1);
}

static void run_reactor(struct pli_front *front)
{
    while (!pli_front_stopped(front)) {
        unsigned count = pli_loop_wait(&front->loop, -1, 2);

        for (unsigned i = 0; i < count; i++)
            run_event(front, &front->loop.events[i]);
        pli_worker_flush(front->loop.worker, UINT32_MAX); /* before it may have to wait for room */
        pli_front_hand_out(front);
    }
}

static int half_sync_run(struct pli_engine *engine)
{
    return pli_front_run(engine, run_reactor);
}

static int half_sync_start(struct pli_engine *engine)
{
    return pli_front_start(engine, sizeof(struct pli_front));
}

/* -- Handles ----------------------------------------------------------- */

/* Any worker may run any connection: nothing to decide, nothing to forget. */
static int half_sync_place(struct pli_handle *handle)
{
    (void)handle;
    return 0;
}

static void half_sync_displace(struct pli_handle *handle)
{
    (void)handle;
}

static int half_sync_arm(struct pli_handle *handle, unsigned want)
{
    uint32_t flags = EPOLLET | (want & PLI_IN ? EPOLLRDHUP : 0);

    return pli_reactor_arm(pli_front_of(handle->engine)->loop.epoll, handle, want,
                           pli_handle_is_central(handle) ? 0 : flags);
}

static void half_sync_close(struct pli_handle *handle)
{
    pli_reactor_close(pli_front_of(handle->engine)->loop.epoll, handle);
}

/* A read that got all it could take may have left something. */
static int half_sync_read(struct pli_handle *handle, size_t limit, struct pli_span *span)
{
    int rc = pli_reactor_read(handle, limit, span);

    if (rc == 0 && (span->length == limit || span->length == PLI_READ_SIZE))
        handle->armed = 0;
    return rc;
}

/*
 * Who has written all that it offered and waits for PLI_OUT nevertheless, to go on after others,
 * gets no edge: the socket has been writable all along.
 */
static ssize_t half_sync_write(struct pli_handle *handle, const struct iovec *parts, int count)
{
    ssize_t written = pli_reactor_write(handle, parts, count);
    size_t offered = 0;

    if (!(handle->armed & PLI_OUT))
        return written;
    for (int i = 0; i < count; i++)
        offered += parts[i].iov_len;
    if (written == (ssize_t)offered)
        handle->armed = 0;
    return written;
}

const struct pli_model pli_half_sync_half_reactive = {
    .name = "half-sync-half-reactive",
    .start = half_sync_start,
    .finish = pli_front_finish,
    .run = half_sync_run,
    .stop = pli_front_stop,
    .place = half_sync_place,
    .displace = half_sync_displace,
    .arm = half_sync_arm,
    .close = half_sync_close,
    .kick = pli_front_kick,
    .post = pli_front_post,
    .read = half_sync_read,
    .write = half_sync_write,
    .accept = pli_reactor_accept,
    .shutdown = pli_reactor_shutdown,
    .blocking_begin = pli_front_blocking_begin,
    .blocking_end = pli_front_blocking_end,
    .threads = pli_front_threads,
    .oneshot = false,
};
