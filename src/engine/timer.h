/* SPDX-License-Identifier: MIT */
/*
 * The engine's one timer queue and the timerfd that tells its earliest deadline: a handle like any
 * other. A timer that goes off becomes the note PLI_TIMER of the handle whose id it carries.
 */
#ifndef PLI_ENGINE_TIMER_H
#define PLI_ENGINE_TIMER_H

struct pli_engine;

/* The model has started. Returns 0 or a negative errno. */
int pli_timer_start(struct pli_engine *engine);

/* No thread of the pool is left. */
void pli_timer_finish(struct pli_engine *engine);

#endif
