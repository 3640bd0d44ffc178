/* SPDX-License-Identifier: MIT */
/*
 * What outlives the server: accounts, certificates, bans, what the chat keeps of accounts, channels. Where it is kept is a backend's matter
 * (store/backend.h): in a file of SQLite's, or nowhere.
 *
 * Changes go through a bounded queue to one writer thread, which takes as many as there are and
 * commits them together; whoever has submitted one hears of it after the commit, so what was
 * acknowledged is there whatever happens next. Reads wait for the disk, so they are for threads that
 * may: helpers, the main thread before the server runs.
 *
 * When the file cannot be written (no space, locked by another program, broken disk) the changes
 * at hand and all that follow are refused, store_state() tells why, and the writer tries every now
 * and then whether it can be written again. Nothing else stands still meanwhile.
 *
 * Life: store_open(); store_stop() once the server does not run any more, while sessions are left to
 * be told; store_close() when nobody is left who could ask.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "store/record.h"

#include <stdbool.h>
#include <stddef.h>

struct store;

#define STORE_WHY 256 /* bytes of a reason, with its NUL */

struct store_options {
    const char *backend; /* "sqlite" or "none" */
    const char *path;    /* of the file */
    unsigned queue;      /* changes that may wait, 1 or more */
    unsigned busy;       /* milliseconds that another program which holds the file is waited for */
    unsigned retry;      /* milliseconds between tries whether the file can be written again */
};
#define STORE_OPTIONS                                                                              \
    ((struct store_options){.backend = "sqlite", .queue = 1024, .busy = 2000, .retry = 1000})

/*
 * Opens a store, or makes one where none is. OPTIONS are copied. Returns 0, -ENOMEM, -EINVAL (no such
 * backend), -ENOSYS (this build lacks it), -EBADMSG (the file is damaged, or something else),
 * -EPROTONOSUPPORT (of a later version), -EBUSY (locked), -EROFS and -EACCES (it cannot be written),
 * -ENOSPC or another errno; WHY then has the reason, as a part of a sentence. No file is changed
 * then that was there.
 */
int store_open(const struct store_options *options, struct store **out, char why[static STORE_WHY]);

/* Commits what waits and ends the writer; from then on changes are refused (-ESHUTDOWN). */
void store_stop(struct store *store);

/* Stops it, if need be, and frees it. NULL is allowed. */
void store_close(struct store *store);

const char *store_backend_name(const struct store *store);

/* Whether anything is kept at all. Any thread, like all that follows. */
bool store_keeps(const struct store *store);

/* 0 when changes are taken; otherwise why they are refused, -ENOTSUP where nothing is kept. */
int store_state(const struct store *store);

/* What an errno of these calls means, as a part of a sentence. Static. */
const char *store_problem(int error);

/*
 * Called by the writer after the commit: OUTCOME is 0, positive (record.h) or a negative errno, with
 * which nothing has changed. CHANGE stands as long as the call. No lock is held; it must not wait.
 */
typedef void store_done(const struct store_change *change, int outcome, void *argument);

/*
 * Has SEEN called by the writer with each change that was made (OUTCOME is 0), before whoever has
 * submitted it hears of it: who keeps a picture of the records keeps it true so. There is one who
 * sees; it is set before there are changes and stays until store_stop().
 */
void store_observe(struct store *store, store_done *seen, void *argument);

/*
 * Has a change made. CHANGE is copied. Changes are made in the order in which they are submitted. Never
 * waits. Returns 0, and DONE, if not NULL, is called once; or -EAGAIN (the queue is full), -ENOMEM,
 * -EINVAL (store_change_fault()), or what store_state() says, and it is not called. A session
 * that waits for it is parked by its thread (pl_session_park()) and resumed by DONE; the caller holds a
 * reference to it for DONE.
 */
int store_submit(struct store *store, const struct store_change *change, store_done *done,
                 void *argument);

/*
 * The same for threads that may wait: returns the outcome, after the commit, or an errno. While the
 * queue is full it waits, too.
 */
int store_apply(struct store *store, const struct store_change *change);

/*
 * Waits until all that was submitted before has had its outcome, and DONE has been called. Returns 0
 * or, as store_submit(), why nothing is written. For threads that may wait.
 */
int store_flush(struct store *store);

enum store_query {
    STORE_ACCOUNT_NAMED,   /* KEY: the folded name; one at most */
    STORE_ACCOUNT_OF,      /* KEY: a certificate's fingerprint; one at most */
    STORE_CERTIFICATES_OF, /* KEY: the folded name of an account */
    STORE_ALL_ACCOUNTS,    /* KEY of all that follow: NULL */
    STORE_ALL_CERTIFICATES,
    STORE_ALL_BANS,     /* in the order of setting */
    STORE_ALL_KEPT,     /* in the order of being added */
    STORE_ALL_CHANNELS, /* in the order of registration */
    STORE_ALL_ACCESS,   /* in the order of giving */
    STORE_ALL_MASKS,    /* in the order of setting */
    STORE_EVERYTHING,   /* all that there was at one moment, what others refer to first */
};

/* RECORD stands as long as the call. What is not 0 ends the reading, which returns it. */
typedef int store_visit(const struct store_record *record, void *argument);

/*
 * Reads records, all that had been acknowledged before among them. Returns 0, STORE_MISSING (there is none
 * of that KEY), -ENOTSUP where nothing is kept, or a negative errno. Waits for the disk.
 */
int store_read(struct store *store, enum store_query query, const char *key, store_visit *visit,
               void *argument);

/*
 * Writes a whole copy, as of one moment, to a new file, mode 0600. Others read and write meanwhile.
 * Returns 0, -EEXIST (there is something of that name), or another errno; then no file is left.
 * Waits for the disk.
 */
int store_backup(struct store *store, const char *path);

struct store_stats {
    unsigned waiting; /* changes, now */
    unsigned room;    /* how many more may wait */
    uint64_t changes; /* that were committed */
    uint64_t commits; /* of groups */
    uint64_t refused; /* changes that were refused, or lost with their group */
};
void store_stats(struct store *store, struct store_stats *stats);

#endif
