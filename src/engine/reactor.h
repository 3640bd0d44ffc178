/* SPDX-License-Identifier: MIT */
/*
 * What models over readiness share: epoll registrations by id, the transfers as plain system calls
 * in the asking thread, and a mailbox (engine/mailbox.h) in the epoll set.
 */
#ifndef PLI_ENGINE_REACTOR_H
#define PLI_ENGINE_REACTOR_H

#include <sys/epoll.h>

#include "engine/engine.h"
#include "engine/mailbox.h"

/* The notes that an epoll event stands for. */
unsigned pli_reactor_notes(uint32_t events);

/* Adds or changes the registration. FLAGS are EPOLLONESHOT or 0. Returns 0 or a negative errno. */
int pli_reactor_arm(int epoll, struct pli_handle *handle, unsigned want, uint32_t flags);
void pli_reactor_close(int epoll, struct pli_handle *handle);

/*
 * One epoll_wait for up to engine.options.batch EVENTS, counted for the worker. TIMEOUT is -1, or 0
 * for a look. Returns how many there are, none after an error.
 *
 * YIELD: the thread lets others run before it waits. They are those who bring the next events, and
 * those it has given events to; what comes meanwhile is one harvest, where each event by itself
 * would wake this thread. That pays under load, of which a harvest of more than one is the sign; a
 * loop that shares its connections with nobody finds out only so that there are more, and does it
 * after every harvest (bench/run --case loaded).
 */
unsigned pli_reactor_wait(int epoll, struct pli_worker *worker, struct epoll_event *events,
                          int timeout, bool yield);

/* The transfers of struct pli_model. */
int pli_reactor_read(struct pli_handle *handle, size_t limit, struct pli_span *span);
ssize_t pli_reactor_write(struct pli_handle *handle, const struct iovec *parts, int count);
int pli_reactor_accept(struct pli_handle *handle, struct sockaddr_storage *from, socklen_t *length);
int pli_reactor_shutdown(struct pli_handle *handle);

#endif
