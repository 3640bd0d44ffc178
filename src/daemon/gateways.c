/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/gateways.h"

#include "transport/gateways.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int gateways_make(const struct config *config, struct pli_gateways **out)
{
    struct pl_gateway *list = calloc(config->gateway_count + 1, sizeof(*list));
    int rc;

    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < config->gateway_count; i++) {
        const struct config_gateway *gateway = &config->gateways[i];

        rc = pl_network_parse(gateway->from, &list[i].network);
        assert(rc == 0); /* the configuration takes no other */
        list[i].proxy_protocol = gateway->proxy_protocol;
        list[i].names_peers = *gateway->webirc_password;
    }
    rc = pli_gateways_new(list, config->gateway_count, out);
    free(list);
    return rc;
}
