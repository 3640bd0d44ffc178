/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/session_output.h"

#include <errno.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "transport/filter.h"
#include "transport/origin.h"

#define PARTS          64
#define WRITES_AT_ONCE 4

void pli_session_break_off(struct pl_session *session, enum pl_reason reason)
{
    session->broken = true;
    pli_session_end(session, reason);
}

void pli_session_note_blocked(struct pl_session *session)
{
    session->blocked = true;
    if (session->limits->write_timeout && !session->write_due)
        session->write_due = pli_clock_now() + session->limits->write_timeout;
}

/* Whether what is queued may go out: not before what must be agreed upon is. */
static bool flows(const struct pl_session *session)
{
    return !session->secure || session->agreed;
}

size_t pli_session_unwritten(const struct pl_session *session)
{
    size_t kept = session->filter ? pli_filter_kept(session->filter).iov_len : 0;

    return kept + (flows(session) ? pli_out_queue_bytes(&session->out) : 0);
}

bool pli_session_writing(struct pl_session *session)
{
    const struct pli_model *model = session->handle.engine->model;

    return model->writing && session->handle.fd >= 0 && model->writing(&session->handle);
}

/* -- One write --------------------------------------------------------------- */

/* Has the model write; returns how many bytes it has taken of SIZE, or a negative errno. */
static ssize_t move(struct pl_session *session, const struct iovec *parts, int number, size_t size)
{
    ssize_t written = session->handle.engine->model->write(&session->handle, parts, number);

    if (written < 0 && written != -EAGAIN)
        return written;
    if (written > 0) {
        session->write_due = 0;
        pli_count(&pli_worker_self()->counters.bytes_out, (uint64_t)written);
    }
    pli_count(&pli_worker_self()->counters.writes, 1);
    if (written < (ssize_t)size)
        pli_session_note_blocked(session);
    return written > 0 ? written : 0;
}

static ssize_t write_plain(struct pl_session *session)
{
    struct iovec parts[PARTS];
    int number = pli_out_queue_parts(&session->out, parts, PARTS);
    size_t size = 0;
    ssize_t written;

    if (number == 0)
        return 0;
    for (int i = 0; i < number; i++)
        size += parts[i].iov_len;
    written = move(session, parts, number, size);
    if (written > 0)
        pli_out_queue_advance(&session->out, (size_t)written);
    return written;
}

static ssize_t write_kept(struct pl_session *session, struct iovec kept)
{
    ssize_t written = move(session, &kept, 1, kept.iov_len);

    if (written > 0)
        pli_filter_written(session->filter, (size_t)written);
    return written;
}

/* What the model does not take at once is kept. */
static ssize_t write_filtered(struct pl_session *session)
{
    struct iovec parts[PARTS];
    int number = pli_out_queue_parts(&session->out, parts, PARTS);
    char *room = number > 0 ? pli_worker_room() : NULL;
    struct iovec out;
    ssize_t used;
    ssize_t written;

    if (number == 0)
        return 0;
    if (!room)
        return -ENOMEM;
    used = session->filter->class->put(session->filter, parts, number, room, &out);
    if (used < 0)
        return used;
    pli_out_queue_advance(&session->out, (size_t)used);
    written = move(session, &out, 1, out.iov_len);
    if (written >= 0 && pli_filter_keep(session->filter, (char *)out.iov_base + written,
                                        out.iov_len - (size_t)written) < 0)
        return -ENOMEM;
    return written;
}

static ssize_t write_some(struct pl_session *session)
{
    struct iovec kept;

    session->blocked = false;
    if (!session->filter)
        return write_plain(session);
    kept = pli_filter_kept(session->filter);
    if (kept.iov_len > 0)
        return write_kept(session, kept);
    return write_filtered(session);
}

/* -- All that can be written ------------------------------------------------- */

void pli_session_flush(struct pl_session *session)
{
    /* Who appends later kicks later. */
    if (!session->blocked && pli_session_unwritten(session) == 0)
        return;
    for (int i = 0; i < WRITES_AT_ONCE; i++) {
        ssize_t rc = write_some(session);

        if (rc < 0) {
            pli_session_break_off(session, rc == -ENOMEM ? PL_REASON_NO_MEMORY : PL_REASON_RESET);
            return;
        }
        if (session->blocked)
            return;
        if (pli_session_unwritten(session) == 0) {
            session->write_due = 0;
            return;
        }
    }
    pli_session_note_blocked(session); /* not truly: but PLI_OUT lets it go on after others' turn */
}

void pli_session_flush_end(struct pl_session *session)
{
    session->finished = true;
    if (!session->filter)
        return;
    if (session->filter->class->end(session->filter) < 0)
        session->broken = true;
    else
        pli_session_flush(session);
}
