/* SPDX-License-Identifier: MIT */
/*
 * A session is a connection as services see it. This is its inside.
 *
 * Life, all of it in session_run() by whoever holds the claim (engine/handle.h):
 *
 *     prefaced   where a gateway must say first who comes: the service does not know of it yet
 *     agreeing   where TLS is spoken there is a handshake, of which the service does not know either
 *     open       service.open; then lines come
 *     ending     REASON is set, by whoever wants the end, once; nothing more is sent or delivered.
 *                The claim holder says farewell where the library ends it, and service.close
 *     flushing   what is queued is written out; input is no longer read
 *     lingering  the write side is shut; what the peer still sends is thrown away, for a short
 *                while, so that the last words are not lost to a reset (RFC 1122, 4.2.2.13)
 *     dead       the handle ends; the memory goes with the last reference
 *
 * While it is open, lines may be held back: PARKED until resumed (nothing is read), SLOWED until a
 * time (input is taken in up to recvq), PAUSED because the peer does not take its output (nothing
 * is read while more than high_water bytes wait).
 */
#ifndef PLI_TRANSPORT_SESSION_H
#define PLI_TRANSPORT_SESSION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <paceline/service.h>
#include <paceline/session.h>

#include "base/timers.h"
#include "engine/handle.h"
#include "transport/address.h"
#include "transport/lines.h"
#include "transport/out_queue.h"

struct pli_class;
struct pli_filter;
struct pli_limits;
struct pli_origin;
struct pli_session_work;

struct pl_session {
    struct pli_handle handle; /* what a send touches comes first */
    _Atomic uint8_t reason;   /* enum pl_reason, or 0 while it is open */
    bool opening : 1;         /* it has been accepted and has not had its first turn */
    bool opened : 1;          /* service.open has succeeded, so service.close is owed */
    bool over : 1;            /* the service has seen the end */
    bool last_words : 1;      /* sends of the running call are taken although it ends */
    bool eof : 1;             /* the peer has ended its input */
    bool broken : 1;          /* nothing can be written or read any more */
    bool blocked : 1;         /* the last write was short */
    bool waiting : 1;         /* complete lines may be held, or service.again is due */
    bool again : 1;           /* service.again is due */
    bool parked : 1;
    bool lingering : 1;
    bool finished : 1; /* all output is given to the filter, its end too */
    bool prefaced : 1; /* the service has not seen it: see transport/preface.h */
    bool secure : 1;   /* it speaks TLS: see transport/secure.h */
    bool agreed : 1;   /* and the handshake is done, so that output may flow */
    bool cut : 1;      /* EOF is the connection's, and not TLS's */
    bool counted : 1;  /* as one of its peer's address (transport/server.h) */
    bool wipe : 1;     /* what is delivered, and was read with it, has a secret in it */
    struct pli_out_queue out;
    struct pli_origin *origin; /* const after new, a reference */
    struct pli_limits *limits; /* a reference; changes with PEER */
    void *data;                /* claim holder */
    struct pli_filter *filter; /* claim holder; NULL: bytes are as they move */
    struct pli_lines in;       /* claim holder, as all below but REASON and PEER */
    struct pli_timer timer;    /* of the earliest of these times, which are 0 when not set: */
    uint64_t timer_at;         /* when it goes off */
    uint64_t service_due;      /* service.timer, or how long what comes before open may take */
    uint64_t write_due;        /* the peer must have taken something, or (lingering) ended */
    uint64_t slow_until;
    uint64_t idle_due;
    struct pli_session_work *work; /* in the helper pool, or NULL */
    struct pli_address peer;       /* changes while nobody else has the session only */
};

/*
 * Makes a session of a connection, in CLASS if that is not NULL, and lets the pool begin it. The
 * descriptor is the session's from then on. Returns 0, -ENOMEM, or why the model has no place for it
 * (then the descriptor is still the caller's). COUNTED: it counts as one of PEER's address.
 */
int pli_session_new(struct pli_origin *origin, int fd, const struct pli_address *peer,
                    struct pli_class *class, bool counted);

/*
 * Counts the session as one of PEER, which is its peer from then on, and puts it into that one's
 * class. Returns 0 or the reason (an enum pl_reason) why it may not: then nothing has changed. Claim
 * holder, while no other thread uses the session.
 */
int pli_session_settle(struct pl_session *session, const struct pli_address *peer);

/* Wants the session ended for REASON. The first reason counts. Any thread with a reference. */
void pli_session_end(struct pl_session *session, enum pl_reason reason);

/* The session that the handle is, or NULL if it is something else. */
struct pl_session *pli_session_of(struct pli_handle *handle);

#endif
