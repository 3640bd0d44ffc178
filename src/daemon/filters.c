/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/filters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static void complain(const struct config_filter *from, size_t index, struct config_errors *errors,
                     const struct chat_pattern_error *error)
{
    char key[40];

    snprintf(key, sizeof key, "filters[%zu].pattern", index);
    if (*from->pattern)
        config_errors_add(errors, from->place, key, "%s (byte %zu)", error->text, error->offset);
    else
        config_errors_add(errors, from->place, key, "missing");
}

static int read_one(struct filters_settings *settings, const struct config_filter *from,
                    struct config_errors *errors)
{
    struct chat_filter_rule rule = {
        .pattern = chat_text(from->pattern),
        .reason = chat_text(from->reason),
        .by = chat_text("configuration"),
        .targets = chat_filter_targets(chat_text(from->targets)),
        .action = chat_filter_action_find(chat_text(from->action)),
        .duration = from->duration,
        .configured = true,
    };
    struct chat_pattern_error error;
    int rc = chat_filter_new(&rule, &settings->filters[settings->count], &error);

    if (rc == 0)
        settings->count++;
    else if (rc != -ENOMEM)
        complain(from, settings->count, errors, &error);
    return rc == 0 || rc == -ENOMEM ? rc : CONFIG_INVALID;
}

int filters_read(struct filters_settings *settings, const struct config *config,
                 struct config_errors *errors)
{
    int rc = 0;

    *settings = (struct filters_settings){NULL, 0};
    if (config->filter_count == 0)
        return 0;
    settings->filters = calloc(config->filter_count, sizeof(struct chat_filter *));
    if (!settings->filters)
        return -ENOMEM;
    for (size_t i = 0; i < config->filter_count && rc == 0; i++)
        rc = read_one(settings, &config->filters[i], errors);
    if (rc != 0)
        filters_deinit(settings);
    return rc;
}

void filters_deinit(struct filters_settings *settings)
{
    for (size_t i = 0; i < settings->count; i++)
        chat_filter_unref(settings->filters[i]);
    free(settings->filters);
    *settings = (struct filters_settings){NULL, 0};
}
