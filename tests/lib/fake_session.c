/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/fake_session.h"

#include <paceline/message.h>
#include <paceline/server.h>
#include <paceline/service.h>

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pl_session {
    pthread_mutex_t lock;
    uint64_t id;    /* const */
    void *context;  /* const */
    void *data;     /* in a call */
    int references; /* (lock), like all below */
    char *text;     /* sent and not yet taken */
    size_t length;
    char *taken; /* what fake_take() gave out last */
    size_t total;
    size_t limit;
    size_t sends;
    int ended;
    bool kept_open;
    unsigned slowed;
    unsigned timer;
    bool again;
    bool wiped;
    bool woken; /* (lock) */
    bool tls;
    void (*work)(void *argument); /* in a call, like those that follow; NULL: nothing to do */
    void (*done)(struct pl_session *session, bool open, void *argument);
    void *argument;
};

struct pl_session *fake_new(void *context)
{
    static _Atomic uint64_t last_id;
    struct pl_session *session = calloc(1, sizeof *session);

    if (!session)
        abort();
    pthread_mutex_init(&session->lock, NULL);
    session->id = atomic_fetch_add(&last_id, 1) + 1;
    session->context = context;
    session->references = 1;
    session->limit = SIZE_MAX;
    return session;
}

void fake_free(struct pl_session *session)
{
    if (!session)
        return;
    if (session->references != 1 || session->work) {
        fprintf(stderr, "fake session: %d references at its end%s\n", session->references,
                session->work ? ", and work to do" : "");
        abort();
    }
    pthread_mutex_destroy(&session->lock);
    free(session->text);
    free(session->taken);
    free(session);
}

const char *fake_take(struct pl_session *session, size_t *length)
{
    const char *text;

    pthread_mutex_lock(&session->lock);
    free(session->taken);
    session->taken = session->text;
    text = session->text ? session->text : "";
    if (length)
        *length = session->length;
    session->text = NULL;
    session->length = 0;
    pthread_mutex_unlock(&session->lock);
    return text;
}

static int append_locked(struct pl_session *session, const void *data, size_t length)
{
    char *text;

    if (session->ended && !session->kept_open)
        return -ENOTCONN;
    if (length > session->limit - session->total) {
        session->ended = -ENOBUFS;
        return -ENOBUFS;
    }
    text = realloc(session->text, session->length + length + 1);
    if (!text) {
        session->ended = -ENOMEM;
        return -ENOMEM;
    }
    session->text = text;
    if (length > 0)
        memcpy(text + session->length, data, length);
    session->length += length;
    text[session->length] = '\0';
    session->total += length;
    session->sends++;
    return 0;
}

int pl_session_send(struct pl_session *session, const void *data, size_t length)
{
    int rc;

    pthread_mutex_lock(&session->lock);
    rc = append_locked(session, data, length);
    pthread_mutex_unlock(&session->lock);
    return rc;
}

int pl_session_send_message(struct pl_session *session, struct pl_message *message)
{
    return pl_session_send(session, pl_message_data(message), pl_message_length(message));
}

static void end(struct pl_session *session, int error)
{
    pthread_mutex_lock(&session->lock);
    if (!session->ended)
        session->ended = error;
    pthread_mutex_unlock(&session->lock);
}

int pl_session_printf(struct pl_session *session, const char *format, ...)
{
    va_list arguments;
    char *text;
    int length;
    int rc;

    va_start(arguments, format);
    length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        end(session, -ENOMEM);
        return -ENOMEM;
    }
    rc = pl_session_send(session, text, (size_t)length);
    free(text);
    return rc;
}

void pl_session_close(struct pl_session *session)
{
    end(session, -ENOTCONN);
}

struct pl_session *pl_session_ref(struct pl_session *session)
{
    pthread_mutex_lock(&session->lock);
    session->references++;
    pthread_mutex_unlock(&session->lock);
    return session;
}

void pl_session_unref(struct pl_session *session)
{
    if (!session)
        return;
    pthread_mutex_lock(&session->lock);
    session->references--;
    pthread_mutex_unlock(&session->lock);
}

uint64_t pl_session_id(const struct pl_session *session)
{
    return session->id;
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
    return session->context;
}

void pl_session_set_timer(struct pl_session *session, unsigned milliseconds)
{
    pthread_mutex_lock(&session->lock);
    session->timer = milliseconds;
    pthread_mutex_unlock(&session->lock);
}

void pl_session_slow(struct pl_session *session, unsigned milliseconds)
{
    pthread_mutex_lock(&session->lock);
    session->slowed = milliseconds;
    pthread_mutex_unlock(&session->lock);
}

void pl_session_wipe_line(struct pl_session *session)
{
    session->wiped = true;
}

bool fake_wiped(struct pl_session *session)
{
    bool wiped = session->wiped;

    session->wiped = false;
    return wiped;
}

