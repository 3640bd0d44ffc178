/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/flood.h"

#define NS_PER_SECOND 1000000000u
#define NS_PER_MS     1000000u

unsigned chat_flood_take(struct chat_flood *flood, unsigned cost, unsigned rate, unsigned burst,
                         uint64_t now)
{
    uint64_t interval, ahead;

    if (rate == 0) {
        flood->full_at = 0;
        return 0;
    }
    interval = NS_PER_SECOND / rate;
    ahead = burst > 1 ? (burst - 1) * interval : 0;
    if (flood->full_at < now)
        flood->full_at = now;
    flood->full_at += cost * interval;
    if (flood->full_at - now <= ahead)
        return 0;
    return (unsigned)((flood->full_at - now - ahead + NS_PER_MS - 1) / NS_PER_MS);
}
