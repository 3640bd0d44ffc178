/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/table.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "engine/handle.h"

#define NONE             UINT32_MAX
#define GENERATION_SHIFT 32
#define COUNT_MASK       0xffffffffu

struct slot {
    _Atomic uint64_t state; /* generation << 32 | references */
    union {
        struct pli_handle *handle; /* while there are references */
        uint32_t next_free;        /* (table.lock) while there are none */
    };
};

struct pli_table_chunk {
    struct slot slots[PLI_TABLE_CHUNK];
};

static uint64_t generation_of(uint64_t value)
{
    return value >> GENERATION_SHIFT;
}

/* The slot of an id, or NULL if there has never been one. */
static struct slot *slot_if_any(struct pli_table *table, uint64_t id)
{
    uint32_t index = (uint32_t)id;
    struct pli_table_chunk *chunk;

    if (index / PLI_TABLE_CHUNK >= PLI_TABLE_CHUNKS)
        return NULL;
    chunk = atomic_load_explicit(&table->chunks[index / PLI_TABLE_CHUNK], memory_order_acquire);
    return chunk ? &chunk->slots[index % PLI_TABLE_CHUNK] : NULL;
}

/* The slot of an id that is in use, or of a free slot's number. */
static struct slot *slot_of(struct pli_table *table, uint64_t id)
{
    struct slot *slot = slot_if_any(table, id);

    assert(slot);
    return slot;
}

int pli_table_init(struct pli_table *table)
{
    table->chunks = calloc(PLI_TABLE_CHUNKS, sizeof(*table->chunks));
    if (!table->chunks)
        return -ENOMEM;
    pli_mutex_init(&table->lock, PLI_RANK_TABLE);
    table->free_slot = NONE;
    table->chunks_used = 0;
    return 0;
}

void pli_table_deinit(struct pli_table *table)
{
    for (uint32_t i = 0; i < table->chunks_used; i++)
        free(atomic_load_explicit(&table->chunks[i], memory_order_relaxed));
    free(table->chunks);
    pli_mutex_deinit(&table->lock);
}

static int grow_locked(struct pli_table *table)
{
    uint32_t first = table->chunks_used * PLI_TABLE_CHUNK;
    struct pli_table_chunk *chunk;

    if (table->chunks_used == PLI_TABLE_CHUNKS)
        return -ENOMEM;
    chunk = malloc(sizeof(*chunk));
    if (!chunk)
        return -ENOMEM;
    for (uint32_t i = 0; i < PLI_TABLE_CHUNK; i++) {
        atomic_init(&chunk->slots[i].state, (uint64_t)1 << GENERATION_SHIFT);
        chunk->slots[i].next_free = i + 1 < PLI_TABLE_CHUNK ? first + i + 1 : table->free_slot;
    }
    table->free_slot = first;
    atomic_store_explicit(&table->chunks[table->chunks_used++], chunk, memory_order_release);
    return 0;
}

int pli_table_insert(struct pli_table *table, struct pli_handle *handle)
{
    struct slot *slot;
    uint64_t state;
    int rc;

    pli_lock(&table->lock);
    rc = table->free_slot == NONE ? grow_locked(table) : 0;
    if (rc < 0) {
        pli_unlock(&table->lock);
        return rc;
    }
    slot = slot_of(table, table->free_slot);
    state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    handle->id = state | table->free_slot;
    table->free_slot = slot->next_free;
    slot->handle = handle;
    pli_unlock(&table->lock);
    /* From here on it can be found; the release shows it complete. */
    atomic_store_explicit(&slot->state, state + 1, memory_order_release);
    return 0;
}

struct pli_handle *pli_table_find(struct pli_table *table, uint64_t id)
{
    struct slot *slot = slot_if_any(table, id);
    uint64_t state;

    if (!slot)
        return NULL;
    state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    do {
        if (generation_of(state) != generation_of(id) || (state & COUNT_MASK) == 0)
            return NULL;
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state + 1,
                                                    memory_order_acquire, memory_order_relaxed));
    return slot->handle;
}

void pli_table_ref(struct pli_table *table, uint64_t id)
{
    atomic_fetch_add_explicit(&slot_of(table, id)->state, 1, memory_order_relaxed);
}

struct pli_handle *pli_table_unref(struct pli_table *table, uint64_t id)
{
    struct slot *slot = slot_of(table, id);
    struct pli_handle *handle;
    uint64_t generation;

    uint64_t before = atomic_fetch_sub_explicit(&slot->state, 1, memory_order_acq_rel);

    assert(generation_of(before) == generation_of(id) && (before & COUNT_MASK) > 0);
    if ((before & COUNT_MASK) != 1)
        return NULL;
    /* Nobody can find it any more: a count of 0 never rises again in this generation. */
    handle = slot->handle;
    generation = (generation_of(before) + 1) & COUNT_MASK;
    pli_lock(&table->lock);
    atomic_store_explicit(&slot->state, (generation ? generation : 1) << GENERATION_SHIFT,
                          memory_order_relaxed);
    slot->next_free = table->free_slot;
    table->free_slot = (uint32_t)id;
    pli_unlock(&table->lock);
    return handle;
}

void pli_table_each(struct pli_table *table,
                    void (*call)(struct pli_handle *handle, void *argument), void *argument)
{
    for (uint32_t i = 0; i < PLI_TABLE_CHUNK * PLI_TABLE_CHUNKS; i++) {
        struct slot *slot = slot_if_any(table, i);
        struct pli_handle *handle;
        uint64_t state;

        if (!slot)
            break;
        state = atomic_load_explicit(&slot->state, memory_order_relaxed);
        handle = pli_table_find(table, (generation_of(state) << GENERATION_SHIFT) | i);
        if (!handle)
            continue;
        call(handle, argument);
        pli_handle_unref(handle);
    }
}
