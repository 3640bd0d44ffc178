/* SPDX-License-Identifier: MIT */
/* Which addresses are in a network. */
#ifndef PLI_TRANSPORT_NETWORK_H
#define PLI_TRANSPORT_NETWORK_H

#include <stdbool.h>

#include <paceline/network.h>

#include "transport/address.h"

bool pli_network_has(const struct pl_network *network, const struct pli_address *address);

#endif
