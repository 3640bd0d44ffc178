/* SPDX-License-Identifier: MIT */
/* How often a server's limits were run into, each by itself: counts that anybody adds to. */
#ifndef PLI_TRANSPORT_LIMIT_HITS_H
#define PLI_TRANSPORT_LIMIT_HITS_H

#include <stdatomic.h>

#include <paceline/server.h>

#define PLI_LIMITS (PL_LIMIT_OPENING + 1)

struct pli_limit_hits {
    _Atomic uint64_t hits[PLI_LIMITS];
};

static inline void pli_limit_hit(struct pli_limit_hits *hits, enum pl_limit limit)
{
    atomic_fetch_add_explicit(&hits->hits[limit], 1, memory_order_relaxed);
}

/* Counts the limit behind that end of a session, or that refusal, if there is one. */
void pli_limit_hit_for(struct pli_limit_hits *hits, enum pl_reason reason);

#endif
