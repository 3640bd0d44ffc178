/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/reactor.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

int pli_mailbox_init(struct pli_mailbox *mailbox, int epoll)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = PLI_MAILBOX_ID};

    atomic_init(&mailbox->posts, NULL);
    mailbox->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (mailbox->fd < 0)
        return -errno;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, mailbox->fd, &event) < 0) {
        int error = -errno;

        close(mailbox->fd);
        mailbox->fd = -1;
        return error;
    }
    return 0;
}

void pli_mailbox_deinit(struct pli_mailbox *mailbox)
{
    struct pli_handle *next;

    if (mailbox->fd < 0)
        return;
    for (struct pli_handle *handle = pli_mailbox_take(mailbox); handle; handle = next) {
        next = handle->next_posted;
        atomic_store_explicit(&handle->posted, false, memory_order_release);
        pli_handle_unref(handle);
    }
    close(mailbox->fd);
    mailbox->fd = -1;
}

void pli_mailbox_wake(struct pli_mailbox *mailbox)
{
    uint64_t one = 1;
    /* The only way to fail is a counter about to overflow: then it is readable anyway. */
    ssize_t written = write(mailbox->fd, &one, sizeof(one));

    (void)written;
}

void pli_mailbox_push(struct pli_mailbox *mailbox, struct pli_handle *handle)
{
    struct pli_handle *head = atomic_load_explicit(&mailbox->posts, memory_order_relaxed);

    do {
        handle->next_posted = head;
    } while (!atomic_compare_exchange_weak_explicit(&mailbox->posts, &head, handle,
                                                    memory_order_acq_rel, memory_order_relaxed));
    if (!head)
        pli_mailbox_wake(mailbox);
}

struct pli_handle *pli_mailbox_take(struct pli_mailbox *mailbox)
{
    struct pli_handle *oldest = NULL;
    struct pli_handle *newest;
    uint64_t count;
    ssize_t got = read(mailbox->fd, &count, sizeof(count));

    (void)got; /* nothing to read is fine: the list decides */
    newest = atomic_exchange_explicit(&mailbox->posts, NULL, memory_order_acq_rel);
    while (newest) {
        struct pli_handle *older = newest->next_posted;

        newest->next_posted = oldest;
        oldest = newest;
        newest = older;
    }
    return oldest;
}

void pli_mailbox_kick(struct pli_handle *handle)
{
    atomic_exchange_explicit(&handle->posted, false, memory_order_acq_rel);
    pli_handle_kick(handle, 0);
    pli_handle_unref(handle);
}

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

void pli_reactor_disarm(int epoll, struct pli_handle *handle)
{
    epoll_ctl(epoll, EPOLL_CTL_DEL, handle->fd, NULL);
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
