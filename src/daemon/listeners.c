/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/listeners.h"

#include "daemon/daemon.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int listeners_alloc(struct listeners *listeners, const struct config *config)
{
    size_t i;

    *listeners = (struct listeners){.count = config->listener_count};
    if (listeners->count == 0)
        return 0;
    listeners->doors = calloc(listeners->count, sizeof(*listeners->doors));
    if (!listeners->doors)
        return -ENOMEM;
    for (i = 0; i < listeners->count; i++)
        listeners->doors[i] = DOOR_CLOSED;
    return 0;
}

void listeners_free(struct listeners *listeners)
{
    free(listeners->doors);
    *listeners = (struct listeners){0};
}

void listeners_let_go(struct listeners *listeners)
{
    size_t i;

    for (i = 0; listeners->doors && i < listeners->count; i++)
        door_let_go(&listeners->doors[i]);
}

/* The service manager's sockets for each listener: first by where they are, then by name. */
static int match_sockets(struct daemon *daemon, const struct config *config, int *fds,
                         struct config_errors *errors)
{
    char *path;
    size_t i;
    int rc;

    for (i = 0; i < config->listener_count; i++) {
        const struct config_listener *listener = &config->listeners[i];

        if (!*listener->path) {
            fds[i] =
                activation_take_address(&daemon->activation, listener->address, listener->port);
            continue;
        }
        rc = state_path(&daemon->state, config, &daemon->privileges, listener->path, &path, errors);
        if (rc != 0)
            return rc;
        fds[i] = activation_take_path(&daemon->activation, path);
        free(path);
    }
    for (i = 0; i < config->listener_count; i++)
        if (fds[i] < 0)
            fds[i] = activation_take_name(&daemon->activation, config->listeners[i].service);
    return activation_check_taken(&daemon->activation, errors);
}

/* Opens all, so that all errors come out at once. */
static int open_all(struct listeners *listeners, struct daemon *daemon, const struct config *config,
                    int *fds, struct config_errors *errors)
{
    int result = 0;
    size_t i;

    for (i = 0; i < config->listener_count; i++) {
        const struct config_listener *listener = &config->listeners[i];
        int rc = door_open(&listeners->doors[i], daemon, config, listener, fds[i], 0);

        if (rc == 0)
            fds[i] = -1; /* the door's now */
        else
            result = door_blame(config, listener, rc, errors);
        if (result == -ENOMEM)
            break;
    }
    return result;
}

int listeners_open(struct listeners *listeners, struct daemon *daemon, const struct config *config,
                   struct config_errors *errors)
{
    int rc = listeners_alloc(listeners, config);
    int *fds;
    size_t i;

    if (rc < 0)
        return rc;
    fds = calloc(listeners->count + 1, sizeof(*fds));
    if (!fds)
        return -ENOMEM;
    for (i = 0; i < listeners->count; i++)
        fds[i] = -1;
    rc = match_sockets(daemon, config, fds, errors);
    if (rc == 0)
        rc = open_all(listeners, daemon, config, fds, errors);
    for (i = 0; i < listeners->count; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    free(fds);
    return rc;
}

void listeners_print(const struct listeners *listeners, const struct daemon *daemon,
                     const struct config *config, const char *prefix, FILE *file)
{
    size_t i;

    for (i = 0; i < listeners->count; i++) {
        if (!listeners->doors[i].listener)
            continue;
        fputs(prefix, file);
        door_print(&listeners->doors[i], daemon, &config->listeners[i], file);
    }
}
