/* SPDX-License-Identifier: MIT */
/*
 * An engine under a model that does nothing by itself: it writes down what is asked of it, and the
 * test runs what was posted. Handles and workers are tested on it without threads or events.
 */
#ifndef TESTS_UNIT_FAKE_MODEL_H
#define TESTS_UNIT_FAKE_MODEL_H

#include "engine/engine.h"

/* What a model is asked for in its calls; counts, but for what the last call wanted. */
struct fake_calls {
    _Atomic unsigned places;
    _Atomic unsigned displaces;
    _Atomic unsigned arms;
    _Atomic unsigned closes;
    _Atomic unsigned posts;
    _Atomic unsigned last_want;
    _Atomic int arm_result;   /* the test's: what arm answers */
    _Atomic int place_result; /* the same of place */
};

/* One whose registrations are consumed by an event, and one whose are not. */
extern const struct pli_model fake_oneshot;
extern const struct pli_model fake_level;

/* Makes the engine, with its own timer handle begun, and counts from there. It must succeed. */
void fake_start(struct pli_engine *engine, const struct pli_model *model);
void fake_end(struct pli_engine *engine);

struct fake_calls *fake_calls(struct pli_engine *engine);

/* Runs what is posted, oldest first, until nothing is; returns how much it was. Any thread. */
unsigned fake_run_posts(struct pli_engine *engine);

#endif
