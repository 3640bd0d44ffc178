/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/network.h"

#include "base/prefix.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Whether the length behind the slash, if there is one, is written without a 0 before it. */
static bool is_plain(const char *slash)
{
    return slash[0] == '\0' || slash[1] != '0' || slash[2] == '\0';
}

int pl_network_parse(const char *text, struct pl_network *network)
{
    size_t length = strcspn(text, "/");
    struct pli_prefix address;
    struct pli_prefix prefix;

    if (strcmp(text, "unix") == 0) {
        *network = (struct pl_network){.family = AF_UNIX};
        return 0;
    }
    if (!is_plain(text + length) || !pli_prefix_parse(text, length, &address) ||
        !pli_prefix_parse(text, strlen(text), &prefix) ||
        memcmp(address.bytes, prefix.bytes, sizeof(prefix.bytes)) != 0)
        return -EINVAL;
    network->family = prefix.v6 ? AF_INET6 : AF_INET;
    network->bits = prefix.bits;
    memcpy(network->bytes, prefix.bytes, sizeof(network->bytes));
    return 0;
}

bool pli_network_has(const struct pl_network *network, const struct pli_address *address)
{
    return network->family == address->family &&
           pli_bits_same(network->bytes, address->bytes, network->bits);
}
