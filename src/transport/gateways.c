/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/gateways.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "transport/network.h"
#include "transport/server.h"

int pli_gateways_new(const struct pl_gateway *gateways, size_t count, struct pli_gateways **out)
{
    struct pli_gateways *copy = malloc(sizeof(*copy) + count * sizeof(*gateways));

    if (!copy)
        return -ENOMEM;
    copy->count = count;
    if (count > 0)
        memcpy(copy->list, gateways, count * sizeof(*gateways));
    *out = copy;
    return 0;
}

void pli_server_put_gateways(struct pl_server *server, struct pli_gateways *gateways)
{
    struct pli_gateways *before;

    pli_lock(&server->lock);
    before = server->gateways;
    server->gateways = gateways;
    pli_unlock(&server->lock);
    free(before);
}

int pl_server_set_gateways(struct pl_server *server, const struct pl_gateway *gateways,
                           size_t count)
{
    struct pli_gateways *copy;
    int rc = pli_gateways_new(gateways, count, &copy);

    if (rc == 0)
        pli_server_put_gateways(server, copy);
    return rc;
}

static bool is_proxy(const struct pl_gateway *gateway)
{
    return gateway->proxy_protocol;
}

static bool is_namer(const struct pl_gateway *gateway)
{
    return gateway->names_peers;
}

/* Whether one that IS has that address. */
static bool has(struct pl_server *server, bool (*is)(const struct pl_gateway *gateway),
                const struct pli_address *peer)
{
    const struct pli_gateways *gateways;
    bool found = false;

    pli_lock(&server->lock);
    gateways = server->gateways;
    for (size_t i = 0; gateways && i < gateways->count && !found; i++)
        found = is(&gateways->list[i]) && pli_network_has(&gateways->list[i].network, peer);
    pli_unlock(&server->lock);
    return found;
}

bool pli_server_has_proxy(struct pl_server *server, const struct pli_address *peer)
{
    return has(server, is_proxy, peer);
}

bool pli_server_has_namer(struct pl_server *server, const struct pli_address *peer)
{
    return has(server, is_namer, peer);
}
