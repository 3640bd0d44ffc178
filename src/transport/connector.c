/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/connector.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/list.h"
#include "engine/engine.h"
#include "engine/helpers.h"
#include "transport/origin.h"
#include "transport/server.h"
#include "transport/session.h"

#define NS_PER_MS 1000000u
#define RETRY_NS  20000000u /* until a Unix socket whose queue is full is tried again */

/* What a connector is to look up, and what came of it. */
struct answer {
    struct pli_endpoints endpoints;
    int rc;
};

struct connector {
    struct pli_handle handle;
    struct pli_origin *origin; /* const after new, a reference */
    void (*failed)(void *context, int error);
    char *host;               /* const after new: what is looked up, or NULL */
    unsigned port;            /* const after new */
    uint64_t timeout;         /* const after new: nanoseconds, 0: none */
    uint64_t attempt_timeout; /* the same */
    struct pli_work work;     /* in the helper pool, while RESOLVING */
    struct answer answer;     /* the helper thread's while RESOLVING, then the claim holder's */
    _Atomic bool over;        /* set by the claim holder, as all below */
    bool resolving;
    bool doubted;           /* a HUP came of which the descriptor does not know */
    int error;              /* of the last address that was tried */
    size_t next;            /* address to be tried */
    struct pli_timer timer; /* of the earliest of these times, which are 0 when not set: */
    uint64_t due;           /* all of it is over */
    uint64_t attempt_due;   /* the next address has its turn */
    uint64_t retry_due;     /* the same address is tried again */
};

static struct connector *connector_of(struct pli_handle *handle)
{
    return (struct connector *)handle; /* its first member */
}

/* -- The end ---------------------------------------------------------------------------------- */

static void fail(struct connector *connector, int error)
{
    pli_handle_shut(&connector->handle);
    connector->over = true;
    if (connector->failed)
        connector->failed(connector->origin->context, error);
}

/* Whether a socket is connected to itself: both ends have chosen the same port of the system's. */
static bool is_self(int fd)
{
    struct sockaddr_storage names[2];
    struct pli_address ends[2];
    socklen_t length = sizeof(names[0]);

    if (getsockname(fd, (struct sockaddr *)&names[0], &length) < 0)
        return false;
    pli_address_set(&ends[0], &names[0], length);
    length = sizeof(names[1]);
    if (ends[0].family == AF_UNIX || getpeername(fd, (struct sockaddr *)&names[1], &length) < 0)
        return false;
    pli_address_set(&ends[1], &names[1], length);
    return ends[0].family == ends[1].family && ends[0].port == ends[1].port &&
           memcmp(ends[0].bytes, ends[1].bytes, sizeof(ends[0].bytes)) == 0;
}

/* A close in good order would keep the port for a minute from who is to listen there. */
static void abort_connection(int fd)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    close(fd);
}

/* FD, which is nobody's, is connected to the last address that was tried. */
static void succeed(struct connector *connector, int fd)
{
    const struct pli_endpoint *endpoint = &connector->answer.endpoints.list[connector->next - 1];
    struct pli_address peer;
    int rc;

    if (is_self(fd)) {
        abort_connection(fd);
        connector->error = -ECONNREFUSED; /* nobody listens there */
        return;
    }
    pli_address_set(&peer, &endpoint->address, endpoint->length);
    connector->over = true; /* first: the session may open before the call returns */
    rc = pli_session_new(connector->origin, fd, &peer, NULL, false);
    if (rc < 0) {
        close(fd);
        fail(connector, rc);
    }
}

/* -- Attempts --------------------------------------------------------------------------------- */

