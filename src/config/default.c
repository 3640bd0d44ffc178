/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/default.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>

/* What cannot be looked at is there, and reading it says what is wrong. */
static bool is_missing(const char *path)
{
    struct stat st;

    return stat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR);
}

int config_load_default(const char *given, struct config **out, const char **source,
                        struct config_errors *errors)
{
    const char *path = given;

    if (!path && !is_missing(CONFIG_DEFAULT_FILE))
        path = CONFIG_DEFAULT_FILE;
    *source = path ? path : "built-in defaults";
    return path ? config_load(path, out, errors) : config_defaults(out);
}
