/* SPDX-License-Identifier: MIT */
/* The filters that the configuration has, compiled. */
#ifndef DAEMON_FILTERS_H
#define DAEMON_FILTERS_H

#include "chat/filter.h"
#include "config/snapshot.h"

/* In the order of the configuration; all zero: none. */
struct filters_settings {
    struct chat_filter **filters;
    size_t count;
};

/* Returns 0, CONFIG_INVALID when ERRORS says why not, or -ENOMEM; no deinit is needed then. */
int filters_read(struct filters_settings *settings, const struct config *config,
                 struct config_errors *errors);
void filters_deinit(struct filters_settings *settings);

#endif
