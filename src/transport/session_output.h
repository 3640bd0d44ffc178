/* SPDX-License-Identifier: MIT */
/*
 * How the output of a session goes out: from its out-queue, through its filter if it has one, to the
 * model. All of it is the claim holder's.
 */
#ifndef PLI_TRANSPORT_SESSION_OUTPUT_H
#define PLI_TRANSPORT_SESSION_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "transport/session.h"

/* Writes what is queued, until it is all written, a write is short, or others should have a turn. */
void pli_session_flush(struct pl_session *session);

/* All is written: has the filter say that no more comes. That may be short in turn. */
void pli_session_flush_end(struct pl_session *session);

/* How many bytes wait to be written. */
size_t pli_session_unwritten(const struct pl_session *session);

/* Whether the model has yet to move what it has taken: an end waits for that. */
bool pli_session_writing(struct pl_session *session);

/* It is to wait for PLI_OUT, for write_timeout at most. */
void pli_session_note_blocked(struct pl_session *session);

/* The connection is broken: nothing more can be moved either way. */
void pli_session_break_off(struct pl_session *session, enum pl_reason reason);

#endif
