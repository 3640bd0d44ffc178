/* SPDX-License-Identifier: MIT */
/* Giving root's privileges away for good, once everything that needs them is open. */
#ifndef DAEMON_PRIVILEGES_H
#define DAEMON_PRIVILEGES_H

#include <sys/types.h>

/* Who the daemon becomes. */
struct privileges {
    char *name; /* NULL: it stays who it is */
    uid_t uid;
    gid_t gid;
};

/*
 * Looks USER up. Returns 0, -ENOENT (no such user), -EPERM (that is root), -ENOMEM or the error of
 * the user database.
 */
int privileges_find(struct privileges *privileges, const char *user);
void privileges_deinit(struct privileges *privileges);

/*
 * Becomes that user, with its groups, no capability and no way back, not through setuid programs
 * either (PR_SET_NO_NEW_PRIVS), and verifies that. For a process of root with one thread. Returns
 * 0, or a negative errno: the process must end then, as it may have given up a part. *STEP is what
 * failed, static text.
 */
int privileges_drop(const struct privileges *privileges, const char **step);

#endif
