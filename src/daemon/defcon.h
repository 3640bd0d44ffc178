/* SPDX-License-Identifier: MIT */
/* What the configuration says of lock-down. */
#ifndef DAEMON_DEFCON_H
#define DAEMON_DEFCON_H

#include "chat/defcon.h"
#include "config/snapshot.h"

/* Returns 0, or CONFIG_INVALID when ERRORS says why not. */
int defcon_read(struct chat_defcon_settings *settings, const struct config *config,
                struct config_errors *errors);

#endif
