/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/engine/suite_over.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/engine/tls.h"
#include "tests/lib/peer_tls.h"

/* The handshake, the end, and what some models try once more behind those. */
const unsigned suite_over_writes = 8;
const bool suite_over_tells = false;

/* Peers of other things than the suite's engines are none of these tests. */
static int agree(struct peer *peer)
{
    int alert;

    return peer_tls(peer, &(struct peer_tls_wish){0}, &alert);
}

/* Without tickets: a peer that goes before it has read one would break the connection. */
void suite_over_begin(struct pl_listener_options *options)
{
    struct wallet *wallet = wallet_new();
    struct pl_tls_certificate certificate = WALLET_ADD(wallet, "localhost");
    struct pl_tls_options tls = PL_TLS_OPTIONS;
    char error[200] = "";

    tls.certificates = &certificate;
    tls.count = 1;
    tls.ticket_lifetime = 0;
    EXPECT(pl_tls_new(&tls, &options->tls, error, sizeof(error)) == 0, "pl_tls_new: %s", error);
    wallet_free(wallet);
    peer_set_opened(agree);
}

void suite_over_end(struct pl_listener_options *options)
{
    pl_tls_unref(options->tls);
}
