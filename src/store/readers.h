/* SPDX-License-Identifier: MIT */
/*
 * Readers of a file, each used by one thread at a time: a few that nobody uses are kept open for those
 * who come next. For the files of this room.
 */
#ifndef STORE_READERS_H
#define STORE_READERS_H

#include "base/lock.h"

#include <stddef.h>

#define STORE_READERS_IDLE 4 /* so many are kept */

struct store_readers {
    void *self; /* const, like the functions: what the readers read */
    int (*open)(void *self, void **reader);
    void (*close)(void *reader);
    struct pli_mutex lock;          /* PLI_RANK_STORE */
    void *idle[STORE_READERS_IDLE]; /* (lock) */
    size_t count;                   /* (lock) */
};

void store_readers_init(struct store_readers *readers, void *self,
                        int (*open)(void *self, void **reader), void (*close)(void *reader));
void store_readers_deinit(struct store_readers *readers); /* all have been given back */

/* Gives one that nobody else uses. Returns 0 or the error of opening it. */
int store_readers_borrow(struct store_readers *readers, void **reader);

/* RC is how reading has ended. */
void store_readers_give_back(struct store_readers *readers, void *reader, int rc);

#endif
