/* SPDX-License-Identifier: MIT */
/*
 * Whether the kernel has what the proactor needs, and lets this process use it: that is tried, once,
 * as version numbers tell little about what a distribution, a container or an administrator allows.
 * Want of descriptors or memory is no answer to that: then making a server will tell.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/proactor.h"

#define OPCODES 256

/* Written once, by find_out(). */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char reason[200]; /* empty: nothing is missing */

static bool passes(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOMEM || error == EAGAIN;
}

static void give_reason(const char *what, int error)
{
    if (passes(error))
        return;
    snprintf(reason, sizeof(reason), "%s: %s", what, strerror(error));
}

static const char *without_ring(int error)
{
    switch (error) {
    case ENOSYS:
        return "the kernel has no io_uring";
    case EPERM:
    case EACCES:
        return "io_uring is not permitted";
    case EINVAL:
        return "the kernel's io_uring is too old";
    default:
        return "io_uring cannot be set up";
    }
}

static bool has_operations(struct io_uring *uring)
{
    static const struct {
        int code;
        const char *name;
    } needed[] = {
        {IORING_OP_ACCEPT, "accept"},
        {IORING_OP_RECV, "receive"},
        {IORING_OP_SEND, "send"},
        {IORING_OP_POLL_ADD, "poll"},
        {IORING_OP_ASYNC_CANCEL, "cancel"},
        {IORING_OP_CLOSE, "close"},
        {IORING_OP_MSG_RING, "ring to ring message"},
    };
    /* The kernel's structure ends in an array of what it tells about each operation. */
    _Alignas(struct io_uring_probe) char
        answer[sizeof(struct io_uring_probe) + OPCODES * sizeof(struct io_uring_probe_op)] = {0};
    struct io_uring_probe *probe = (struct io_uring_probe *)answer;
    int rc = io_uring_register_probe(uring, probe, OPCODES);

    if (rc < 0) {
        give_reason("the kernel's io_uring does not tell what it can do", -rc);
        return false;
    }
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (io_uring_opcode_supported(probe, needed[i].code))
            continue;
        snprintf(reason, sizeof(reason), "the kernel's io_uring has no %s operation",
                 needed[i].name);
        return false;
    }
    return true;
}

/* Whether a byte that the peer sends is completed into a buffer, and more would be. */
static int receive_one(struct io_uring *uring, const int *sockets)
{
    struct io_uring_sqe *entry = io_uring_get_sqe(uring);
    struct io_uring_cqe *completion;
    int rc;

    if (send(sockets[1], "x", 1, MSG_NOSIGNAL) < 0)
        return -errno;
    io_uring_prep_recv_multishot(entry, sockets[0], NULL, 0, 0);
    entry->flags |= IOSQE_BUFFER_SELECT;
    entry->buf_group = PLI_RING_GROUP;
    do {
        rc = io_uring_submit_and_wait(uring, 1);
    } while (rc == -EINTR);
    if (rc < 0)
        return rc;
    rc = io_uring_peek_cqe(uring, &completion);
    if (rc < 0)
        return rc;
    if (completion->res < 0)
        return completion->res;
    return completion->flags & IORING_CQE_F_MORE && completion->flags & IORING_CQE_F_BUFFER
               ? 0
               : -EOPNOTSUPP;
}

static void try_receive(struct io_uring *uring)
{
    int sockets[2];
    int rc = pli_ring_enable(uring);

    if (rc == 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets) < 0)
        rc = -errno;
    if (rc < 0) {
        give_reason("io_uring cannot be tried", -rc);
        return;
    }
    rc = receive_one(uring, sockets);
    if (rc < 0)
        give_reason("the kernel's io_uring has no multishot receive", -rc);
    close(sockets[0]);
    close(sockets[1]);
}

static void try_buffers(struct io_uring *uring)
{
    char *memory = mmap(NULL, pli_ring_memory_size(), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int rc;

    if (memory == MAP_FAILED) {
        give_reason("no memory for io_uring's buffers", errno);
        return;
    }
    rc = pli_ring_provide(uring, (void *)(memory + (size_t)PLI_RING_BUFFERS * PLI_RING_BUFFER_SIZE),
                          memory);
    if (rc < 0)
        give_reason("the kernel's io_uring has no rings of buffers", -rc);
    else
        try_receive(uring);
    munmap(memory, pli_ring_memory_size());
}

static void find_out(void)
{
    struct io_uring uring;
    int rc = pli_ring_open(&uring);

    if (rc < 0) {
        give_reason(without_ring(-rc), -rc);
        return;
    }
    if (has_operations(&uring))
        try_buffers(&uring);
    io_uring_queue_exit(&uring);
}

const char *pli_proactor_missing(void)
{
    pthread_once(&once, find_out);
    return reason[0] ? reason : NULL;
}
