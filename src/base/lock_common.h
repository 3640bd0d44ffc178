/* SPDX-License-Identifier: MIT */
/* What the plain and the checked locks share: calls that must not fail. */
#ifndef PLI_BASE_LOCK_COMMON_H
#define PLI_BASE_LOCK_COMMON_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/lock.h"

/* A lock that fails is a bug in the program; there is nothing to go on with. */
static inline void lock_must(int error, const char *what)
{
    if (error == 0)
        return;
    fprintf(stderr, "paceline: %s: %s\n", what, strerror(error));
    abort();
}

static inline void lock_rwlock_create(pthread_rwlock_t *rwlock)
{
    pthread_rwlockattr_t attributes;

    lock_must(pthread_rwlockattr_init(&attributes), "pthread_rwlockattr_init");
    lock_must(
        pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP),
        "pthread_rwlockattr_setkind_np");
    lock_must(pthread_rwlock_init(rwlock, &attributes), "pthread_rwlock_init");
    lock_must(pthread_rwlockattr_destroy(&attributes), "pthread_rwlockattr_destroy");
}

static inline void lock_cond_create(pthread_cond_t *cond)
{
    pthread_condattr_t attributes;

    lock_must(pthread_condattr_init(&attributes), "pthread_condattr_init");
    lock_must(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC), "pthread_condattr_setclock");
    lock_must(pthread_cond_init(cond, &attributes), "pthread_cond_init");
    lock_must(pthread_condattr_destroy(&attributes), "pthread_condattr_destroy");
}

static inline int lock_timed_wait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                                  unsigned long long deadline)
{
    struct timespec until = {.tv_sec = (time_t)(deadline / 1000000000u),
                             .tv_nsec = (long)(deadline % 1000000000u)};
    int error = pthread_cond_timedwait(cond, mutex, &until);

    if (error == ETIMEDOUT)
        return -ETIMEDOUT;
    lock_must(error, "pthread_cond_timedwait");
    return 0;
}

#endif
