/* SPDX-License-Identifier: MIT */
/* TLS where the library was built without OpenSSL: nobody gets a pl_tls, and is told why. */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "transport/tls.h"

const char *pl_tls_missing(void)
{
    return "paceline was built without OpenSSL";
}

int pl_tls_new(const struct pl_tls_options *options, struct pl_tls **tls, char *error, size_t size)
{
    (void)options;
    (void)tls;
    if (size > 0)
        snprintf(error, size, "%s", pl_tls_missing());
    return -ENOTSUP;
}

int pli_tls_make(struct pl_tls *tls, const struct pl_tls_options *options, char *error, size_t size,
                 struct pli_tls_contexts **out)
{
    (void)out;
    return pl_tls_new(options, &tls, error, size);
}

/* Nobody has any. */
void pli_tls_put(struct pl_tls *tls, struct pli_tls_contexts *contexts)
{
    assert(!tls && !contexts);
}

void pli_tls_drop(struct pli_tls_contexts *contexts)
{
    assert(!contexts);
}

int pl_tls_reload(struct pl_tls *tls, const struct pl_tls_options *options, char *error,
                  size_t size)
{
    return pl_tls_new(options, &tls, error, size);
}

struct pl_tls *pl_tls_ref(struct pl_tls *tls)
{
    return tls;
}

void pl_tls_unref(struct pl_tls *tls)
{
    assert(!tls);
}

bool pli_tls_is_stale(struct pl_tls *tls)
{
    (void)tls;
    return false;
}

int pli_tls_filter_new(struct pl_tls *tls, struct pli_filter **filter)
{
    (void)tls;
    (void)filter;
    return -ENOMEM;
}

const char *pli_tls_version(const struct pli_filter *filter)
{
    (void)filter;
    return NULL;
}

const char *pli_tls_cipher(const struct pli_filter *filter)
{
    (void)filter;
    return NULL;
}

int pli_tls_fingerprint(const struct pli_filter *filter, char *text, size_t size)
{
    (void)filter;
    (void)text;
    (void)size;
    return -ENOENT;
}
