/* SPDX-License-Identifier: MIT */
/* The file of --pidfile: holds the process id and is locked as long as the process lives. */
#ifndef DAEMON_PIDFILE_H
#define DAEMON_PIDFILE_H

struct pidfile {
    int fd; /* -1: there is none */
    char *path;
};

#define PIDFILE_NONE ((struct pidfile){.fd = -1})

/*
 * Creates PATH (absolute, or used from the same folder to the end), locks it and writes the id of
 * the calling process. Symbolic links are not followed. Returns 0, -EEXIST when a process that
 * lives holds it, -ENOMEM or the error of a system call; PIDFILE is PIDFILE_NONE then.
 */
int pidfile_create(struct pidfile *pidfile, const char *path);

/*
 * Removes the file; where that is not allowed any more, empties it. Returns 0 or the error, and
 * PIDFILE is PIDFILE_NONE in any case.
 */
int pidfile_remove(struct pidfile *pidfile);

#endif
