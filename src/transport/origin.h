/* SPDX-License-Identifier: MIT */
/*
 * What a session comes from: the server and service it belongs to, and the limits it gets. A
 * listener has one, which its sessions share and which outlives it while they do; a connector has
 * one for the session that it makes.
 */
#ifndef PLI_TRANSPORT_ORIGIN_H
#define PLI_TRANSPORT_ORIGIN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <paceline/server.h>

#include "transport/lines.h"

/*
 * Limits of a session: constant, counted, shared by the sessions of an origin that are in the same
 * class. Those of no class know those of classes, which are made of them when first needed.
 */
struct pli_limits {
    _Atomic unsigned references;
    struct pli_lines_limits lines;
    size_t sendq;
    size_t high_water;
    uint64_t write_timeout; /* nanoseconds, 0: none */
    uint64_t idle_timeout;
    uint64_t proxy_timeout;
    uint64_t tls_timeout;
    struct pli_class *class;     /* a reference; NULL: those of no class */
    struct pli_limits *variants; /* (server.lock) those of classes, with a reference each */
    struct pli_limits *next;     /* (server.lock) among the variants */
};

/* NULL is allowed. */
void pli_limits_unref(struct pli_limits *limits);

struct pli_origin {
    _Atomic unsigned references;
    bool exempt;         /* const after new, as all but limits: it does not count sessions */
    bool proxy_protocol; /* connections begin with a PROXY header */
    struct pl_tls *tls;  /* sessions speak TLS: a reference; NULL: they do not */
    struct pl_server *server;
    _Atomic uint64_t *begun; /* the server's count of such sessions */
    const struct pl_service *service;
    void *context;
    struct pli_limits *limits; /* (server.lock) */
    uint64_t listener;         /* const once it begins: the id of who accepts them; 0: nobody */
    _Atomic unsigned opening;  /* accepted sessions that have not had their first turn */
    _Atomic bool crowded;      /* the listener waits until there are fewer */
};

/*
 * Accepting slows before talking does: a listener goes on only while fewer than this many of its
 * sessions wait for their first turn, behind whatever there is to do for others.
 */
#define PLI_OPENING_MAX 64

/*
 * Makes one with one reference, for accepted sessions. Its limits are those of OPTIONS, and so
 * are exempt, proxy_protocol and tls. Returns 0,
 * -EINVAL (a limit out of range) or -ENOMEM.
 */
int pli_origin_new(struct pl_server *server, const struct pl_service *service, void *context,
                   const struct pl_listener_options *options, struct pli_origin **out);

struct pli_origin *pli_origin_ref(struct pli_origin *origin);

/* NULL is allowed. */
void pli_origin_unref(struct pli_origin *origin);

/*
 * Whether the listener has to wait: then it gets a note, PLI_IN, once half of those that open have
 * had their turn. Its claim holder.
 */
bool pli_origin_is_crowded(struct pli_origin *origin);

/* A session has been accepted; it has its first turn. Any thread. */
void pli_origin_accepted(struct pli_origin *origin);
void pli_origin_opened(struct pli_origin *origin);

/* The present limits for a session in CLASS, NULL: in none, with a reference; NULL without memory. */
struct pli_limits *pli_origin_limits(struct pli_origin *origin, struct pli_class *class);

/* Replaces them for sessions to come. Returns 0, -EINVAL or -ENOMEM. */
int pli_origin_set_limits(struct pli_origin *origin, const struct pl_listener_options *options);

#endif
