/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/readers.h"

void store_readers_init(struct store_readers *readers, void *self,
                        int (*open)(void *self, void **reader), void (*close)(void *reader))
{
    *readers = (struct store_readers){.self = self, .open = open, .close = close};
    pli_mutex_init(&readers->lock, PLI_RANK_STORE);
}

void store_readers_deinit(struct store_readers *readers)
{
    while (readers->count > 0)
        readers->close(readers->idle[--readers->count]);
    pli_mutex_deinit(&readers->lock);
}

int store_readers_borrow(struct store_readers *readers, void **reader)
{
    *reader = NULL;
    pli_lock(&readers->lock);
    if (readers->count > 0)
        *reader = readers->idle[--readers->count];
    pli_unlock(&readers->lock);
    return *reader ? 0 : readers->open(readers->self, reader);
}

/* One with which something has gone wrong goes: it may be in the middle of something. */
void store_readers_give_back(struct store_readers *readers, void *reader, int rc)
{
    pli_lock(&readers->lock);
    if (rc >= 0 && readers->count < STORE_READERS_IDLE) {
        readers->idle[readers->count++] = reader;
        reader = NULL;
    }
    pli_unlock(&readers->lock);
    if (reader)
        readers->close(reader);
}
