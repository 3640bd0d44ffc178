/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/clock.h"

#include <assert.h>
#include <time.h>

static struct timespec read_clock(clockid_t id)
{
    struct timespec ts;
    int rc = clock_gettime(id, &ts);

    /* Both clocks exist on every Linux, and ts is ours. */
    assert(rc == 0);
    (void)rc;
    return ts;
}

uint64_t pli_clock_now(void)
{
    struct timespec ts = read_clock(CLOCK_MONOTONIC);

    return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

uint64_t pli_clock_wall_ms(void)
{
    struct timespec ts = read_clock(CLOCK_REALTIME);

    return (uint64_t)ts.tv_sec * 1000U + (uint64_t)ts.tv_nsec / 1000000U;
}
