/* SPDX-License-Identifier: MIT */
/* Passwords from standard input, and the command hash-password, which asks no daemon. */
#ifndef TOOLS_CTL_PASSWORD_H
#define TOOLS_CTL_PASSWORD_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Reads a password of at most MOST bytes of UTF-8 without control characters from standard input: one
 * line, from a terminal twice and without echo. *TEXT is the caller's to wipe (ctl_wipe()), *SIZE
 * what that takes. Returns its length, or -1 when it has said on standard error why not.
 */
ssize_t ctl_read_password(size_t most, char **text, size_t *size);
void ctl_wipe(char *text, size_t size);

/*
 * Reads a password from standard input, one line, from a terminal twice and without echo, and
 * writes what the configuration keeps of it to standard output. Returns 0, or -1 when it has said
 * on standard error why not.
 */
int ctl_hash_password(void);

#endif
