/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/mailbox.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

int pli_mailbox_open(struct pli_mailbox *mailbox)
{
    atomic_init(&mailbox->posts, NULL);
    mailbox->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return mailbox->fd < 0 ? -errno : 0;
}

int pli_mailbox_init(struct pli_mailbox *mailbox, int epoll)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = PLI_MAILBOX_ID};
    int rc = pli_mailbox_open(mailbox);

    if (rc < 0)
        return rc;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, mailbox->fd, &event) < 0) {
        rc = -errno;
        close(mailbox->fd);
        mailbox->fd = -1;
    }
    return rc;
}

void pli_mailbox_drop(struct pli_handle *posts)
{
    while (posts) {
        struct pli_handle *handle = posts;

        posts = handle->next_posted;
        atomic_store_explicit(&handle->posted, false, memory_order_release);
        pli_handle_unref(handle);
    }
}

void pli_mailbox_deinit(struct pli_mailbox *mailbox)
{
    if (mailbox->fd < 0)
        return;
    pli_mailbox_drop(pli_mailbox_take(mailbox));
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

bool pli_mailbox_add(struct pli_mailbox *mailbox, struct pli_handle *handle)
{
    struct pli_handle *head = atomic_load_explicit(&mailbox->posts, memory_order_relaxed);

    do {
        handle->next_posted = head;
    } while (!atomic_compare_exchange_weak_explicit(&mailbox->posts, &head, handle,
                                                    memory_order_acq_rel, memory_order_relaxed));
    return !head;
}

void pli_mailbox_push(struct pli_mailbox *mailbox, struct pli_handle *handle)
{
    if (pli_mailbox_add(mailbox, handle))
        pli_mailbox_wake(mailbox);
}

void pli_mailbox_drain(struct pli_mailbox *mailbox)
{
    uint64_t count;
    ssize_t got = read(mailbox->fd, &count, sizeof(count));

    (void)got; /* nothing to read is fine: the list decides */
}

struct pli_handle *pli_mailbox_collect(struct pli_mailbox *mailbox)
{
    struct pli_handle *newest =
        atomic_exchange_explicit(&mailbox->posts, NULL, memory_order_acq_rel);
    struct pli_handle *oldest = NULL;

    while (newest) {
        struct pli_handle *older = newest->next_posted;

        newest->next_posted = oldest;
        oldest = newest;
        newest = older;
    }
    return oldest;
}

struct pli_handle *pli_mailbox_take(struct pli_mailbox *mailbox)
{
    pli_mailbox_drain(mailbox);
    return pli_mailbox_collect(mailbox);
}

void pli_mailbox_kick(struct pli_handle *handle)
{
    atomic_exchange_explicit(&handle->posted, false, memory_order_acq_rel);
    pli_handle_kick(handle, 0);
    pli_handle_unref(handle);
}
