/* SPDX-License-Identifier: MIT */
/*
 * TLS (RFC 8446, RFC 5246) for listeners: certificates, and what is agreed upon with them.
 *
 * A pl_tls is given to any number of listeners (pl_listener_options.tls). It can be loaded anew
 * while it is used: connections that are there keep what they have agreed upon.
 */
#ifndef PACELINE_TLS_H
#define PACELINE_TLS_H

#include <stddef.h>

#include <paceline/version.h>

struct pl_tls;

/* A certificate and its key, in files in PEM format. */
struct pl_tls_certificate {
    const char *certificate; /* the server's own first, then those that lead to its root */
    const char *key;         /* without a passphrase */
};

enum pl_tls_version { PL_TLS_1_2 = 0, PL_TLS_1_3 };

/* Begin with PL_TLS_OPTIONS and change what you need. Not kept by the calls. */
struct pl_tls_options {
    const struct pl_tls_certificate *certificates; /* count of them, at least 1 */
    size_t count;
    enum pl_tls_version min_version;
    const char *ciphers; /* of TLS 1.2, as OpenSSL names them (ciphers(1)); NULL or "": those with
                            forward secrecy and authenticated encryption */
    unsigned
        ticket_lifetime; /* seconds in which clients can go on with what was agreed upon (session
                                 tickets); so often their keys change; 0: they cannot */
};
#define PL_TLS_OPTIONS ((struct pl_tls_options){.ticket_lifetime = 7200})

/*
 * Reads the certificates and keys. A client that names a host (SNI) gets the first certificate that
 * is for that host, any other the first of all. Clients are asked for a certificate and need not
 * have one. Returns 0, -EINVAL (no certificate, or one of the files or the ciphers cannot be used),
 * -ENOMEM, or -ENOTSUP (pl_tls_missing()); what is wrong is written into ERROR, SIZE bytes, as one
 * line with its NUL. A certificate that has expired or is not valid yet is used, and the log says so.
 * Any thread.
 */
PL_EXPORT int pl_tls_new(const struct pl_tls_options *options, struct pl_tls **tls, char *error,
                         size_t size);

/*
 * Reads them anew, for connections to come; they can still go on with what was agreed upon since
 * the reload before this one (session tickets). Returns as pl_tls_new(), and -EKEYEXPIRED where a
 * certificate is not valid now, and those in force all are; then nothing has changed. Any thread.
 */
PL_EXPORT int pl_tls_reload(struct pl_tls *tls, const struct pl_tls_options *options, char *error,
                            size_t size);

/* Takes a reference; returns its argument. Any thread. */
PL_EXPORT struct pl_tls *pl_tls_ref(struct pl_tls *tls);

/* Gives a reference back; listeners and sessions have their own. NULL is allowed. Any thread. */
PL_EXPORT void pl_tls_unref(struct pl_tls *tls);

/* Why there is no TLS here, as a piece of text; NULL: there is. Static. Any thread. */
PL_EXPORT const char *pl_tls_missing(void);

#endif
