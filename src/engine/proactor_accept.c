/* SPDX-License-Identifier: MIT */
/*
 * Listening sockets and sources of the proactor.
 *
 * A listening socket has one multishot accept under way, whose completions wait here until the
 * handle takes them; mostly that is at once. The kernel takes a descriptor before it looks whether
 * anybody waits, so when there is none left a new multishot accept would fail at once, again and
 * again. After a failure the socket is therefore polled first, and accept() asks the kernel itself,
 * until it has succeeded: so whoever accepts learns the reason when there is somebody to accept.
 *
 * The kernel holds the limit of descriptors against a multishot accept as it was when that began.
 * If a descriptor shows that the limit has been lowered since, another one is begun.
 *
 * A source is polled, once each time that it is armed: what it is asked for is not bytes of a peer
 * but the class's own business.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/proactor.h"
#include "engine/reactor.h"

#define ROOM_FIRST 16u

struct acceptor {
    struct pli_initiator initiator; /* first */
    int *accepted;                  /* connections that the handle has not taken */
    unsigned start;                 /* the oldest of them */
    unsigned count;
    unsigned room;
    bool wary : 1;     /* the last accept failed */
    bool stopping : 1; /* the accept is being cancelled */
};

static struct acceptor *acceptor_of(struct pli_initiator *initiator)
{
    return (struct acceptor *)initiator;
}

/* -- Acceptors ------------------------------------------------------------------- */

/* Puts it behind the others, which move to the front when there is no room. */
static int put(struct acceptor *acceptor, int fd)
{
    if (acceptor->start > 0 && acceptor->start + acceptor->count == acceptor->room) {
        for (unsigned i = 0; i < acceptor->count; i++)
            acceptor->accepted[i] = acceptor->accepted[acceptor->start + i];
        acceptor->start = 0;
    }
    if (acceptor->start + acceptor->count == acceptor->room) {
        unsigned room = acceptor->room ? acceptor->room * 2 : ROOM_FIRST;
        int *accepted = realloc(acceptor->accepted, room * sizeof(*accepted));

        if (!accepted)
            return -ENOMEM;
        acceptor->accepted = accepted;
        acceptor->room = room;
    }
    acceptor->accepted[acceptor->start + acceptor->count++] = fd;
    return 0;
}

static int take(struct acceptor *acceptor)
{
    int fd = acceptor->accepted[acceptor->start++];

    if (--acceptor->count == 0)
        acceptor->start = 0;
    return fd;
}

static void accept_more(struct acceptor *acceptor)
{
    struct pli_initiator *initiator = &acceptor->initiator;
    struct io_uring_sqe *entry;

    if (pli_initiator_awaits(initiator, PLI_OP_ACCEPT))
        return;
    if (acceptor->wary) {
        pli_initiator_poll(initiator, POLLIN);
        return;
    }
    entry = pli_ring_entry(initiator->ring);
    io_uring_prep_multishot_accept(entry, initiator->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    pli_initiator_begin(initiator, entry, PLI_OP_ACCEPT);
}

static unsigned acceptor_ready(struct pli_initiator *initiator)
{
    if (!pli_initiator_wants(initiator, PLI_IN))
        return 0;
    return acceptor_of(initiator)->count > 0 ? PLI_IN : 0;
}

static void acceptor_stop(struct acceptor *acceptor)
{
    if (!acceptor->stopping)
        pli_initiator_cancel(&acceptor->initiator, PLI_OP_ACCEPT);
    acceptor->stopping = pli_initiator_awaits(&acceptor->initiator, PLI_OP_ACCEPT);
    pli_initiator_cancel(&acceptor->initiator, PLI_OP_POLL);
}

static void acceptor_arm(struct pli_initiator *initiator)
{
    struct acceptor *acceptor = acceptor_of(initiator);

    if (!(initiator->want & PLI_IN))
        acceptor_stop(acceptor);
    else if (acceptor->count > 0)
        pli_initiator_list(initiator);
    else
        accept_more(acceptor);
}

static void acceptor_complete(struct pli_initiator *initiator, enum pli_operation operation,
                              int result, unsigned flags)
{
    struct acceptor *acceptor = acceptor_of(initiator);

    if (operation == PLI_OP_ACCEPT) {
        if (!(flags & IORING_CQE_F_MORE))
            acceptor->stopping = false;
        if (result < 0)
            acceptor->wary = acceptor->wary || result != -ECANCELED;
        else if (initiator->fd < 0 || initiator->ring->draining || put(acceptor, result) < 0)
            close(result);
    }
    if (!pli_initiator_wants(initiator, PLI_IN))
        return;
    if (acceptor->count > 0 || operation == PLI_OP_POLL)
        pli_initiator_kick(initiator, PLI_IN);
    else
        accept_more(acceptor);
}

static void acceptor_close(struct pli_initiator *initiator)
{
    struct acceptor *acceptor = acceptor_of(initiator);

    while (acceptor->count > 0)
        close(take(acceptor));
    free(acceptor->accepted);
    acceptor->accepted = NULL;
    acceptor->room = acceptor->start = 0;
    if (pli_ring_is_mine(initiator->ring))
        acceptor_stop(acceptor);
    pli_initiator_close(initiator);
}

static bool is_within_limit(int fd)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_NOFILE, &limit) < 0 || (rlim_t)fd < limit.rlim_cur;
}

