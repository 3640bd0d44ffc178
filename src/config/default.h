/* SPDX-License-Identifier: MIT */
/* Which configuration is in force: shared by the daemon and pacelinectl. */
#ifndef CONFIG_DEFAULT_H
#define CONFIG_DEFAULT_H

#include "config/snapshot.h"

/* The file that is read when none is named, if it is there. */
#define CONFIG_DEFAULT_FILE SYSCONFDIR "/paceline.conf"

/*
 * Reads the file GIVEN or, if that is NULL, CONFIG_DEFAULT_FILE if there is one, else takes the
 * built-in defaults. *SOURCE becomes the file's name or "built-in defaults", valid as long as GIVEN.
 * Returns as config_load() does.
 */
int config_load_default(const char *given, struct config **out, const char **source,
                        struct config_errors *errors);

#endif
