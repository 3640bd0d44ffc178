/* SPDX-License-Identifier: MIT */
/*
 * A mailbox: handles that other threads post to the one that runs them.
 *
 * It is an intrusive list, pushed by a compare-and-swap, and an eventfd. Whoever pushes on an empty
 * list writes the eventfd. The owner drains the eventfd first and takes the list afterwards, so
 * that a push in between costs a wake-up too many, never one too few. In an epoll set the eventfd
 * is registered level-triggered and never ONESHOT: an event of it consumed by one thread must not
 * hide the next.
 *
 * An owner that can be told in another way too is told by whoever pli_mailbox_add() says has to.
 */
#ifndef PLI_ENGINE_MAILBOX_H
#define PLI_ENGINE_MAILBOX_H

#include <stdatomic.h>
#include <stdbool.h>

#include "engine/handle.h"

/* The event data of the mailbox's own eventfd; no handle has this id. */
#define PLI_MAILBOX_ID 0u

struct pli_mailbox {
    int fd; /* eventfd; -1: there is no mailbox */
    _Atomic(struct pli_handle *) posts;
};

/* Makes it. Returns 0 or a negative errno. */
int pli_mailbox_open(struct pli_mailbox *mailbox);

/* Makes it and registers it with the epoll set. Returns 0 or a negative errno. */
int pli_mailbox_init(struct pli_mailbox *mailbox, int epoll);

/* Gives back what was never taken. */
void pli_mailbox_deinit(struct pli_mailbox *mailbox);

/* Pushes a handle (and its reference). Returns whether the owner has to be told. Any thread. */
bool pli_mailbox_add(struct pli_mailbox *mailbox, struct pli_handle *handle);

/* Pushes a handle (and its reference) and sees to it that the owner comes. Any thread. */
void pli_mailbox_push(struct pli_mailbox *mailbox, struct pli_handle *handle);

/* Wakes the owner without a post. Any thread. */
void pli_mailbox_wake(struct pli_mailbox *mailbox);

/* Drains the eventfd. The owner. */
void pli_mailbox_drain(struct pli_mailbox *mailbox);

/* Takes all posts, oldest first, linked by next_posted. The owner, after it was told. */
struct pli_handle *pli_mailbox_collect(struct pli_mailbox *mailbox);

/* Drains the eventfd and takes all posts. The owner. */
struct pli_handle *pli_mailbox_take(struct pli_mailbox *mailbox);

/* Gives back a list that was taken and will not be run. */
void pli_mailbox_drop(struct pli_handle *posts);

/* Clears a taken handle's posted flag, kicks it and gives back the reference. */
void pli_mailbox_kick(struct pli_handle *handle);

#endif
