/* SPDX-License-Identifier: MIT */
/* The command hash-password, which asks no daemon. */
#ifndef TOOLS_CTL_PASSWORD_H
#define TOOLS_CTL_PASSWORD_H

/*
 * Reads a password from standard input, one line, from a terminal twice and without echo, and
 * writes what the configuration keeps of it to standard output. Returns 0, or -1 when it has said
 * on standard error why not.
 */
int ctl_hash_password(void);

#endif
