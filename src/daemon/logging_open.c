/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/logging.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* For a daemon that has let go of its standard error. */
static void open_instead(struct log_target *target)
{
    int rc = log_target_socket(target, LOG_TARGET_SYSLOG, LOG_TARGET_SYSLOG_PATH);

    if (rc == 0)
        return;
    pli_log(PL_LOG_WARNING, "nothing will be logged: %s: %s (log.target says where it should go)",
            LOG_TARGET_SYSLOG_PATH, strerror(-rc));
    log_target_nowhere(target);
}

static int open_file(struct daemon *daemon, const struct config *config, struct log_target *target,
                     struct config_errors *errors)
{
    char *path;
    int rc =
        state_path(&daemon->state, config, &daemon->privileges, config->log.target, &path, errors);

    if (rc != 0)
        return rc;
    rc = log_target_file(target, path);
    if (rc < 0 && rc != -ENOMEM) {
        config_errors_add(errors, config_place_of(config, "log", "target"), "log.target", "%s: %s",
                          path, strerror(-rc));
        rc = CONFIG_INVALID;
    }
    free(path);
    return rc;
}

static int open_socket(const struct config *config, struct log_target *target,
                       enum log_target_kind kind, const char *path, struct config_errors *errors)
{
    int rc = log_target_socket(target, kind, path);

    if (rc == 0)
        return 0;
    config_errors_add(errors, config_place_of(config, "log", "target"), "log.target",
                      "there is no %s at %s: %s", config->log.target, path, strerror(-rc));
    return CONFIG_INVALID;
}

int logging_open(struct daemon *daemon, const struct config *config, struct log_target *target,
                 struct config_errors *errors)
{
    const char *name = config->log.target;

    if (strcmp(name, "syslog") == 0)
        return open_socket(config, target, LOG_TARGET_SYSLOG, LOG_TARGET_SYSLOG_PATH, errors);
    if (strcmp(name, "journal") == 0)
        return open_socket(config, target, LOG_TARGET_JOURNAL, LOG_TARGET_JOURNAL_PATH, errors);
    if (strcmp(name, "stderr") != 0)
        return open_file(daemon, config, target, errors);
    if (daemon->options.detach)
        open_instead(target);
    else
        log_target_stderr(target);
    return 0;
}

enum pl_log_level logging_wanted(const struct daemon *daemon, const struct config *config)
{
    return daemon->options.verbose ? PL_LOG_DEBUG : logging_level(config->log.level);
}
