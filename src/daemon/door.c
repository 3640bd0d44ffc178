/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/door.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "transport/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What CONFIG says about a listener, but for where its socket comes from. */
static struct pl_listener_options make_options(const struct daemon *daemon,
                                               const struct config *config,
                                               const struct config_listener *listener)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;

    options.address = listener->address;
    options.port = listener->port;
    options.path_mode = listener->mode;
    options.backlog = listener->backlog;
    options.max_line = config_listener_line(config, listener);
    options.recvq = config->limits.recvq;
    options.sendq = config->limits.sendq;
    options.high_water = config->limits.high_water;
    options.write_timeout = config->limits.write_timeout;
    options.idle_timeout = config->limits.idle_timeout;
    options.proxy_timeout = config->limits.proxy_timeout;
    options.proxy_protocol = listener->proxy_protocol;
    options.tls_timeout = config->limits.tls_timeout;
    options.tls = listener->tls ? daemon->tls : NULL;
    return options;
}

/* An address that we have given up ourselves is free in a moment. */
static int listen_until(struct door *door, const struct pl_listener_options *options,
                        uint64_t deadline)
{
    static const struct timespec moment = {.tv_nsec = 5000000};
    unsigned port;
    int fd;

    while ((fd = pli_socket_listen(options, &port)) == -EADDRINUSE && pli_clock_now() < deadline)
        nanosleep(&moment, NULL);
    if (fd < 0)
        return fd;
    door->fd = fd;
    return 0;
}

static int open_socket(struct door *door, const struct daemon *daemon, const struct config *config,
                       const struct config_listener *listener, uint64_t deadline)
{
    struct pl_listener_options options = make_options(daemon, config, listener);
    int rc;

    if (!*listener->path)
        return listen_until(door, &options, deadline);
    rc = config_path(daemon->state.path ? daemon->state.path : "/", listener->path, &door->path);
    if (rc < 0)
        return rc;
    options.address = NULL;
    options.path = door->path;
    rc = listen_until(door, &options, deadline);
    if (rc == 0)
        return 0;
    free(door->path);
    door->path = NULL;
    return rc;
}

int door_serve(int fd, struct daemon *daemon, const struct config *config,
               const struct config_listener *listener, struct pl_listener **out)
{
    struct pl_listener_options options = make_options(daemon, config, listener);
    const struct pl_service *service;
    void *context;
    int rc;

    service = services_find(&daemon->services, listener->service, &context);
    options.fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (options.fd < 0)
        return -errno;
    rc = pl_server_listen(daemon->server, service, context, &options, out);
    if (rc < 0)
        close(options.fd);
    return rc;
}

int door_open(struct door *door, struct daemon *daemon, const struct config *config,
              const struct config_listener *listener, int fd, uint64_t deadline)
{
    int rc = 0;

    *door = (struct door){.fd = fd};
    if (fd < 0)
        rc = open_socket(door, daemon, config, listener, deadline);
    if (rc == 0)
        rc = door_serve(door->fd, daemon, config, listener, &door->listener);
    if (rc == 0) {
        door->port = pl_listener_port(door->listener);
        return 0;
    }
    if (fd < 0)
        door_let_go(door);
    *door = DOOR_CLOSED;
    return rc;
}

/* What a stop has closed meanwhile needs no setting any more. */
static int adjust_socket(const struct door *door, const struct pl_listener_options *options)
{
    if (door->fd >= 0 && listen(door->fd, (int)options->backlog) < 0)
        return -errno;
    if (door->path && chmod(door->path, options->path_mode) < 0)
        return -errno;
    return 0;
}

void door_adjust(const struct door *door, struct daemon *daemon, const struct config *config,
                 const struct config_listener *listener)
{
    struct pl_listener_options options = make_options(daemon, config, listener);
    int limits = pl_listener_set_limits(door->listener, &options);
    int rc;

    pli_lock(&daemon->lock);
    rc = adjust_socket(door, &options);
    pli_unlock(&daemon->lock);
    if (rc == 0)
        rc = limits;
    if (rc < 0)
        pli_log(PL_LOG_ERROR, "listeners[%zu] (%s) keeps some of its old settings: %s",
                (size_t)(listener - config->listeners), listener->service, strerror(-rc));
}

void door_let_go(struct door *door)
{
    if (door->path && unlink(door->path) < 0 && errno != ENOENT)
        pli_log(PL_LOG_WARNING, "%s: %s", door->path, strerror(errno));
    if (door->fd >= 0)
        close(door->fd);
    free(door->path);
    door->path = NULL;
    door->fd = -1;
}

void door_close(struct door *door)
{
    door_let_go(door);
    if (door->listener)
        pl_listener_close(door->listener);
    door->listener = NULL;
}

/* The folder that stands before a relative path, and whether there is one. */
static const char *folder_of(const struct daemon *daemon, const struct config_listener *listener)
{
    return *listener->path && *listener->path != '/' ? daemon->state.path : "";
}

void door_print(const struct door *door, const struct daemon *daemon,
                const struct config_listener *listener, FILE *file)
{
    const char *folder = folder_of(daemon, listener);

    fprintf(file, "%s %s%s%s %u\n", listener->service, folder, *folder ? "/" : "",
            *listener->path ? listener->path : listener->address, door->port);
}

void door_log(const struct door *door, const struct daemon *daemon,
              const struct config_listener *listener)
{
    const char *folder = folder_of(daemon, listener);

    if (*listener->path)
        pli_log(PL_LOG_INFO, "%s listens at %s%s%s%s", listener->service, folder,
                *folder ? "/" : "", listener->path, listener->tls ? ", with TLS" : "");
    else
        pli_log(PL_LOG_INFO, "%s listens on address %s, port %u%s", listener->service,
                listener->address, door->port, listener->tls ? ", with TLS" : "");
}

int door_blame(const struct config *config, const struct config_listener *listener, int error,
               struct config_errors *errors)
{
    const char *name = error == -EADDRNOTAVAIL ? "address" : "port";
    char key[48];

    if (error == -ENOMEM)
        return -ENOMEM;
    snprintf(key, sizeof(key), "listeners[%zu].%s", (size_t)(listener - config->listeners),
             *listener->path ? "path" : name);
    if (*listener->path)
        config_errors_add(errors, listener->place, key, "cannot listen at %s: %s", listener->path,
                          strerror(-error));
    else
        config_errors_add(errors, listener->place, key,
                          "cannot listen on address %s, port %" PRIu32 ": %s", listener->address,
                          listener->port, strerror(-error));
    return CONFIG_INVALID;
}
