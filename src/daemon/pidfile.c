/* SPDX-License-Identifier: MIT */
/*
 * The lock, not the file, says that a process lives: it ends with the process, whatever happens.
 * Since the owner removes the file before it gives the lock up, a newcomer that got the lock has
 * to look whether the file at PATH is still the one that it has locked.
 */
#include "config.h"

#include "daemon/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool still_there(int fd, const char *path)
{
    struct stat ours;
    struct stat there;

    return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

/* A locked descriptor, or a negative errno. */
static int open_locked(const char *path)
{
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0644);
        int error;

        if (fd < 0)
            return -errno;
        if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
            error = errno == EWOULDBLOCK ? EEXIST : errno;
            close(fd);
            return -error;
        }
        if (still_there(fd, path))
            return fd;
        close(fd);
    }
}

static int write_id(int fd)
{
    char text[32];
    int length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
    ssize_t written;

    /* The umask keeps our files to ourselves; this one is for others to read. */
    if (fchmod(fd, 0644) < 0 || ftruncate(fd, 0) < 0)
        return -errno;
    written = pwrite(fd, text, (size_t)length, 0);
    if (written < 0)
        return -errno;
    return written == length ? 0 : -ENOSPC;
}

int pidfile_create(struct pidfile *pidfile, const char *path)
{
    int fd;
    int rc;

    *pidfile = PIDFILE_NONE;
    pidfile->path = strdup(path);
    if (!pidfile->path)
        return -ENOMEM;
    fd = open_locked(path);
    rc = fd < 0 ? fd : write_id(fd);
    pidfile->fd = fd;
    if (fd >= 0 && rc == 0)
        return 0;
    if (fd >= 0)
        pidfile_remove(pidfile);
    free(pidfile->path);
    *pidfile = PIDFILE_NONE;
    return rc;
}

int pidfile_remove(struct pidfile *pidfile)
{
    int rc = 0;

    if (pidfile->fd < 0)
        return 0;
    if (still_there(pidfile->fd, pidfile->path) && unlink(pidfile->path) < 0)
        rc = ftruncate(pidfile->fd, 0) < 0 ? -errno : 0;
    close(pidfile->fd);
    free(pidfile->path);
    *pidfile = PIDFILE_NONE;
    return rc;
}
