/* SPDX-License-Identifier: MIT */
/*
 * Locks that count (--enable-lock-statistics): how often a lock was taken, found taken, how long it
 * was waited for and held. Whoever holds a lock alone writes its figures into the lock itself, so
 * that counting adds no contention of its own; those who read together add theirs up in their
 * threads, and into the sum after every so many turns. What a lock has is added to the sum of its
 * rank when the lock ends, and the sums are told on standard error when the program does. They are
 * this file's own, and no part of the server's state.
 */
#include "config.h"

#include "base/lock.h"

#include "base/lock_common.h"

enum { RANKS = 100 };

static struct {
    pthread_mutex_t lock;
    struct pli_lock_figures alone[RANKS];
    struct pli_lock_figures shared[RANKS];
} sums = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* A thread holds at most one lock for reading: there is one rank of them, taken once. */
static _Thread_local struct {
    struct pli_lock_figures figures;
    unsigned long long since;
} reading;

static unsigned long long now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (unsigned long long)ts.tv_sec * 1000000000u + (unsigned long long)ts.tv_nsec;
}

static void note_wait(struct pli_lock_figures *figures, unsigned long long waited)
{
    figures->waits++;
    figures->waited += waited;
    if (waited > figures->waited_most)
        figures->waited_most = waited;
}

static void note_held(struct pli_lock_figures *figures, unsigned long long held)
{
    figures->taken++;
    figures->held += held;
    if (held > figures->held_most)
        figures->held_most = held;
}

static void add(struct pli_lock_figures *sum, struct pli_lock_figures *figures)
{
    lock_must(pthread_mutex_lock(&sums.lock), "pthread_mutex_lock");
    sum->taken += figures->taken;
    sum->waits += figures->waits;
    sum->waited += figures->waited;
    sum->held += figures->held;
    if (figures->waited_most > sum->waited_most)
        sum->waited_most = figures->waited_most;
    if (figures->held_most > sum->held_most)
        sum->held_most = figures->held_most;
    lock_must(pthread_mutex_unlock(&sums.lock), "pthread_mutex_unlock");
    *figures = (struct pli_lock_figures){0};
}

static const char *name_of(int rank)
{
    static const char *const names[RANKS] = {
        [PLI_RANK_WORLD] = "world",     [PLI_RANK_ACCOUNT] = "account",
        [PLI_RANK_CHANNEL] = "channel", [PLI_RANK_STORE] = "store",
        [PLI_RANK_OUTQ] = "out-queue",  [PLI_RANK_SERVER] = "server",
        [PLI_RANK_HELPERS] = "helpers", [PLI_RANK_TIMERS] = "timers",
        [PLI_RANK_TABLE] = "table",     [PLI_RANK_POOL] = "pool",
        [PLI_RANK_WORKERS] = "workers", [PLI_RANK_CONFIG] = "config",
        [PLI_RANK_TLS] = "tls",         [PLI_RANK_LOG] = "log"};

    return names[rank] ? names[rank] : "other";
}

static void tell(int rank, const char *way, const struct pli_lock_figures *sum)
{
    double taken = (double)sum->taken;

    if (sum->taken == 0)
        return;
    fprintf(stderr,
            "lock %s, %s: taken %llu times, of which %.3f%% waited; waited %.3f ms in all, %.1f ns "
            "a turn, %.1f us at most; held %.3f ms in all, %.1f ns a turn, %.1f us at most\n",
            name_of(rank), way, sum->taken, 100 * (double)sum->waits / taken,
            (double)sum->waited / 1e6, (double)sum->waited / taken, (double)sum->waited_most / 1e3,
            (double)sum->held / 1e6, (double)sum->held / taken, (double)sum->held_most / 1e3);
}

__attribute__((destructor)) static void tell_all(void)
{
    for (int rank = 0; rank < RANKS; rank++) {
        tell(rank, "shared", &sums.shared[rank]);
        tell(rank, "alone", &sums.alone[rank]);
    }
}

