/* SPDX-License-Identifier: MIT */
/*
 * Ids of users, channels and events: unique across nodes and restarts, and sortable by time. The
 * first word counts upwards: 48 bits of milliseconds since 1970 (till the year 10889) and 16 bits
 * that tell apart what happens within one of them. It never runs backwards while a node runs, even
 * if its clock does: then it counts on from where it was. The second word is the same for all ids
 * of one run of one node: 16 bits with the node's number, 48 drawn at its start.
 */
#ifndef CHAT_ID_H
#define CHAT_ID_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct chat_id {
    uint64_t time;
    uint64_t origin;
};

#define CHAT_ID_SEQUENCE_BITS 16

/* When it was given out: milliseconds since 1970. */
static inline uint64_t chat_id_ms(struct chat_id id)
{
    return id.time >> CHAT_ID_SEQUENCE_BITS;
}

/* No id is zero. */
#define CHAT_NO_ID ((struct chat_id){0, 0})

static inline bool chat_id_equal(struct chat_id a, struct chat_id b)
{
    return a.time == b.time && a.origin == b.origin;
}

/* Negative, zero or positive as A is before, the same as, or after B. */
static inline int chat_id_compare(struct chat_id a, struct chat_id b)
{
    if (a.time != b.time)
        return a.time < b.time ? -1 : 1;
    if (a.origin != b.origin)
        return a.origin < b.origin ? -1 : 1;
    return 0;
}

/* Where ids come from. */
struct chat_id_source {
    _Atomic uint64_t last;
    uint64_t origin; /* const after init */
};

/* NODE is this node's number among those that share a chat. Returns 0 or the error of getrandom. */
int chat_id_source_init(struct chat_id_source *source, uint16_t node);

/* Ids are greater than LAST from now on. */
void chat_id_go_on(struct chat_id_source *source, uint64_t last);

/* An id greater than all before; NOW is the wall clock's time in milliseconds. Any thread. */
struct chat_id chat_id_next(struct chat_id_source *source, uint64_t now);

#endif
