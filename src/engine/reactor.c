/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/reactor.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

/*
 * A peer that has closed both ways (EPOLLHUP, EPOLLERR) may have left input behind: while reading
 * is registered, the read finds that input first and the end or the error after it.
 */
unsigned pli_reactor_notes(uint32_t events)
{
    unsigned notes = 0;

    if (events & (EPOLLIN | EPOLLRDHUP))
        notes |= PLI_IN;
    if (events & EPOLLOUT)
        notes |= PLI_OUT;
    if ((events & (EPOLLHUP | EPOLLERR)) && !(notes & PLI_IN))
        notes |= PLI_HUP;
    return notes;
}

int pli_reactor_arm(int epoll, struct pli_handle *handle, unsigned want, uint32_t flags)
{
    struct epoll_event event = {.events = flags, .data.u64 = handle->id};
    int operation = handle->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

    if (want & PLI_IN)
        event.events |= EPOLLIN;
    if (want & PLI_OUT)
        event.events |= EPOLLOUT;
    /* Set before: the event may come, and end in another thread, before epoll_ctl returns. */
    handle->registered = true;
    return epoll_ctl(epoll, operation, handle->fd, &event) < 0 ? -errno : 0;
}

void pli_reactor_close(int epoll, struct pli_handle *handle)
{
    if (handle->registered)
        epoll_ctl(epoll, EPOLL_CTL_DEL, handle->fd, NULL);
    close(handle->fd);
}

unsigned pli_reactor_wait(int epoll, struct pli_worker *worker, struct epoll_event *events,
                          int timeout, bool yield)
{
    int count;

    if (yield && timeout != 0)
        sched_yield();
    count = epoll_wait(epoll, events, (int)worker->engine->options.batch, timeout);
    pli_count(&worker->counters.waits, 1);
    if (count < 0 && errno != EINTR)
        pli_log(PL_LOG_ERROR, "epoll_wait: %s", strerror(errno));
    return count > 0 ? (unsigned)count : 0;
}

int pli_reactor_read(struct pli_handle *handle, size_t limit, struct pli_span *span)
{
    char *buffer = pli_worker_self()->buffer;
    ssize_t got;

    do {
        got = recv(handle->fd, buffer, limit < PLI_READ_SIZE ? limit : PLI_READ_SIZE, 0);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    *span = (struct pli_span){.data = buffer, .length = (size_t)got};
    return 0;
}

ssize_t pli_reactor_write(struct pli_handle *handle, const struct iovec *parts, int count)
{
    struct msghdr message = {.msg_iovlen = (size_t)count};
    ssize_t sent;

    do {
        if (count == 1) {
            sent = send(handle->fd, parts->iov_base, parts->iov_len, MSG_NOSIGNAL);
        } else {
            /* The kernel only reads the parts; the field is not const for history's sake. */
            message.msg_iov = (struct iovec *)(uintptr_t)parts;
            sent = sendmsg(handle->fd, &message, MSG_NOSIGNAL);
        }
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

int pli_reactor_accept(struct pli_handle *handle, struct sockaddr_storage *from, socklen_t *length)
{
    int fd;

    *length = sizeof(*from);
    do {
        fd = accept4(handle->fd, (struct sockaddr *)from, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    return fd < 0 ? -errno : fd;
}

int pli_reactor_shutdown(struct pli_handle *handle)
{
    return shutdown(handle->fd, SHUT_WR) < 0 ? -errno : 0;
}
