/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/storage.h"

#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/history.h"
#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool serves_people(const struct config *config)
{
    for (size_t i = 0; i < config->listener_count; i++)
        if (strcmp(config->listeners[i].service, "echo") != 0)
            return true;
    return false;
}

/* "auto" is content with nothing where no folder is known. */
static const char *backend_of(const struct daemon *daemon, const struct config *config)
{
    if (strcmp(config->store.backend, "auto") != 0)
        return config->store.backend;
    return daemon->state.path || config->store.path[0] == '/' ? STORE_BACKEND : "none";
}

bool storage_is_wanted(const struct daemon *daemon, const struct config *config)
{
    return !daemon->store && serves_people(config);
}

int storage_prepare(struct daemon *daemon, const struct config *config,
                    struct config_errors *errors)
{
    int rc;

    free(daemon->store_path);
    daemon->store_path = NULL;
    if (!storage_is_wanted(daemon, config) || strcmp(backend_of(daemon, config), "none") == 0)
        return 0;
    rc = state_path(&daemon->state, config, &daemon->privileges, config->store.path,
                    &daemon->store_path, errors);
    return rc == 0 ? daemon_history_prepare(daemon, config, errors) : rc;
}

/* Whether it is for the configuration to be changed, rather than for the file or the disk. */
static bool is_configured_wrong(int error)
{
    switch (error) {
    case -EBADMSG:
    case -EPROTONOSUPPORT:
    case -EBUSY:
    case -ENOSPC:
    case -EIO:
    case -ENOMEM:
        return false;
    default:
        return true;
    }
}

static int blame(const struct daemon *daemon, const struct config *config, int error,
                 const char *why, struct config_errors *errors)
{
    config_errors_add(errors, config_place_of(config, "store", "path"), "store.path", "%s: %s",
                      daemon->store_path, why);
    return is_configured_wrong(error) ? CONFIG_INVALID : error;
}

/* Has the world use it, and then everybody see it. */
static int put_to_use(struct daemon *daemon, const struct config *config, struct store *store,
                      struct config_errors *errors)
{
    struct services_kept kept = {.bans = 0};
    int rc = services_keep(&daemon->services, store, &kept);

    if (rc < 0) {
        store_close(store);
        return blame(daemon, config, rc, store_problem(rc), errors);
    }
    pli_lock(&daemon->lock);
    daemon->store = store;
    pli_unlock(&daemon->lock);
    if (store_keeps(store))
        pli_log(
            PL_LOG_INFO,
            "what is to outlive a restart is kept in %s; bans: %zu, accounts: %zu, channels: %zu",
            daemon->store_path, kept.bans, accounts_count(daemon->services.accounts),
            kept.channels);
    daemon_history_open(daemon, config);
    return 0;
}

int storage_open(struct daemon *daemon, const struct config *config, struct config_errors *errors)
{
    struct store_options options = STORE_OPTIONS;
    struct store *store;
    char why[STORE_WHY];
    int rc;

    if (!storage_is_wanted(daemon, config))
        return 0;
    options.backend = backend_of(daemon, config);
    options.path = daemon->store_path;
    options.queue = config->store.queue;
    options.busy = config->store.busy_timeout * 1000;
    rc = store_open(&options, &store, why);
    if (rc == -ENOMEM && !daemon->store_path)
        return rc;
    if (rc < 0)
        return blame(daemon, config, rc, why, errors);
    return put_to_use(daemon, config, store, errors);
}

/* More groups than the longest lists of a channel take. */
#define SETTLE_TRIES 1000

/* What has changed of channels is written behind, in groups. What cannot be written has been said. */
void storage_stop(struct daemon *daemon)
{
    struct chat_world *world = daemon->services.world;
    unsigned tries = 0;

    if (!daemon->store)
        return;
    while (!chat_registrations_are_kept(world) && tries++ < SETTLE_TRIES) {
        chat_registrations_retry(world);
        if (store_flush(daemon->store) < 0)
            break;
    }
    store_stop(daemon->store);
}

void storage_print(struct daemon *daemon, FILE *file)
{
    struct store_stats stats;
    struct store *store;
    int state;

    pli_lock(&daemon->lock);
    store = daemon->store;
    pli_unlock(&daemon->lock);
    fprintf(file, "store: %s\n", store ? store_backend_name(store) : "none");
    if (!store || !store_keeps(store))
        return;
    state = store_state(store);
    store_stats(store, &stats);
    fprintf(file, "store_state: %s\n", state == 0 ? "writable" : store_problem(state));
    fprintf(file, "store_waiting: %u\n", stats.waiting);
    fprintf(file, "store_changes: %" PRIu64 "\n", stats.changes);
    fprintf(file, "store_commits: %" PRIu64 "\n", stats.commits);
    fprintf(file, "store_refused: %" PRIu64 "\n", stats.refused);
    fprintf(file, "accounts: %zu\n", accounts_count(daemon->services.accounts));
    fprintf(file, "channels_kept: %zu\n", chat_registrations_count(daemon->services.world));
    daemon_history_print(daemon, file);
}
