/* SPDX-License-Identifier: MIT */
/* --make-cert: TLS can be tried without anybody's certificate. */
#ifndef DAEMON_MAKE_CERT_H
#define DAEMON_MAKE_CERT_H

struct daemon;

/*
 * Writes a certificate that signs itself, and its key, where the configuration says that they are.
 * Returns the exit status; what was written, or is wrong, has been said.
 */
int make_cert(struct daemon *daemon);

#endif
