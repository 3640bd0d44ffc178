/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/prepare.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

int prepare_streams(void)
{
    int fd;

    /* open() takes the lowest free number, and the loop ends above the last stream. */
    do
        fd = open("/dev/null", O_RDWR | O_NOCTTY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

void prepare_process(void)
{
    struct rlimit limit;

    umask(0077);
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        pli_log(PL_LOG_WARNING, "SIGPIPE cannot be ignored: %s", strerror(errno));
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
            pli_log(PL_LOG_WARNING, "no more descriptors can be had: %s", strerror(errno));
    }
}

int prepare_path(const char *path, bool leaves, char **out)
{
    char *folder = NULL;
    int rc = 0;

    *out = NULL;
    if (!path)
        return 0;
    if (!leaves || *path == '/') {
        *out = strdup(path);
        return *out ? 0 : -ENOMEM;
    }
    folder = getcwd(NULL, 0);
    if (!folder)
        return -errno;
    if (asprintf(out, "%s/%s", folder, path) < 0) {
        *out = NULL;
        rc = -ENOMEM;
    }
    free(folder);
    return rc;
}
