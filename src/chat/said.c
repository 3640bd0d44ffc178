/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/said.h"

#include <errno.h>
#include <stdlib.h>

enum { MESSAGE, BY_TIME, BY_ORIGIN, TO_TIME, TO_ORIGIN, WHAT, SUM };

#define KIND_SHIFT 32

static uint64_t sum_of(const uint64_t *words)
{
    uint64_t sum = UINT64_C(0x9e3779b97f4a7c15);

    for (int i = 0; i < SUM; i++)
        sum = (sum << 7 | sum >> 57) ^ words[i];
    return sum;
}

static void put(struct chat_said_place *place, const struct chat_said *said)
{
    uint64_t words[CHAT_SAID_WORDS] = {
        [MESSAGE] = said->message,     [BY_TIME] = said->by.time,
        [BY_ORIGIN] = said->by.origin, [TO_TIME] = said->to.time,
        [TO_ORIGIN] = said->to.origin, [WHAT] = (uint64_t)said->kind << KIND_SHIFT | said->least,
    };

    words[SUM] = sum_of(words);
    for (int i = 0; i < CHAT_SAID_WORDS; i++)
        atomic_store_explicit(&place->words[i], words[i], memory_order_relaxed);
}

/* False: there is no message, or a mixture. */
static bool get(const struct chat_said_place *place, struct chat_said *said)
{
    uint64_t words[CHAT_SAID_WORDS];

    for (int i = 0; i < CHAT_SAID_WORDS; i++)
        words[i] = atomic_load_explicit(&place->words[i], memory_order_relaxed);
    if (words[MESSAGE] == 0 || words[SUM] != sum_of(words))
        return false;
    *said = (struct chat_said){
        .message = words[MESSAGE],
        .by = {words[BY_TIME], words[BY_ORIGIN]},
        .to = {words[TO_TIME], words[TO_ORIGIN]},
        .kind = (enum chat_kind)(words[WHAT] >> KIND_SHIFT),
        .least = (unsigned)words[WHAT],
    };
    return true;
}

/* The least power of two that is not less; 0 for 0. */
static size_t places_for(size_t count)
{
    size_t places = count > 0;

    while (places < count)
        places *= 2;
    return places;
}

int chat_said_init(struct chat_said_ring *ring, size_t count)
{
    size_t places = places_for(count);

    *ring = (struct chat_said_ring){.mask = places - 1};
    if (places == 0)
        return 0;
    ring->places = calloc(places, sizeof *ring->places);
    return ring->places ? 0 : -ENOMEM;
}

void chat_said_deinit(struct chat_said_ring *ring)
{
    free(ring->places);
    *ring = (struct chat_said_ring){0};
}

bool chat_said_fits(const struct chat_said_ring *ring, size_t count)
{
    return (ring->places ? ring->mask + 1 : 0) == places_for(count);
}

void chat_said_swap(struct chat_said_ring *one, struct chat_said_ring *other)
{
    struct chat_said_place *places = one->places;
    size_t mask = one->mask;

    one->places = other->places;
    other->places = places;
    one->mask = other->mask;
    other->mask = mask;
    other->next = atomic_exchange(&one->next, other->next);
}

void chat_said_note(struct chat_said_ring *ring, const struct chat_said *said)
{
    uint64_t at;

    if (!ring->places)
        return;
    at = atomic_fetch_add_explicit(&ring->next, 1, memory_order_relaxed);
    put(&ring->places[at & ring->mask], said);
}

void chat_said_copy(struct chat_said_ring *ring, const struct chat_said_ring *other)
{
    uint64_t next = atomic_load_explicit(&other->next, memory_order_relaxed);
    struct chat_said said;

    /* The oldest is the one that would be noted over next. */
    for (uint64_t i = 0; other->places && i <= other->mask; i++)
        if (get(&other->places[(next + i) & other->mask], &said))
            chat_said_note(ring, &said);
}

static struct chat_said_place *find(const struct chat_said_ring *ring, uint64_t message,
                                    struct chat_said *said)
{
    if (!ring->places)
        return NULL;
    for (size_t i = 0; i <= ring->mask; i++) {
        struct chat_said_place *place = &ring->places[i];

        if (atomic_load_explicit(&place->words[MESSAGE], memory_order_relaxed) == message &&
            get(place, said))
            return place;
    }
    return NULL;
}

bool chat_said_find(const struct chat_said_ring *ring, uint64_t message, struct chat_said *said)
{
    return find(ring, message, said);
}

void chat_said_forget(struct chat_said_ring *ring, uint64_t message)
{
    struct chat_said said;
    struct chat_said_place *place = find(ring, message, &said);

    if (place)
        atomic_store_explicit(&place->words[MESSAGE], 0, memory_order_relaxed);
}
