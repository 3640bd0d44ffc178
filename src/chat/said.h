/* SPDX-License-Identifier: MIT */
/*
 * What has been said of late: of each message no more than it takes to tell whether, and for whom,
 * it may be taken back. A message is noted where it gets its id, while the world is held shared, by
 * any number of threads at once: each takes a place of the ring for itself and writes there.
 * Looking is done with the world held exclusive. Should a thread stop in the middle for so long that
 * the ring comes round to the place that it has taken, the two who write there may make a mixture:
 * that is noticed, and is no message.
 */
#ifndef CHAT_SAID_H
#define CHAT_SAID_H

#include "chat/event.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* A message. */
struct chat_said {
    uint64_t message;    /* the first word of its id; the second one is that of all ids here */
    struct chat_id by;   /* a user */
    struct chat_id to;   /* a channel or a user */
    enum chat_kind kind; /* CHAT_MESSAGE, CHAT_ACTION, CHAT_NOTICE or CHAT_TAGS */
    unsigned least;      /* of a channel's members only those have heard it who have that prefix */
};

/* A place: the words of a message, and a sum by which one knows that they belong together. */
#define CHAT_SAID_WORDS 7
struct chat_said_place {
    _Atomic uint64_t words[CHAT_SAID_WORDS];
};

/* Zero is one that keeps nothing. */
struct chat_said_ring {
    struct chat_said_place *places; /* NULL: none */
    size_t mask;                    /* one less than their number, a power of two */
    _Atomic uint64_t next;
};

/* Makes one for at least COUNT messages, 0: none. Returns 0 or -ENOMEM. */
int chat_said_init(struct chat_said_ring *ring, size_t count);
void chat_said_deinit(struct chat_said_ring *ring);

/* Whether it has as many places as chat_said_init() makes for COUNT. */
bool chat_said_fits(const struct chat_said_ring *ring, size_t count);

/* Notes all that OTHER has, the oldest first. Nobody notes anything meanwhile. */
void chat_said_copy(struct chat_said_ring *ring, const struct chat_said_ring *other);

/* Makes each what the other one is. Nobody else uses them. */
void chat_said_swap(struct chat_said_ring *one, struct chat_said_ring *other);

/* Notes a message, over the oldest. */
void chat_said_note(struct chat_said_ring *ring, const struct chat_said *said);

/* Finds the message with the id whose first word is MESSAGE; false: it is not there (any more). */
bool chat_said_find(const struct chat_said_ring *ring, uint64_t message, struct chat_said *said);

/* Forgets it, if it is there. */
void chat_said_forget(struct chat_said_ring *ring, uint64_t message);

#endif