/* Who has gone meanwhile has no address any more. */
static bool name_peer(int fd, struct sockaddr_storage *from, socklen_t *length)
{
    *length = sizeof(*from);
    return getpeername(fd, (struct sockaddr *)from, length) == 0;
}

int pli_acceptor_accept(struct pli_handle *handle, struct sockaddr_storage *from, socklen_t *length)
{
    struct acceptor *acceptor = acceptor_of(handle->io);
    int rc;

    while (acceptor->count > 0) {
        int fd = take(acceptor);

        if (!is_within_limit(fd)) {
            acceptor->wary = true;
            acceptor_stop(acceptor);
        }
        if (name_peer(fd, from, length))
            return fd;
        close(fd);
    }
    if (pli_initiator_awaits(&acceptor->initiator, PLI_OP_ACCEPT))
        return -EAGAIN;
    rc = pli_reactor_accept(handle, from, length);
    if (rc != -EAGAIN)
        acceptor->wary = rc < 0;
    return rc;
}

const struct pli_initiator_class pli_acceptor_class = {
    .size = sizeof(struct acceptor),
    .arm = acceptor_arm,
    .ready = acceptor_ready,
    .complete = acceptor_complete,
    .close = acceptor_close,
};

/* -- Sources --------------------------------------------------------------------- */

static unsigned source_ready(struct pli_initiator *initiator)
{
    (void)initiator;
    return 0;
}

static void source_poll(struct pli_initiator *initiator)
{
    unsigned events = 0;

    if (initiator->want & PLI_IN)
        events |= POLLIN;
    if (initiator->want & PLI_OUT)
        events |= POLLOUT;
    pli_initiator_poll(initiator, events);
}

/* A negative result: the descriptor cannot be polled. */
static void source_complete(struct pli_initiator *initiator, enum pli_operation operation,
                            int result, unsigned flags)
{
    (void)operation;
    (void)flags;
    if (initiator->fd >= 0)
        pli_initiator_kick(initiator, result < 0 ? PLI_HUP : pli_reactor_notes((uint32_t)result));
}

static void source_close(struct pli_initiator *initiator)
{
    if (pli_ring_is_mine(initiator->ring))
        pli_initiator_cancel(initiator, PLI_OP_POLL);
    pli_initiator_close(initiator);
}

const struct pli_initiator_class pli_source_class = {
    .size = sizeof(struct pli_initiator),
    .arm = source_poll,
    .ready = source_ready,
    .complete = source_complete,
    .close = source_close,
};
