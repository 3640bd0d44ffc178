/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *folder_new(void)
{
    const char *base = getenv("TMPDIR");
    char *path = folder_path(base && *base ? base : "/tmp", "paceline-test-XXXXXX");

    if (path && !mkdtemp(path)) {
        free(path);
        path = NULL;
    }
    return path;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

void folder_remove(char *path)
{
    if (path && nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) < 0)
        perror(path);
    free(path);
}

char *folder_path(const char *folder, const char *name)
{
    char *path = NULL;

    if (!folder || asprintf(&path, "%s/%s", folder, name) < 0)
        return NULL;
    return path;
}
