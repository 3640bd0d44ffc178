/* SPDX-License-Identifier: MIT */
/*
 * Proactor: the kernel makes the transfers and tells what has completed, through io_uring. There is
 * no readiness: a completion of a receive brings the bytes.
 *
 * Each thread of the pool has a ring. Ring 0, the calling thread's, accepts and runs timers and
 * signals besides; a new connection goes to the ring that has the fewest, and stays for life. HOME
 * is a handle's ring; only that ring's thread kicks it, so that the claim is always found free
 * there, and remains the one place of exclusion. IO is what has its operations under way
 * (proactor.h).
 *
 * A turn: what the last one left to be sent is submitted and completions are waited for in one
 * system call; up to pool.batch of them are processed, then posts, then those whose input was in
 * store already, then a chunk of the flushes that the thread owes.
 *
 * Posts: a thread's posts to its own handles are a list of its own. Those to other rings are
 * gathered and put into their mailboxes when the turn is over, so that they travel with the same
 * system call, as a message from ring to ring; a ring that does not get it, because it has not
 * begun, is told by its mailbox's eventfd. So does every thread that has no ring, or that stands in
 * a bracket and ends no turn.
 *
 * Stop: each thread cancels what is under way on its ring and waits until that is over, so that
 * afterwards closing a descriptor ends the connection, and no buffer is the kernel's any more.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/thread.h"
#include "engine/loop.h"
#include "engine/proactor.h"

struct rings {
    _Atomic bool stop;
    _Atomic unsigned next; /* where the search for the least loaded ring begins */
    unsigned count;        /* const */
    unsigned started;      /* of the threads; run() only */
    struct pli_ring ring[];
};

static struct pli_ring *ring_of(const struct pli_handle *handle)
{
    return handle->home;
}

/* -- Posts ----------------------------------------------------------------------- */

static void append(struct pli_posts *posts, struct pli_handle *handle)
{
    handle->next_posted = NULL;
    if (posts->head)
        posts->tail->next_posted = handle;
    else
        posts->head = handle;
    posts->tail = handle;
}

static void run_posts(struct pli_ring *ring, struct pli_handle *post)
{
    struct pli_handle *next;

    for (; post; post = next) {
        next = post->next_posted;
        pli_mailbox_kick(post);
        pli_count(&ring->worker->counters.events, 1);
    }
}

static void run_own_posts(struct pli_ring *ring)
{
    struct pli_handle *post = ring->own.head;

    ring->own.head = NULL;
    run_posts(ring, post);
}

/* Tells another ring that there is mail; only of a failure something is heard. */
static void send_message(struct pli_ring *ring, struct pli_ring *to)
{
    struct io_uring_sqe *entry = pli_ring_entry(ring);

    io_uring_prep_msg_ring(entry, to->uring.ring_fd, 0, PLI_OP_MAIL, 0);
    entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
    io_uring_sqe_set_data64(entry, (uintptr_t)to | PLI_OP_LOST);
}

/* Puts the posts for other rings into their mailboxes. */
static void send_mail(struct pli_ring *ring)
{
    struct pli_handle *post = ring->others.head;
    struct pli_handle *next;

    ring->others.head = NULL;
    for (; post; post = next) {
        struct pli_ring *to = ring_of(post);

        next = post->next_posted;
        if (pli_mailbox_add(&to->mailbox, post))
            send_message(ring, to);
    }
}

static void watch_mailbox(struct pli_ring *ring)
{
    struct io_uring_sqe *entry = pli_ring_entry(ring);

    io_uring_prep_poll_add(entry, ring->mailbox.fd, POLLIN);
    io_uring_sqe_set_data64(entry, PLI_OP_WAKE);
    ring->under_way++;
}

static void proactor_post(struct pli_handle *handle)
{
    struct pli_worker *worker = pli_worker_self();
    struct pli_ring *ring = ring_of(handle);

    if (!worker || worker->engine != handle->engine || worker->blocking)
        pli_mailbox_push(&ring->mailbox, handle);
    else if (worker == ring->worker)
        append(&ring->own, handle);
    else
        append(&((struct pli_ring *)worker->home)->others, handle);
}

/* At once in the ring's thread, by a post from elsewhere. */
static void proactor_kick(struct pli_handle *handle, unsigned notes)
{
    if (pli_worker_self()->home == handle->home)
        pli_handle_kick(handle, notes);
    else
        pli_handle_post(handle, notes);
}

/* -- Turns ------------------------------------------------------------------------ */

static void on_wake(struct pli_ring *ring)
{
    ring->under_way--;
    if (ring->draining)
        return;
    pli_mailbox_drain(&ring->mailbox);
    watch_mailbox(ring);
    run_posts(ring, pli_mailbox_collect(&ring->mailbox));
}

