/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/hist.h"

#include <math.h>

/* Values below 2 * 128 have a bucket each; above, the leading 8 bits choose it. */
static unsigned shift_of(uint64_t value)
{
    unsigned bits = value == 0 ? 0 : 64 - (unsigned)__builtin_clzll(value);

    return bits > HIST_STEP_BITS + 1 ? bits - (HIST_STEP_BITS + 1) : 0;
}

void hist_add(struct hist *hist, uint64_t value)
{
    unsigned shift = shift_of(value);

    hist->bucket[((uint64_t)shift << HIST_STEP_BITS) + (value >> shift)]++;
    hist->count++;
    if (value > hist->max)
        hist->max = value;
}

void hist_merge(struct hist *into, const struct hist *from)
{
    for (unsigned i = 0; i < HIST_BUCKETS; i++)
        into->bucket[i] += from->bucket[i];
    into->count += from->count;
    if (from->max > into->max)
        into->max = from->max;
}

static uint64_t upper_end(unsigned index)
{
    unsigned shift = index >> (HIST_STEP_BITS + 1) == 0 ? 0 : (index >> HIST_STEP_BITS) - 1;
    uint64_t lead = index - ((uint64_t)shift << HIST_STEP_BITS);

    return (lead << shift) + ((UINT64_C(1) << shift) - 1);
}

uint64_t hist_quantile(const struct hist *hist, double share)
{
    uint64_t rank = (uint64_t)ceil(share * (double)hist->count);
    uint64_t seen = 0;

    if (rank == 0)
        rank = 1;
    for (unsigned i = 0; i < HIST_BUCKETS; i++) {
        seen += hist->bucket[i];
        if (seen >= rank)
            return upper_end(i) < hist->max ? upper_end(i) : hist->max;
    }
    return hist->max;
}
