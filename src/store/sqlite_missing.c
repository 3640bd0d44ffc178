/* SPDX-License-Identifier: MIT */
/* A build without SQLite keeps nothing, and says so to who asks for it. */
#include "config.h"

#include "store/backend.h"

#include <errno.h>
#include <stdio.h>

static int open_missing(const struct store_options *options, void **self,
                        char why[static STORE_WHY])
{
    (void)options;
    *self = NULL;
    snprintf(why, STORE_WHY, "paceline was built without SQLite");
    return -ENOSYS;
}

const struct store_backend store_sqlite = {
    .name = "sqlite",
    .keeps = true,
    .open = open_missing,
};
