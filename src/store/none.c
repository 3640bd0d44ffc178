/* SPDX-License-Identifier: MIT */
/* The backend that keeps nothing. */
#include "config.h"

#include "store/backend.h"

static int open_none(const struct store_options *options, void **self, char why[static STORE_WHY])
{
    (void)options;
    (void)why;
    *self = NULL;
    return 0;
}

static void close_none(void *self)
{
    (void)self;
}

const struct store_backend store_none = {
    .name = "none",
    .open = open_none,
    .close = close_none,
};
