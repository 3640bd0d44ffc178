/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "transport/server.h"
#include "transport/session.h"
#include "transport/socket.h"

#define ACCEPT_AT_ONCE 16
#define RETRY_NS       200000000u /* how long accepting pauses for want of descriptors */
#define NS_PER_S       1000000000u

static struct pl_listener *listener_of(struct pli_handle *handle)
{
    return (struct pl_listener *)handle; /* its first member */
}

void pli_limits_unref(struct pli_limits *limits)
{
    if (limits && atomic_fetch_sub_explicit(&limits->references, 1, memory_order_acq_rel) == 1)
        free(limits);
}

static int limits_new(const struct pl_listener_options *options, struct pli_limits **out)
{
    struct pli_limits *limits;

    if (options->max_line < 2 || options->max_line > INT32_MAX || options->recvq < 1 ||
        options->recvq > INT32_MAX || options->sendq < 1 || options->sendq > PL_MESSAGE_MAX ||
        options->high_water > options->sendq)
        return -EINVAL;
    limits = malloc(sizeof(*limits));
    if (!limits)
        return -ENOMEM;
    *limits = (struct pli_limits){
        .references = 1,
        .lines = {.max_line = options->max_line, .recvq = options->recvq},
        .sendq = options->sendq,
        .high_water = options->high_water,
        .write_timeout = (uint64_t)options->write_timeout * NS_PER_S,
        .idle_timeout = (uint64_t)options->idle_timeout * NS_PER_S,
    };
    *out = limits;
    return 0;
}

struct pli_limits *pli_listener_limits(struct pl_listener *listener)
{
    struct pli_limits *limits;

    pli_lock(&listener->server->lock);
    limits = listener->limits;
    atomic_fetch_add_explicit(&limits->references, 1, memory_order_relaxed);
    pli_unlock(&listener->server->lock);
    return limits;
}

