/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/lock.h"

#include "base/lock_common.h"

void pli_mutex_init(struct pli_mutex *mutex, enum pli_rank rank)
{
    (void)rank;
    lock_must(pthread_mutex_init(&mutex->mutex, NULL), "pthread_mutex_init");
}

void pli_mutex_deinit(struct pli_mutex *mutex)
{
    lock_must(pthread_mutex_destroy(&mutex->mutex), "pthread_mutex_destroy");
}

void pli_lock(struct pli_mutex *mutex)
{
    lock_must(pthread_mutex_lock(&mutex->mutex), "pthread_mutex_lock");
}

void pli_unlock(struct pli_mutex *mutex)
{
    lock_must(pthread_mutex_unlock(&mutex->mutex), "pthread_mutex_unlock");
}

void pli_assert_held(struct pli_mutex *mutex)
{
    (void)mutex;
}

void pli_rwlock_init(struct pli_rwlock *lock, enum pli_rank rank)
{
    (void)rank;
    lock_rwlock_create(&lock->rwlock);
}

void pli_rwlock_deinit(struct pli_rwlock *lock)
{
    lock_must(pthread_rwlock_destroy(&lock->rwlock), "pthread_rwlock_destroy");
}

void pli_read_lock(struct pli_rwlock *lock)
{
    lock_must(pthread_rwlock_rdlock(&lock->rwlock), "pthread_rwlock_rdlock");
}

void pli_write_lock(struct pli_rwlock *lock)
{
    lock_must(pthread_rwlock_wrlock(&lock->rwlock), "pthread_rwlock_wrlock");
}

void pli_read_unlock(struct pli_rwlock *lock)
{
    lock_must(pthread_rwlock_unlock(&lock->rwlock), "pthread_rwlock_unlock");
}

void pli_write_unlock(struct pli_rwlock *lock)
{
    lock_must(pthread_rwlock_unlock(&lock->rwlock), "pthread_rwlock_unlock");
}

void pli_assert_write_held(struct pli_rwlock *lock)
{
    (void)lock;
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

void pli_cond_wait(struct pli_cond *cond, struct pli_mutex *mutex)
{
    lock_must(pthread_cond_wait(&cond->cond, &mutex->mutex), "pthread_cond_wait");
}

int pli_cond_wait_until(struct pli_cond *cond, struct pli_mutex *mutex, unsigned long long deadline)
{
    return lock_timed_wait(&cond->cond, &mutex->mutex, deadline);
}
