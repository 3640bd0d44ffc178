/* SPDX-License-Identifier: MIT */
/*
 * Locks with a rank. A thread takes locks in the order of their ranks, lowest first, and never two
 * of one rank. A build with --enable-lock-checks (lock_checked.c instead of lock_plain.c) asserts
 * that order and the owner at every call, one with --enable-lock-statistics (lock_counted.c) says at
 * its end how long locks were waited for and held; a plain build is the bare pthread calls.
 */
#ifndef PLI_BASE_LOCK_H
#define PLI_BASE_LOCK_H

#include <pthread.h>

enum pli_rank {
    PLI_RANK_WORLD = 10,   /* who is where (chat) */
    PLI_RANK_ACCOUNT = 20, /* accounts */
    PLI_RANK_BANS = 25,    /* addresses that are banned (chat) */
    PLI_RANK_CHANNEL = 30, /* the order of events in a channel */
    PLI_RANK_STORE = 40,   /* queue of the store's writer */
    PLI_RANK_OUTQ = 50,    /* one connection's out-queue */
    PLI_RANK_SERVER = 55,  /* a server's lists: listeners, addresses, limits */
    PLI_RANK_HELPERS = 58, /* queue of the helper pool */
    PLI_RANK_TIMERS = 60,  /* engine: timer queue */
    PLI_RANK_TABLE = 61,   /* engine: free slots of the handle table */
    PLI_RANK_POOL = 62,    /* engine: who leads, followers, ready ring */
    PLI_RANK_WORKERS = 63, /* engine: list of workers */
    PLI_RANK_CONFIG = 70,  /* the current configuration snapshot */
    PLI_RANK_TLS = 75,     /* the certificates in force */
    PLI_RANK_LOG = 80,     /* log sinks */
};

#if defined(PLI_LOCK_CHECKS)
#define PLI_LOCK_FIELDS                                                                            \
    enum pli_rank rank;                                                                            \
    pthread_t owner;                                                                               \
    int held;
#elif defined(PLI_LOCK_STATISTICS)
#define PLI_LOCK_FIELDS                                                                            \
    enum pli_rank rank;                                                                            \
    unsigned long long since; /* the lock's own: when its one holder took it */                    \
    struct pli_lock_figures alone;
#else
#define PLI_LOCK_FIELDS
#endif

/* What has happened to a lock, in nanoseconds: the lock's own, written by who holds it alone. */
struct pli_lock_figures {
    unsigned long long taken;
    unsigned long long waits;
    unsigned long long waited;
    unsigned long long waited_most;
    unsigned long long held;
    unsigned long long held_most;
};

struct pli_mutex {
    pthread_mutex_t mutex;
    PLI_LOCK_FIELDS
};

/* A reader/writer lock that prefers writers; no thread may take it twice, not even for reading. */
struct pli_rwlock {
    pthread_rwlock_t rwlock;
    PLI_LOCK_FIELDS
};

/* A condition variable on the monotonic clock. */
struct pli_cond {
    pthread_cond_t cond;
};

void pli_mutex_init(struct pli_mutex *mutex, enum pli_rank rank);
void pli_mutex_deinit(struct pli_mutex *mutex);
void pli_lock(struct pli_mutex *mutex);
void pli_unlock(struct pli_mutex *mutex);

/* Asserts, in a checked build, that the calling thread holds the lock. */
void pli_assert_held(struct pli_mutex *mutex);

void pli_rwlock_init(struct pli_rwlock *lock, enum pli_rank rank);
void pli_rwlock_deinit(struct pli_rwlock *lock);
void pli_read_lock(struct pli_rwlock *lock);
void pli_write_lock(struct pli_rwlock *lock);
void pli_read_unlock(struct pli_rwlock *lock);
void pli_write_unlock(struct pli_rwlock *lock);

/* Asserts, in a checked build, that the calling thread has taken the lock for writing. */
void pli_assert_write_held(struct pli_rwlock *lock);

void pli_cond_init(struct pli_cond *cond);
void pli_cond_deinit(struct pli_cond *cond);
void pli_cond_signal(struct pli_cond *cond);

/* Waits for a signal; like every such wait it may return without one. The mutex is held. */
void pli_cond_wait(struct pli_cond *cond, struct pli_mutex *mutex);

/* The same until the monotonic clock (pli_clock_now()) shows DEADLINE. Returns 0 or -ETIMEDOUT. */
int pli_cond_wait_until(struct pli_cond *cond, struct pli_mutex *mutex,
                        unsigned long long deadline);

#endif
