/* SPDX-License-Identifier: MIT */
/*
 * How fast people may speak in a channel that has modes for it: slow mode, so many lines, the same
 * text so many times, and so many new nicknames. What is kept of who speaks is there only while such
 * a mode is set. It goes by users, not by members, so that leaving and coming back gains nothing.
 *
 * A table of eight places in each row, in which a user has one row, begins with one row, and has
 * more once a row is full of people who still matter, up to CHAT_SPEAKERS_MAX places. Then who has
 * spoken least recently is forgotten.
 */
#ifndef CHAT_PACE_H
#define CHAT_PACE_H

#include "chat/id.h"
#include "chat/mode.h"

#include <stddef.h>
#include <stdint.h>

#define CHAT_SPEAKERS_MAX 512

/* Different texts of one user that are kept in mind. */
#define CHAT_REPEATS 4

/* How often since when, in nanoseconds of pli_clock_now(); 0: never. */
struct chat_tally {
    uint64_t since;
    unsigned count;
};

struct chat_speaker {
    struct chat_id user; /* CHAT_NO_ID: a free place */
    uint64_t spoke;      /* when last */
    struct chat_tally lines;
    struct {
        uint64_t text; /* what is left of it: a hash */
        struct chat_tally said;
    } repeats[CHAT_REPEATS];
};

struct chat_pace {
    struct chat_rate rates[CHAT_RATES]; /* (world) */
    struct chat_tally nicks;            /* (world) */
    size_t rows;                        /* (order) a power of two */
    struct chat_speaker *speakers;      /* (order) */
};

/*
 * Sets a rate, or clears it if its count is 0, of the pace that *PACE points to, which is made
 * before the first and freed after the last. Everybody begins anew then. 0 or -ENOMEM.
 */
int chat_pace_set(struct chat_pace **pace, enum chat_mode mode, const struct chat_rate *rate);
void chat_pace_free(struct chat_pace *pace); /* NULL is allowed */

/* What is said at NOW. */
struct chat_spoken {
    struct chat_id user;
    struct chat_text text;
    uint64_t now;
    size_t lines; /* that it has; 0: it is a single one */
};

/* What came of it. */
struct chat_verdict_on_line {
    int outcome;         /* 0, CHAT_TOO_SOON, CHAT_TOO_MANY_LINES or CHAT_REPEATED */
    enum chat_mode mode; /* by which */
    uint64_t wait;       /* nanoseconds until it would be 0 */
};

/* Counts a line of somebody who is not exempt, unless it may not be said. The order lock is held. */
struct chat_verdict_on_line chat_pace_take(struct chat_pace *pace, const struct chat_spoken *line);

/* The user begins anew. The order lock is held. */
void chat_pace_forgive(struct chat_pace *pace, struct chat_id user);

/* Whether there were too many new nicknames to have another one; and counts one. */
bool chat_pace_holds_nicks(const struct chat_pace *pace, uint64_t now);
void chat_pace_count_nick(struct chat_pace *pace, uint64_t now);

#endif
