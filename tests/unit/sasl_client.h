/* SPDX-License-Identifier: MIT */
/* GNU SASL's own client, in a whole exchange with ours (account/sasl.h). */
#ifndef TESTS_UNIT_SASL_CLIENT_H
#define TESTS_UNIT_SASL_CLIENT_H

#include "account/sasl.h"

/* What the client knows; NULL: nothing of that kind. */
struct sasl_client {
    const char *mechanism;
    const char *name, *authzid, *password;
};

struct sasl_end {
    unsigned steps;                  /* messages that the server has taken */
    char name[ACCOUNT_NAME_MAX + 1]; /* of who has logged in, or "" */
    char offer[200];                 /* what the server has answered first */
};

/*
 * Runs an exchange to its end. Returns how it ended, by account_sasl_new() or account_sasl_step(), or
 * -EPROTO unless the client is content with what the server says exactly if it logs in. Any thread: there are no
 * assertions.
 */
int sasl_converse(struct accounts *accounts, const struct account_who *who,
                  const struct sasl_client *client, struct sasl_end *end);

#endif
