/* SPDX-License-Identifier: MIT */
/*
 * The table of handles: slots that are never freed while the engine lives, so that an id can be
 * looked up at any time without a lock. A slot's state is one word, its generation and the
 * handle's references; looking up compares the generation and takes a reference in one
 * compare-and-swap, so that an id harvested before a close is harmless after it. When the last
 * reference goes the generation moves on and the slot becomes free.
 *
 * Ids are generation << 32 | slot, never 0.
 */
#ifndef PLI_ENGINE_TABLE_H
#define PLI_ENGINE_TABLE_H

#include <stdint.h>

#include "base/lock.h"

struct pli_handle;
struct pli_table_chunk;

#define PLI_TABLE_CHUNK  256u /* slots */
#define PLI_TABLE_CHUNKS 16384u

struct pli_table {
    struct pli_mutex lock; /* PLI_RANK_TABLE */
    uint32_t free_slot;    /* (lock) first of the list of free slots, or PLI_TABLE_NONE */
    uint32_t chunks_used;  /* (lock) */
    _Atomic(struct pli_table_chunk *) *chunks; /* set under lock, read by all */
};

int pli_table_init(struct pli_table *table);
void pli_table_deinit(struct pli_table *table);

/* Enters the handle with one reference and sets its id. Returns 0 or -ENOMEM. */
int pli_table_insert(struct pli_table *table, struct pli_handle *handle);

/* The handle of that id with a reference for the caller, or NULL if it is gone. */
struct pli_handle *pli_table_find(struct pli_table *table, uint64_t id);

/* One more reference for a handle of which the caller has one. */
void pli_table_ref(struct pli_table *table, uint64_t id);

/* Gives one back. Returns the handle if that was the last, for the caller to free; else NULL. */
struct pli_handle *pli_table_unref(struct pli_table *table, uint64_t id);

/* Calls CALL for every handle there is, each with a reference while it is called. */
void pli_table_each(struct pli_table *table,
                    void (*call)(struct pli_handle *handle, void *argument), void *argument);

#endif
