/* SPDX-License-Identifier: MIT */
/* paceline --check: the configuration is read already; here is what it names. */
#ifndef DAEMON_CHECK_H
#define DAEMON_CHECK_H

struct daemon;

/*
 * Reads the certificates and keys if a listener needs them, and says whether all is good. Nothing is
 * made, locked or bound, so that a server may run meanwhile. Returns the exit status.
 */
int check(struct daemon *daemon);

#endif
