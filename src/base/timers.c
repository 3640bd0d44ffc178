/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/timers.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

void pli_timers_init(struct pli_timers *timers)
{
    *timers = (struct pli_timers){0};
}

void pli_timers_deinit(struct pli_timers *timers)
{
    free(timers->heap);
    *timers = (struct pli_timers){0};
}

int pli_timers_reserve(struct pli_timers *timers, size_t count)
{
    size_t capacity = timers->capacity ? timers->capacity : 16;
    struct pli_timer **heap;

    if (count <= timers->capacity)
        return 0;
    while (capacity < count)
        capacity *= 2;
    heap = realloc(timers->heap, capacity * sizeof(*heap));
    if (!heap)
        return -ENOMEM;
    timers->heap = heap;
    timers->capacity = capacity;
    return 0;
}

void pli_timer_init(struct pli_timer *timer, uint64_t id)
{
    *timer = (struct pli_timer){.id = id};
}

static void place(struct pli_timers *timers, struct pli_timer *timer, size_t index)
{
    timers->heap[index] = timer;
    timer->position = index + 1;
}

static void sift_up(struct pli_timers *timers, struct pli_timer *timer, size_t index)
{
    while (index > 0) {
        size_t parent = (index - 1) / 2;

        if (timers->heap[parent]->deadline <= timer->deadline)
            break;
        place(timers, timers->heap[parent], index);
        index = parent;
    }
    place(timers, timer, index);
}

static void sift_down(struct pli_timers *timers, struct pli_timer *timer, size_t index)
{
    for (;;) {
        size_t child = 2 * index + 1;

        if (child >= timers->count)
            break;
        if (child + 1 < timers->count &&
            timers->heap[child + 1]->deadline < timers->heap[child]->deadline)
            child++;
        if (timer->deadline <= timers->heap[child]->deadline)
            break;
        place(timers, timers->heap[child], index);
        index = child;
    }
    place(timers, timer, index);
}

static void settle(struct pli_timers *timers, struct pli_timer *timer, size_t index)
{
    if (index > 0 && timer->deadline < timers->heap[(index - 1) / 2]->deadline)
        sift_up(timers, timer, index);
    else
        sift_down(timers, timer, index);
}

void pli_timers_set(struct pli_timers *timers, struct pli_timer *timer, uint64_t deadline)
{
    timer->deadline = deadline;
    if (timer->position) {
        settle(timers, timer, timer->position - 1);
        return;
    }
    assert(timers->count < timers->capacity);
    timers->count++;
    sift_up(timers, timer, timers->count - 1);
}

void pli_timers_remove(struct pli_timers *timers, struct pli_timer *timer)
{
    size_t index = timer->position - 1;
    struct pli_timer *last;

    if (!timer->position)
        return;
    timer->position = 0;
    last = timers->heap[--timers->count];
    if (last != timer)
        settle(timers, last, index);
}

uint64_t pli_timers_next(const struct pli_timers *timers)
{
    return timers->count ? timers->heap[0]->deadline : UINT64_MAX;
}

struct pli_timer *pli_timers_expire(struct pli_timers *timers, uint64_t now)
{
    struct pli_timer *timer;

    if (timers->count == 0 || timers->heap[0]->deadline > now)
        return NULL;
    timer = timers->heap[0];
    pli_timers_remove(timers, timer);
    return timer;
}
