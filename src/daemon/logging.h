/* SPDX-License-Identifier: MIT */
/* The daemon's log: what pl_set_log() and pli_log() give goes to one target, from a level on. */
#ifndef DAEMON_LOGGING_H
#define DAEMON_LOGGING_H

#include "base/lock.h"
#include "config/snapshot.h"
#include "daemon/log_target.h"

#include <stdatomic.h>
#include <stdint.h>

struct daemon;

struct logging {
    struct pli_mutex lock;
    atomic_int level;
    struct log_target target; /* (lock) */
    uint64_t lost;            /* (lock) lines since the last one that was written */
};

/* Begins to log, to standard error and from PL_LOG_INFO on. Before there are threads. */
void logging_init(struct logging *logging);

/* The last thing: nothing is logged any more. After the last thread. */
void logging_deinit(struct logging *logging);

/* Takes TARGET over in place of what there was, which is closed. Any thread. */
void logging_set(struct logging *logging, const struct log_target *target, enum pl_log_level level);

/*
 * Opens what CONFIG names as log.target, a relative path from the state folder. Detached, standard
 * error leads nowhere, and syslog takes its place, if there is one. Returns 0, CONFIG_INVALID when
 * ERRORS says why not, or -ENOMEM.
 */
int logging_open(struct daemon *daemon, const struct config *config, struct log_target *target,
                 struct config_errors *errors);

/* The level that CONFIG asks for, unless --verbose does. */
enum pl_log_level logging_wanted(const struct daemon *daemon, const struct config *config);

/* The level of that name, which is one of "error", "warning", "info" and "debug". */
enum pl_log_level logging_level(const char *name);

#endif
