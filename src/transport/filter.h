/* SPDX-License-Identifier: MIT */
/*
 * A filter stands between what moves over a connection and what its service sees, as TLS does. It
 * works on memory alone and knows neither sockets nor models, so it is the same under all of them:
 * the session hands it what was read and is given what that means, and hands it what is queued and
 * is given what to write. All of it is the claim holder's.
 *
 * No connection has a buffer that is idle: what comes out of a filter stands in the thread's room
 * (pli_worker_room()) and is used up before the claim is let go. Only output that could not be
 * written, and what the filter says by itself while it takes input, is KEPT with the connection,
 * and goes out before anything else is put.
 */
#ifndef PLI_TRANSPORT_FILTER_H
#define PLI_TRANSPORT_FILTER_H

#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "engine/engine.h"

struct pli_filter;

/* What came of the input. */
enum pli_filter_outcome {
    PLI_FILTER_FLOWS = 0, /* bytes may flow both ways */
    PLI_FILTER_AGREES,    /* not yet: first comes more of what is to be agreed upon */
    PLI_FILTER_ENDED,     /* the peer has said that nothing more comes */
    PLI_FILTER_BROKEN,    /* the peer has broken the rules: nothing more can be taken or put */
    PLI_FILTER_FOREIGN,   /* its first bytes are of something else; nothing was said to it */
};

struct pli_filter_class {
    const char *name;

    /*
     * Takes all of INPUT, and puts what it means for the service into ROOM (PLI_ROOM_SIZE bytes),
     * where CLEAR tells of it. What is to be answered is kept. Returns a pli_filter_outcome or
     * -ENOMEM. INPUT is at most PLI_READ_SIZE bytes, and what a filter holds back of input that is
     * not whole yet at most PLI_ROOM_SLACK.
     */
    int (*take)(struct pli_filter *filter, struct pli_span input, char *room,
                struct pli_span *clear);

    /*
     * Makes of the first bytes of COUNT parts, at least one, what is to be written: OUT tells of it,
     * in ROOM. Returns how many bytes it has used, or a negative errno. Only where bytes may flow,
     * and nothing is kept.
     */
    ssize_t (*put)(struct pli_filter *filter, const struct iovec *parts, int count, char *room,
                   struct iovec *out);

    /* Nothing more will be put: what the peer is told of that is kept. Returns 0 or -ENOMEM. */
    int (*end)(struct pli_filter *filter);

    /* Which of its rules the peer has broken; a static text, or NULL. */
    const char *(*wrong)(const struct pli_filter *filter);

    void (*free)(struct pli_filter *filter);
};

struct pli_filter_kept;

struct pli_filter {
    const struct pli_filter_class *class;
    struct pli_filter_kept *kept; /* to be written; NULL: nothing is */
};

/* Keeps more to be written. Returns 0 or -ENOMEM. */
int pli_filter_keep(struct pli_filter *filter, const void *data, size_t length);

/* What is kept; no bytes if nothing is. */
struct iovec pli_filter_kept(const struct pli_filter *filter);

/* COUNT bytes of it have been written. */
void pli_filter_written(struct pli_filter *filter, size_t count);

/* NULL is allowed. */
void pli_filter_free(struct pli_filter *filter);

#endif
