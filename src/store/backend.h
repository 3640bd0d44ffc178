/* SPDX-License-Identifier: MIT */
/*
 * What a backend is: a file that exports one const table of functions. The store calls those that
 * write from one thread at a time; a reader is used by one thread at a time, and independently of
 * all others.
 *
 * Functions return 0, positive outcomes (record.h) or a negative errno: store_problem() says what
 * those mean that are the file's fault.
 */
#ifndef STORE_BACKEND_H
#define STORE_BACKEND_H

#include "store/record.h"
#include "store/store.h"

struct store_backend {
    const char *name;
    bool keeps; /* otherwise there is nothing but open and close */

    /*
     * Opens, or makes, what is at options->path, and makes sure that it is whole. WHY receives what is wrong
     * when a negative errno is returned, without the path.
     */
    int (*open)(const struct store_options *options, void **self, char why[static STORE_WHY]);
    void (*close)(void *self); /* no reader is left */

    /*
     * A group of changes: all that apply() has returned 0 for are there after commit(), for good,
     * and none before. A negative result of either loses the group: rollback() follows. An outcome of
     * apply() concerns that change alone.
     */
    int (*begin)(void *self);
    int (*apply)(void *self, const struct store_change *change);
    int (*commit)(void *self);
    void (*rollback)(void *self);
    int (*probe)(void *self); /* whether it can be written again */

    int (*reader_open)(void *self, void **reader);
    void (*reader_close)(void *reader);
    int (*reader_freeze)(void *reader, bool on); /* all reads meanwhile see the same */
    int (*read)(void *reader, enum store_query query, const char *key, store_visit *visit,
                void *argument);

    /* Writes a copy to a file that is there and empty. Through a reader. */
    int (*backup)(void *reader, const char *path);
};

extern const struct store_backend store_none;
extern const struct store_backend store_sqlite; /* without SQLite its open() says so */

#endif
