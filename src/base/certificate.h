/* SPDX-License-Identifier: MIT */
/*
 * Certificates that sign themselves, for trying TLS, and for those who know them by their
 * fingerprint. Needs libcrypto, so it is part of the daemon and not of the library.
 */
#ifndef PLI_BASE_CERTIFICATE_H
#define PLI_BASE_CERTIFICATE_H

#include <stddef.h>

struct pli_certificate_wish {
    const char *const
        *hosts;   /* names and addresses that it is for, the first also its owner's name */
    size_t count; /* at least 1 */
    long begins;  /* seconds from now */
    long ends;
};

/*
 * Makes a key (P-256) and a certificate (RFC 5280) for it, and writes both, in PEM format, into files
 * that are not there yet; nobody else may read that of the key. Returns 0, -EEXIST, -EINVAL (a host
 * that cannot be one), -ENOMEM, or another negative errno; then there are no new files.
 */
int pli_certificate_make(const struct pli_certificate_wish *wish, const char *certificate,
                         const char *key);

#endif
