/* SPDX-License-Identifier: MIT */
/*
 * What the claim holder of a session does: session_run() and what it is made of. The calls that a
 * service makes are in session_api.c.
 */
#include "config.h"

#include "transport/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "transport/filter.h"
#include "transport/origin.h"
#include "transport/preface.h"
#include "transport/secure.h"
#include "transport/server.h"
#include "transport/session_output.h"
#include "transport/work.h"

#define LINGER_NS 2000000000u

static const struct pli_handle_class session_class;

/* Of a handle of this class: it is the session's first member. */
static struct pl_session *session_of(struct pli_handle *handle)
{
    return (struct pl_session *)handle;
}

struct pl_session *pli_session_of(struct pli_handle *handle)
{
    return handle->class == &session_class ? session_of(handle) : NULL;
}

static const struct pl_service *service_of(const struct pl_session *session)
{
    return session->origin->service;
}

static bool ending(const struct pl_session *session)
{
    return atomic_load_explicit(&session->reason, memory_order_acquire) != 0;
}

/* -- The end ----------------------------------------------------------- */

void pli_session_end(struct pl_session *session, enum pl_reason reason)
{
    uint8_t open = 0;

    if (atomic_compare_exchange_strong_explicit(&session->reason, &open, (uint8_t)reason,
                                                memory_order_acq_rel, memory_order_acquire))
        pli_handle_touch(&session->handle, PLI_CLOSE);
}

/* Whether the service may say something to the peer at an end for REASON. */
static bool has_farewell(enum pl_reason reason)
{
    switch (reason) {
    case PL_REASON_RECVQ:
    case PL_REASON_SENDQ:
    case PL_REASON_IDLE:
    case PL_REASON_STOPPING:
    case PL_REASON_NO_MEMORY:
        return true;
    default:
        return false;
    }
}

/* The service sees the end, once. */
static void say_goodbye(struct pl_session *session)
{
    const struct pl_service *service = service_of(session);
    enum pl_reason reason = (enum pl_reason)atomic_load(&session->reason);

    session->over = true;
    pli_limit_hit_for(&session->origin->server->limits, reason);
    session->service_due = session->slow_until = session->idle_due = 0;
    if (reason == PL_REASON_SENDQ || reason == PL_REASON_NO_MEMORY)
        pli_out_queue_trim(&session->out); /* room for the last words */
    if (!session->opened)
        return;
    if (!session->broken && has_farewell(reason) && service->farewell) {
        session->last_words = true;
        service->farewell(session, reason);
        session->last_words = false;
    }
    if (service->close)
        service->close(session, reason);
}

/*
 * The handle ends: what it has is given back, but for the memory, which others may refer to. While
 * work for it is in the helper pool it only lets go of the connection, and ends when that is done.
 */
static int finish(struct pl_session *session)
{
    struct pl_server *server = session->origin->server;

    session->broken = true;
    if (session->work) {
        pli_handle_shut(&session->handle);
        return PLI_HUP;
    }
    pli_out_queue_close(&session->out);
    pli_lines_deinit(&session->in);
    pli_filter_free(session->filter);
    session->filter = NULL;
    pli_engine_timer_release(&server->engine, &session->timer);
    if (!session->origin->exempt)
        pli_server_dismiss(server, session->counted ? &session->peer : NULL,
                           session->limits->class);
    pli_server_session_ended(server);
    return PLI_DONE;
}

/* -- Input ------------------------------------------------------------- */

static void report_fault(struct pl_session *session, enum pl_fault fault,
                         const struct pl_line *line)
{
    if (fault == PL_FAULT_TOO_LONG)
        pli_limit_hit(&session->origin->server->limits, PL_LIMIT_LINE);
    if (service_of(session)->fault)
        service_of(session)->fault(session, fault, line);
}

/* Buffers that are read into are written to by nobody else as long as the claim is held. */
static void wipe(const char *data, size_t length)
{
    if (length > 0) /* else it may be nowhere */
        explicit_bzero((char *)(uintptr_t)data, length);
}

static void deliver(struct pl_session *session, const struct pl_line *line)
{
    const struct pl_service *service = service_of(session);

    pli_count(&pli_worker_self()->counters.lines, 1);
    if ((service->flags & PL_SERVICE_REFUSE_NUL) && memchr(line->text, '\0', line->length)) {
        report_fault(session, PL_FAULT_NUL, line);
        return;
    }
    service->line(session, line);
    if (session->wipe)
        wipe(line->text, line->size);
}

