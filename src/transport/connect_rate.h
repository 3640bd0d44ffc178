/* SPDX-License-Identifier: MIT */
/*
 * How often those of a group of addresses connect: for each that has come lately a bucket of BURST tokens that
 * fills at RATE tokens a minute, from which each connection takes one. A bucket is kept as the time
 * at which it would be full again, so one that is full needs no place.
 *
 * The memory is bounded, whoever connects: a group has one of a few places, and when these are
 * taken, the bucket that is full again first makes room. So where very many groups come at once,
 * some come more often than they should; nobody is refused for what others do. The caller locks.
 */
#ifndef PLI_TRANSPORT_CONNECT_RATE_H
#define PLI_TRANSPORT_CONNECT_RATE_H

#include "transport/address.h"

#define PLI_CONNECT_SETS 2048 /* a power of two */
#define PLI_CONNECT_WAYS 4    /* places that a group may have */

struct pli_connect_rate {
    unsigned rate; /* connections a minute; 0: no limit */
    unsigned burst;
    struct pli_connect_bucket {
        uint64_t group[2];
        uint64_t full_at; /* nanoseconds, pli_clock_now() */
    } buckets[PLI_CONNECT_SETS][PLI_CONNECT_WAYS];
};

/* Replaces the limits; BURST 0 means the same as 1. What was taken from buckets stays taken. */
void pli_connect_rate_set(struct pli_connect_rate *rate, unsigned per_minute, unsigned burst);

/* Whether one of GROUP (pli_address_group()) may connect at NOW: then that is counted. */
bool pli_connect_rate_take(struct pli_connect_rate *rate, const struct pli_address *group,
                           uint64_t now);

#endif
