/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/id.h"

#include <errno.h>
#include <sys/random.h>

#define NODE_SHIFT 48

int chat_id_source_init(struct chat_id_source *source, uint16_t node)
{
    uint64_t random;

    if (getrandom(&random, sizeof random, 0) < 0)
        return -errno;
    atomic_init(&source->last, 0);
    source->origin = (uint64_t)node << NODE_SHIFT | random >> (64 - NODE_SHIFT);
    return 0;
}

void chat_id_go_on(struct chat_id_source *source, uint64_t last)
{
    uint64_t known = atomic_load_explicit(&source->last, memory_order_relaxed);

    while (known < last &&
           !atomic_compare_exchange_weak_explicit(&source->last, &known, last, memory_order_relaxed,
                                                  memory_order_relaxed))
        ;
}

struct chat_id chat_id_next(struct chat_id_source *source, uint64_t now)
{
    uint64_t last = atomic_load_explicit(&source->last, memory_order_relaxed);
    uint64_t next;

    do {
        next = now << CHAT_ID_SEQUENCE_BITS;
        if (next <= last)
            next = last + 1;
    } while (!atomic_compare_exchange_weak_explicit(&source->last, &last, next,
                                                    memory_order_relaxed, memory_order_relaxed));
    return (struct chat_id){next, source->origin};
}
