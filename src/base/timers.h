/* SPDX-License-Identifier: MIT */
/*
 * A queue of deadlines: a binary heap, O(log n) to set, move and take. A timer is embedded in what
 * it belongs to and names it by an id, so that the queue holds no reference. The queue has no lock
 * of its own; whoever owns it guards it.
 */
#ifndef PLI_BASE_TIMERS_H
#define PLI_BASE_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pli_timer {
    uint64_t deadline; /* nanoseconds of pli_clock_now() */
    uint64_t id;       /* const after init: what the timer stands for */
    size_t position;   /* in the heap, from 1; 0: not in it */
};

struct pli_timers {
    struct pli_timer **heap; /* heap[0] is the earliest */
    size_t count;
    size_t capacity;
};

void pli_timers_init(struct pli_timers *timers);
void pli_timers_deinit(struct pli_timers *timers);

/* Makes room for COUNT timers, so that setting them cannot fail. Returns 0 or -ENOMEM. */
int pli_timers_reserve(struct pli_timers *timers, size_t count);

void pli_timer_init(struct pli_timer *timer, uint64_t id);

/* Puts the timer in, or moves it. There is room (pli_timers_reserve()). */
void pli_timers_set(struct pli_timers *timers, struct pli_timer *timer, uint64_t deadline);

/* Takes the timer out; harmless if it is not in. */
void pli_timers_remove(struct pli_timers *timers, struct pli_timer *timer);

/* The earliest deadline, or UINT64_MAX. */
uint64_t pli_timers_next(const struct pli_timers *timers);

/* Takes out the earliest timer if its deadline is not after NOW, and returns it; else NULL. */
struct pli_timer *pli_timers_expire(struct pli_timers *timers, uint64_t now);

/*
 * What one timer stands for may have several times, which are 0 when not set: it goes off at the
 * earliest. Lowers *EARLIEST to DUE.
 */
static inline void pli_due_lower(uint64_t *earliest, uint64_t due)
{
    if (due && due < *earliest)
        *earliest = due;
}

/* Whether such a time has come; then it is set no longer. */
static inline bool pli_due_reached(uint64_t *due, uint64_t now)
{
    if (!*due || *due > now)
        return false;
    *due = 0;
    return true;
}

#endif
