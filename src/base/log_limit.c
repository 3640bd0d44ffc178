/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/log_limit.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

#define AT_ONCE  20u
#define INTERVAL UINT64_C(1000000000)

void pli_log_limit_init(struct pli_log_limit *limit)
{
    *limit = (struct pli_log_limit){.full_at = 0};
    pli_mutex_init(&limit->lock, PLI_RANK_LOG);
}

void pli_log_limit_deinit(struct pli_log_limit *limit)
{
    pli_mutex_deinit(&limit->lock);
}

bool pli_log_limit_take(struct pli_log_limit *limit, uint64_t now, uint64_t *missed)
{
    bool passes;

    pli_lock(&limit->lock);
    if (limit->full_at < now)
        limit->full_at = now;
    passes = limit->full_at - now <= (AT_ONCE - 1) * INTERVAL;
    *missed = limit->missed;
    if (passes)
        limit->full_at += INTERVAL;
    limit->missed = passes ? 0 : limit->missed + 1;
    pli_unlock(&limit->lock);
    return passes;
}

void pli_log_limited(struct pli_log_limit *limit, enum pl_log_level level, const char *format, ...)
{
    char text[1001];
    va_list arguments;
    uint64_t missed;

    if (!pli_log_limit_take(limit, pli_clock_now(), &missed))
        return;
    if (missed > 0)
        pli_log(level, "%" PRIu64 " lines like the next one were left out", missed);
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    pli_log(level, "%s", text);
}
