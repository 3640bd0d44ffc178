/* SPDX-License-Identifier: MIT */
/* What the configuration says of accounts. */
#ifndef DAEMON_ACCOUNTS_H
#define DAEMON_ACCOUNTS_H

#include "account/account.h"
#include "config/snapshot.h"

/* The texts are the snapshot's. */
struct account_settings accounts_read(const struct config *config);

#endif