/* Whether lines may be delivered at this moment. */
static bool deliverable(const struct pl_session *session)
{
    return !ending(session) && !session->parked && !session->slow_until;
}

/* Lets the service go on with an answer that it gives in parts. */
static void go_on(struct pl_session *session)
{
    session->again = false;
    if (service_of(session)->again)
        service_of(session)->again(session);
}

/*
 * Delivers lines until there is none, or something holds them back: also when so much output has
 * gathered that it should be written first. What is left is kept.
 */
static void process(struct pl_session *session, struct pli_span *input)
{
    const struct pli_lines_limits *limits = &session->limits->lines;
    struct pli_span all = *input;
    struct pli_span rest;
    struct pl_line line;
    int rc = PLI_LINES_LINE;

    while (rc > PLI_LINES_NONE && deliverable(session) &&
           pli_out_queue_bytes(&session->out) <= session->limits->high_water) {
        if (session->again) {
            go_on(session);
            continue;
        }
        rc = pli_lines_next(&session->in, input, limits, &line);
        if (rc == PLI_LINES_LINE)
            deliver(session, &line);
        else if (rc == PLI_LINES_LONG)
            report_fault(session, PL_FAULT_TOO_LONG, &line);
        else if (rc == PLI_LINES_EXCESS)
            pli_session_end(session, PL_REASON_RECVQ);
    }
    /* Held lines are complete as long as pli_lines_next() has not said that there is none. */
    session->waiting = rc > PLI_LINES_NONE || session->again;
    rest = *input;
    if (rc >= 0 && !ending(session))
        rc = pli_lines_keep(&session->in, input);
    /* What is kept may be the beginning of a secret; and one may have come in several reads. */
    if (session->wipe)
        wipe(all.data, all.length);
    else if (rest.length > 0)
        wipe(rest.data, rest.length);
    session->wipe = false;
    if (rc < 0)
        pli_session_end(session, PL_REASON_NO_MEMORY);
    if (session->slow_until && pli_lines_held(&session->in) > limits->max_line + limits->recvq)
        pli_session_end(session, PL_REASON_RECVQ);
}

/* The input has ended and all its lines are delivered: so is now what has no end of line. */
static void process_last(struct pl_session *session)
{
    struct pl_line line;

    if (!session->cut && pli_lines_last(&session->in, &line))
        deliver(session, &line);
    if (!session->parked && !session->again)
        pli_session_end(session, PL_REASON_EOF);
}

/* One read. Returns what came, which may be nothing. */
static struct pli_span read_once(struct pl_session *session)
{
    const struct pli_lines_limits *limits = &session->limits->lines;
    struct pli_span input = {0};
    size_t most = limits->max_line + limits->recvq;
    int rc = session->handle.engine->model->read(
        &session->handle, most < PLI_READ_SIZE ? most : PLI_READ_SIZE, &input);

    if (rc == -EAGAIN)
        return input;
    if (rc < 0) {
        pli_session_break_off(session, PL_REASON_RESET);
    } else if (input.length == 0) {
        session->eof = true;
        session->cut = session->secure;
    }
    pli_count(&pli_worker_self()->counters.bytes_in, input.length);
    if (session->limits->idle_timeout)
        session->idle_due = pli_clock_now() + session->limits->idle_timeout;
    return input;
}

/* -- Times ------------------------------------------------------------- */

/* Lets the timer go off at the earliest time that is set. One that is set earlier stays. */
static void schedule(struct pl_session *session)
{
    uint64_t earliest = UINT64_MAX;

    pli_due_lower(&earliest, session->service_due);
    pli_due_lower(&earliest, session->write_due);
    pli_due_lower(&earliest, session->slow_until);
    pli_due_lower(&earliest, session->idle_due);
    if (earliest >= session->timer_at)
        return;
    session->timer_at = earliest;
    pli_engine_timer_set(session->handle.engine, &session->timer, earliest);
}

static void service_time(struct pl_session *session)
{
    if (session->prefaced)
        pli_preface_late(session);
    else if (session->secure && !session->opened)
        pli_secure_late(session);
    else if (service_of(session)->timer)
        service_of(session)->timer(session);
}

