/* SPDX-License-Identifier: MIT */
/*
 * A peer that speaks TLS: once that is agreed upon, everything in tests/lib/peer.h is about what is
 * said in it. The end of input is a close_notify: without one the connection is broken (-ECONNRESET),
 * as it is when a fatal alert comes (-EPROTO).
 */
#ifndef TESTS_LIB_PEER_TLS_H
#define TESTS_LIB_PEER_TLS_H

#include <openssl/ssl.h>

#include "tests/lib/peer.h"

/* Zero is TLS 1.3 or 1.2, no host named and no certificate. */
struct peer_tls_wish {
    const char *host; /* the name that the server is told */
    int version;      /* TLS1_2_VERSION, TLS1_3_VERSION: this one */
    const char *certificate;
    const char *key;
    SSL_SESSION *resume; /* goes on with this; NULL: anew */
};

/* Agrees. Returns 0, or a negative errno and the alert that came (RFC 8446, section 6), or -1. */
int peer_tls(struct peer *peer, const struct peer_tls_wish *wish, int *alert);

/* The same, which must succeed. */
#define PEER_TLS(peer, ...) peer_must_tls(HERE, peer, &(struct peer_tls_wish){__VA_ARGS__})
void peer_must_tls(struct place place, struct peer *peer, const struct peer_tls_wish *wish);

/* The connection as OpenSSL sees it; valid as long as the peer. */
SSL *peer_tls_ssl(struct peer *peer);

/* The certificate that the server has shown is for HOST. */
bool peer_tls_shows(struct peer *peer, const char *host);

#endif
