/* SPDX-License-Identifier: MIT */
/*
 * Classes of connections: by its address a connection is in the first class that has a network for
 * it, or in none, from its beginning to its end. A class is constant, counted, and known to the
 * limits of each session that is in it (origin.h), so a session has nothing more for being in one.
 * When classes are replaced those of before live on while they have sessions; how many sessions
 * there are is kept by name, so that it is right for a class that comes again.
 */
#ifndef PLI_TRANSPORT_CLASSES_H
#define PLI_TRANSPORT_CLASSES_H

#include <stdatomic.h>
#include <stddef.h>

#include <paceline/server.h>

#include "transport/address.h"
#include "transport/network.h"

/* How many sessions there are in the classes of one name. */
struct pli_class_count {
    _Atomic unsigned references;
    unsigned sessions; /* (server.lock) */
};

struct pli_class {
    _Atomic unsigned references;
    struct pli_class_count *count; /* const after new, as what follows; a reference */
    unsigned connections;          /* 0: no limit */
    unsigned per_address;          /* 0: no limit */
    size_t recvq;
    size_t sendq;
    char name[PL_CLASS_NAME];
    size_t network_count;
    struct pl_network networks[];
};

/* The classes of a server, in the order in which they are tried. The server's lock guards them. */
struct pli_classes {
    struct pli_class **classes; /* a reference each */
    size_t count;
};

/*
 * Makes them; those of the same name as one of BEFORE, which stay as they are, count on. Returns 0,
 * -EINVAL (see pl_server_set_classes()) or -ENOMEM.
 */
int pli_classes_init(struct pli_classes *classes, const struct pl_class_options *options,
                     size_t count, const struct pli_classes *before);
void pli_classes_deinit(struct pli_classes *classes);

/* The class of that address, without a reference; NULL: none. */
struct pli_class *pli_classes_find(const struct pli_classes *classes,
                                   const struct pli_address *address);

/* NULL may be unref'd. */
struct pli_class *pli_class_ref(struct pli_class *class);
void pli_class_unref(struct pli_class *class);

#endif
