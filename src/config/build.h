/* SPDX-License-Identifier: MIT */
/*
 * Making a snapshot: only the reader does, and only before anybody else sees it. BASE in these
 * calls is the struct config or, for a row of a list, the element.
 */
#ifndef CONFIG_BUILD_H
#define CONFIG_BUILD_H

#include "config/keys.h"
#include "config/snapshot.h"

/*
 * A snapshot with one reference and the defaults of all plain groups, its lists empty; NULL without
 * memory.
 */
struct config *config_build_new(void);

/* Gives an empty list COUNT elements with the defaults of its keys. 0 or -ENOMEM. */
int config_build_list(struct config *config, const struct config_group *group, size_t count);

/* Puts the default listeners into the list, which is empty. 0 or -ENOMEM. */
int config_build_listeners(struct config *config);

/* The element of that index. */
void *config_build_element(const struct config *config, const struct config_group *group,
                           size_t index);
size_t config_build_count(const struct config *config, const struct config_group *group);

/* The field of a number, mode or truth value, of a string or choice. */
uint32_t config_build_number(const void *base, const struct config_key *key);
void config_build_set_number(void *base, const struct config_key *key, uint32_t number);
const char *config_build_string(const void *base, const struct config_key *key);

/* Copies a string; a choice must be one of the table's and is not copied. 0 or -ENOMEM. */
int config_build_set_string(void *base, const struct config_key *key, const char *string);

#endif
