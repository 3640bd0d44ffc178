/* SPDX-License-Identifier: MIT */
/*
 * The inside of a pl_tls: certificates, keys and what else a handshake needs are one immutable,
 * counted set, which a reload replaces as a whole. A connection takes the set that is in force when
 * its handshake begins, and keeps it.
 */
#ifndef PLI_TRANSPORT_TLS_H
#define PLI_TRANSPORT_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include <paceline/tls.h>

struct pli_filter;
struct pli_tls_contexts;

/*
 * A reload in steps: makes what is to take the place of what is in force, with the outcomes of
 * pl_tls_reload(), and puts it there or drops it.
 */
int pli_tls_make(struct pl_tls *tls, const struct pl_tls_options *options, char *error, size_t size,
                 struct pli_tls_contexts **out);
void pli_tls_put(struct pl_tls *tls, struct pli_tls_contexts *contexts);
void pli_tls_drop(struct pli_tls_contexts *contexts);

/* Whether a certificate in force has expired or is not valid yet. */
bool pli_tls_is_stale(struct pl_tls *tls);

/* A filter for the server's end of a connection. Returns 0 or -ENOMEM. Any thread. */
int pli_tls_filter_new(struct pl_tls *tls, struct pli_filter **filter);

/* What the calls of paceline/session.h tell of a filter that was made here. */
const char *pli_tls_version(const struct pli_filter *filter);
const char *pli_tls_cipher(const struct pli_filter *filter);
int pli_tls_fingerprint(const struct pli_filter *filter, char *text, size_t size);

#endif
