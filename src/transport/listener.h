/* SPDX-License-Identifier: MIT */
/*
 * The inside of a listener: a bound socket, the service behind it, and the limits that its new
 * sessions get.
 */
#ifndef PLI_TRANSPORT_LISTENER_H
#define PLI_TRANSPORT_LISTENER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <paceline/server.h>

#include "base/timers.h"
#include "engine/handle.h"
#include "transport/lines.h"

/* Limits of a session: constant, counted, shared by the sessions of a listener. */
struct pli_limits {
    _Atomic unsigned references;
    struct pli_lines_limits lines;
    size_t sendq;
    size_t high_water;
    uint64_t write_timeout; /* nanoseconds, 0: none */
    uint64_t idle_timeout;
};

void pli_limits_unref(struct pli_limits *limits);

struct pl_listener {
    struct pli_handle handle;
    struct pl_server *server; /* const after new, as all but limits and what is marked */
    const struct pl_service *service;
    void *context;
    struct pli_limits *limits; /* (server.lock) */
    struct pli_timer timer;    /* when accepting is tried again */
    char *path;                /* of a Unix socket that is ours to unlink, or NULL */
    unsigned port;
    _Atomic bool held; /* the program has a reference, until it closes the listener */
    bool exempt;
    bool exhausted; /* claim holder: accepting pauses for want of descriptors */
    bool told;      /* claim holder: that is in the log, and no connection was accepted since */
};

/* The listener's present limits, with a reference. */
struct pli_limits *pli_listener_limits(struct pl_listener *listener);

/* Gives the program's reference back, if the handle is a listener and the program has one. */
void pli_listener_let_go(struct pli_handle *handle);

#endif
