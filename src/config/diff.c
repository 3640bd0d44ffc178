/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/diff.h"

#include "config/build.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool same_value(const struct config *before, const struct config *after,
                       const struct config_key *key)
{
    if (config_key_is_text(key))
        return strcmp(config_build_string(before, key), config_build_string(after, key)) == 0;
    return config_build_number(before, key) == config_build_number(after, key);
}

static void compare_keys(struct config_diff *diff, const struct config *before,
                         const struct config *after)
{
    size_t i;

    for (i = 0; i < config_key_count; i++)
        if (!config_group_find(config_keys[i].group)->element &&
            !same_value(before, after, &config_keys[i]))
            diff->keys[diff->key_count++] = &config_keys[i];
}

static bool same_socket(const struct config_listener *one, const struct config_listener *other)
{
    if (strcmp(one->path, other->path) != 0 || strcmp(one->address, other->address) != 0 ||
        one->port != other->port)
        return false;
    return *one->path || one->port || strcmp(one->service, other->service) == 0;
}

static bool must_reopen(const struct config_listener *one, const struct config_listener *other)
{
    return strcmp(one->service, other->service) != 0 || one->backlog != other->backlog ||
           one->proxy_protocol != other->proxy_protocol || one->tls != other->tls ||
           (*one->path && one->mode != other->mode);
}

static bool is_taken(const struct config_diff *diff, const struct config_listener *after)
{
    size_t i;

    for (i = 0; i < diff->listener_count; i++)
        if (diff->listeners[i].after == after)
            return true;
    return false;
}

/* What becomes of an old listener. */
static void compare_listener(struct config_diff *diff, const struct config_listener *before,
                             const struct config *after)
{
    struct config_listener_diff found = {.fate = CONFIG_REMOVED, .before = before};
    size_t i;

    for (i = 0; i < after->listener_count && !found.after; i++) {
        const struct config_listener *candidate = &after->listeners[i];

        if (!same_socket(before, candidate) || is_taken(diff, candidate))
            continue;
        found.after = candidate;
        found.fate = must_reopen(before, candidate) ? CONFIG_CHANGED : CONFIG_KEPT;
    }
    diff->listeners[diff->listener_count++] = found;
}

int config_diff_init(struct config_diff *diff, const struct config *before,
                     const struct config *after)
{
    size_t i;

    *diff = (struct config_diff){0};
    diff->keys = calloc(config_key_count, sizeof(*diff->keys));
    diff->listeners =
        calloc(before->listener_count + after->listener_count, sizeof(*diff->listeners));
    if (!diff->keys || !diff->listeners) {
        config_diff_deinit(diff);
        return -ENOMEM;
    }
    compare_keys(diff, before, after);
    for (i = 0; i < before->listener_count; i++)
        compare_listener(diff, &before->listeners[i], after);
    for (i = 0; i < after->listener_count; i++)
        if (!is_taken(diff, &after->listeners[i]))
            diff->listeners[diff->listener_count++] =
                (struct config_listener_diff){.fate = CONFIG_ADDED, .after = &after->listeners[i]};
    return 0;
}

void config_diff_deinit(struct config_diff *diff)
{
    free(diff->keys);
    free(diff->listeners);
    *diff = (struct config_diff){0};
}
