/* SPDX-License-Identifier: MIT */
/* The set of a pl_tls (transport/tls.h): one context of OpenSSL for each certificate. */
#ifndef PLI_TRANSPORT_TLS_CONTEXTS_H
#define PLI_TRANSPORT_TLS_CONTEXTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include <paceline/tls.h>

struct pli_tls_tickets;

struct pli_tls_contexts {
    _Atomic unsigned references;
    BIO_METHOD *method; /* how filters read and write: of memory (transport/tls_filter.c) */
    struct pli_tls_tickets *tickets; /* a reference */
    unsigned ticket_lifetime;        /* seconds; 0: there are no tickets */
    size_t count;
    SSL_CTX *list[]; /* the first is that of clients who name no host that is known */
};

/* Where a text about what is wrong goes. */
struct pli_tls_error {
    char *text;
    size_t size;
};

/*
 * Makes a set with one reference, whose tickets have the keys of TICKETS. Returns 0, -EINVAL or -ENOMEM,
 * and then says why.
 */
int pli_tls_contexts_new(const struct pl_tls_options *options, struct pli_tls_tickets *tickets,
                         const struct pli_tls_error *error, struct pli_tls_contexts **out);

/* The index of the first certificate whose time is over or has not come; -1: there is none. */
int pli_tls_contexts_stale(const struct pli_tls_contexts *contexts);

struct pli_tls_contexts *pli_tls_contexts_ref(struct pli_tls_contexts *contexts);
void pli_tls_contexts_unref(struct pli_tls_contexts *contexts);

/* Those in force, with a reference (transport/tls.c). Any thread. */
struct pli_tls_contexts *pli_tls_contexts_of(struct pl_tls *tls);

/* In transport/tls_filter.c. NULL without memory. */
BIO_METHOD *pli_tls_method_new(void);

#endif