/* Tells a peer why it gets no session, as far as one send reaches. */
static void refuse(struct pl_listener *listener, int fd, enum pl_reason reason)
{
    char text[512];
    size_t length = 0;
    ssize_t sent = 0;

    atomic_fetch_add_explicit(&listener->server->refused, 1, memory_order_relaxed);
    if (listener->service->refuse)
        length = listener->service->refuse(reason, text, sizeof(text), listener->context);
    if (length > sizeof(text))
        length = sizeof(text); /* it may be what snprintf() returned */
    if (length > 0)
        sent = send(fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent; /* a peer that cannot be told is turned away untold */
    shutdown(fd, SHUT_WR);
}

static void turn_away(struct pl_listener *listener, int fd, enum pl_reason reason)
{
    refuse(listener, fd, reason);
    close(fd);
}

/* Takes the reserve descriptor; -1: there is none. */
static int take_reserve(struct pl_server *server)
{
    int fd;

    pli_lock(&server->lock);
    fd = server->reserve;
    server->reserve = -1;
    pli_unlock(&server->lock);
    return fd;
}

/* Makes FD the reserve, or if it is -1 a new descriptor, unless there is a reserve by now. */
static void put_reserve(struct pl_server *server, int fd)
{
    if (fd < 0)
        fd = fcntl(server->nothing, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return; /* tried again when accepting goes on */
    pli_lock(&server->lock);
    if (server->reserve < 0) {
        server->reserve = fd;
        fd = -1;
    }
    pli_unlock(&server->lock);
    if (fd >= 0)
        close(fd);
}

/*
 * Frees the reserve descriptor for the next connection, tells that client why it is turned away,
 * and makes its descriptor the reserve in one step, so that nobody takes it in between.
 */
static int turn_one_away(struct pl_listener *listener, int reserve)
{
    struct sockaddr_storage from;
    socklen_t length;
    int fd;

    close(reserve);
    fd = listener->server->engine.model->accept(&listener->handle, &from, &length);
    if (fd < 0)
        return -1;
    refuse(listener, fd, PL_REASON_FULL);
    if (dup3(listener->server->nothing, fd, O_CLOEXEC) == fd)
        return fd;
    close(fd);
    return -1;
}

/* Without a free descriptor accept() fails before it looks whether there is anybody. */
static bool somebody_waits(struct pl_listener *listener)
{
    struct pollfd poller = {.fd = listener->handle.fd, .events = POLLIN};

    return poll(&poller, 1, 0) > 0;
}

/* No descriptor is left: one client hears the reason, then accepting pauses for a while. */
static void run_out(struct pl_listener *listener, int error)
{
    struct pl_server *server = listener->server;
    int reserve;

    if (!somebody_waits(listener))
        return;
    reserve = take_reserve(server);
    if (reserve >= 0)
        reserve = turn_one_away(listener, reserve);
    put_reserve(server, reserve);
    if (!listener->told)
        pli_log(PL_LOG_WARNING, "%s: accepting pauses: %s", listener->service->name,
                strerror(-error));
    listener->told = true;
    listener->exhausted = true;
    pli_engine_timer_set(&server->engine, &listener->timer, pli_clock_now() + RETRY_NS);
}

static void begin(struct pl_listener *listener, int fd, const struct sockaddr_storage *from,
                  socklen_t length)
{
    struct pli_address peer;
    int reason;

    pli_address_set(&peer, from, length);
    reason = listener->exempt ? 0 : pli_server_admit(listener->server, &peer);
    if (reason) {
        turn_away(listener, fd, (enum pl_reason)reason);
        return;
    }
    if (pli_session_new(listener, fd, &peer) < 0) {
        if (!listener->exempt)
            pli_server_dismiss(listener->server, &peer);
        turn_away(listener, fd, PL_REASON_NO_MEMORY);
    }
}

static void accept_some(struct pl_listener *listener)
{
    for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
        struct sockaddr_storage from;
        socklen_t length;
        int fd = listener->server->engine.model->accept(&listener->handle, &from, &length);

        listener->exhausted = false;
        if (fd == -EAGAIN)
            return;
        if (fd < 0) {
            run_out(listener, fd);
            return;
        }
        if (listener->told) {
            pli_log(PL_LOG_INFO, "%s: accepting goes on", listener->service->name);
            put_reserve(listener->server, -1);
        }
        listener->told = false;
        begin(listener, fd, &from, length);
    }
}

static int end_listener(struct pl_listener *listener)
{
    if (listener->path)
        unlink(listener->path);
    pli_engine_timer_release(&listener->server->engine, &listener->timer);
    return PLI_DONE;
}

static int listener_run(struct pli_handle *handle, unsigned notes)
{
    struct pl_listener *listener = listener_of(handle);

    if (notes & PLI_HUP)
        pli_log(PL_LOG_ERROR, "%s: the listening socket is broken", listener->service->name);
    /* Drains are looked for too: one that has begun does not see a listener that comes later. */
    if ((notes & (PLI_CLOSE | PLI_HUP)) || atomic_load(&listener->server->draining))
        return end_listener(listener);
    if (notes & (PLI_IN | PLI_TIMER))
        accept_some(listener);
    return listener->exhausted ? PLI_HUP : PLI_IN;
}

static void listener_free(struct pli_handle *handle)
{
    struct pl_listener *listener = listener_of(handle);

    pli_limits_unref(listener->limits);
    free(listener->path);
    free(listener);
}

static const struct pli_handle_class listener_class = {
    .name = "listener",
    .run = listener_run,
    .free = listener_free,
};

/* The parts that can fail; what was made is taken down by the caller's unwinding below. */
static int listener_new(struct pl_server *server, const struct pl_listener_options *options,
                        struct pl_listener **out)
{
    struct pl_listener *listener = calloc(1, sizeof(*listener));
    int rc;

    if (!listener)
        return -ENOMEM;
    rc = limits_new(options, &listener->limits);
    if (rc == 0 && options->path && options->fd < 0) {
        listener->path = strdup(options->path);
        rc = listener->path ? 0 : -ENOMEM;
    }
    if (rc == 0)
        rc = pli_engine_timer_promise(&server->engine);
    if (rc < 0) {
        pli_limits_unref(listener->limits);
        free(listener->path);
        free(listener);
        return rc;
    }
    *out = listener;
    return 0;
}

static int bind_and_enter(struct pl_listener *listener, struct pl_server *server,
                          const struct pl_listener_options *options)
{
    int fd = pli_socket_listen(options, &listener->port);
    int rc;

    if (fd < 0)
        return fd;
    pli_handle_init(&listener->handle, &server->engine, &listener_class, fd);
    rc = pli_handle_add(&listener->handle);
    if (rc < 0 && fd != options->fd)
        close(fd);
    if (rc < 0 && listener->path)
        unlink(listener->path);
    return rc;
}

int pl_server_listen(struct pl_server *server, const struct pl_service *service, void *context,
                     const struct pl_listener_options *options, struct pl_listener **out)
{
    struct pl_listener *listener;
    int rc;

    if (!service->line || !service->name || options->backlog < 1)
        return -EINVAL;
    rc = listener_new(server, options, &listener);
    if (rc < 0)
        return rc;
    listener->server = server;
    listener->service = service;
    listener->context = context;
    listener->exempt = options->exempt;
    rc = bind_and_enter(listener, server, options);
    if (rc < 0) {
        pli_engine_timer_release(&server->engine, &listener->timer);
        pli_limits_unref(listener->limits);
        free(listener->path);
        free(listener);
        return rc;
    }
    pli_timer_init(&listener->timer, listener->handle.id);
    if (out) {
        pli_handle_ref(&listener->handle);
        listener->held = true;
        *out = listener;
    }
    pli_handle_begin(&listener->handle);
    return 0;
}

unsigned pl_listener_port(const struct pl_listener *listener)
{
    return listener->port;
}

int pl_listener_set_limits(struct pl_listener *listener, const struct pl_listener_options *options)
{
    struct pli_limits *limits;
    struct pli_limits *before;
    int rc = limits_new(options, &limits);

    if (rc < 0)
        return rc;
    pli_lock(&listener->server->lock);
    before = listener->limits;
    listener->limits = limits;
    pli_unlock(&listener->server->lock);
    pli_limits_unref(before);
    return 0;
}

void pl_listener_close(struct pl_listener *listener)
{
    pli_handle_touch(&listener->handle, PLI_CLOSE);
    pli_listener_let_go(&listener->handle);
}

void pli_listener_let_go(struct pli_handle *handle)
{
    if (handle->class == &listener_class && atomic_exchange(&listener_of(handle)->held, false))
        pli_handle_unref(handle);
}