/* Begins to connect. Returns 0 (connected) or -EINPROGRESS, and the socket, or why not. */
static int begin_attempt(const struct pli_endpoint *endpoint, int *out)
{
    int on = 1;
    int fd = socket(endpoint->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int rc = 0;

    if (fd < 0)
        return -errno;
    if (endpoint->address.ss_family != AF_UNIX &&
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0)
        rc = -errno;
    else if (connect(fd, (const struct sockaddr *)&endpoint->address, endpoint->length) < 0)
        rc = errno == EINTR ? -EINPROGRESS : -errno; /* it goes on (POSIX) */
    if (rc == 0 || rc == -EINPROGRESS)
        *out = fd;
    else
        close(fd);
    return rc;
}

static void attempt(struct connector *connector)
{
    const struct pli_endpoints *endpoints = &connector->answer.endpoints;
    const struct pli_endpoint *endpoint = &endpoints->list[connector->next++];
    int fd = -1;
    int rc = begin_attempt(endpoint, &fd);

    connector->doubted = false;
    if (rc == 0) {
        succeed(connector, fd);
    } else if (rc == -EINPROGRESS) {
        connector->handle.fd = fd;
        if (connector->attempt_timeout && connector->next < endpoints->count)
            connector->attempt_due = pli_clock_now() + connector->attempt_timeout;
    } else if (rc == -EAGAIN && endpoint->address.ss_family == AF_UNIX) {
        /* Its queue is full, and nothing tells when it is not any more. */
        connector->next--;
        connector->retry_due = pli_clock_now() + RETRY_NS;
    } else {
        connector->error = rc;
    }
}

static void try_next(struct connector *connector)
{
    while (!connector->over && connector->handle.fd < 0 && !connector->retry_due) {
        if (connector->next < connector->answer.endpoints.count)
            attempt(connector);
        else
            fail(connector, connector->error);
    }
}

/* What has become of an attempt: 0 (connected), -EINPROGRESS, or why it has failed. */
static int outcome(int fd)
{
    struct sockaddr_storage peer;
    socklen_t peer_length = sizeof(peer);
    int error = 0;
    socklen_t length = sizeof(error);

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
        return -errno;
    if (error)
        return -error;
    if (getpeername(fd, (struct sockaddr *)&peer, &peer_length) == 0)
        return 0;
    return errno == ENOTCONN ? -EINPROGRESS : -errno;
}

/* The attempt is over: the next one begins. */
static void give_up(struct connector *connector, int error)
{
    pli_handle_shut(&connector->handle);
    connector->attempt_due = 0;
    connector->error = error;
}

/*
 * The session gets a duplicate: how the model lets go of the handle's descriptor is its own affair.
 */
static void hand_over(struct connector *connector)
{
    int fd = fcntl(connector->handle.fd, F_DUPFD_CLOEXEC, 0);
    int error = -errno;

    pli_handle_shut(&connector->handle);
    connector->attempt_due = 0;
    if (fd >= 0)
        succeed(connector, fd);
    else
        fail(connector, error);
}

static void look_at_attempt(struct connector *connector, unsigned notes)
{
    int rc = outcome(connector->handle.fd);

    if (rc == 0) {
        hand_over(connector);
    } else if (rc != -EINPROGRESS) {
        give_up(connector, rc);
    } else if (notes & PLI_HUP) {
        /* The first may be a former attempt's. Another: it could not be registered. */
        if (connector->doubted)
            give_up(connector, -ENOBUFS);
        connector->doubted = true;
    }
}

/* -- Names ------------------------------------------------------------------------------------ */

/* In a helper thread. */
static void resolve(struct pli_work *work)
{
    struct connector *connector = pli_container_of(work, struct connector, work);
    struct answer *answer = &connector->answer;

    if (connector->over || atomic_load(&connector->origin->server->freeing))
        answer->rc = -ECANCELED; /* nobody wants to know any more */
    else
        answer->rc = pli_endpoints_resolve(connector->host, connector->port, &answer->endpoints);
    pli_handle_post(&connector->handle, PLI_RESUME);
    pli_handle_unref(&connector->handle);
}

static void begin(struct connector *connector)
{
    int rc;

    if (connector->timeout)
        connector->due = pli_clock_now() + connector->timeout;
    if (!connector->host)
        return;
    connector->resolving = true;
    connector->work.run = resolve;
    pli_handle_ref(&connector->handle);
    rc = pli_helpers_submit(&connector->origin->server->helpers, &connector->work);
    if (rc < 0) {
        pli_limit_hit(&connector->origin->server->limits, PL_LIMIT_HELPER_QUEUE);
        pli_handle_unref(&connector->handle);
        connector->resolving = false;
        fail(connector, rc);
    }
}

/* -- The claim holder's round ----------------------------------------------------------------- */

static void keep_time(struct connector *connector)
{
    uint64_t now = pli_clock_now();

    pli_due_reached(&connector->retry_due, now);
    if (pli_due_reached(&connector->due, now))
        fail(connector, -ETIMEDOUT);
    else if (pli_due_reached(&connector->attempt_due, now))
        give_up(connector, -ETIMEDOUT);
}

static void schedule(struct connector *connector)
{
    uint64_t earliest = UINT64_MAX;

    pli_due_lower(&earliest, connector->due);
    pli_due_lower(&earliest, connector->attempt_due);
    pli_due_lower(&earliest, connector->retry_due);
    if (earliest != UINT64_MAX)
        pli_engine_timer_set(connector->handle.engine, &connector->timer, earliest);
}

static void go_on(struct connector *connector, unsigned notes)
{
    /* Drains are looked for too: one that has begun does not see a connector that comes later. */
    if ((notes & (PLI_CLOSE | PLI_DRAIN)) || atomic_load(&connector->origin->server->draining)) {
        fail(connector, -ECANCELED);
        return;
    }
    if (notes & PLI_OPEN)
        begin(connector);
    if ((notes & PLI_RESUME) && connector->answer.rc < 0)
        fail(connector, connector->answer.rc);
    if (connector->handle.fd >= 0)
        look_at_attempt(connector, notes);
    if (!connector->over)
        keep_time(connector);
    if (!connector->resolving)
        try_next(connector);
}

static int connector_run(struct pli_handle *handle, unsigned notes)
{
    struct connector *connector = connector_of(handle);

    if (notes & PLI_RESUME)
        connector->resolving = false;
    if (!connector->over)
        go_on(connector, notes);
    if (!connector->over) {
        schedule(connector);
        return handle->fd >= 0 ? PLI_OUT : PLI_HUP;
    }
    if (connector->resolving)
        return PLI_HUP;
    pli_engine_timer_release(handle->engine, &connector->timer);
    return PLI_DONE;
}

static void destroy(struct connector *connector)
{
    pli_origin_unref(connector->origin);
    free(connector->answer.endpoints.list);
    free(connector->host);
    free(connector);
}

static void connector_free(struct pli_handle *handle)
{
    destroy(connector_of(handle));
}

static const struct pli_handle_class connector_class = {
    .name = "connector",
    .kind = PLI_SOURCE,
    .run = connector_run,
    .free = connector_free,
};

/* -- The calls of paceline/connect.h ---------------------------------------------------------- */

static int origin_new(struct pl_server *server, const struct pl_service *service, void *context,
                      const struct pl_connect_options *options, struct pli_origin **out)
{
    struct pl_listener_options limits = {
        .max_line = options->max_line,
        .recvq = options->recvq,
        .sendq = options->sendq,
        .high_water = options->high_water,
        .write_timeout = options->write_timeout,
        .idle_timeout = options->idle_timeout,
        .exempt = true,
    };
    int rc = pli_origin_new(server, service, context, &limits, out);

    if (rc == 0)
        (*out)->begun = &server->connected;
    return rc;
}

/* Where to, of a new connector: a copy of HOST, or of ENDPOINTS. Returns 0 or -ENOMEM. */
static int set_target(struct connector *connector, const char *host,
                      const struct pli_endpoint *endpoints, size_t count)
{
    struct pli_endpoints *copy = &connector->answer.endpoints;

    if (host) {
        connector->host = strdup(host);
        return connector->host ? 0 : -ENOMEM;
    }
    copy->list = calloc(count, sizeof(*copy->list));
    if (!copy->list)
        return -ENOMEM;
    memcpy(copy->list, endpoints, count * sizeof(*copy->list));
    copy->count = count;
    return 0;
}

/* Enters it, complete but for its id. */
static int enter(struct connector *connector, struct pl_server *server)
{
    int rc = pli_engine_timer_promise(&server->engine);

    if (rc < 0)
        return rc;
    pli_handle_init(&connector->handle, &server->engine, &connector_class, -1);
    rc = pli_handle_add(&connector->handle);
    if (rc < 0)
        pli_engine_timer_release(&server->engine, &connector->timer);
    else
        pli_timer_init(&connector->timer, connector->handle.id);
    return rc;
}

static int connect_from(struct pl_server *server, const struct pl_service *service, void *context,
                        const struct pl_connect_options *options, const char *host,
                        const struct pli_endpoint *endpoints, size_t count, uint64_t *id)
{
    struct connector *connector;
    int rc;

    if (!service->line || !service->name)
        return -EINVAL;
    if (atomic_load(&server->draining) || atomic_load(&server->freeing))
        return -ECANCELED;
    connector = calloc(1, sizeof(*connector));
    if (!connector)
        return -ENOMEM;
    connector->failed = options->failed;
    connector->port = options->port;
    connector->timeout = (uint64_t)options->timeout * NS_PER_MS;
    connector->attempt_timeout = (uint64_t)options->attempt_timeout * NS_PER_MS;
    rc = origin_new(server, service, context, options, &connector->origin);
    if (rc == 0)
        rc = set_target(connector, host, endpoints, count);
    if (rc == 0)
        rc = enter(connector, server);
    if (rc < 0) {
        destroy(connector);
        return rc;
    }
    if (id)
        *id = connector->handle.id;
    pli_handle_begin(&connector->handle);
    return 0;
}

int pli_connect_to(struct pl_server *server, const struct pl_service *service, void *context,
                   const struct pl_connect_options *options, const struct pli_endpoint *endpoints,
                   size_t count, uint64_t *id)
{
    return connect_from(server, service, context, options, NULL, endpoints, count, id);
}

int pl_connect(struct pl_server *server, const struct pl_service *service, void *context,
               const struct pl_connect_options *options, uint64_t *id)
{
    struct pli_endpoint endpoint;
    int rc;

    if (options->path) {
        rc = pli_endpoint_unix(options->path, &endpoint);
        if (rc < 0)
            return rc;
        return connect_from(server, service, context, options, NULL, &endpoint, 1, id);
    }
    if (!options->host || !*options->host || options->port < 1 || options->port > 65535)
        return -EINVAL;
    rc = pli_endpoint_parse(options->host, options->port, &endpoint);
    return connect_from(server, service, context, options, rc < 0 ? options->host : NULL, &endpoint,
                        1, id);
}

int pl_connect_cancel(struct pl_server *server, uint64_t id)
{
    struct pli_handle *handle = pli_table_find(&server->engine.table, id);
    int rc = -ENOENT;

    if (handle && handle->class == &connector_class && !connector_of(handle)->over) {
        pli_handle_touch(handle, PLI_CLOSE);
        rc = 0;
    }
    if (handle)
        pli_handle_unref(handle);
    return rc;
}
