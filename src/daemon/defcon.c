/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/defcon.h"

#include <stdio.h>

static int read_level(const char *names, const char *key, unsigned *restrictions,
                      const struct config *config, struct config_errors *errors)
{
    struct chat_text rest = chat_text(names);
    struct chat_text name;
    char label[40];

    *restrictions = 0;
    while (chat_text_next(&rest, ' ', &name)) {
        unsigned restriction = chat_restriction_find(name);

        if (restriction == 0) {
            snprintf(label, sizeof label, "defcon.%s", key);
            config_errors_add(errors, config_place_of(config, "defcon", key), label,
                              "there is no restriction \"%.*s\"", (int)name.length, name.data);
            return CONFIG_INVALID;
        }
        *restrictions |= restriction;
    }
    return 0;
}

int defcon_read(struct chat_defcon_settings *settings, const struct config *config,
                struct config_errors *errors)
{
    static const char *const keys[] = {NULL, "level_1", "level_2", "level_3", "level_4"};
    const char *const names[] = {NULL, config->defcon.level_1, config->defcon.level_2,
                                 config->defcon.level_3, config->defcon.level_4};
    int rc = 0;

    *settings = (struct chat_defcon_settings){.message = ""};
    for (unsigned i = 1; i < CHAT_DEFCON_NORMAL && rc == 0; i++)
        rc = read_level(names[i], keys[i], &settings->restrictions[i], config, errors);
    snprintf(settings->message, sizeof settings->message, "%s", config->defcon.message);
    snprintf(settings->notice, sizeof settings->notice, "%s", config->defcon.notice);
    return rc;
}
