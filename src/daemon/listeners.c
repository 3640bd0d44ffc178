/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/listeners.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int listeners_alloc(struct listeners *listeners, const struct config *config)
{
    *listeners = (struct listeners){.count = config->listener_count};
    if (listeners->count == 0)
        return 0;
    listeners->open = calloc(listeners->count, sizeof(struct pl_listener *));
    return listeners->open ? 0 : -ENOMEM;
}

void listeners_free(struct listeners *listeners)
{
    free(listeners->open);
    *listeners = (struct listeners){0};
}

struct pl_listener_options listeners_limits(const struct config *config,
                                            const struct config_listener *listener)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;

    options.max_line = config_listener_line(config, listener);
    options.recvq = config->limits.recvq;
    options.sendq = config->limits.sendq;
    options.high_water = config->limits.high_water;
    options.write_timeout = config->limits.write_timeout;
    options.idle_timeout = config->limits.idle_timeout;
    return options;
}

/* Where it listens, as the library wants to know. PATH: that of a Unix socket, or NULL. */
static struct pl_listener_options make_options(const struct config *config,
                                               const struct config_listener *listener,
                                               const char *path, int fd)
{
    struct pl_listener_options options = listeners_limits(config, listener);

    options.address = path ? NULL : listener->address;
    options.port = listener->port;
    options.path = path;
    options.path_mode = listener->mode;
    options.fd = fd;
    options.backlog = listener->backlog;
    return options;
}

/* Addresses in use are free in a moment when it is us who have just closed them. */
static int listen_until(struct daemon *daemon, const struct config_listener *listener,
                        const struct pl_listener_options *options, uint64_t deadline,
                        struct pl_listener **out)
{
    static const struct timespec moment = {.tv_nsec = 5000000};
    const struct pl_service *service;
    void *context;
    int rc;

    service = services_find(&daemon->services, listener->service, &context);
    while ((rc = pl_server_listen(daemon->server, service, context, options, out)) == -EADDRINUSE &&
           pli_clock_now() < deadline)
        nanosleep(&moment, NULL);
    return rc;
}

int listeners_open_one(struct daemon *daemon, const struct config *config,
                       const struct config_listener *listener, int fd, uint64_t deadline,
                       struct pl_listener **out)
{
    struct pl_listener_options options;
    char *path = NULL;
    int rc = 0;

    if (*listener->path)
        rc = config_path(daemon->state.path ? daemon->state.path : "/", listener->path, &path);
    if (rc == 0) {
        options = make_options(config, listener, path, fd);
        rc = listen_until(daemon, listener, &options, deadline, out);
    }
    free(path);
    return rc;
}

int listeners_blame(const struct config *config, const struct config_listener *listener, int error,
                    struct config_errors *errors)
{
    size_t index = (size_t)(listener - config->listeners);
    const char *name = error == -EADDRNOTAVAIL ? "address" : "port";
    char key[48];

    if (error == -ENOMEM)
        return -ENOMEM;
    snprintf(key, sizeof(key), "listeners[%zu].%s", index, *listener->path ? "path" : name);
    if (*listener->path)
        config_errors_add(errors, listener->place, key, "cannot listen at %s: %s", listener->path,
                          strerror(-error));
    else
        config_errors_add(errors, listener->place, key,
                          "cannot listen on address %s, port %" PRIu32 ": %s", listener->address,
                          listener->port, strerror(-error));
    return CONFIG_INVALID;
}

/* -- At the start --------------------------------------------------------------------------- */

/* The service manager's sockets for each listener: first by where they are, then by name. */
static int match_sockets(struct daemon *daemon, const struct config *config, int *fds,
                         struct config_errors *errors)
{
    char *path;
    size_t i;
    int rc;

    for (i = 0; i < config->listener_count; i++) {
        const struct config_listener *listener = &config->listeners[i];

        fds[i] = -1;
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
        int rc = listeners_open_one(daemon, config, listener, fds[i], 0, &listeners->open[i]);

        if (rc == 0)
            fds[i] = -1; /* the library's now */
        else
            result = listeners_blame(config, listener, rc, errors);
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

/* -- Telling where they are ------------------------------------------------------------------ */

/* The folder that stands before a relative path, and the slash between them. */
static const char *folder_of(const struct daemon *daemon, const struct config_listener *listener)
{
    return *listener->path && *listener->path != '/' ? daemon->state.path : "";
}

void listeners_print(const struct listeners *listeners, const struct daemon *daemon,
                     const struct config *config, const char *prefix, FILE *file)
{
    size_t i;

    for (i = 0; i < listeners->count; i++) {
        const struct config_listener *listener = &config->listeners[i];
        const char *folder = folder_of(daemon, listener);

        if (listeners->open[i])
            fprintf(file, "%s%s %s%s%s %u\n", prefix, listener->service, folder, *folder ? "/" : "",
                    *listener->path ? listener->path : listener->address,
                    pl_listener_port(listeners->open[i]));
    }
}

void listeners_log(const struct daemon *daemon, const struct config_listener *listener,
                   const struct pl_listener *open)
{
    const char *folder = folder_of(daemon, listener);

    if (*listener->path)
        pli_log(PL_LOG_INFO, "%s listens at %s%s%s", listener->service, folder, *folder ? "/" : "",
                listener->path);
    else
        pli_log(PL_LOG_INFO, "%s listens on address %s, port %u", listener->service,
                listener->address, pl_listener_port(open));
}
