/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/key.h"

#include "daemon/daemon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool serves(const struct config *config, const char *service)
{
    for (size_t i = 0; i < config->listener_count; i++)
        if (strcmp(config->listeners[i].service, service) == 0)
            return true;
    return false;
}

/* People who talk come without one where no folder is known at all, as nobody asks for more. */
static bool is_needed(const struct daemon *daemon, const struct config *config)
{
    return serves(config, "irc") || (serves(config, "talk") && daemon->state.path);
}

bool key_is_wanted(const struct daemon *daemon, const struct config *config)
{
    return !daemon->key_kept && is_needed(daemon, config);
}

/* A file made by root must be read by whom the daemon becomes, should they start it themselves. */
static int load(const struct daemon *daemon, const char *path, struct chat_cloak_key *key)
{
    int rc = chat_cloak_key_load(path, key);

    if (rc == 0 && daemon->privileges.name &&
        chown(path, daemon->privileges.uid, daemon->privileges.gid) < 0)
        rc = -errno;
    return rc;
}

int key_find(struct daemon *daemon, const struct config *config, struct chat_cloak_key *key,
             struct config_errors *errors)
{
    char *path;
    int rc;

    if (!is_needed(daemon, config))
        return chat_cloak_key_make(key);
    rc = state_path(&daemon->state, config, &daemon->privileges, "cloak.key", &path, errors);
    if (rc != 0)
        return rc;
    rc = load(daemon, path, key);
    if (rc < 0) {
        config_errors_add(errors, config_place_of(config, "server", "state_dir"),
                          "server.state_dir", "%s: %s", path,
                          rc == -EINVAL ? "this is no key" : strerror(-rc));
        rc = CONFIG_INVALID;
    }
    daemon->key_kept = rc == 0;
    free(path);
    return rc;
}
