/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Waits for a byte, which says ready, or the end of the child, whose status is then ours. */
static int wait_for_child(pid_t child, int fd)
{
    char byte;
    ssize_t got;
    int status;

    do
        got = read(fd, &byte, 1);
    while (got < 0 && errno == EINTR);
    if (got == 1)
        return 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return 1;
    if (WIFEXITED(status))
        return WEXITSTATUS(status) ? WEXITSTATUS(status) : 1;
    fprintf(stderr, "paceline: ended by signal %d before it was ready\n", WTERMSIG(status));
    return 1;
}

static int become_child(struct detach *detach, int pipe_end)
{
    detach->parent = pipe_end;
    return setsid() < 0 ? -errno : 0;
}

int detach_fork(struct detach *detach, int *status)
{
    int ends[2];
    pid_t child;
    int rc;

    *detach = DETACH_NONE;
    detach->null = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (detach->null < 0)
        return -errno;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        rc = -errno;
        detach_deinit(detach);
        return rc;
    }
    child = fork();
    if (child == 0) {
        close(ends[0]);
        return become_child(detach, ends[1]);
    }
    rc = child < 0 ? -errno : 1;
    close(ends[1]);
    if (child > 0)
        *status = wait_for_child(child, ends[0]);
    close(ends[0]);
    detach_deinit(detach);
    return rc;
}

int detach_ready(struct detach *detach)
{
    int rc = 0;
    int fd;

    if (detach->parent < 0)
        return 0;
    if (chdir("/") < 0)
        rc = -errno;
    for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (dup2(detach->null, fd) < 0)
            rc = -errno;
    if (rc == 0 && write(detach->parent, "", 1) != 1)
        rc = -errno;
    detach_deinit(detach);
    return rc;
}

void detach_deinit(struct detach *detach)
{
    if (detach->parent >= 0)
        close(detach->parent);
    if (detach->null >= 0)
        close(detach->null);
    *detach = DETACH_NONE;
}
