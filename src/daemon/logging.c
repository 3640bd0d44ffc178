/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/logging.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A line about lines that were lost comes before the first that goes through again. */
static void write_locked(struct logging *logging, enum pl_log_level level, const char *text)
{
    char notice[64];

    if (logging->lost > 0) {
        snprintf(notice, sizeof(notice), "%" PRIu64 " log lines were lost", logging->lost);
        if (log_target_write(&logging->target, PL_LOG_WARNING, notice) == 0)
            logging->lost = 0;
    }
    if (logging->lost > 0 || log_target_write(&logging->target, level, text) < 0)
        logging->lost++;
}

static void on_line(enum pl_log_level level, const char *text, void *argument)
{
    struct logging *logging = argument;

    if ((int)level > atomic_load_explicit(&logging->level, memory_order_relaxed))
        return;
    pli_lock(&logging->lock);
    write_locked(logging, level, text);
    pli_unlock(&logging->lock);
}

void logging_init(struct logging *logging)
{
    pli_mutex_init(&logging->lock, PLI_RANK_LOG);
    atomic_init(&logging->level, PL_LOG_INFO);
    log_target_stderr(&logging->target);
    logging->lost = 0;
    pl_set_log(on_line, logging);
}

void logging_deinit(struct logging *logging)
{
    pl_set_log(NULL, NULL);
    log_target_close(&logging->target);
    pli_mutex_deinit(&logging->lock);
}

void logging_set(struct logging *logging, const struct log_target *target, enum pl_log_level level)
{
    struct log_target old;

    pli_lock(&logging->lock);
    old = logging->target;
    logging->target = *target;
    pli_unlock(&logging->lock);
    atomic_store_explicit(&logging->level, (int)level, memory_order_relaxed);
    log_target_close(&old);
}

enum pl_log_level logging_level(const char *name)
{
    enum pl_log_level level = PL_LOG_ERROR;

    while (level < PL_LOG_DEBUG && strcmp(log_level_name(level), name) != 0)
        level++;
    return level;
}
