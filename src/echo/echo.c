/* SPDX-License-Identifier: MIT */
/*
 * Lines of one read are queued one after the other and go back in one write: that is the library's
 * doing. NULs pass. What the service itself has to say begins with ERROR; it is the only output
 * that was not input before. A send that fails ends the session in the library.
 */
#include "config.h"

#include "echo/echo.h"

#include <paceline/session.h>

#include <stdio.h>

static void echo_line(struct pl_session *session, const struct pl_line *line)
{
    (void)pl_session_send(session, line->text, line->size);
}

static void echo_fault(struct pl_session *session, enum pl_fault fault, const struct pl_line *head)
{
    (void)head;
    (void)pl_session_printf(session, "ERROR %s\r\n",
                            fault == PL_FAULT_TOO_LONG ? "line too long" : "line refused");
}

/* At the end of input everything has come back; there is nothing to add. */
static void echo_farewell(struct pl_session *session, enum pl_reason reason)
{
    if (reason != PL_REASON_EOF)
        (void)pl_session_printf(session, "ERROR %s\r\n", pl_reason_text(reason));
}

static size_t echo_refuse(enum pl_reason reason, char *text, size_t size, void *context)
{
    int length = snprintf(text, size, "ERROR %s\r\n", pl_reason_text(reason));

    (void)context;
    return length > 0 && (size_t)length < size ? (size_t)length : 0;
}

const struct pl_service echo_service = {
    .name = "echo",
    .line = echo_line,
    .fault = echo_fault,
    .farewell = echo_farewell,
    .refuse = echo_refuse,
};
