/* SPDX-License-Identifier: MIT */
/*
 * What models over readiness share: epoll registrations by id, the transfers as plain system calls
 * in the asking thread, and a mailbox for handles that other threads post.
 *
 * Mailbox: an intrusive list, pushed by a compare-and-swap. Whoever pushes on an empty list writes
 * the eventfd. The owner drains the eventfd first and takes the list afterwards, so that a push
 * in between costs a wake-up too many, never one too few. The eventfd is registered
 * level-triggered and never ONESHOT: an event of it consumed by one thread must not hide the next.
 */
#ifndef PLI_ENGINE_REACTOR_H
#define PLI_ENGINE_REACTOR_H

#include <stdatomic.h>
#include <sys/epoll.h>

#include "engine/engine.h"

/* The event data of the mailbox's own eventfd; no handle has this id. */
#define PLI_MAILBOX_ID 0u

struct pli_mailbox {
    int fd; /* eventfd */
    _Atomic(struct pli_handle *) posts;
};

/* Makes it and registers it with the epoll set. Returns 0 or a negative errno. */
int pli_mailbox_init(struct pli_mailbox *mailbox, int epoll);

/* Gives back what was never taken. */
void pli_mailbox_deinit(struct pli_mailbox *mailbox);

/* Pushes a handle (and its reference) and sees to it that the owner comes. Any thread. */
void pli_mailbox_push(struct pli_mailbox *mailbox, struct pli_handle *handle);

/* Wakes the owner without a post. Any thread. */
void pli_mailbox_wake(struct pli_mailbox *mailbox);

/* Drains the eventfd and takes all posts, oldest first, linked by next_posted. The owner. */
struct pli_handle *pli_mailbox_take(struct pli_mailbox *mailbox);

/* Clears a taken handle's posted flag, kicks it and gives back the reference. */
void pli_mailbox_kick(struct pli_handle *handle);

/* The notes that an epoll event stands for. */
unsigned pli_reactor_notes(uint32_t events);

/* Adds or changes the registration. FLAGS are EPOLLONESHOT or 0. Returns 0 or a negative errno. */
int pli_reactor_arm(int epoll, struct pli_handle *handle, unsigned want, uint32_t flags);
void pli_reactor_disarm(int epoll, struct pli_handle *handle);

/* The transfers of struct pli_model. */
int pli_reactor_read(struct pli_handle *handle, size_t limit, struct pli_span *span);
ssize_t pli_reactor_write(struct pli_handle *handle, const struct iovec *parts, int count);
int pli_reactor_accept(struct pli_handle *handle, struct sockaddr_storage *from, socklen_t *length);

#endif
