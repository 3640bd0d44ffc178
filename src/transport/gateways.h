/* SPDX-License-Identifier: MIT */
/* A server's gateways: who is believed when it names another peer than itself. */
#ifndef PLI_TRANSPORT_GATEWAYS_H
#define PLI_TRANSPORT_GATEWAYS_H

#include <stdbool.h>

#include <paceline/server.h>

#include "transport/address.h"

/* A list that is constant. */
struct pli_gateways {
    size_t count;
    struct pl_gateway list[];
};

/* Makes a list of copies. Returns 0 or -ENOMEM. */
int pli_gateways_new(const struct pl_gateway *gateways, size_t count, struct pli_gateways **out);

/* Puts the list in the place of the server's, which is freed. Any thread. */
void pli_server_put_gateways(struct pl_server *server, struct pli_gateways *gateways);

/* Whether a gateway is at that address that may send PROXY headers, or name peers to services. */
bool pli_server_has_proxy(struct pl_server *server, const struct pli_address *peer);
bool pli_server_has_namer(struct pl_server *server, const struct pli_address *peer);

#endif
