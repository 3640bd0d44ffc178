/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/suggest.h"

#include "config/keys.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Three rows of the table of distances between beginnings of both names. */
unsigned config_distance(const char *one, const char *other)
{
    unsigned rows[3][CONFIG_NAME_MAX + 1];
    size_t height = strlen(one);
    size_t width = strlen(other);
    size_t i, j;

    if (height > CONFIG_NAME_MAX || width > CONFIG_NAME_MAX)
        return UINT_MAX;
    for (j = 0; j <= width; j++)
        rows[0][j] = (unsigned)j;
    for (i = 1; i <= height; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3];
        const unsigned *higher = rows[(i + 1) % 3];

        row[0] = (unsigned)i;
        for (j = 1; j <= width; j++) {
            row[j] = least(above[j], row[j - 1]) + 1;
            row[j] = least(row[j], above[j - 1] + (one[i - 1] != other[j - 1]));
            if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                row[j] = least(row[j], higher[j - 2] + 1);
        }
    }
    return rows[height % 3][width];
}

/* The nearest candidate so far. */
struct search {
    const char *name;
    const char *group; /* of the best, NULL if it needs none */
    const char *best;
    unsigned distance;
};

/* A third of the letters may be wrong, and one always; but not all. */
static void consider(struct search *search, const char *group, const char *candidate)
{
    size_t longer = strlen(search->name);
    size_t length = strlen(candidate);
    unsigned distance = config_distance(search->name, candidate);

    if (length > longer)
        longer = length;
    if (distance > longer / 3 && distance > 1)
        return;
    if (distance >= longer || distance >= search->distance)
        return;
    search->group = group;
    search->best = candidate;
    search->distance = distance;
}

static void consider_keys(struct search *search, const char *group, bool of_group)
{
    size_t i;

    for (i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];

        if ((group && strcmp(key->group, group) == 0) == of_group)
            consider(search, of_group ? NULL : key->group, key->name);
    }
}

const char *config_suggest(const char *group, const char *name, char *buffer, size_t size)
{
    struct search search = {.name = name, .distance = UINT_MAX};
    size_t i;

    if (group)
        consider_keys(&search, group, true);
    for (i = 0; !group && i < config_group_count; i++)
        consider(&search, NULL, config_groups[i].name);
    if (!search.best)
        consider_keys(&search, group, false);
    if (!search.best)
        return NULL;
    snprintf(buffer, size, "%s%s%s", search.group ? search.group : "", search.group ? "." : "",
             search.best);
    return buffer;
}
