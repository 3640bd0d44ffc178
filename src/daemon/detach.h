/* SPDX-License-Identifier: MIT */
/*
 * --daemon: a child goes on in the background, in a session of its own, and the process that was
 * started ends when the child is ready, or with its status when it fails before. One fork is
 * enough: nothing that the daemon opens can become its terminal (O_NOCTTY everywhere).
 */
#ifndef DAEMON_DETACH_H
#define DAEMON_DETACH_H

struct detach {
    int parent; /* written when all is ready; -1: nobody waits */
    int null;   /* /dev/null, for the standard streams */
};

#define DETACH_NONE ((struct detach){.parent = -1, .null = -1})

/*
 * Forks; the process must have one thread. Returns 0 in the child; 1 in the parent, when it is to
 * exit with *STATUS; or a negative errno, without a child.
 */
int detach_fork(struct detach *detach, int *status);

/*
 * In the child, when everything is ready: lets go of the standard streams and the folder, and the
 * parent end. Returns 0 or a negative errno. Harmless without a parent.
 */
int detach_ready(struct detach *detach);

/* Closes what is open. */
void detach_deinit(struct detach *detach);

#endif
