/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/restart.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The file that runs, by its path. */
static char *find_program(void)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

    return length > 0 ? strndup(path, (size_t)length) : NULL;
}

static char **copy_environment(void)
{
    size_t count = 0;
    char **copy;

    while (environ && environ[count])
        count++;
    copy = calloc(count + 1, sizeof(*copy));
    if (copy && count > 0)
        memcpy(copy, environ, count * sizeof(*copy));
    return copy;
}

void restart_init(struct restart *restart, char **argv)
{
    restart->argv = argv;
    restart->environment = copy_environment();
    restart->program = find_program();
    restart->folder = getcwd(NULL, 0);
}

void restart_deinit(struct restart *restart)
{
    free(restart->environment);
    free(restart->program);
    free(restart->folder);
    *restart = (struct restart){0};
}

int restart_now(const struct restart *restart)
{
    if (!restart->program || !restart->folder || !restart->environment)
        return -ENOENT;
    if (chdir(restart->folder) < 0)
        return -errno;
    execve(restart->program, restart->argv, restart->environment);
    return -errno;
}
