/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "lookup/cache.h"

#include <string.h>

static bool is_same(const struct lookup_address *one, const struct lookup_address *other)
{
    return one->family == other->family &&
           memcmp(one->bytes, other->bytes, sizeof(one->bytes)) == 0;
}

/* The set that an address has its place in. */
static size_t set_of(const struct lookup_address *address)
{
    uint64_t mixed = 0;

    for (size_t i = 0; i < sizeof(address->bytes); i++)
        mixed = (mixed ^ address->bytes[i]) * UINT64_C(0x9e3779b97f4a7c15);
    return mixed >> 32 & (LOOKUP_CACHE_SETS - 1);
}

bool lookup_cache_get(const struct lookup_cache *cache, const struct lookup_address *address,
                      uint64_t now, struct lookup_verdict *verdict)
{
    const struct lookup_entry *places = cache->entries[set_of(address)];
    bool found = false;

    for (size_t i = 0; i < LOOKUP_CACHE_WAYS && !found; i++) {
        found = places[i].until > now && is_same(&places[i].address, address);
        if (found)
            *verdict = places[i].verdict;
    }
    return found;
}

void lookup_cache_put(struct lookup_cache *cache, const struct lookup_address *address,
                      uint64_t until, const struct lookup_verdict *verdict)
{
    struct lookup_entry *places = cache->entries[set_of(address)];
    struct lookup_entry *place = places;

    for (size_t i = 0; i < LOOKUP_CACHE_WAYS; i++) {
        if (is_same(&places[i].address, address)) {
            place = &places[i];
            break;
        }
        if (places[i].until < place->until)
            place = &places[i];
    }
    *place = (struct lookup_entry){.address = *address, .until = until, .verdict = *verdict};
}

void lookup_cache_clear(struct lookup_cache *cache)
{
    memset(cache->entries, 0, sizeof(cache->entries));
}
