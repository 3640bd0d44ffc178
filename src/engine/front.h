/* SPDX-License-Identifier: MIT */
/*
 * A thread in front of a request queue: what half-sync/half-reactive and the simulated proactor
 * have in common. The front thread waits in a loop of its own (engine/loop.h), runs the handles
 * that are central, and gathers requests of all others, which it hands out to a crew of workers
 * (engine/requests.h).
 *
 * What is posted for a handle goes where it is run: into the front thread's mailbox, or straight into
 * the queue. A kick in the wrong thread becomes a post. Brackets are for workers: the front
 * thread's own calls, of signals, must not block.
 *
 * A model's state begins with its front, so that these functions stand in its table as they are.
 */
#ifndef PLI_ENGINE_FRONT_H
#define PLI_ENGINE_FRONT_H

#include "engine/loop.h"
#include "engine/requests.h"

struct pli_front {
    struct pli_requests requests; /* any thread */
    struct pli_loop loop;         /* the front thread's, as what follows */
    struct pli_ready *ready;      /* gathered: engine.options.batch slots, each a reference */
    unsigned ready_count;
};

static inline struct pli_front *pli_front_of(const struct pli_engine *engine)
{
    return (struct pli_front *)engine->state;
}

/* Whether the calling thread is the front thread. */
static inline bool pli_front_is_mine(const struct pli_front *front)
{
    return pli_worker_self() == front->loop.worker;
}

/*
 * Makes a model's state, SIZE bytes of zeros that begin with a front, in ENGINE->STATE. Returns 0, or
 * a negative errno and leaves nothing.
 */
int pli_front_start(struct pli_engine *engine, size_t size);

/* Frees it, with what was not taken. No thread is left. */
void pli_front_finish(struct pli_engine *engine);

/* Starts the crew, has the calling thread run TURNS until it stops, and joins the crew. */
int pli_front_run(struct pli_engine *engine, void (*turns)(struct pli_front *front));

/* Whether turns are over. */
static inline bool pli_front_stopped(const struct pli_front *front)
{
    return front->requests.crew.stop;
}

/* Gathers a request, which takes the reference over; what was gathered before may be handed out. */
void pli_front_request(struct pli_front *front, struct pli_handle *handle, unsigned notes);

/* Hands out what was gathered, for which it may have to wait. */
void pli_front_hand_out(struct pli_front *front);

/* Of struct pli_model. */
void pli_front_stop(struct pli_engine *engine);
void pli_front_post(struct pli_handle *handle);
void pli_front_kick(struct pli_handle *handle, unsigned notes);
void pli_front_blocking_begin(struct pli_worker *worker);
void pli_front_blocking_end(struct pli_worker *worker);
void pli_front_threads(struct pli_engine *engine, unsigned *alive, unsigned *spare);

#endif