static void keep_time(struct pl_session *session)
{
    uint64_t now = pli_clock_now();

    session->timer_at = UINT64_MAX;
    pli_due_reached(&session->slow_until, now);
    if (pli_due_reached(&session->write_due, now))
        pli_session_break_off(session, PL_REASON_WRITE_TIMEOUT);
    else if (pli_due_reached(&session->idle_due, now))
        pli_session_end(session, PL_REASON_IDLE);
    else if (pli_due_reached(&session->service_due, now) && !ending(session))
        service_time(session);
}

/* -- The claim holder's round ------------------------------------------ */

static void open_session(struct pl_session *session)
{
    const struct pl_service *service = service_of(session);

    if (session->limits->idle_timeout)
        session->idle_due = pli_clock_now() + session->limits->idle_timeout;
    if (service->open && service->open(session, session->origin->context) < 0)
        pli_session_end(session, PL_REASON_CLOSED);
    else
        session->opened = true;
}

static void resume(struct pl_session *session)
{
    if (!session->parked)
        return;
    session->parked = false;
    if (session->work)
        pli_session_work_done(session, !session->over);
    else if (!ending(session) && service_of(session)->resume)
        service_of(session)->resume(session);
}

/* What the notes ask for, before bytes are moved. */
static void heed(struct pl_session *session, unsigned notes)
{
    if ((notes & PLI_OPEN) && session->prefaced)
        pli_preface_begin(session);
    else if ((notes & PLI_OPEN) && session->secure)
        pli_secure_begin(session);
    else if (notes & PLI_OPEN)
        open_session(session);
    if (notes & PLI_DRAIN)
        pli_session_end(session, PL_REASON_STOPPING);
    if (notes & PLI_HUP)
        pli_session_break_off(session, PL_REASON_RESET);
    if (notes & PLI_TIMER)
        keep_time(session);
    if (notes & PLI_RESUME)
        resume(session);
    if (notes & PLI_AGAIN)
        pl_session_again(session);
}

/* The output is written: the write side is shut, and what still comes in is thrown away. */
static void linger(struct pl_session *session)
{
    session->lingering = true;
    session->write_due = pli_clock_now() + LINGER_NS;
    if (session->handle.engine->model->shutdown(&session->handle) < 0)
        session->broken = true;
}

/*
 * The last words of a session past its sendq could not all be written: the peer had its chance.
 * Where the model is still moving what came before them it gets a short while.
 */
static void cut_off(struct pl_session *session, bool first)
{
    if (!pli_session_writing(session))
        session->broken = true;
    else if (first)
        session->write_due = pli_clock_now() + LINGER_NS;
}

static int run_ending(struct pl_session *session, unsigned notes)
{
    bool first = !session->over;

    if (first) {
        say_goodbye(session);
        pli_lines_deinit(&session->in);
    }
    /* The last words are tried even if the peer was behind: it may have caught up by now. */
    if (!session->broken && !session->lingering &&
        (first || !session->blocked || (notes & PLI_OUT)))
        pli_session_flush(session);
    if (session->lingering && (notes & PLI_IN))
        read_once(session);
    if (!session->broken && !session->blocked && !session->finished)
        pli_session_flush_end(session);
    if (session->blocked && atomic_load(&session->reason) == PL_REASON_SENDQ)
        cut_off(session, first);
    if (!session->broken && !session->blocked && !session->lingering &&
        pli_session_writing(session))
        pli_session_note_blocked(session);
    if (!session->broken && !session->blocked && !session->eof && !session->lingering)
        linger(session);
    if (session->broken || (session->eof && !session->blocked))
        return finish(session);
    schedule(session);
    return session->lingering ? PLI_IN : session->blocked ? PLI_OUT : PLI_HUP;
}

/* Whether the peer takes so little that nothing more is taken from it. */
static bool paused(const struct pl_session *session)
{
    return session->blocked && pli_session_unwritten(session) > session->limits->high_water;
}

/* Returns whether lines may follow in the input. */
static bool pass_preface(struct pl_session *session, struct pli_span *input)
{
    if (!pli_preface_take(session, input))
        return false;
    if (session->secure)
        pli_secure_begin(session);
    else
        open_session(session);
    return !ending(session);
}

