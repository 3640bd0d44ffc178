/* SPDX-License-Identifier: MIT */
/*
 * What must hold between settings. Rules whose settings are themselves wrong are left alone: one
 * mistake makes one message.
 */
#ifndef CONFIG_RULES_H
#define CONFIG_RULES_H

#include "config/errors.h"
#include "config/snapshot.h"

#include <stdbool.h>

/* What the file says about one key; an array of them has one for each row of config_keys. */
struct config_mention {
    struct config_place place; /* if given */
    bool given;
    bool bad; /* and was complained about */
};

/*
 * Completes and checks the listener of that INDEX, which has just been read; those before it have
 * been, and so have all plain groups. MENTIONS are of the plain groups' keys, OWN the listener's.
 * Returns 0 or -ENOMEM.
 */
int config_rules_listener(struct config *config, size_t index,
                          const struct config_mention *mentions, const struct config_mention *own,
                          struct config_errors *errors);

/* Checks the oper of that INDEX, likewise. */
void config_rules_oper(const struct config *config, size_t index, const struct config_mention *own,
                       struct config_errors *errors);

/* Checks what hangs together in the plain groups. */
void config_rules_check(const struct config *config, const struct config_mention *mentions,
                        struct config_errors *errors);

#endif
