/* SPDX-License-Identifier: MIT */
/*
 * A simulated proactor (Schmidt et al., "Pattern-Oriented Software Architecture 2", Proactor,
 * implementation over a reactor): one thread does all I/O. It waits for readiness, reads, and puts
 * completed input into the request queue (engine/front.h); workers only process. What they write
 * goes back to the I/O thread, which sends it.
 *
 * Each connection has a channel (engine/sim_channel.h), which carries input one way and output
 * the other. This file is the I/O thread, and the table of functions.
 *
 * Orders: a channel whose claim holder wants something of the I/O thread (to send, to listen, to
 * close) is pushed on a lock-free list, once. The thread says before it sleeps that it does so, and
 * looks at the list again; who pushes on an empty list wakes it only then.
 *
 * Listeners, time and signals are the I/O thread's own, as are all registrations. Only that thread
 * frees a channel, at the end of a turn: no event of the turn can name one that is gone.
 */
#include "config.h"

#include "engine/sim_channel.h"

static struct pli_sim *sim_of(const struct pli_handle *handle)
{
    return handle->engine->state;
}

static bool has_channel(const struct pli_handle *handle)
{
    return handle->class->kind == PLI_STREAM;
}

/* -- The I/O thread ---------------------------------------------------- */

/* Puts a request for the handle, if it is still there. */
static void request(struct pli_sim *sim, uint64_t id, unsigned notes)
{
    struct pli_handle *handle = notes ? pli_table_find(&sim->front.loop.engine->table, id) : NULL;

    if (handle)
        pli_front_request(&sim->front, handle, notes);
}

/* The handle keeps its channel: that is freed by this thread, at the end of the turn. */
static void run_event(struct pli_sim *sim, const struct epoll_event *event)
{
    uint64_t id = event->data.u64;
    struct pli_handle *handle =
        id == PLI_MAILBOX_ID ? NULL : pli_table_find(&sim->front.loop.engine->table, id);

    if (handle && has_channel(handle))
        request(sim, id, pli_sim_channel_event(handle->home, event->events));
    else
        pli_loop_run_event(&sim->front.loop, event);
    if (handle)
        pli_handle_unref(handle);
}

static void run_orders(struct pli_sim *sim)
{
    struct pli_sim_channel *next;

    for (struct pli_sim_channel *channel = pli_sim_take_orders(sim); channel; channel = next) {
        uint64_t id = channel->id;

        next = channel->next_order;
        request(sim, id, pli_sim_channel_order(channel));
    }
}

/* Waits, unless there are orders: whoever brings one from now on wakes this thread. */
static unsigned wait_for_events(struct pli_sim *sim)
{
    unsigned count;

    atomic_store(&sim->sleeping, true);
    count = pli_loop_wait(&sim->front.loop, atomic_load(&sim->orders) ? 0 : -1, 2);
    atomic_store(&sim->sleeping, false);
    return count;
}

static void run_io(struct pli_front *front)
{
    struct pli_sim *sim = (struct pli_sim *)front;

    while (!pli_front_stopped(front)) {
        unsigned count = wait_for_events(sim);

        for (unsigned i = 0; i < count; i++)
            run_event(sim, &front->loop.events[i]);
        run_orders(sim);
        pli_front_hand_out(front);
        pli_worker_flush(front->loop.worker, UINT32_MAX);
    }
}

static int sim_run(struct pli_engine *engine)
{
    struct pli_sim *sim = engine->state;
    int rc;

    sim->over = false;
    rc = pli_front_run(engine, run_io);
    run_orders(sim); /* what was left when it stopped: to close, above all */
    pli_front_hand_out(&sim->front);
    sim->over = true;
    return rc;
}

static int sim_start(struct pli_engine *engine)
{
    int rc = pli_front_start(engine, sizeof(struct pli_sim));

    if (rc == 0)
        ((struct pli_sim *)engine->state)->over = true;
    return rc;
}

/* -- Handles ----------------------------------------------------------- */

static int sim_place(struct pli_handle *handle)
{
    if (!has_channel(handle))
        return 0;
    handle->home = pli_sim_channel_new(sim_of(handle), handle->fd);
    return handle->home ? 0 : -ENOMEM;
}

/* A handle that was closed has no channel any more; one that was never added still has. */
static void sim_displace(struct pli_handle *handle)
{
    if (has_channel(handle) && handle->fd >= 0)
        pli_sim_channel_free(handle->home);
}

static int sim_arm(struct pli_handle *handle, unsigned want)
{
    if (!has_channel(handle))
        return pli_reactor_arm(sim_of(handle)->front.loop.epoll, handle, want, EPOLLONESHOT);
    pli_sim_channel_arm(handle, want);
    return 0;
}

static void sim_close(struct pli_handle *handle)
{
    if (has_channel(handle))
        pli_sim_channel_close(handle->home);
    else
        pli_reactor_close(sim_of(handle)->front.loop.epoll, handle);
}

const struct pli_model pli_simulated_proactor = {
    .name = "simulated-proactor",
    .start = sim_start,
    .finish = pli_front_finish,
    .run = sim_run,
    .stop = pli_front_stop,
    .place = sim_place,
    .displace = sim_displace,
    .arm = sim_arm,
    .close = sim_close,
    .kick = pli_front_kick,
    .post = pli_front_post,
    .read = pli_sim_channel_read,
    .write = pli_sim_channel_write,
    .writing = pli_sim_channel_writing,
    .shutdown = pli_sim_channel_shutdown,
    .accept = pli_reactor_accept,
    .blocking_begin = pli_front_blocking_begin,
    .blocking_end = pli_front_blocking_end,
    .threads = pli_front_threads,
    .oneshot = true,
};