void pli_mutex_init(struct pli_mutex *mutex, enum pli_rank rank)
{
    *mutex = (struct pli_mutex){.rank = rank};
    lock_must(pthread_mutex_init(&mutex->mutex, NULL), "pthread_mutex_init");
}

void pli_mutex_deinit(struct pli_mutex *mutex)
{
    add(&sums.alone[mutex->rank], &mutex->alone);
    lock_must(pthread_mutex_destroy(&mutex->mutex), "pthread_mutex_destroy");
}

void pli_lock(struct pli_mutex *mutex)
{
    int rc = pthread_mutex_trylock(&mutex->mutex);
    unsigned long long begin;

    if (rc != EBUSY) {
        lock_must(rc, "pthread_mutex_trylock");
        mutex->since = now();
        return;
    }
    begin = now();
    lock_must(pthread_mutex_lock(&mutex->mutex), "pthread_mutex_lock");
    mutex->since = now();
    note_wait(&mutex->alone, mutex->since - begin);
}

void pli_unlock(struct pli_mutex *mutex)
{
    note_held(&mutex->alone, now() - mutex->since);
    lock_must(pthread_mutex_unlock(&mutex->mutex), "pthread_mutex_unlock");
}

void pli_assert_held(struct pli_mutex *mutex)
{
    (void)mutex;
}

void pli_rwlock_init(struct pli_rwlock *lock, enum pli_rank rank)
{
    *lock = (struct pli_rwlock){.rank = rank};
    lock_rwlock_create(&lock->rwlock);
}

void pli_rwlock_deinit(struct pli_rwlock *lock)
{
    add(&sums.alone[lock->rank], &lock->alone);
    lock_must(pthread_rwlock_destroy(&lock->rwlock), "pthread_rwlock_destroy");
}

void pli_read_lock(struct pli_rwlock *lock)
{
    int rc = pthread_rwlock_tryrdlock(&lock->rwlock);
    unsigned long long begin;

    if (rc != EBUSY) {
        lock_must(rc, "pthread_rwlock_tryrdlock");
        reading.since = now();
        return;
    }
    begin = now();
    lock_must(pthread_rwlock_rdlock(&lock->rwlock), "pthread_rwlock_rdlock");
    reading.since = now();
    note_wait(&reading.figures, reading.since - begin);
}

void pli_write_lock(struct pli_rwlock *lock)
{
    int rc = pthread_rwlock_trywrlock(&lock->rwlock);
    unsigned long long begin;

    if (rc != EBUSY) {
        lock_must(rc, "pthread_rwlock_trywrlock");
        lock->since = now();
        return;
    }
    begin = now();
    lock_must(pthread_rwlock_wrlock(&lock->rwlock), "pthread_rwlock_wrlock");
    lock->since = now();
    note_wait(&lock->alone, lock->since - begin);
}

void pli_read_unlock(struct pli_rwlock *lock)
{
    note_held(&reading.figures, now() - reading.since);
    lock_must(pthread_rwlock_unlock(&lock->rwlock), "pthread_rwlock_unlock");
    if (reading.figures.taken == 64)
        add(&sums.shared[lock->rank], &reading.figures);
}

void pli_write_unlock(struct pli_rwlock *lock)
{
    note_held(&lock->alone, now() - lock->since);
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

/* While it is waited for the condition nobody holds the mutex on behalf of this turn. */
void pli_cond_wait(struct pli_cond *cond, struct pli_mutex *mutex)
{
    note_held(&mutex->alone, now() - mutex->since);
    lock_must(pthread_cond_wait(&cond->cond, &mutex->mutex), "pthread_cond_wait");
    mutex->since = now();
}

int pli_cond_wait_until(struct pli_cond *cond, struct pli_mutex *mutex, unsigned long long deadline)
{
    int rc;

    note_held(&mutex->alone, now() - mutex->since);
    rc = lock_timed_wait(&cond->cond, &mutex->mutex, deadline);
    mutex->since = now();
    return rc;
}
