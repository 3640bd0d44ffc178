/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/check.h"

#include "daemon/daemon.h"
#include "daemon/tls.h"

#include <stdio.h>
#include <string.h>

int check(struct daemon *daemon)
{
    struct config_errors errors;
    int rc;

    config_errors_init(&errors);
    rc = state_init(&daemon->state, daemon->config);
    if (rc == 0)
        rc = tls_check(daemon, daemon->config, &errors);
    config_errors_print(&errors, stderr);
    config_errors_deinit(&errors);
    state_deinit(&daemon->state);
    if (rc < 0)
        fprintf(stderr, "paceline: %s\n", strerror(-rc));
    if (rc == 0)
        printf("%s: the configuration is good\n", daemon->config_source);
    return rc == 0 ? DAEMON_STOPPED : rc < 0 ? DAEMON_FAILED : DAEMON_CONFIG;
}
