/* SPDX-License-Identifier: MIT */
/*
 * What keeps a history: a table of functions. Those that write are called from one thread at a time; a
 * reader is used by one thread at a time, and independently of all others. They return 0 or a negative
 * errno.
 */
#ifndef STORE_HISTORY_BACKEND_H
#define STORE_HISTORY_BACKEND_H

#include "store/history.h"

struct history_backend {
    int (*open)(const struct history_options *options, void **self, char why[static STORE_WHY]);
    void (*close)(void *self); /* no reader is left */

    /* A group of changes, of which all are there after commit(), and none before or without it. */
    int (*begin)(void *self);
    int (*keep)(void *self, const struct history_line *line, bool *kept); /* or its id is taken */
    int (*redact)(void *self, const struct history_target *target, uint64_t id, bool *found);
    int (*forget)(void *self, struct history_bytes account);
    int (*commit)(void *self);
    void (*rollback)(void *self);
    int (*probe)(void *self); /* whether it can be written again */

    /* A small group by itself: of what is over and of words to be indexed. *DONE: how many; 0: no more. */
    int (*tidy)(void *self, const struct history_limits *limits, uint64_t now, unsigned *done);
    int (*index)(void *self, unsigned *done);

    int (*reader_open)(void *self, void **reader);
    void (*reader_close)(void *reader);
    int (*newest)(void *reader, uint64_t *id);
    int (*read)(void *reader, const struct history_query *query, history_visit *visit,
                void *argument);
    int (*latest)(void *reader, const struct history_target *target, uint64_t *id);
    int (*conversations)(void *reader, struct history_bytes account,
                         int (*visit)(struct history_bytes with, uint64_t latest, void *argument),
                         void *argument);
    int (*search)(void *reader, const struct history_search *search, history_visit *visit,
                  void *argument);
};

extern const struct history_backend history_sqlite; /* without SQLite its open() says so */

#endif
