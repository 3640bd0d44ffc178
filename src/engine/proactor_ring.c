/* SPDX-License-Identifier: MIT */
/*
 * An io_uring with what the proactor needs around it.
 *
 * It is made disabled, by whoever makes the server, and enabled by the thread that runs it: the
 * kernel then knows that only this thread submits, and lets completions happen only when it asks
 * for them (DEFER_TASKRUN), so that a turn finds many at once and nothing interrupts a handler.
 *
 * Provided buffers are lent for one completion only: what the handle does not read at once is
 * copied (proactor_input.h). So they are always back when the kernel is asked for more, and a peer
 * that nobody reads takes none away from the others.
 */
#include "config.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/proactor.h"

#define ENTRIES     512u
#define COMPLETIONS 4096u

/* The best first; a kernel without them says EINVAL. */
static const unsigned ways_to_run[] = {
    IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
    IORING_SETUP_COOP_TASKRUN,
    0,
};

int pli_ring_open(struct io_uring *uring)
{
    int rc = -EINVAL;

    for (size_t i = 0; rc == -EINVAL && i < sizeof(ways_to_run) / sizeof(*ways_to_run); i++) {
        struct io_uring_params parameters = {
            .flags = IORING_SETUP_R_DISABLED | IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL |
                     ways_to_run[i],
            .cq_entries = COMPLETIONS,
        };

        rc = io_uring_queue_init_params(ENTRIES, uring, &parameters);
    }
    return rc;
}

/* liburing 2.3 declares io_uring_enable_rings(), but its library does not have it. */
int pli_ring_enable(struct io_uring *uring)
{
    return io_uring_register((unsigned)uring->ring_fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
}

/* The ring of buffers stands behind them, and begins with a page. */
size_t pli_ring_memory_size(void)
{
    return (size_t)PLI_RING_BUFFERS * (PLI_RING_BUFFER_SIZE + sizeof(struct io_uring_buf));
}

int pli_ring_provide(struct io_uring *uring, struct io_uring_buf_ring *buffers, char *memory)
{
    struct io_uring_buf_reg registration = {
        .ring_addr = (uintptr_t)buffers,
        .ring_entries = PLI_RING_BUFFERS,
        .bgid = PLI_RING_GROUP,
    };
    int rc = io_uring_register_buf_ring(uring, &registration, 0);

    if (rc < 0)
        return rc;
    io_uring_buf_ring_init(buffers);
    for (unsigned i = 0; i < PLI_RING_BUFFERS; i++)
        io_uring_buf_ring_add(buffers, memory + (size_t)i * PLI_RING_BUFFER_SIZE,
                              PLI_RING_BUFFER_SIZE, (unsigned short)i,
                              io_uring_buf_ring_mask(PLI_RING_BUFFERS), (int)i);
    io_uring_buf_ring_advance(buffers, (int)PLI_RING_BUFFERS);
    return 0;
}

void pli_ring_return_buffer(struct pli_ring *ring, unsigned buffer)
{
    io_uring_buf_ring_add(ring->buffers, ring->memory + (size_t)buffer * PLI_RING_BUFFER_SIZE,
                          PLI_RING_BUFFER_SIZE, (unsigned short)buffer,
                          io_uring_buf_ring_mask(PLI_RING_BUFFERS), 0);
    io_uring_buf_ring_advance(ring->buffers, 1);
}

int pli_ring_init(struct pli_ring *ring, struct pli_engine *engine)
{
    void *memory;
    int rc;

    ring->engine = engine;
    ring->mailbox.fd = ring->uring.ring_fd = -1;
    ring->worker = pli_worker_new(engine);
    if (!ring->worker)
        return -ENOMEM;
    ring->worker->home = ring;
    rc = pli_ring_open(&ring->uring);
    if (rc < 0) {
        ring->uring.ring_fd = -1;
        return rc;
    }
    memory = mmap(NULL, pli_ring_memory_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                  -1, 0);
    if (memory == MAP_FAILED)
        return -errno;
    ring->memory = memory;
    ring->buffers = (void *)(ring->memory + (size_t)PLI_RING_BUFFERS * PLI_RING_BUFFER_SIZE);
    rc = pli_ring_provide(&ring->uring, ring->buffers, ring->memory);
    return rc < 0 ? rc : pli_mailbox_open(&ring->mailbox);
}

void pli_ring_deinit(struct pli_ring *ring)
{
    pli_mailbox_deinit(&ring->mailbox);
    if (ring->uring.ring_fd >= 0)
        io_uring_queue_exit(&ring->uring);
    if (ring->memory)
        munmap(ring->memory, pli_ring_memory_size());
    pli_output_pool_deinit(&ring->outputs);
    if (ring->worker)
        pli_worker_retire(ring->worker);
}

bool pli_ring_is_mine(const struct pli_ring *ring)
{
    return pli_worker_self() == ring->worker && !ring->draining;
}

/* When all entries are taken, they are submitted; the kernel has consumed them when that returns. */
struct io_uring_sqe *pli_ring_entry(struct pli_ring *ring)
{
    struct io_uring_sqe *entry;

    while (!(entry = io_uring_get_sqe(&ring->uring))) {
        if (io_uring_submit(&ring->uring) < 0)
            sched_yield(); /* without memory, or interrupted */
    }
    return entry;
}
