/* SPDX-License-Identifier: MIT */
/* Starting threads, and how many of them are of use. */
#ifndef PLI_BASE_THREAD_H
#define PLI_BASE_THREAD_H

#include <pthread.h>

/*
 * Starts a joinable thread with the name (at most 15 bytes) and every signal blocked: signals are
 * events of the engine, or go to the main thread. Returns 0 or a negative errno.
 */
int pli_thread_start(pthread_t *thread, const char *name, void *(*body)(void *), void *argument);

/*
 * Has the calling thread, which computes, make way for those that answer: it is nicer by
 * PLI_THREAD_NICER, and asks for long turns. The scheduler lets whoever wakes up and asks for less go
 * first (sched(7); custom slices are of Linux 6.12), instead of at the end of the turn, milliseconds
 * later. A thread that is no ordinary one (idle, real-time) stays as it is, and so does one that may
 * not ask: it is none the worse for it.
 */
#define PLI_THREAD_NICER 10
void pli_thread_give_way(void);

/* How many CPUs this process may run on; at least 1. */
unsigned pli_cpu_count(void);

#endif
