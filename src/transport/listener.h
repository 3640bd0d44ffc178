/* SPDX-License-Identifier: MIT */
/*
 * The inside of a listener: a bound socket, and the service and limits behind it.
 */
#ifndef PLI_TRANSPORT_LISTENER_H
#define PLI_TRANSPORT_LISTENER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <paceline/server.h>

#include "base/timers.h"
#include "engine/handle.h"
#include "transport/origin.h"

struct pl_listener {
    struct pli_handle handle;
    struct pli_origin *origin; /* const after new, as all but what is marked; a reference */
    struct pli_timer timer;    /* when accepting is tried again */
    char *path;                /* of a Unix socket that is ours to unlink, or NULL */
    unsigned port;
    _Atomic bool held; /* the program has a reference, until it closes the listener */
    bool paused; /* claim holder: until descriptors are free, or those who open had their turn */
    bool told;   /* claim holder: that is in the log, and no connection was accepted since */
};

/* Gives the program's reference back, if the handle is a listener and the program has one. */
void pli_listener_let_go(struct pli_handle *handle);

#endif
