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
#include "transport/preface.h"
#include "transport/secure.h"
#include "transport/server.h"
#include "transport/session.h"
#include "transport/socket.h"

#define ACCEPT_AT_ONCE 16
#define RETRY_NS       200000000u /* how long accepting pauses for want of descriptors */

static struct pl_listener *listener_of(struct pli_handle *handle)
{
    return (struct pl_listener *)handle; /* its first member */
}

/* Tells a peer why it gets no session, or that it gets none, as far as one send reaches. */
static void refuse(struct pl_listener *listener, int fd, enum pl_reason reason)
{
    char text[512];
    size_t length = 0;
    ssize_t sent = 0;

    atomic_fetch_add_explicit(&listener->origin->server->refused, 1, memory_order_relaxed);
    if (listener->origin->tls)
        length = pli_secure_refusal(reason, text);
    else if (listener->origin->service->refuse)
        length = listener->origin->service->refuse(reason, text, sizeof(text),
                                                   listener->origin->context);
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
    fd = listener->origin->server->engine.model->accept(&listener->handle, &from, &length);
    if (fd < 0)
        return -1;
    refuse(listener, fd, PL_REASON_FULL);
    if (dup3(listener->origin->server->nothing, fd, O_CLOEXEC) == fd)
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

static void pause_accepting(struct pl_listener *listener, int error)
{
    if (!listener->told)
        pli_log(PL_LOG_WARNING, "%s: accepting pauses: %s", listener->origin->service->name,
                strerror(-error));
    listener->told = true;
    listener->paused = true;
    pli_engine_timer_set(listener->handle.engine, &listener->timer, pli_clock_now() + RETRY_NS);
}

/* There were descriptors for a connection: if accepting has paused that is over. */
static void note_served(struct pl_listener *listener)
{
    if (!listener->told)
        return;
    pli_log(PL_LOG_INFO, "%s: accepting goes on", listener->origin->service->name);
    put_reserve(listener->origin->server, -1);
    listener->told = false;
}

/* No descriptor is left: one client hears the reason, then accepting pauses for a while. */
static void run_out(struct pl_listener *listener, int error)
{
    struct pl_server *server = listener->origin->server;
    int reserve;

    if (!somebody_waits(listener))
        return;
    pli_limit_hit(&server->limits, PL_LIMIT_DESCRIPTORS);
    reserve = take_reserve(server);
    if (reserve >= 0)
        reserve = turn_one_away(listener, reserve);
    put_reserve(server, reserve);
    pause_accepting(listener, error);
}

/* Behind a proxy there are gateways only; anybody else is not told what is behind it. */
static bool turn_stranger_away(struct pl_listener *listener, int fd, const struct pli_address *peer)
{
    struct pl_server *server = listener->origin->server;
    char address[PL_ADDRESS_TEXT];

    if (!listener->origin->proxy_protocol || pli_server_has_proxy(server, peer))
        return false;
    pli_log_limited(&server->turned_away, PL_LOG_WARNING,
                    "%s: %s is no gateway that may speak the PROXY protocol",
                    listener->origin->service->name,
                    pli_address_text(peer, address, sizeof(address)));
    atomic_fetch_add_explicit(&server->refused, 1, memory_order_relaxed);
    close(fd);
    return true;
}

/* There is no session for RC, the error of pli_session_new(). */
static void count_failure(struct pl_server *server, int rc)
{
    pli_limit_hit(&server->limits, rc == -ENOMEM                    ? PL_LIMIT_MEMORY
                                   : rc == -EMFILE || rc == -ENFILE ? PL_LIMIT_DESCRIPTORS
                                                                    : PL_LIMIT_CONNECTION_THREADS);
}

/* Returns 0, or why accepting should pause: a session needs more descriptors than its own. */
static int begin(struct pl_listener *listener, int fd, const struct sockaddr_storage *from,
                 socklen_t length)
{
    struct pl_server *server = listener->origin->server;
    struct pli_class *class = NULL;
    struct pli_address peer;
    bool counted;
    int reason;
    int rc;

    pli_address_set(&peer, from, length);
    if (turn_stranger_away(listener, fd, &peer)) {
        note_served(listener);
        return 0;
    }
    counted = pli_preface_counts(listener->origin, &peer);
    reason =
        listener->origin->exempt ? 0 : pli_server_admit(server, counted ? &peer : NULL, &class);
    if (reason) {
        pli_limit_hit_for(&server->limits, (enum pl_reason)reason);
        turn_away(listener, fd, (enum pl_reason)reason);
        note_served(listener);
        return 0;
    }
    rc = pli_session_new(listener->origin, fd, &peer, class, counted);
    if (rc < 0 && !listener->origin->exempt)
        pli_server_dismiss(server, counted ? &peer : NULL, class);
    pli_class_unref(class);
    if (rc == 0) {
        note_served(listener);
        return 0;
    }
    count_failure(server, rc);
    turn_away(listener, fd, rc == -ENOMEM ? PL_REASON_NO_MEMORY : PL_REASON_FULL);
    return rc == -EMFILE || rc == -ENFILE ? rc : 0;
}

/* More come than get their turn: those who talk have theirs meanwhile. */
static bool wait_for_room(struct pl_listener *listener)
{
    listener->paused = pli_origin_is_crowded(listener->origin);
    if (listener->paused)
        pli_limit_hit(&listener->origin->server->limits, PL_LIMIT_OPENING);
    return listener->paused;
}

static void accept_some(struct pl_listener *listener)
{
    for (int i = 0; i < ACCEPT_AT_ONCE && !wait_for_room(listener); i++) {
        struct sockaddr_storage from;
        socklen_t length;
        int fd = listener->origin->server->engine.model->accept(&listener->handle, &from, &length);
        int rc;

        if (fd == -EAGAIN)
            return;
        if (fd < 0) {
            run_out(listener, fd);
            return;
        }
        rc = begin(listener, fd, &from, length);
        if (rc < 0) {
            pause_accepting(listener, rc);
            return;
        }
    }
}

static int end_listener(struct pl_listener *listener)
{
    if (listener->path)
        unlink(listener->path);
    pli_engine_timer_release(&listener->origin->server->engine, &listener->timer);
    return PLI_DONE;
}

static int listener_run(struct pli_handle *handle, unsigned notes)
{
    struct pl_listener *listener = listener_of(handle);

    if (notes & PLI_HUP)
        pli_log(PL_LOG_ERROR, "%s: the listening socket is broken",
                listener->origin->service->name);
    /* Drains are looked for too: one that has begun does not see a listener that comes later. */
    if ((notes & (PLI_CLOSE | PLI_HUP)) || atomic_load(&listener->origin->server->draining))
        return end_listener(listener);
    if (notes & (PLI_IN | PLI_TIMER))
        accept_some(listener);
    return listener->paused ? PLI_HUP : PLI_IN;
}

static void listener_free(struct pli_handle *handle)
{
    struct pl_listener *listener = listener_of(handle);

    pli_origin_unref(listener->origin);
    free(listener->path);
    free(listener);
}

static const struct pli_handle_class listener_class = {
    .name = "listener",
    .kind = PLI_ACCEPTOR,
    .run = listener_run,
    .free = listener_free,
};

/* The parts that can fail; what was made is taken down by the caller's unwinding below. */
static int listener_new(struct pli_origin *origin, const struct pl_listener_options *options,
                        struct pl_listener **out)
{
    struct pl_listener *listener = calloc(1, sizeof(*listener));
    int rc = 0;

    if (!listener)
        return -ENOMEM;
    if (options->path && options->fd < 0) {
        listener->path = strdup(options->path);
        rc = listener->path ? 0 : -ENOMEM;
    }
    if (rc == 0)
        rc = pli_engine_timer_promise(&origin->server->engine);
    if (rc < 0) {
        free(listener->path);
        free(listener);
        return rc;
    }
    listener->origin = origin;
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

/* Takes over the reference to ORIGIN if it succeeds. */
static int listen_for(struct pli_origin *origin, const struct pl_listener_options *options,
                      struct pl_listener **out)
{
    struct pl_listener *listener;
    int rc = listener_new(origin, options, &listener);

    if (rc < 0)
        return rc;
    rc = bind_and_enter(listener, origin->server, options);
    if (rc < 0) {
        pli_engine_timer_release(&origin->server->engine, &listener->timer);
        free(listener->path);
        free(listener);
        return rc;
    }
    pli_timer_init(&listener->timer, listener->handle.id);
    origin->listener = listener->handle.id;
    if (out) {
        pli_handle_ref(&listener->handle);
        listener->held = true;
        *out = listener;
    }
    pli_handle_begin(&listener->handle);
    return 0;
}

int pl_server_listen(struct pl_server *server, const struct pl_service *service, void *context,
                     const struct pl_listener_options *options, struct pl_listener **out)
{
    struct pli_origin *origin;
    int rc;

    if (!service->line || !service->name || options->backlog < 1)
        return -EINVAL;
    rc = pli_origin_new(server, service, context, options, &origin);
    if (rc < 0)
        return rc;
    rc = listen_for(origin, options, out);
    if (rc < 0)
        pli_origin_unref(origin);
    return rc;
}

unsigned pl_listener_port(const struct pl_listener *listener)
{
    return listener->port;
}

int pl_listener_set_limits(struct pl_listener *listener, const struct pl_listener_options *options)
{
    return pli_origin_set_limits(listener->origin, options);
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
