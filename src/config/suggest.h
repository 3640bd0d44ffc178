/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_SUGGEST_H
#define CONFIG_SUGGEST_H

#include <stddef.h>

/*
 * How many letters have to be put in, left out, changed or swapped with their neighbour to make
 * one name of the other. Names of more than CONFIG_NAME_MAX bytes are further than any from all.
 */
#define CONFIG_NAME_MAX 64u
unsigned config_distance(const char *one, const char *other);

/*
 * What somebody who wrote NAME in GROUP (NULL: outside of all groups) probably meant, into BUFFER
 * of SIZE bytes: a key of that group, a group, or group.key of another group. Returns BUFFER, or
 * NULL when nothing is near.
 */
const char *config_suggest(const char *group, const char *name, char *buffer, size_t size);

#endif
