/* SPDX-License-Identifier: MIT */
#ifndef PLI_BASE_CLOCK_H
#define PLI_BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds of CLOCK_MONOTONIC: for deadlines and durations. Any thread. */
uint64_t pli_clock_now(void);

/* Milliseconds since 1970-01-01 00:00 UTC: for what people read. May jump. Any thread. */
uint64_t pli_clock_wall_ms(void);

#endif
