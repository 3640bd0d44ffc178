/* SPDX-License-Identifier: MIT */
/* Work for a parked session in the helper pool (pl_session_work()). */
#ifndef PLI_TRANSPORT_WORK_H
#define PLI_TRANSPORT_WORK_H

#include <stdbool.h>

struct pl_session;

/* The session's work is done: has the outcome called. Claim holder, on PLI_RESUME. */
void pli_session_work_done(struct pl_session *session, bool open);

#endif
