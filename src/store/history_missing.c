/* SPDX-License-Identifier: MIT */
/* A build without SQLite has no history, and says so to who asks for it. */
#include "config.h"

#include "store/history_backend.h"

#include <errno.h>
#include <stdio.h>

static int open_missing(const struct history_options *options, void **self,
                        char why[static STORE_WHY])
{
    (void)options;
    *self = NULL;
    snprintf(why, STORE_WHY, "paceline was built without SQLite");
    return -ENOSYS;
}

const struct history_backend history_sqlite = {.open = open_missing};
