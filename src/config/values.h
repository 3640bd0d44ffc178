/* SPDX-License-Identifier: MIT */
/*
 * One value of libconfig's tree and one row of the table: checked by the value's own type, without
 * libconfig's conversions, which lose what does not fit.
 */
#ifndef CONFIG_VALUES_H
#define CONFIG_VALUES_H

#include "config/errors.h"
#include "config/keys.h"

#include <libconfig.h>

/* Puts the value into its field in BASE. 0, -ENOMEM, or CONFIG_INVALID: not what KEY allows. */
int config_value_read(const config_setting_t *setting, const struct config_key *key, void *base);

/* What KEY allows, and what somebody wrote, for messages: into BUFFER, which they return. */
#define CONFIG_EXPECTED_SIZE 160
const char *config_value_expected(const struct config_key *key,
                                  char buffer[static CONFIG_EXPECTED_SIZE]);
const char *config_value_got(const config_setting_t *setting,
                             char buffer[static CONFIG_QUOTED_SIZE]);

#endif
