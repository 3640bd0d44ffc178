/* SPDX-License-Identifier: MIT */
/*
 * Log lines that anybody can cause: a number of them pass at once, then one a second, and the next
 * that passes says how many have not. Any thread.
 */
#ifndef PLI_BASE_LOG_LIMIT_H
#define PLI_BASE_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/lock.h"
#include "base/log.h"

struct pli_log_limit {
    struct pli_mutex lock;
    uint64_t full_at; /* (lock) nanoseconds, pli_clock_now(): when all may pass at once again */
    uint64_t missed;  /* (lock) lines, since one has passed */
};

void pli_log_limit_init(struct pli_log_limit *limit);
void pli_log_limit_deinit(struct pli_log_limit *limit);

/* Whether a line passes at NOW; then *MISSED have not, since one has. */
bool pli_log_limit_take(struct pli_log_limit *limit, uint64_t now, uint64_t *missed);

/* pli_log(), if the limit lets the line pass. */
void pli_log_limited(struct pli_log_limit *limit, enum pl_log_level level, const char *format, ...)
    PL_PRINTF(3, 4);

#endif
