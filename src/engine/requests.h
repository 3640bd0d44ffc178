/* SPDX-License-Identifier: MIT */
/*
 * A bounded queue of requests between one thread that demultiplexes events and a crew of workers
 * that take them (the request queue of half-sync/half-async).
 *
 * The demultiplexing thread puts what is ready into a ring of engine.options.queue slots, a whole
 * harvest at a time. A full ring makes it wait, and nothing is dropped; it goes on when half of the
 * ring has been taken, so that the two do not change places for each request. Who puts something
 * wakes one worker, and each worker that takes something sees to it that another one comes while
 * there is more (engine/crew.h). A worker that finds nothing lets others run, who may bring more, and
 * looks once more before it sleeps; while one is about to, nobody else is woken.
 *
 * Posts come from any thread, workers among them, which must not wait for room in the ring: they
 * are a list, linked through the handles, with no bound but one entry a handle. Ring and list take
 * turns, so that neither can keep the other from being served.
 *
 * The crew's lock guards all of it. tests/model/requests.pml is a model of this file.
 */
#ifndef PLI_ENGINE_REQUESTS_H
#define PLI_ENGINE_REQUESTS_H

#include "engine/crew.h"

struct pli_requests {
    struct pli_crew crew;     /* first */
    struct pli_cond room;     /* the ring is half empty again, or stop */
    struct pli_ready *ring;   /* CAPACITY slots */
    unsigned capacity;        /* const */
    unsigned head;            /* the oldest request */
    unsigned count;           /* requests in the ring */
    bool full;                /* somebody waits for room */
    unsigned looking;         /* workers that are about to look again */
    bool posts_first;         /* whose turn it is */
    struct pli_handle *posts; /* oldest first, with a reference each */
    struct pli_handle *last_post;
};

/* Returns 0 or -ENOMEM. */
int pli_requests_init(struct pli_requests *requests, struct pli_engine *engine);

/* Gives back what was not taken. No thread is left. */
void pli_requests_deinit(struct pli_requests *requests);

/*
 * Puts COUNT requests, each a handle with a reference, behind what is there. Waits while the ring is
 * full; after a stop gives the references back. The demultiplexing thread alone.
 */
void pli_requests_put(struct pli_requests *requests, const struct pli_ready *ready, unsigned count);

/* Puts a posted handle with its reference into the list. Any thread. */
void pli_requests_post(struct pli_requests *requests, struct pli_handle *handle);

/* Lets all threads end; whoever waits for room goes on. */
void pli_requests_stop_locked(struct pli_requests *requests);

#endif
