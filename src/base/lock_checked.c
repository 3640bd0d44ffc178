/* SPDX-License-Identifier: MIT */
/*
 * Locks that check themselves (--enable-lock-checks). Each thread keeps the ranks it holds on a
 * small stack; taking a lock asserts that its rank is above all of them, releasing one asserts
 * that the thread holds it.
 */
#include "config.h"

#include "base/lock.h"

#include "base/lock_common.h"

#define MAX_HELD 16

static _Thread_local struct {
    enum pli_rank rank[MAX_HELD];
    int count;
} held;

static _Noreturn void broken(const char *what, enum pli_rank rank)
{
    fprintf(stderr, "paceline: lock check: %s (rank %d; held:", what, (int)rank);
    for (int i = 0; i < held.count; i++)
        fprintf(stderr, " %d", (int)held.rank[i]);
    fprintf(stderr, ")\n");
    abort();
}

static void note_taking(enum pli_rank rank)
{
    for (int i = 0; i < held.count; i++)
        if (held.rank[i] >= rank)
            broken("taken out of order", rank);
    if (held.count == MAX_HELD)
        broken("too many locks held", rank);
    held.rank[held.count++] = rank;
}

static void note_released(enum pli_rank rank)
{
    for (int i = held.count; i-- > 0;) {
        if (held.rank[i] != rank)
            continue;
        memmove(&held.rank[i], &held.rank[i + 1],
                (size_t)(held.count - i - 1) * sizeof held.rank[0]);
        held.count--;
        return;
    }
    broken("released, but not held", rank);
}

void pli_mutex_init(struct pli_mutex *mutex, enum pli_rank rank)
{
    lock_must(pthread_mutex_init(&mutex->mutex, NULL), "pthread_mutex_init");
    mutex->rank = rank;
    mutex->held = 0;
}

void pli_mutex_deinit(struct pli_mutex *mutex)
{
    lock_must(pthread_mutex_destroy(&mutex->mutex), "pthread_mutex_destroy");
}

static void own(struct pli_mutex *mutex)
{
    mutex->owner = pthread_self();
    mutex->held = 1;
}

void pli_lock(struct pli_mutex *mutex)
{
    note_taking(mutex->rank);
    lock_must(pthread_mutex_lock(&mutex->mutex), "pthread_mutex_lock");
    own(mutex);
}

void pli_unlock(struct pli_mutex *mutex)
{
    pli_assert_held(mutex);
    note_released(mutex->rank);
    mutex->held = 0;
    lock_must(pthread_mutex_unlock(&mutex->mutex), "pthread_mutex_unlock");
}

void pli_assert_held(struct pli_mutex *mutex)
{
    if (!mutex->held || !pthread_equal(mutex->owner, pthread_self()))
        broken("not held by this thread", mutex->rank);
}

void pli_rwlock_init(struct pli_rwlock *lock, enum pli_rank rank)
{
    lock_rwlock_create(&lock->rwlock);
    lock->rank = rank;
    lock->held = 0;
}

void pli_rwlock_deinit(struct pli_rwlock *lock)
{
    lock_must(pthread_rwlock_destroy(&lock->rwlock), "pthread_rwlock_destroy");
}

void pli_read_lock(struct pli_rwlock *lock)
{
    note_taking(lock->rank);
    lock_must(pthread_rwlock_rdlock(&lock->rwlock), "pthread_rwlock_rdlock");
}

void pli_write_lock(struct pli_rwlock *lock)
{
    note_taking(lock->rank);
    lock_must(pthread_rwlock_wrlock(&lock->rwlock), "pthread_rwlock_wrlock");
    lock->owner = pthread_self();
    lock->held = 1;
}

void pli_read_unlock(struct pli_rwlock *lock)
{
    if (lock->held)
        broken("taken for writing, released for reading", lock->rank);
    note_released(lock->rank);
    lock_must(pthread_rwlock_unlock(&lock->rwlock), "pthread_rwlock_unlock");
}

void pli_write_unlock(struct pli_rwlock *lock)
{
    pli_assert_write_held(lock);
    note_released(lock->rank);
    lock->held = 0;
    lock_must(pthread_rwlock_unlock(&lock->rwlock), "pthread_rwlock_unlock");
}

void pli_assert_write_held(struct pli_rwlock *lock)
{
    if (!lock->held || !pthread_equal(lock->owner, pthread_self()))
        broken("not held for writing by this thread", lock->rank);
}

void pli_cond_init(struct pli_cond *cond)
{
    lock_cond_create(&cond->cond);
}

void pli_cond_deinit(struct pli_cond *cond)
{
    lock_must(pthread_cond_destroy(&cond->cond), "pthread_cond_destroy");
}

void pli_cond_signal(struct pli_cond *cond)
{
    lock_must(pthread_cond_signal(&cond->cond), "pthread_cond_signal");
}

/* The wait releases the mutex and takes it back: the rank stays on the stack, the owner changes. */
static void note_waiting(struct pli_mutex *mutex)
{
    pli_assert_held(mutex);
    for (int i = 0; i < held.count; i++)
        if (held.rank[i] > mutex->rank)
            broken("waited for, and taken out of order afterwards", mutex->rank);
    mutex->held = 0;
}

void pli_cond_wait(struct pli_cond *cond, struct pli_mutex *mutex)
{
    note_waiting(mutex);
    lock_must(pthread_cond_wait(&cond->cond, &mutex->mutex), "pthread_cond_wait");
    own(mutex);
}

int pli_cond_wait_until(struct pli_cond *cond, struct pli_mutex *mutex, unsigned long long deadline)
{
    int rc;

    note_waiting(mutex);
    rc = lock_timed_wait(&cond->cond, &mutex->mutex, deadline);
    own(mutex);
    return rc;
}
