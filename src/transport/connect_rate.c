/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/connect_rate.h"

#include <string.h>
#include <sys/socket.h>

#define NS_PER_MINUTE UINT64_C(60000000000)

/* No IPv6 address that connects begins like this (RFC 4291, 2.7: it is one of a group). */
#define IPV4_MARK (UINT64_C(0xff) << 56)

/* What counts of an address: of IPv6 the first 64 bits, as in pli_address_count(). */
static uint64_t number_of(const struct pli_address *address)
{
    size_t length = address->family == AF_INET ? 4 : 8;
    uint64_t number = 0;

    for (size_t i = 0; i < length; i++)
        number = number << 8 | address->bytes[i];
    return address->family == AF_INET ? number | IPV4_MARK : number;
}

static struct pli_connect_bucket *places_of(struct pli_connect_rate *rate, uint64_t number)
{
    uint64_t mixed = number * UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ mixed >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return rate->buckets[mixed >> 32 & (PLI_CONNECT_SETS - 1)];
}

/* The bucket of an address, or a full one in the place of the one that is fullest. */
static struct pli_connect_bucket *bucket_of(struct pli_connect_rate *rate, uint64_t number)
{
    struct pli_connect_bucket *places = places_of(rate, number);
    struct pli_connect_bucket *fullest = places;

    for (size_t i = 0; i < PLI_CONNECT_WAYS; i++) {
        if (places[i].address == number)
            return &places[i];
        if (places[i].full_at < fullest->full_at)
            fullest = &places[i];
    }
    *fullest = (struct pli_connect_bucket){.address = number};
    return fullest;
}

void pli_connect_rate_set(struct pli_connect_rate *rate, unsigned per_minute, unsigned burst)
{
    rate->rate = per_minute;
    rate->burst = burst > 0 ? burst : 1;
}

bool pli_connect_rate_take(struct pli_connect_rate *rate, const struct pli_address *address,
                           uint64_t now)
{
    struct pli_connect_bucket *bucket;
    uint64_t interval, whole;

    if (rate->rate == 0)
        return true;
    interval = NS_PER_MINUTE / rate->rate;
    whole = rate->burst * interval;
    bucket = bucket_of(rate, number_of(address));
    if (bucket->full_at < now)
        bucket->full_at = now;
    if (bucket->full_at > now + whole) /* it was a larger one */
        bucket->full_at = now + whole;
    if (bucket->full_at - now > whole - interval)
        return false;
    bucket->full_at += interval;
    return true;
}
