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

/* How many CPUs this process may run on; at least 1. */
unsigned pli_cpu_count(void);

#endif
