/* SPDX-License-Identifier: MIT */
/* Who may name other peers, for the server: what the configuration calls gateways. */
#ifndef DAEMON_GATEWAYS_H
#define DAEMON_GATEWAYS_H

#include "config/snapshot.h"

struct pli_gateways;

/* Makes the server's list (transport/gateways.h) of what CONFIG says. Returns 0 or -ENOMEM. */
int gateways_make(const struct config *config, struct pli_gateways **out);

#endif
