/* SPDX-License-Identifier: MIT */
/* The certificates that the configuration names, as the listeners with TLS have them. */
#ifndef DAEMON_TLS_H
#define DAEMON_TLS_H

#include "config/errors.h"
#include "config/snapshot.h"

#include <stdbool.h>

struct daemon;
struct pli_tls_contexts;

/* What is about to be put in force. */
struct tls_plan {
    struct pli_tls_contexts *contexts; /* for the listeners that are there, or NULL */
    bool first;                        /* there were none: the daemon has a pl_tls for this plan */
};

/*
 * Reads the files if a listener of CONFIG speaks TLS. Then the daemon has a pl_tls. Returns 0,
 * CONFIG_INVALID when ERRORS says why not, or -ENOMEM; PLAN needs nothing more then.
 */
int tls_prepare(struct daemon *daemon, const struct config *config, struct tls_plan *plan,
                struct config_errors *errors);

/*
 * Reads the files likewise, for whoever only wants to know: neither has the daemon a pl_tls then, nor is
 * anything made or locked. ERRORS also says which certificates are not valid now. Returns 0,
 * CONFIG_INVALID or -ENOMEM.
 */
int tls_check(struct daemon *daemon, const struct config *config, struct config_errors *errors);

/* One of these follows tls_prepare(). */
void tls_put_in_force(struct daemon *daemon, struct tls_plan *plan);
void tls_abandon(struct daemon *daemon, struct tls_plan *plan);

#endif
