/* SPDX-License-Identifier: MIT */
/*
 * What the files of the history's backend share. A line's id is its row's, so rows stand in the order of
 * time; a target has two streams, of what is said and of events, with the numbers 2 * target and
 * 2 * target + 1, and the index of (stream, id) yields each in that order. The words stand in a table
 * of FTS5's without content, of which the rows up to a certain one are indexed; the target is a word of its own,
 * as is the sender, so that one target's lines are found without walking through the others'.
 */
#ifndef STORE_HISTORY_SQLITE_H
#define STORE_HISTORY_SQLITE_H

#include "base/hash.h"
#include "store/history_backend.h"
#include "store/sqlite_open.h"

/* The statements of the writer. */
enum history_statement {
    HISTORY_SQL_BEGIN,
    HISTORY_SQL_COMMIT,
    HISTORY_SQL_PROBE,
    HISTORY_SQL_TARGET_FIND,
    HISTORY_SQL_TARGET_ADD,
    HISTORY_SQL_TARGET_COUNT,
    HISTORY_SQL_TARGET_FORGET,
    HISTORY_SQL_TARGET_DROP,
    HISTORY_SQL_KEEP,
    HISTORY_SQL_FIND,
    HISTORY_SQL_DELETE,
    HISTORY_SQL_OLD,
    HISTORY_SQL_OLDEST,
    HISTORY_SQL_FORGOTTEN,
    HISTORY_SQL_MANY,
    HISTORY_SQL_UNINDEXED,
    HISTORY_SQL_INDEX,
    HISTORY_SQL_UNINDEX,
    HISTORY_SQL_POSITION,
    HISTORY_SQL_POSITION_SET,
    HISTORY_SQL_COUNT
};

struct history_file {
    sqlite3 *db; /* the writer's, as are all but the last two */
    sqlite3_stmt *statements[HISTORY_SQL_COUNT];
    struct pli_hash targets; /* whose row is known; see history_sqlite_target.c */
    sqlite3_int64 indexed;   /* the row up to which words are indexed */
    unsigned busy;           /* milliseconds, const */
    char path[];             /* const */
};

/* What the file is, and how it is made. */
extern const struct store_sqlite_kind history_sqlite_kind;

/* The word that stands for a target or a sender in the index. */
#define HISTORY_TARGET_WORD 24
const char *history_target_word(sqlite3_int64 target, char word[static HISTORY_TARGET_WORD]);
#define HISTORY_SENDER_MAX  64 /* bytes that are looked at */
#define HISTORY_SENDER_WORD (2 * HISTORY_SENDER_MAX + 2)
const char *history_sender_word(struct history_bytes sender, char word[static HISTORY_SENDER_WORD]);

/* Binds what a target has in its columns `one` and `other` from parameter AT on. A result of SQLite's. */
int history_bind_target(sqlite3_stmt *statement, int at, const struct history_target *target);
int history_bind_text(sqlite3_stmt *statement, int at, struct history_bytes text);

/* Runs one that is bound and yields nothing; makes it ready again. 0 or a negative errno. */
int history_run(struct history_file *file, enum history_statement which);

/* -- Targets (history_sqlite_target.c): the writer's ----------------------------------------------- */

/* Their room. Returns 0 or a negative errno. */
int history_targets_init(struct history_file *file);
void history_targets_deinit(struct history_file *file);

/* One that is known, which stands until the group's end. */
struct history_known {
    struct pli_hash_node by_key;
    sqlite3_int64 number;
    int lines, events; /* that the group adds */
    size_t length;
    char key[];
};

/*
 * Finds a target, which is made if it is not there and MAKE; *KNOWN is NULL else. Returns 0 or a
 * negative errno.
 */
int history_target_known(struct history_file *file, const struct history_target *target, bool make,
                         struct history_known **known);

/* So many lines and events more in a target; and the same for all that the group has added. */
int history_target_count(struct history_file *file, sqlite3_int64 number, int lines, int events);
int history_targets_write(struct history_file *file);

/* Nothing is known of any. */
void history_targets_clear(struct history_file *file);

/* -- What is over, and words (history_sqlite_tidy.c): the writer's ---------------------------------- */

int history_sqlite_redact(void *self, const struct history_target *target, uint64_t id,
                          bool *found);
int history_sqlite_tidy(void *self, const struct history_limits *limits, uint64_t now,
                        unsigned *done);
int history_sqlite_index(void *self, unsigned *done);
int history_sqlite_begin(void *self);
int history_sqlite_commit(void *self);
void history_sqlite_rollback(void *self);

/* -- Readers (history_sqlite_read.c): SELF of all but the first is one ------------------------------ */

int history_sqlite_reader_open(void *self, void **reader);
void history_sqlite_reader_close(void *self);
int history_sqlite_newest(void *self, uint64_t *id);
int history_sqlite_read(void *self, const struct history_query *query, history_visit *visit,
                        void *argument);
int history_sqlite_latest(void *self, const struct history_target *target, uint64_t *id);
int history_sqlite_conversations(void *self, struct history_bytes account,
                                 int (*visit)(struct history_bytes with, uint64_t latest,
                                              void *argument),
                                 void *argument);
int history_sqlite_search(void *self, const struct history_search *search, history_visit *visit,
                          void *argument);

#endif
