/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_PATHS_H
#define CONFIG_PATHS_H

#include <unistd.h>

struct config;

/* config_state_dir() for the effective user UID. */
int config_paths_state_dir(const struct config *config, uid_t uid, char **out);

#endif
