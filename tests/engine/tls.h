/* SPDX-License-Identifier: MIT */
/* Certificates for tests of the engine. */
#ifndef TESTS_ENGINE_TLS_H
#define TESTS_ENGINE_TLS_H

#include <paceline.h>

#include "tests/engine/suite.h"

/* A folder with certificates in it. */
struct wallet;
struct wallet *wallet_new(void);
void wallet_free(struct wallet *wallet);

/* Makes one for that host, valid from BEGINS to ENDS seconds from now. Paths are the wallet's. */
#define WALLET_ADD(wallet, host) wallet_add(HERE, wallet, host, -60, 3600)
struct pl_tls_certificate wallet_add(struct place place, struct wallet *wallet, const char *host,
                                     long begins, long ends);

/* A file of that content. */
const char *wallet_write(struct wallet *wallet, const char *text);

/* With COUNT certificates, which must be usable. */
struct pl_tls *tls_new(const struct pl_tls_certificate *certificates, size_t count);

#endif
