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

/* Checks the gateway, or the oper, of that INDEX, likewise. */
void config_rules_gateway(const struct config *config, size_t index,
                          const struct config_mention *own, struct config_errors *errors);
/* Checks the certificate of that INDEX. */
void config_rules_certificate(const struct config *config, size_t index,
                              const struct config_mention *own, struct config_errors *errors);

/*
 * Completes and checks the class of connections of that INDEX, likewise: what it leaves out is taken
 * from the plain groups. Returns 0 or -ENOMEM.
 */
int config_rules_client_class(struct config *config, size_t index,
                              const struct config_mention *mentions,
                              const struct config_mention *own, struct config_errors *errors);

/* Checks the list of bad addresses of that INDEX. */
void config_rules_blocklist(const struct config *config, size_t index,
                            const struct config_mention *own, struct config_errors *errors);

/*
 * Checks the element of that INDEX of a list in which each has the settings NEEDED, up to NULL, and a
 * name of its own.
 */
void config_rules_named(const struct config *config, const char *group, size_t index,
                        const char *const *needed, const struct config_mention *own,
                        struct config_errors *errors);

/* Checks the class of operators, or the oper, of that INDEX, likewise. */
void config_rules_class(const struct config *config, size_t index, const struct config_mention *own,
                        struct config_errors *errors);
void config_rules_oper(const struct config *config, size_t index, const struct config_mention *own,
                       struct config_errors *errors);

/* Checks what hangs together in the plain groups, and between lists. */
void config_rules_check(const struct config *config, const struct config_mention *mentions,
                        struct config_errors *errors);

#endif
