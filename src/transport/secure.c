/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/secure.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "transport/filter.h"
#include "transport/origin.h"
#include "transport/preface.h"
#include "transport/server.h"
#include "transport/session.h"
#include "transport/tls.h"

/* Of RFC 8446, section 6.2. */
enum { ACCESS_DENIED = 49, INTERNAL_ERROR = 80 };

/* Who finds the server full or out of something has done nothing that is theirs. */
size_t pli_secure_refusal(enum pl_reason reason, char alert[PLI_SECURE_ALERT])
{
    bool is_ours = reason == PL_REASON_FULL || reason == PL_REASON_NO_MEMORY;
    const char record[PLI_SECURE_ALERT] = {
        21, 3, 3, 0, 2, 2 /* fatal */, is_ours ? INTERNAL_ERROR : ACCESS_DENIED};

    memcpy(alert, record, sizeof(record));
    return sizeof(record);
}

void pli_secure_begin(struct pl_session *session)
{
    session->service_due =
        session->limits->tls_timeout ? pli_clock_now() + session->limits->tls_timeout : 0;
}

/* Nothing more can be said in a way that the peer would understand but what is kept. */
static void fail(struct pl_session *session, const char *wrong)
{
    struct pl_server *server = session->origin->server;
    char address[PL_ADDRESS_TEXT];

    pli_log_limited(&server->turned_away, PL_LOG_INFO, "%s: TLS with %s fails: %s",
                    session->origin->service->name,
                    pli_address_text(&session->peer, address, sizeof(address)), wrong);
    if (!session->opened)
        atomic_fetch_add_explicit(&server->refused, 1, memory_order_relaxed);
    pli_out_queue_close(&session->out);
    pli_session_end(session, PL_REASON_TLS);
}

void pli_secure_late(struct pl_session *session)
{
    fail(session, "the handshake has not been done in time");
}

/* What comes is plain text, and so is the answer. */
static void refuse_plain(struct pl_session *session)
{
    pli_filter_free(session->filter);
    session->filter = NULL;
    session->secure = false;
    pli_preface_turn_away(session, PL_REASON_PLAIN);
}

static int take(struct pl_session *session, struct pli_span input, struct pli_span *clear)
{
    char *room;
    int rc;

    if (!session->filter && input.length == 0)
        return PLI_FILTER_AGREES; /* there is nothing to begin with */
    room = pli_worker_room();
    rc = room ? 0 : -ENOMEM;
    if (rc == 0 && !session->filter)
        rc = pli_tls_filter_new(session->origin->tls, &session->filter);
    return rc < 0 ? rc : session->filter->class->take(session->filter, input, room, clear);
}

bool pli_secure_take(struct pl_session *session, struct pli_span *input)
{
    struct pli_span clear = {0};
    int outcome = take(session, *input, &clear);

    *input = clear;
    switch (outcome) {
    case PLI_FILTER_FLOWS:
        return true;
    case PLI_FILTER_AGREES:
        if (session->eof)
            pli_session_end(session, PL_REASON_EOF);
        return false;
    case PLI_FILTER_ENDED:
        session->eof = true;
        return true;
    case PLI_FILTER_BROKEN:
        fail(session, session->filter->class->wrong(session->filter));
        return false;
    case PLI_FILTER_FOREIGN:
        refuse_plain(session);
        return false;
    default:
        pli_out_queue_close(&session->out);
        pli_session_end(session, PL_REASON_NO_MEMORY);
        return false;
    }
}
