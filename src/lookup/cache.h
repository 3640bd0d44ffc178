/* SPDX-License-Identifier: MIT */
/*
 * What is known of addresses, for a while. The memory is bounded: an address has one of a few places,
 * and what would be forgotten first makes room. The caller locks.
 */
#ifndef LOOKUP_CACHE_H
#define LOOKUP_CACHE_H

#include "lookup/name.h"

#define LOOKUP_HOST_MAX   63 /* bytes of a host that is shown, HOSTLEN */
#define LOOKUP_CACHE_SETS 256
#define LOOKUP_CACHE_WAYS 4

/* What was found out about an address. */
struct lookup_verdict {
    char host[LOOKUP_HOST_MAX + 1]; /* "": none that may be shown */
    int list;                       /* that has it, as the settings number them; -1: none */
};

struct lookup_cache {
    struct lookup_entry {
        struct lookup_address address;
        uint64_t until; /* pli_clock_now(); 0: nothing is here */
        struct lookup_verdict verdict;
    } entries[LOOKUP_CACHE_SETS][LOOKUP_CACHE_WAYS];
};

/* Whether something is known at NOW, which is then put into VERDICT. */
bool lookup_cache_get(const struct lookup_cache *cache, const struct lookup_address *address,
                      uint64_t now, struct lookup_verdict *verdict);

void lookup_cache_put(struct lookup_cache *cache, const struct lookup_address *address,
                      uint64_t until, const struct lookup_verdict *verdict);

/* Forgets everything. */
void lookup_cache_clear(struct lookup_cache *cache);

#endif