static void process(struct pli_ring *ring, uint64_t data, int result, unsigned flags)
{
    enum pli_operation operation = (enum pli_operation)(data & PLI_OP_MASK);
    void *pointer = (void *)(uintptr_t)(data & ~(uint64_t)PLI_OP_MASK);

    if (operation == PLI_OP_NONE)
        return;
    if (operation == PLI_OP_WAKE)
        on_wake(ring);
    else if (operation == PLI_OP_LOST)
        pli_mailbox_wake(&((struct pli_ring *)pointer)->mailbox);
    else if (operation != PLI_OP_MAIL)
        pli_initiator_complete(pointer, operation, result, flags);
    else if (!ring->draining)
        run_posts(ring, pli_mailbox_collect(&ring->mailbox));
    pli_count(&ring->worker->counters.events, 1);
}

/* Processes up to LIMIT completions. */
static void process_some(struct pli_ring *ring, unsigned limit)
{
    struct io_uring_cqe *completion;
    unsigned count = 0;
    unsigned head;

    io_uring_for_each_cqe(&ring->uring, head, completion)
    {
        process(ring, completion->user_data, completion->res, completion->flags);
        if (++count == limit)
            break;
        if (count % PLI_FLUSH_AFTER == 0 && !ring->draining)
            pli_worker_flush(ring->worker, PLI_FLUSH_CHUNK);
    }
    io_uring_cq_advance(&ring->uring, count);
}

/* Submits, and if WAIT waits for a completion. */
static void submit(struct pli_ring *ring, bool wait)
{
    int rc = wait ? io_uring_submit_and_wait(&ring->uring, 1)
                  : io_uring_submit_and_get_events(&ring->uring);

    pli_count(&ring->worker->counters.waits, 1);
    if (rc < 0 && rc != -EINTR && rc != -EAGAIN && rc != -EBUSY)
        pli_log(PL_LOG_ERROR, "io_uring_enter: %s", strerror(-rc));
}

static void turn(struct pli_ring *ring)
{
    bool idle = !pli_worker_owes(ring->worker) && !ring->ready.head && !ring->own.head;

    send_mail(ring);
    pli_stream_submit_sends(ring);
    submit(ring, idle);
    process_some(ring, ring->engine->options.batch);
    run_own_posts(ring);
    pli_initiator_run_listed(ring);
    pli_worker_flush(ring->worker, PLI_FLUSH_CHUNK);
}

/* What was accepted by a write goes out as far as that is possible at once; the rest ends. */
static void drain(struct pli_ring *ring)
{
    struct io_uring_sqe *entry;

    pli_worker_hand_over(ring->worker);
    send_mail(ring);
    pli_stream_submit_sends(ring);
    ring->draining = true;
    pli_initiator_run_listed(ring); /* kicks nobody any more */
    entry = pli_ring_entry(ring);
    io_uring_prep_cancel64(entry, 0, IORING_ASYNC_CANCEL_ANY);
    io_uring_sqe_set_data64(entry, PLI_OP_NONE);
    do {
        submit(ring, ring->under_way > 0);
        process_some(ring, UINT32_MAX);
    } while (ring->under_way > 0);
}

static int run_ring(struct pli_ring *ring)
{
    struct rings *rings = ring->engine->state;
    int rc = pli_ring_enable(&ring->uring);

    if (rc < 0)
        return rc;
    io_uring_register_ring_fd(&ring->uring); /* saves a look-up in each system call, if it works */
    pli_worker_enter(ring->worker);
    watch_mailbox(ring);
    while (!rings->stop)
        turn(ring);
    drain(ring);
    pli_worker_enter(NULL);
    io_uring_unregister_ring_fd(&ring->uring);
    return 0;
}

/* -- The pool ---------------------------------------------------------------------- */

static void proactor_stop(struct pli_engine *engine)
{
    struct rings *rings = engine->state;

    rings->stop = true;
    for (unsigned i = 0; i < rings->count; i++)
        pli_mailbox_wake(&rings->ring[i].mailbox);
}

static void *ring_main(void *argument)
{
    struct pli_ring *ring = argument;

    ring->result = run_ring(ring);
    if (ring->result < 0)
        proactor_stop(ring->engine);
    return NULL;
}

static int proactor_run(struct pli_engine *engine)
{
    struct rings *rings = engine->state;
    int rc = 0;

    rings->started = 1;
    while (rings->started < rings->count && rc == 0) {
        struct pli_ring *ring = &rings->ring[rings->started];

        rc = pli_thread_start(&ring->thread, "paceline-ring", ring_main, ring);
        if (rc == 0)
            rings->started++;
    }
    if (rc < 0)
        proactor_stop(engine);
    ring_main(&rings->ring[0]);
    for (unsigned i = 1; i < rings->started; i++)
        pthread_join(rings->ring[i].thread, NULL);
    for (unsigned i = 0; i < rings->started && rc == 0; i++)
        rc = rings->ring[i].result;
    return rc;
}

static void forget_posts(struct pli_posts *posts)
{
    while (posts->head) {
        struct pli_handle *post = posts->head;

        posts->head = post->next_posted;
        atomic_store_explicit(&post->posted, false, memory_order_release);
        pli_handle_unref(post);
    }
}

static void proactor_finish(struct pli_engine *engine)
{
    struct rings *rings = engine->state;

    for (unsigned i = 0; i < rings->count; i++) {
        forget_posts(&rings->ring[i].own);
        forget_posts(&rings->ring[i].others);
        pli_ring_deinit(&rings->ring[i]);
    }
    free(rings);
    engine->state = NULL;
}

