/* SPDX-License-Identifier: MIT */
/* A build without SQLite has nothing to carry, and no JSON. */
#include "config.h"

#include "store/lines.h"

#include <errno.h>

int store_line_write_head(FILE *file)
{
    (void)file;
    return -ENOSYS;
}

int store_line_write(const struct store_record *record, FILE *file)
{
    (void)record;
    (void)file;
    return -ENOSYS;
}

int store_line_read_head(const char *line, size_t length, char why[static STORE_WHY])
{
    (void)line;
    (void)length;
    (void)why;
    return -ENOSYS;
}

int store_line_read(const char *line, size_t length, struct store_change **change,
                    char why[static STORE_WHY])
{
    (void)line;
    (void)length;
    (void)why;
    *change = NULL;
    return -ENOSYS;
}
