/* SPDX-License-Identifier: MIT */
/* The calls of paceline/session.h. */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <paceline/message.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "transport/network.h"
#include "transport/origin.h"
#include "transport/server.h"
#include "transport/session.h"
#include "transport/tls.h"

#define NS_PER_MS 1000000u

const char *pl_reason_text(enum pl_reason reason)
{
    static const char *const texts[] = {
        [PL_REASON_CLOSED] = "closed",
        [PL_REASON_EOF] = "end of input",
        [PL_REASON_RESET] = "connection reset",
        [PL_REASON_RECVQ] = "too much unread input",
        [PL_REASON_SENDQ] = "too much unread output",
        [PL_REASON_WRITE_TIMEOUT] = "write timeout",
        [PL_REASON_IDLE] = "idle for too long",
        [PL_REASON_STOPPING] = "server is stopping",
        [PL_REASON_NO_MEMORY] = "out of memory",
        [PL_REASON_FULL] = "server is full",
        [PL_REASON_PER_ADDRESS] = "too many connections from your address",
        [PL_REASON_CONNECT_RATE] = "your address connects too often",
        [PL_REASON_PROXY_HEADER] = "no PROXY header that is believed",
        [PL_REASON_CLASS_FULL] = "too many connections from your network",
        [PL_REASON_BANNED] = "your address is banned",
        [PL_REASON_TLS] = "TLS failed",
        [PL_REASON_PLAIN] = "TLS is spoken here, not plain text",
    };

    if ((size_t)reason >= sizeof(texts) / sizeof(texts[0]) || !texts[reason])
        return "unknown";
    return texts[reason];
}

/* Whether this thread is inside a call of the session: what it sends is written afterwards. */
static bool is_current(const struct pl_session *session)
{
    struct pli_worker *worker = pli_worker_self();

    return worker && worker->current == &session->handle;
}

/* Whether sends are taken: while it is open, and as last words from within its farewell. */
static bool takes(const struct pl_session *session)
{
    return atomic_load_explicit(&session->reason, memory_order_acquire) == 0 ||
           (is_current(session) && session->last_words);
}

/* After an append with that outcome: sees to the flush, or to the end. */
static int sent(struct pl_session *session, int rc)
{
    if (rc == 0 && !is_current(session))
        pli_handle_touch(&session->handle, PLI_FLUSH);
    else if (rc == -ENOBUFS)
        pli_session_end(session, PL_REASON_SENDQ);
    else if (rc == -ENOMEM)
        pli_session_end(session, PL_REASON_NO_MEMORY);
    return rc;
}

int pl_session_send(struct pl_session *session, const void *data, size_t length)
{
    if (!takes(session))
        return -ENOTCONN;
    return sent(session, pli_out_queue_append(&session->out, data, length, session->limits->sendq));
}

int pl_session_send_message(struct pl_session *session, struct pl_message *message)
{
    if (!takes(session))
        return -ENOTCONN;
    return sent(session, pli_out_queue_push(&session->out, message, session->limits->sendq));
}

int pl_session_printf(struct pl_session *session, const char *format, ...)
{
    char few[512];
    char *many = NULL;
    va_list arguments;
    int length;
    int rc;

    va_start(arguments, format);
    length = vsnprintf(few, sizeof(few), format, arguments);
    va_end(arguments);
    if (length < 0)
        return -EINVAL;
    if ((size_t)length >= sizeof(few)) {
        va_start(arguments, format);
        length = vasprintf(&many, format, arguments);
        va_end(arguments);
        if (length < 0)
            return sent(session, -ENOMEM);
    }
    rc = pl_session_send(session, many ? many : few, (size_t)length);
    free(many);
    return rc;
}

void pl_session_close(struct pl_session *session)
{
    pli_session_end(session, PL_REASON_CLOSED);
}

struct pl_session *pl_session_ref(struct pl_session *session)
{
    pli_handle_ref(&session->handle);
    return session;
}

void pl_session_unref(struct pl_session *session)
{
    if (session)
        pli_handle_unref(&session->handle);
}

uint64_t pl_session_id(const struct pl_session *session)
{
    return session->handle.id;
}

void pl_session_set_data(struct pl_session *session, void *data)
{
    session->data = data;
}

void *pl_session_data(const struct pl_session *session)
{
    return session->data;
}

void *pl_session_context(const struct pl_session *session)
{
    return session->origin->context;
}

struct pl_server *pl_session_server(const struct pl_session *session)
{
    return session->origin->server;
}

const char *pl_session_peer(const struct pl_session *session, char *text, size_t size)
{
    return pli_address_text(&session->peer, text, size);
}

