/* SPDX-License-Identifier: MIT */
/*
 * Flood control: a bucket of BURST tokens that fills at RATE tokens a second, from which each line
 * takes what it costs. It is kept as the time at which it would be full again. Its owner guards it.
 */
#ifndef CHAT_FLOOD_H
#define CHAT_FLOOD_H

#include <stdint.h>

struct chat_flood {
    uint64_t full_at; /* nanoseconds; 0: full */
};

/*
 * Takes COST tokens for a line that came at NOW (nanoseconds, pli_clock_now()). Returns for how
 * many milliseconds no further line is to be taken, so that there is a token for it; 0: none. RATE 0
 * means no control, BURST 0 the same as 1.
 */
unsigned chat_flood_take(struct chat_flood *flood, unsigned cost, unsigned rate, unsigned burst,
                         uint64_t now);

#endif
