/* SPDX-License-Identifier: MIT */
/*
 * What has been said, kept in a file of its own beside the store's. A line belongs to a target: a
 * channel, by the id under which its history runs, or the conversation of two accounts. It has an id
 * that sorts by time, and what it is beyond that is the caller's: a number for its kind, a text in
 * which words are searched, and a body. Lines that are events, as opposed to what is said, are counted
 * and read apart.
 *
 * Lines go through a queue, bounded by their number and bytes, to one writer thread, which commits those
 * of a while together. Whoever says something never waits for it: a line that finds no room, no memory or
 * no file is lost, and counted by the reason. Words are indexed behind the lines, when there is time; so
 * a search may have to wait for that. What is too old or too much is deleted a little at a time.
 *
 * When the file cannot be written, lines are lost until it can be again, which is tried every now and
 * then; what was to be redacted stays in the queue until it is.
 *
 * Life: history_open(); history_stop() once nothing is said any more; history_close() when nobody is left
 * who could ask. Calls marked "waits" are for threads that may.
 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct history;

/* Bytes that stand somewhere else. */
struct history_bytes {
    const char *data; /* may be NULL if there are none */
    size_t length;
};

/* A channel by its id, or the two accounts of a conversation, folded, the lesser one first. */
struct history_target {
    uint64_t id, origin;             /* of a channel */
    struct history_bytes one, other; /* no bytes: it is a channel */
};

struct history_line {
    struct history_target target;
    uint64_t id; /* greater than 0; later is greater */
    uint64_t origin;
    bool event;     /* rather than something said */
    unsigned kind;  /* the caller's */
    unsigned least; /* whoever reads it must have at least that (history_query.prefix) */
    struct history_bytes sender; /* by which it can be searched: the folded nickname */
    struct history_bytes text;   /* in which words are searched: UTF-8 */
    struct history_bytes body;   /* the caller's */
};

/* How much is kept. 0: there is no such limit. */
struct history_limits {
    unsigned lines; /* of a target; and as many events */
    unsigned days;
};

struct history_options {
    const char *path;
    unsigned busy;     /* milliseconds that another program which holds the file is waited for */
    unsigned retry;    /* milliseconds between tries whether the file can be written again */
    unsigned interval; /* milliseconds after which a line is committed */
    unsigned queue;    /* lines that may wait, 1 or more */
    size_t queue_bytes;
    struct history_limits limits;
};
#define HISTORY_OPTIONS                                                                            \
    ((struct history_options){                                                                     \
        .busy = 2000, .retry = 1000, .interval = 100, .queue = 32768, .queue_bytes = 16777216})

/*
 * Opens a history, or makes one where none is. OPTIONS are copied. Returns and reports as store_open()
 * does; -ENOSYS: this build has none.
 */
int history_open(const struct history_options *options, struct history **out,
                 char why[static STORE_WHY]);

/* Commits what waits and ends the writer; what comes then is lost. */
void history_stop(struct history *history);

/* Stops it, if need be, and frees it. NULL is allowed. */
void history_close(struct history *history);

/* Any thread, like all that follows. */
void history_limit(struct history *history, const struct history_limits *limits);

/* 0 when lines are written; otherwise why they are not: store_problem() has words for it. */
int history_state(const struct history *history);

/* The id of the latest line that is kept, 0 if none is. Waits. */
int history_newest(struct history *history, uint64_t *id);

/* -- Keeping -------------------------------------------------------------------------------------- */

/*
 * Keeps a line, which is copied. Lines are written in the order of these calls, which those of one
 * target are made in by the order of their ids. Never waits. Returns 0, or -EAGAIN (the queue is
 * full), -ENOMEM, -ESHUTDOWN, or what history_state() says: then the line is lost, and counted.
 */
int history_keep(struct history *history, const struct history_line *line);

/* Counts a line that is lost before it could be given. */
void history_lose(struct history *history);

/* Forgets a line of the target, if it is there. Never waits. Returns 0, -EAGAIN, -ENOMEM or -ESHUTDOWN. */
int history_redact(struct history *history, const struct history_target *target, uint64_t id);

/* Forgets all conversations of an account, by its folded name. The same. */
int history_forget(struct history *history, struct history_bytes account);

/*
 * Waits until what was given before is committed or lost; INDEXED: and can be found by its words. Returns
 * 0, or -ETIMEDOUT if that takes longer than PATIENCE milliseconds, or why nothing is written.
 */
int history_settle(struct history *history, bool indexed, unsigned patience);

/* -- Reading (waits) ------------------------------------------------------------------------------ */

/* Bounds exclude the ids that they name; BEFORE 0: there is none. */
struct history_query {
    struct history_target target;
    uint64_t after, before;
    bool newest; /* the latest of them, which come latest first, rather than the earliest */
    unsigned most;
    bool events; /* they, too */
    unsigned prefix;
};

/* LINE stands as long as the call. What is not 0 ends the reading, which returns it. */
typedef int history_visit(const struct history_line *line, void *argument);

/*
 * What was committed before. Returns 0, also where there is nothing, or a negative errno: -ETIMEDOUT
 * for what takes too long.
 */
int history_read(struct history *history, const struct history_query *query, history_visit *visit,
                 void *argument);

/* The id of the latest thing said that is kept of the target; 0: none is. */
int history_latest(struct history *history, const struct history_target *target, uint64_t *id);

/* The conversations of an account, in no order: who with, and the latest thing said. */
int history_conversations(struct history *history, struct history_bytes account,
                          int (*visit)(struct history_bytes with, uint64_t latest, void *argument),
                          void *argument);

/* What is said that has all of WORDS, whole and in any case, by SENDER, in any of some targets. */
#define HISTORY_SEARCHED_MAX 256 /* targets */
struct history_search {
    const struct history_target *targets;
    const unsigned *prefixes; /* of whoever reads, in each */
    size_t count;
    struct history_bytes words;  /* none: all lines */
    struct history_bytes sender; /* none: anybody */
    uint64_t after, before;
    bool newest;
    unsigned most;
};
int history_search(struct history *history, const struct history_search *search,
                   history_visit *visit, void *argument);

/* -- Figures -------------------------------------------------------------------------------------- */

enum history_loss {
    HISTORY_FULL,    /* the queue was */
    HISTORY_MEMORY,  /* there was none */
    HISTORY_FAILED,  /* the file could not be written */
    HISTORY_STOPPED, /* nothing is written any more */
    HISTORY_TAKEN,   /* another line has its id */
    HISTORY_LOSSES
};

/* One word for each. */
const char *history_loss_name(enum history_loss loss);

struct history_stats {
    unsigned waiting; /* lines, now */
    size_t waiting_bytes;
    uint64_t kept;    /* lines that were committed */
    uint64_t commits; /* of groups */
    uint64_t redacted;
    uint64_t expired; /* lines that were too old, or too many */
    uint64_t indexed;
    uint64_t lost[HISTORY_LOSSES];
};
void history_stats(struct history *history, struct history_stats *stats);

#endif