static int proactor_start(struct pli_engine *engine)
{
    unsigned count = engine->options.threads;
    struct rings *rings = calloc(1, sizeof(*rings) + count * sizeof(rings->ring[0]));
    int rc = 0;

    if (!rings)
        return -ENOMEM;
    engine->state = rings;
    while (rc == 0 && rings->count < count) {
        rc = pli_ring_init(&rings->ring[rings->count], engine);
        rings->count++; /* a failed one is taken down like the others */
    }
    if (rc < 0)
        proactor_finish(engine);
    return rc;
}

/* -- Handles ------------------------------------------------------------------------ */

/* The search begins somewhere else each time, so that equals take turns. */
static struct pli_ring *least_loaded(struct rings *rings)
{
    unsigned first = atomic_fetch_add_explicit(&rings->next, 1, memory_order_relaxed);
    struct pli_ring *best = &rings->ring[first % rings->count];

    for (unsigned i = 1; i < rings->count; i++) {
        struct pli_ring *other = &rings->ring[(first + i) % rings->count];

        if (other->handles < best->handles)
            best = other;
    }
    return best;
}

static const struct pli_initiator_class *const classes[] = {
    [PLI_EVENT] = NULL,
    [PLI_STREAM] = &pli_stream_class,
    [PLI_ACCEPTOR] = &pli_acceptor_class,
    [PLI_SOURCE] = &pli_source_class,
};

/* Makes what starts operations on the descriptor that the handle has. */
static int make_initiator(struct pli_handle *handle)
{
    const struct pli_initiator_class *class = classes[handle->class->kind];
    struct pli_initiator *initiator = class ? calloc(1, class->size) : NULL;

    if (!class)
        return 0;
    if (!initiator)
        return -ENOMEM;
    *initiator = (struct pli_initiator){
        .class = class,
        .ring = ring_of(handle),
        .handle = handle,
        .fd = handle->fd,
        .references = 1,
    };
    handle->io = initiator;
    return 0;
}

/* The initiator goes on without its handle, until nothing is under way for it. */
static void detach(struct pli_handle *handle)
{
    struct pli_initiator *initiator = handle->io;

    if (!initiator)
        return;
    handle->io = NULL;
    initiator->handle = NULL;
    pli_initiator_unref(initiator);
}

static int proactor_place(struct pli_handle *handle)
{
    struct rings *rings = handle->engine->state;
    struct pli_ring *ring = pli_handle_is_central(handle) ? &rings->ring[0] : least_loaded(rings);
    int rc;

    handle->home = ring;
    rc = handle->fd >= 0 ? make_initiator(handle) : 0;
    if (rc == 0)
        atomic_fetch_add_explicit(&ring->handles, 1, memory_order_relaxed);
    return rc;
}

static void proactor_displace(struct pli_handle *handle)
{
    atomic_fetch_sub_explicit(&ring_of(handle)->handles, 1, memory_order_relaxed);
    detach(handle);
}

/* A handle that is armed has a descriptor, perhaps one that it did not have when it was placed. */
static int proactor_arm(struct pli_handle *handle, unsigned want)
{
    int rc = handle->io ? 0 : make_initiator(handle);
    struct pli_initiator *initiator = handle->io;

    if (rc < 0)
        return rc;
    initiator->want = (uint8_t)want;
    if (pli_ring_is_mine(initiator->ring))
        initiator->class->arm(initiator);
    return 0;
}

static void proactor_close(struct pli_handle *handle)
{
    struct pli_initiator *initiator = handle->io;

    if (!initiator) { /* it has never been armed */
        close(handle->fd);
        return;
    }
    initiator->class->close(initiator);
    detach(handle);
}

/* A ring cannot go on without its thread. But what was done so far need not wait for it. */
static void proactor_blocking_begin(struct pli_worker *worker)
{
    struct pli_ring *ring = worker->home;

    send_mail(ring);
    pli_stream_submit_sends(ring);
    io_uring_submit(&ring->uring);
}

static void proactor_blocking_end(struct pli_worker *worker)
{
    (void)worker;
}

static void proactor_threads(struct pli_engine *engine, unsigned *alive, unsigned *spare)
{
    struct rings *rings = engine->state;

    *alive = rings->count;
    *spare = 0;
}

const struct pli_model pli_proactor = {
    .name = "proactor",
    .missing = pli_proactor_missing,
    .start = proactor_start,
    .finish = proactor_finish,
    .run = proactor_run,
    .stop = proactor_stop,
    .place = proactor_place,
    .displace = proactor_displace,
    .arm = proactor_arm,
    .close = proactor_close,
    .kick = proactor_kick,
    .post = proactor_post,
    .read = pli_stream_read,
    .write = pli_stream_write,
    .writing = pli_stream_writing,
    .accept = pli_acceptor_accept,
    .shutdown = pli_stream_shutdown,
    .blocking_begin = proactor_blocking_begin,
    .blocking_end = proactor_blocking_end,
    .threads = proactor_threads,
    .oneshot = true,
};
