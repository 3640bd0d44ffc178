/* SPDX-License-Identifier: MIT */
/*
 * Sessions of listeners that speak TLS, from the first byte on (behind a PROXY header, if there is
 * one): the service sees nothing of the handshake, and the session only once it is done; from then
 * on lines as from anybody. Who does not speak TLS is told so in plain text, as far as the service's
 * protocol has words for it (service.refuse).
 *
 * Who is turned away before the handshake (the server is full, the address banned or come too often)
 * gets a fatal alert and no reason in words: these would need the handshake, and whoever is turned
 * away is so to spare the server its cost, which at their rate nothing would bound.
 *
 * The end of a connection without TLS's own (close_notify) may have been made by somebody on the way:
 * lines that have come whole are served, and what has no end of line is not taken for one.
 *
 * All of it is the claim holder's.
 */
#ifndef PLI_TRANSPORT_SECURE_H
#define PLI_TRANSPORT_SECURE_H

#include <stdbool.h>

#include <paceline/service.h>

#include "engine/engine.h"

struct pl_session;

/* The record of an alert (RFC 8446, sections 5.1 and 6). */
#define PLI_SECURE_ALERT 7

/* Writes the one for who is turned away for REASON before the handshake. Returns its length. */
size_t pli_secure_refusal(enum pl_reason reason, char alert[PLI_SECURE_ALERT]);

/* Sets the time in which the handshake must be done. */
void pli_secure_begin(struct pl_session *session);

/*
 * Takes INPUT, and makes it what it means. Returns whether bytes flow: if not, more must come, or the
 * session has been ended.
 */
bool pli_secure_take(struct pl_session *session, struct pli_span *input);

/* The time is over. */
void pli_secure_late(struct pl_session *session);

#endif
