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
#include "base/log_limit.h"
#include "engine/engine.h"
#include "engine/helpers.h"
#include "transport/address.h"
#include "transport/classes.h"
#include "transport/connect_rate.h"
#include "transport/gateways.h"
#include "transport/limit_hits.h"

struct pl_server {
    struct pli_engine engine;
    struct pli_helpers helpers;
    struct pl_timer *drain_timer; /* const after new */
    _Atomic unsigned sessions;    /* alive, until their handle ends */
    _Atomic uint64_t accepted;
    _Atomic uint64_t connected; /* sessions of connectors */
    _Atomic uint64_t refused;
    struct pli_limit_hits limits;
    _Atomic bool draining;
    _Atomic bool freeing;
    _Atomic bool running;

    struct pli_mutex lock;               /* PLI_RANK_SERVER */
    unsigned max_sessions;               /* (lock) */
    unsigned per_address;                /* (lock) */
    unsigned counted;                    /* (lock) sessions that count against max_sessions */
    struct pli_prefixes prefixes;        /* (lock) */
    struct pli_address_counts addresses; /* (lock) */
    struct pli_connect_rate connects;    /* (lock) */
    struct pli_gateways *gateways;       /* (lock) or NULL: none */
    struct pli_classes classes;          /* (lock) */
    int reserve;                         /* (lock) a descriptor to turn a client away with, or -1 */
    bool (*denies)(const struct pli_address *peer,
                   void *context); /* const while it runs; or NULL */
    void *denies_context;
    int nothing;                      /* const after new: what the reserve is one of */
    struct pli_log_limit turned_away; /* of who was not believed */
};

/*
 * Counts a session that is about to begin, for the group of its address, which PEER then tells, or
 * while that is not known, of none (NULL); and finds its class: *CLASS, NULL or with a reference.
 * Returns 0, or the reason (an enum pl_reason) for turning it away.
 */
int pli_server_admit(struct pl_server *server, struct pli_address *peer, struct pli_class **class);

/*
 * Has DENIES asked of everybody who connects to a listener that is not exempt, and turns away whom
 * it returns true for: any thread, and it waits for nothing. Before the server runs.
 */
void pli_server_set_denies(struct pl_server *server,
                           bool (*denies)(const struct pli_address *peer, void *context),
                           void *context);

/* The class of that address, with a reference; NULL: none. */
struct pli_class *pli_server_class_of(struct pl_server *server, const struct pli_address *peer);

/*
 * Counts an admitted session as one of PEER in CLASS, and not of FORMER (may be NULL) and its class.
 * Returns likewise.
 */
int pli_server_move(struct pl_server *server, const struct pli_address *former,
                    struct pli_class *former_class, struct pli_address *peer,
                    struct pli_class *class);

/* The opposite of both, at the session's end; the reference to the class stays. */
void pli_server_dismiss(struct pl_server *server, const struct pli_address *peer,
                        struct pli_class *class);

/* A session's handle is there, or has ended: then a drain may be complete. */
void pli_server_session_began(struct pl_server *server);
void pli_server_session_ended(struct pl_server *server);

#endif