unsigned pl_session_peer_port(const struct pl_session *session)
{
    return session->peer.port;
}

bool pl_session_is_local(const struct pl_session *session)
{
    return pli_address_is_local(&session->peer);
}

bool pl_session_is_from(const struct pl_session *session, const struct pl_network *network)
{
    return pli_network_has(network, &session->peer);
}

int pli_session_settle(struct pl_session *session, const struct pli_address *peer)
{
    struct pli_origin *origin = session->origin;
    const struct pli_address *former = session->counted ? &session->peer : NULL;
    struct pli_class *class = pli_server_class_of(origin->server, peer);
    struct pli_limits *limits = pli_origin_limits(origin, class);
    struct pli_address settled = *peer;
    int reason = PL_REASON_NO_MEMORY;

    pli_class_unref(class); /* the limits have it */
    if (limits)
        reason = pli_server_move(origin->server, former, session->limits->class, &settled,
                                 limits->class);
    if (reason) {
        pli_limits_unref(limits);
        return reason;
    }
    pli_limits_unref(session->limits);
    session->limits = limits;
    session->peer = settled;
    session->counted = true;
    return 0;
}

int pl_session_set_peer(struct pl_session *session, const char *address, unsigned port)
{
    struct pli_address peer = session->peer;
    int rc = address ? pli_address_read(address, port, &peer) : 0;

    if (rc != 0)
        return rc;
    if (!session->origin->exempt &&
        !(session->counted && pli_address_same(&session->peer, &peer))) {
        rc = pli_session_settle(session, &peer);
        if (rc > 0)
            pli_limit_hit_for(&session->origin->server->limits, (enum pl_reason)rc);
        return rc;
    }
    peer.bits = session->peer.bits;
    session->peer = peer;
    return 0;
}

/* Whatever a gateway has said. */
static bool is_unix_socket(int fd)
{
    socklen_t length = sizeof(int);
    int domain = 0;

    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_UNIX;
}

const char *pl_session_class(const struct pl_session *session)
{
    return session->limits->class ? session->limits->class->name : NULL;
}

int pl_session_credentials(const struct pl_session *session, uint32_t *uid, uint32_t *gid)
{
    struct ucred credentials;
    socklen_t length = sizeof(credentials);

    if (!is_unix_socket(session->handle.fd))
        return -ENOTSUP;
    if (getsockopt(session->handle.fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0)
        return -errno;
    *uid = credentials.uid;
    *gid = credentials.gid;
    return 0;
}

bool pl_session_is_tls(const struct pl_session *session)
{
    return session->origin->tls;
}

const char *pl_session_tls_version(const struct pl_session *session)
{
    return session->filter ? pli_tls_version(session->filter) : NULL;
}

const char *pl_session_tls_cipher(const struct pl_session *session)
{
    return session->filter ? pli_tls_cipher(session->filter) : NULL;
}

int pl_session_tls_fingerprint(const struct pl_session *session, char *text, size_t size)
{
    return session->filter ? pli_tls_fingerprint(session->filter, text, size) : -ENOENT;
}

void pl_session_set_timer(struct pl_session *session, unsigned milliseconds)
{
    session->service_due = milliseconds ? pli_clock_now() + (uint64_t)milliseconds * NS_PER_MS : 0;
}

void pl_session_slow(struct pl_session *session, unsigned milliseconds)
{
    session->slow_until = milliseconds ? pli_clock_now() + (uint64_t)milliseconds * NS_PER_MS : 0;
}

bool pl_session_is_behind(const struct pl_session *session)
{
    return pli_out_queue_bytes(&session->out) > session->limits->high_water / 2;
}

void pl_session_wipe_line(struct pl_session *session)
{
    session->wipe = true;
}

void pl_session_again(struct pl_session *session)
{
    session->again = true;
    session->waiting = true;
}

void pl_session_wake(struct pl_session *session)
{
    pli_handle_touch(&session->handle, PLI_AGAIN);
}

void pl_session_park(struct pl_session *session)
{
    session->parked = true;
}

void pl_session_resume(struct pl_session *session)
{
    pli_handle_post(&session->handle, PLI_RESUME);
}

void pl_blocking_begin(void)
{
    struct pli_worker *worker = pli_worker_self();

    if (!worker || worker->blocking)
        return;
    pli_worker_hand_over(worker);
    worker->blocking = true;
    worker->engine->model->blocking_begin(worker);
}

void pl_blocking_end(void)
{
    struct pli_worker *worker = pli_worker_self();

    if (!worker || !worker->blocking)
        return;
    worker->engine->model->blocking_end(worker);
    worker->blocking = false;
}
