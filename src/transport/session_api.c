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
#include "transport/listener.h"
#include "transport/server.h"
#include "transport/session.h"

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
    return session->listener->context;
}

struct pl_server *pl_session_server(const struct pl_session *session)
{
    return session->listener->server;
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

int pl_session_credentials(const struct pl_session *session, uint32_t *uid, uint32_t *gid)
{
    struct ucred credentials;
    socklen_t length = sizeof(credentials);

    if (session->peer.family != AF_UNIX)
        return -ENOTSUP;
    if (getsockopt(session->handle.fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0)
        return -errno;
    *uid = credentials.uid;
    *gid = credentials.gid;
    return 0;
}

void pl_session_set_timer(struct pl_session *session, unsigned milliseconds)
{
    session->service_due = milliseconds ? pli_clock_now() + (uint64_t)milliseconds * NS_PER_MS : 0;
}

void pl_session_slow(struct pl_session *session, unsigned milliseconds)
{
    session->slow_until = milliseconds ? pli_clock_now() + (uint64_t)milliseconds * NS_PER_MS : 0;
}

void pl_session_again(struct pl_session *session)
{
    session->again = true;
    session->waiting = true;
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
