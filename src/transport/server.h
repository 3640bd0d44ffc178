/* SPDX-License-Identifier: MIT */
/*
 * The inside of a server: the engine, and what its listeners and sessions share.
 */
#ifndef PLI_TRANSPORT_SERVER_H
#define PLI_TRANSPORT_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>

#include <paceline/server.h>

#include "base/lock.h"
#include "engine/engine.h"
#include "engine/helpers.h"
#include "transport/address.h"
#include "transport/connect_rate.h"

struct pl_server {
    struct pli_engine engine;
    struct pli_helpers helpers;
    struct pl_timer *drain_timer; /* const after new */
    _Atomic unsigned sessions;    /* alive, until their handle ends */
    _Atomic uint64_t accepted;
    _Atomic uint64_t refused;
    _Atomic bool draining;
    _Atomic bool running;

    struct pli_mutex lock;               /* PLI_RANK_SERVER */
    unsigned max_sessions;               /* (lock) */
    unsigned per_address;                /* (lock) */
    unsigned counted;                    /* (lock) sessions that count against max_sessions */
    struct pli_address_counts addresses; /* (lock) */
    struct pli_connect_rate connects;    /* (lock) */
    int reserve;                         /* (lock) a descriptor to turn a client away with, or -1 */
    int nothing;                         /* const after new: what the reserve is one of */
};

/*
 * Counts a session that is about to begin. Returns 0, or the reason (an enum pl_reason) for turning
 * it away.
 */
int pli_server_admit(struct pl_server *server, const struct pli_address *peer);

/* The opposite, at the session's end. */
void pli_server_dismiss(struct pl_server *server, const struct pli_address *peer);

/* A session's handle is there, or has ended: then a drain may be complete. */
void pli_server_session_began(struct pl_server *server);
void pli_server_session_ended(struct pl_server *server);

#endif
