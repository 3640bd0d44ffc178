/* SPDX-License-Identifier: MIT */
/* What the configuration says about asking the domain name system. */
#ifndef DAEMON_LOOKUPS_H
#define DAEMON_LOOKUPS_H

#include "config/snapshot.h"
#include "lookup/lookup.h"

/*
 * Puts together what CONFIG says; *LISTS, for free(), are those of SETTINGS. Returns 0 or -ENOMEM.
 */
int lookups_read(struct lookup_settings *settings, struct lookup_list **lists,
                 const struct config *config);

#endif
