/* SPDX-License-Identifier: MIT */
/*
 * What a thread needs that waits for events by itself: an epoll set, a mailbox in it, and room for
 * a batch of events. It is the home of the handles that this thread runs, and of its worker.
 */
#ifndef PLI_ENGINE_LOOP_H
#define PLI_ENGINE_LOOP_H

#include "engine/reactor.h"

struct pli_loop {
    struct pli_engine *engine;
    struct pli_worker *worker; /* its home is this loop */
    struct pli_mailbox mailbox;
    int epoll;
    struct epoll_event *events; /* engine.options.batch slots */
    unsigned harvested;         /* how many there were at the last wait */
};

/* Returns 0 or a negative errno; pli_loop_deinit() follows in any case. */
int pli_loop_init(struct pli_loop *loop, struct pli_engine *engine);
void pli_loop_deinit(struct pli_loop *loop);

/*
 * One pli_reactor_wait(), which yields if at least CROWD events were there the last time. Returns how
 * many EVENTS there are.
 */
unsigned pli_loop_wait(struct pli_loop *loop, int timeout, unsigned crowd);

/* Runs what is in the mailbox. */
void pli_loop_run_posts(struct pli_loop *loop);

/* Runs an event of the mailbox or of a handle of this loop. */
void pli_loop_run_event(struct pli_loop *loop, const struct epoll_event *event);

/* Whether the handle concerns everybody: those are run by the thread that accepts, if there is one. */
bool pli_handle_is_central(const struct pli_handle *handle);

#endif
