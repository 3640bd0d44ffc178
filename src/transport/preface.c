/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/preface.h"

#include "base/clock.h"
#include "base/log.h"
#include "transport/origin.h"
#include "transport/proxy_header.h"
#include "transport/secure.h"
#include "transport/server.h"
#include "transport/session.h"

/* Whether somebody at that address may yet name another to the service. */
static bool may_name(const struct pli_origin *origin, const struct pli_address *peer)
{
    return (origin->service->flags & PL_SERVICE_NAMES_PEERS) &&
           pli_server_has_namer(origin->server, peer);
}

bool pli_preface_counts(const struct pli_origin *origin, const struct pli_address *peer)
{
    return !origin->proxy_protocol && !may_name(origin, peer);
}

void pli_preface_begin(struct pl_session *session)
{
    if (session->limits->proxy_timeout)
        session->service_due = pli_clock_now() + session->limits->proxy_timeout;
}

/* Ends the session of a gateway that is not believed; the log says why. */
static void refuse(struct pl_session *session, const char *wrong)
{
    struct pl_server *server = session->origin->server;
    char address[PL_ADDRESS_TEXT];

    pli_log_limited(&server->turned_away, PL_LOG_WARNING, "%s: no PROXY header from %s: %s",
                    session->origin->service->name,
                    pli_address_text(&session->peer, address, sizeof(address)), wrong);
    atomic_fetch_add_explicit(&server->refused, 1, memory_order_relaxed);
    pli_session_end(session, PL_REASON_PROXY_HEADER);
}

void pli_preface_late(struct pl_session *session)
{
    refuse(session, "it has not come in time");
}

void pli_preface_turn_away(struct pl_session *session, enum pl_reason reason)
{
    const struct pli_origin *origin = session->origin;
    char text[512];
    size_t length = 0;

    pli_limit_hit_for(&origin->server->limits, reason);
    atomic_fetch_add_explicit(&origin->server->refused, 1, memory_order_relaxed);
    if (session->secure)
        length = pli_secure_refusal(reason, text);
    else if (origin->service->refuse)
        length = origin->service->refuse(reason, text, sizeof(text), origin->context);
    session->secure = false; /* it goes out as it is */
    if (length > 0)
        (void)pl_session_send(session, text, length < sizeof(text) ? length : sizeof(text));
    pli_session_end(session, reason);
}

/* Counts the session as one of the address that its peer has now; false: there are too many. */
static bool settle(struct pl_session *session, enum pli_proxy_outcome outcome)
{
    const struct pli_origin *origin = session->origin;
    int reason;

    if (origin->exempt || outcome == PLI_PROXY_LOCAL || may_name(origin, &session->peer))
        return true;
    reason = pli_session_settle(session, &session->peer);
    if (reason)
        pli_preface_turn_away(session, (enum pl_reason)reason);
    return !reason;
}

/* Reads on in what is held, which gets no more from the input than belongs to the header. */
static int read_held(struct pl_session *session, struct pli_span *input,
                     struct pli_proxy_header *header)
{
    struct pli_lines *in = &session->in;
    size_t held = pli_lines_held(in);
    int outcome = pli_proxy_header_read(in->held, held, header);

    while (outcome == PLI_PROXY_MORE && input->length > 0) {
        size_t wanted = header->size - held;
        int rc = pli_lines_hold(in, input, wanted < input->length ? wanted : input->length);

        if (rc < 0)
            return rc;
        held = pli_lines_held(in);
        outcome = pli_proxy_header_read(in->held, held, header);
    }
    return outcome;
}

/* A header that comes at once, as nearly all do, is read where it lies. */
static int read_header(struct pl_session *session, struct pli_span *input,
                       struct pli_proxy_header *header)
{
    int outcome = PLI_PROXY_MORE;

    if (pli_lines_held(&session->in) == 0 && input->length > 0)
        outcome = pli_proxy_header_read(input->data, input->length, header);
    if (outcome == PLI_PROXY_MORE)
        return read_held(session, input, header);
    if (outcome != PLI_PROXY_BAD) {
        input->data += header->size;
        input->length -= header->size;
    }
    return outcome;
}

/* What is there is no header, and no more comes. Who only looked whether anybody listens may go. */
static void end_early(struct pl_session *session)
{
    if (pli_lines_held(&session->in) > 0)
        refuse(session, "it has no end");
    else
        pli_session_end(session, PL_REASON_EOF);
}

bool pli_preface_take(struct pl_session *session, struct pli_span *input)
{
    struct pli_proxy_header header;
    int outcome = read_header(session, input, &header);

    if (outcome < 0) {
        pli_session_end(session, PL_REASON_NO_MEMORY);
        return false;
    }
    if (outcome == PLI_PROXY_BAD) {
        refuse(session, header.wrong);
        return false;
    }
    if (outcome == PLI_PROXY_MORE) {
        if (session->eof)
            end_early(session);
        return false;
    }
    pli_lines_deinit(&session->in);
    session->prefaced = false;
    session->service_due = 0;
    if (outcome == PLI_PROXY_NAMED)
        session->peer = header.peer;
    return settle(session, (enum pli_proxy_outcome)outcome);
}
