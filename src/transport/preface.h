/* SPDX-License-Identifier: MIT */
/*
 * What comes before a session's first byte of its own: where the listener has proxy_protocol, the
 * header in which a gateway says for whom it speaks (transport/proxy_header.h). The service sees
 * nothing of it, and the session only once the header has been read: who does not send one has
 * never come. Whatever else is to be agreed upon before there are lines comes after it.
 *
 * All of it is the claim holder's. What has come of a header that is not whole is held where the
 * beginning of a line will be held later, so a session has no room of its own for it.
 */
#ifndef PLI_TRANSPORT_PREFACE_H
#define PLI_TRANSPORT_PREFACE_H

#include <stdbool.h>

#include <paceline/service.h>

#include "engine/engine.h"
#include "transport/address.h"

struct pl_session;
struct pli_origin;

/*
 * Whether a session of ORIGIN that comes from PEER counts as one of that address from the start.
 * Otherwise it does when it is known who speaks there.
 */
bool pli_preface_counts(const struct pli_origin *origin, const struct pli_address *peer);

/* Sets the time in which the header must have come. */
void pli_preface_begin(struct pl_session *session);

/*
 * Takes what is the header's off INPUT. Returns whether it is whole, so that the service is to see
 * the session; if not, more must come, or the session has been ended.
 */
bool pli_preface_take(struct pl_session *session, struct pli_span *input);

/*
 * Tells a client whom the service has not seen that it may not come, as far as the protocol has words
 * for it, and ends the session. Nobody is told before TLS is spoken where it must be.
 */
void pli_preface_turn_away(struct pl_session *session, enum pl_reason reason);

/* The time is over. */
void pli_preface_late(struct pl_session *session);

#endif
