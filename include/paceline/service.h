/* SPDX-License-Identifier: MIT */
/*
 * A service is a protocol: the calls that the library makes when something happens to a session.
 *
 * Threads: the calls come from any thread of the pool (close also from pl_server_free()), but for
 * one session never two at once, and what one call wrote the next one sees. Different sessions are
 * served at the same time. A call may send to, or close, any session; a call that is going to
 * block must bracket that with pl_blocking_begin() and pl_blocking_end(), or park the session
 * (pl_session_park()).
 *
 * Life of a session: open, then any number of line, fault, timer, resume and again, then, if the
 * library ends the session while it can still be written to, farewell, and at last close, once. Nothing
 * comes after close. If open fails, close is not called.
 */
#ifndef PACELINE_SERVICE_H
#define PACELINE_SERVICE_H

#include <stddef.h>

#include <paceline/version.h>

struct pl_session;

/*
 * A line as it came. TEXT is not terminated by a NUL; LENGTH bytes are the line, SIZE bytes the
 * line with its end: LENGTH + 1 after LF, LENGTH + 2 after CR LF, LENGTH for a last line that end
 * of input has cut short. It is valid until the call returns.
 */
struct pl_line {
    const char *text;
    size_t length;
    size_t size;
};

/* What can be wrong with a line that is therefore not delivered. */
enum pl_fault {
    PL_FAULT_TOO_LONG = 1, /* longer than max_line; skipped to its end */
    PL_FAULT_NUL,          /* has a NUL byte, which the service refuses (PL_SERVICE_REFUSE_NUL) */
};

/* Why a session ended, or was not begun. */
enum pl_reason {
    PL_REASON_CLOSED = 1,    /* pl_session_close() */
    PL_REASON_EOF,           /* the peer ended its input; all of it was served */
    PL_REASON_RESET,         /* the connection broke */
    PL_REASON_RECVQ,         /* more input unread or unterminated than the listener allows */
    PL_REASON_SENDQ,         /* more output queued than the listener allows */
    PL_REASON_WRITE_TIMEOUT, /* the peer took nothing of its queued output for too long */
    PL_REASON_IDLE,          /* no input for the listener's idle_timeout */
    PL_REASON_STOPPING,      /* the server stops */
    PL_REASON_NO_MEMORY,     /* an allocation failed */
    PL_REASON_FULL,          /* refused: too many sessions, or no descriptor left */
    PL_REASON_PER_ADDRESS,   /* refused: too many sessions from one address */
    PL_REASON_CONNECT_RATE,  /* refused: the address connects too often */
    PL_REASON_PROXY_HEADER,  /* before open: no PROXY header that is believed (proxy_protocol) */
    PL_REASON_CLASS_FULL,    /* refused: too many sessions in the class of the address */
    PL_REASON_BANNED,        /* refused: the address is not let in */
    PL_REASON_TLS,   /* the peer has broken the rules of TLS, or before open: none was agreed
                                upon (in time) */
    PL_REASON_PLAIN, /* refused: the peer does not speak TLS where it must */
};

/* Short English text for REASON, for logs and farewells; static. Any thread. */
PL_EXPORT const char *pl_reason_text(enum pl_reason reason);

#define PL_SERVICE_REFUSE_NUL 1u /* lines with a NUL byte become PL_FAULT_NUL */

/*
 * Sessions from gateways with names_peers (pl_server_set_gateways()) do not count as ones of their
 * address before the service calls pl_session_set_peer(), as it does for each that it goes on with.
 */
#define PL_SERVICE_NAMES_PEERS 2u

/* Any call but `line` may be NULL; it has a name. A service is constant while it is used. */
struct pl_service {
    const char *name;
    unsigned flags;

    /*
     * A connection was accepted, or made by pl_connect(). CONTEXT is what pl_server_listen() or
     * pl_connect() was given. Returns 0, or a negative errno to close it at once; what was sent
     * until then is still delivered.
     */
    int (*open)(struct pl_session *session, void *context);

    /* A complete line, or the rest that end of input leaves (SIZE == LENGTH). */
    void (*line)(struct pl_session *session, const struct pl_line *line);

    /*
     * A line that is not delivered. HEAD is its beginning: for PL_FAULT_TOO_LONG at most max_line
     * bytes, for PL_FAULT_NUL the line.
     */
    void (*fault)(struct pl_session *session, enum pl_fault fault, const struct pl_line *head);

    /* The time set by pl_session_set_timer() has come. */
    void (*timer)(struct pl_session *session);

    /* pl_session_resume() was called for the parked session. */
    void (*resume)(struct pl_session *session);

    /* pl_session_again() or _wake() was called, and the peer has taken what was too much. */
    void (*again)(struct pl_session *session);

    /*
     * The library is going to end the session for REASON, and what is sent now can still be
     * delivered: the place for the protocol's last words.
     */
    void (*farewell)(struct pl_session *session, enum pl_reason reason);

    /*
     * The session is over, though what is queued may still be written. Sends are dropped; its data
     * (pl_session_set_data()) is to be freed.
     */
    void (*close)(struct pl_session *session, enum pl_reason reason);

    /*
     * Writes into TEXT (SIZE bytes) what a peer is told that is turned away before it has a
     * session, and returns how many bytes it has written, at most SIZE (0: nothing). No session
     * exists.
     */
    size_t (*refuse)(enum pl_reason reason, char *text, size_t size, void *context);
};

#endif
