/* SPDX-License-Identifier: MIT */
/* Random steps (tests/unit/chat_model.h), and how they are asked of the world. */
#ifndef TESTS_UNIT_CHAT_STEPS_H
#define TESTS_UNIT_CHAT_STEPS_H

#include "tests/unit/chat_model.h"

/*
 * The next step of a row of random ones, of anybody; *RANDOM, which is not 0, goes on. What is said
 * names the thread and the step, so that nobody else says it.
 */
struct step step_draw(uint64_t *random, int thread, int number);

/* Asks the world for it; returns what the world does, a change's own outcome if it has one. */
int step_make(struct chat_world *world, struct chat_session *session, const struct step *step);

#endif
