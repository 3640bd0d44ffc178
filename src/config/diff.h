/* SPDX-License-Identifier: MIT */
/*
 * What a reload has to do: which settings differ between two snapshots, and what becomes of each
 * listener.
 */
#ifndef CONFIG_DIFF_H
#define CONFIG_DIFF_H

#include "config/keys.h"
#include "config/snapshot.h"

#include <stddef.h>

enum config_fate {
    CONFIG_KEPT,    /* in both; other limits may apply to new connections */
    CONFIG_CHANGED, /* the same socket, but it must be closed and opened again: service, mode,
                       backlog, proxy_protocol or tls differ */
    CONFIG_ADDED,   /* only in the new snapshot: BEFORE is NULL */
    CONFIG_REMOVED, /* only in the old one: AFTER is NULL */
};

struct config_listener_diff {
    enum config_fate fate;
    const struct config_listener *before;
    const struct config_listener *after;
};

/* Points into both snapshots: valid as long as there are references to them. */
struct config_diff {
    const struct config_key **keys; /* of plain groups, whose values differ; see their reload */
    size_t key_count;
    struct config_listener_diff *listeners; /* old ones in their order, then those added */
    size_t listener_count;
};

/*
 * Compares. A listener is the same when it has the same address and port, or path; among several
 * with port 0, the first of the old snapshot with that address and service is the first of the new.
 * Returns 0 or -ENOMEM, and then DIFF needs no deinit.
 */
int config_diff_init(struct config_diff *diff, const struct config *before,
                     const struct config *after);
void config_diff_deinit(struct config_diff *diff);

#endif
