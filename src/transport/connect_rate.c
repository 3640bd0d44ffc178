/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/connect_rate.h"

#include <string.h>
#include <sys/socket.h>

#define NS_PER_MINUTE UINT64_C(60000000000)

/* No IPv6 address that connects begins like this (RFC 4291, 2.7: it is one of a group). */
#define IPV4_MARK (UINT64_C(0xff) << 56)

static void number_of(const struct pli_address *group, uint64_t number[static 2])
{
    size_t length = group->family == AF_INET ? 4 : 8;

    number[0] = number[1] = 0;
    for (size_t i = 0; i < length; i++) {
        number[0] = number[0] << 8 | group->bytes[i];
        number[1] = number[1] << 8 | group->bytes[length + i];
    }
    if (group->family == AF_INET)
        number[0] |= IPV4_MARK;
}

static struct pli_connect_bucket *places_of(struct pli_connect_rate *rate,
                                            const uint64_t number[static 2])
{
    uint64_t mixed = number[0] * UINT64_C(0x9e3779b97f4a7c15) + number[1];

    mixed = (mixed ^ mixed >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return rate->buckets[mixed >> 32 & (PLI_CONNECT_SETS - 1)];
}

/* The bucket of a group, or a full one in the place of the one that is fullest. */
static struct pli_connect_bucket *bucket_of(struct pli_connect_rate *rate,
                                            const struct pli_address *group)
{
    struct pli_connect_bucket *places;
    struct pli_connect_bucket *fullest;
    uint64_t number[2];

    number_of(group, number);
    fullest = places = places_of(rate, number);
    for (size_t i = 0; i < PLI_CONNECT_WAYS; i++) {
        if (memcmp(places[i].group, number, sizeof(number)) == 0)
            return &places[i];
        if (places[i].full_at < fullest->full_at)
            fullest = &places[i];
    }
    *fullest = (struct pli_connect_bucket){.group = {number[0], number[1]}};
    return fullest;
}

void pli_connect_rate_set(struct pli_connect_rate *rate, unsigned per_minute, unsigned burst)
{
    rate->rate = per_minute;
    rate->burst = burst > 0 ? burst : 1;
}

bool pli_connect_rate_take(struct pli_connect_rate *rate, const struct pli_address *group,
                           uint64_t now)
{
    struct pli_connect_bucket *bucket;
    uint64_t interval, whole;

    if (rate->rate == 0)
        return true;
    interval = NS_PER_MINUTE / rate->rate;
    whole = rate->burst * interval;
    bucket = bucket_of(rate, group);
    if (bucket->full_at < now)
        bucket->full_at = now;
    if (bucket->full_at > now + whole) /* it was a larger one */
        bucket->full_at = now + whole;
    if (bucket->full_at - now > whole - interval)
        return false;
    bucket->full_at += interval;
    return true;
}