void pl_session_again(struct pl_session *session)
{
    session->again = true;
}

void pl_session_wake(struct pl_session *session)
{
    pthread_mutex_lock(&session->lock);
    session->woken = true;
    pthread_mutex_unlock(&session->lock);
}

bool fake_again(struct pl_session *session)
{
    bool again = session->again;

    pthread_mutex_lock(&session->lock);
    again = again || session->woken;
    session->woken = false;
    pthread_mutex_unlock(&session->lock);
    session->again = false;
    return again;
}

/* Each comes from an address of its own, of those meant for examples. */
const char *pl_session_peer(const struct pl_session *session, char *text, size_t size)
{
    snprintf(text, size, "192.0.2.%u", (unsigned)(session->id % 250) + 1);
    return text;
}

unsigned pl_session_peer_port(const struct pl_session *session)
{
    return 1024 + (unsigned)(session->id % 60000);
}

/* Nobody is asked about whom a fake session brings, so nothing is waited for. */
void pl_session_park(struct pl_session *session)
{
    (void)session;
}

void pl_session_resume(struct pl_session *session)
{
    (void)session;
}

bool pl_session_is_behind(const struct pl_session *session)
{
    (void)session;
    return false;
}

const char *pl_session_class(const struct pl_session *session)
{
    (void)session;
    return NULL;
}

/* There is no server, and so it counts nothing. */
struct pl_server *pl_session_server(const struct pl_session *session)
{
    (void)session;
    return NULL;
}

const char *pl_limit_name(enum pl_limit limit)
{
    (void)limit;
    return NULL;
}

uint64_t pl_server_limit_hits(const struct pl_server *server, enum pl_limit limit)
{
    (void)server;
    (void)limit;
    return 0;
}

bool pl_server_class(struct pl_server *server, size_t index, struct pl_class_stats *stats)
{
    (void)server;
    (void)index;
    (void)stats;
    return false;
}

void fake_speak_tls(struct pl_session *session)
{
    session->tls = true;
}

bool pl_session_is_tls(const struct pl_session *session)
{
    return session->tls;
}

int pl_session_tls_fingerprint(const struct pl_session *session, char *text, size_t size)
{
    (void)session;
    (void)text;
    (void)size;
    return -ENOENT;
}

bool pl_session_is_local(const struct pl_session *session)
{
    (void)session;
    return false;
}

bool pl_session_is_from(const struct pl_session *session, const struct pl_network *network)
{
    (void)session;
    (void)network;
    return false;
}

int pl_session_set_peer(struct pl_session *session, const char *address, unsigned port)
{
    (void)session;
    (void)port;
    return address ? -EINVAL : 0;
}

int pl_session_work(struct pl_session *session, void (*work)(void *argument),
                    void (*done)(struct pl_session *session, bool open, void *argument),
                    void *argument)
{
    if (session->work)
        return -EAGAIN;
    session->work = work;
    session->done = done;
    session->argument = argument;
    return 0;
}

bool fake_works(struct pl_session *session)
{
    return session->work != NULL;
}

void fake_work(struct pl_session *session, bool open)
{
    void (*work)(void *argument) = session->work;

    session->work = NULL;
    work(session->argument);
    session->done(session, open, session->argument);
}

size_t fake_sends(struct pl_session *session)
{
    size_t sends;

    pthread_mutex_lock(&session->lock);
    sends = session->sends;
    pthread_mutex_unlock(&session->lock);
    return sends;
}

void fake_limit(struct pl_session *session, size_t bytes)
{
    pthread_mutex_lock(&session->lock);
    session->limit = bytes > session->total ? bytes : session->total;
    pthread_mutex_unlock(&session->lock);
}

void fake_keep_open(struct pl_session *session)
{
    pthread_mutex_lock(&session->lock);
    session->kept_open = true;
    pthread_mutex_unlock(&session->lock);
}

int fake_ended(struct pl_session *session)
{
    int ended;

    pthread_mutex_lock(&session->lock);
    ended = session->ended;
    pthread_mutex_unlock(&session->lock);
    return ended;
}

unsigned fake_slowed(struct pl_session *session)
{
    unsigned slowed;

    pthread_mutex_lock(&session->lock);
    slowed = session->slowed;
    session->slowed = 0;
    pthread_mutex_unlock(&session->lock);
    return slowed;
}

unsigned fake_timer(struct pl_session *session)
{
    unsigned timer;

    pthread_mutex_lock(&session->lock);
    timer = session->timer;
    pthread_mutex_unlock(&session->lock);
    return timer;
}

/* No text of the library's, to show that a service shows what the library says. */
const char *pl_reason_text(enum pl_reason reason)
{
    return reason == PL_REASON_STOPPING ? "reason: stopping" : "reason";
}