/* Returns whether lines may follow in what the input means. */
static bool pass_secure(struct pl_session *session, struct pli_span *input)
{
    if (session->opened && input->length == 0)
        return true;
    if (!pli_secure_take(session, input))
        return false;
    if (!session->opened) {
        session->service_due = 0;
        session->agreed = true;
        open_session(session);
    }
    return !ending(session);
}

static void run_input(struct pl_session *session, unsigned notes)
{
    struct pli_span input = {0};

    if ((notes & PLI_IN) && !session->eof && !session->parked)
        input = read_once(session);
    if (ending(session))
        return;
    if (session->prefaced && !pass_preface(session, &input))
        return;
    if (session->secure && !pass_secure(session, &input))
        return;
    if (input.length > 0 || session->waiting)
        process(session, &input);
    if (session->eof && !session->waiting && deliverable(session))
        process_last(session);
}

static int session_run(struct pli_handle *handle, unsigned notes)
{
    struct pl_session *session = session_of(handle);
    unsigned want = 0;

    if (session->opening) {
        session->opening = false;
        pli_origin_opened(session->origin);
    }
    heed(session, notes);
    if (!ending(session) && !paused(session))
        run_input(session, notes);
    if (ending(session))
        return run_ending(session, notes);
    if (!session->blocked || (notes & PLI_OUT))
        pli_session_flush(session);
    if (ending(session))
        return PLI_MORE;
    schedule(session);
    if ((session->waiting || session->eof) && deliverable(session) && !paused(session))
        return PLI_MORE;
    if (!session->eof && !session->parked && !paused(session))
        want |= PLI_IN;
    if (session->blocked)
        want |= PLI_OUT;
    return (int)(want | PLI_HUP);
}

/* -- Birth and memory -------------------------------------------------- */

static void session_free(struct pli_handle *handle)
{
    struct pl_session *session = session_of(handle);

    pli_out_queue_deinit(&session->out);
    pli_limits_unref(session->limits);
    pli_origin_unref(session->origin);
    free(session);
}

static const struct pli_handle_class session_class = {
    .name = "session",
    .kind = PLI_STREAM,
    .run = session_run,
    .free = session_free,
};

/* One that nobody knows yet. Returns 0 or -ENOMEM. */
static int session_make(struct pli_origin *origin, struct pli_class *class, struct pl_session **out)
{
    struct pl_session *session = calloc(1, sizeof(*session));
    struct pli_limits *limits = session ? pli_origin_limits(origin, class) : NULL;
    int rc = limits ? pli_engine_timer_promise(&origin->server->engine) : -ENOMEM;

    if (rc < 0) {
        pli_limits_unref(limits);
        free(session);
        return rc;
    }
    pli_out_queue_init(&session->out);
    pli_lines_init(&session->in);
    session->origin = origin;
    session->limits = limits;
    *out = session;
    return 0;
}

int pli_session_new(struct pli_origin *origin, int fd, const struct pli_address *peer,
                    struct pli_class *class, bool counted)
{
    struct pl_server *server = origin->server;
    struct pl_session *session;
    int rc = session_make(origin, class, &session);

    if (rc < 0)
        return rc;
    pli_handle_init(&session->handle, &server->engine, &session_class, fd);
    session->peer = *peer;
    session->counted = counted;
    session->prefaced = origin->proxy_protocol;
    session->secure = origin->tls != NULL;
    session->timer_at = UINT64_MAX;
    session->opening = origin->listener != 0;
    /* A drain may find it as soon as it is entered: it counts before. */
    pli_server_session_began(server);
    atomic_fetch_add_explicit(origin->begun, 1, memory_order_relaxed);
    rc = pli_handle_add(&session->handle);
    if (rc < 0) {
        pli_server_session_ended(server);
        pli_engine_timer_release(&server->engine, &session->timer);
        pli_limits_unref(session->limits);
        pli_out_queue_deinit(&session->out);
        free(session);
        return rc;
    }
    pli_origin_ref(origin);
    pli_timer_init(&session->timer, session->handle.id);
    if (session->opening)
        pli_origin_accepted(origin);
    /* A drain either finds it in the table, or has shown itself before it was entered. */
    if (atomic_load(&server->draining))
        pli_session_end(session, PL_REASON_STOPPING);
    pli_handle_begin(&session->handle);
    return 0;
}
