/* SPDX-License-Identifier: MIT */
/* What the files of SQLite's backend share. A connection is used by one thread at a time. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include "store/backend.h"
#include "store/sqlite_open.h"

/* The statements of the writer. */
enum store_statement {
    STORE_SQL_BEGIN,
    STORE_SQL_COMMIT,
    STORE_SQL_PROBE,
    STORE_SQL_ACCOUNT_ADD,
    STORE_SQL_ACCOUNT_CHANGE,
    STORE_SQL_ACCOUNT_DROP,
    STORE_SQL_CERTIFICATE_ADD,
    STORE_SQL_CERTIFICATE_DROP,
    STORE_SQL_BAN_ADD,
    STORE_SQL_BAN_PUT,
    STORE_SQL_BAN_DROP,
    STORE_SQL_KEPT_ADD,
    STORE_SQL_KEPT_PUT,
    STORE_SQL_KEPT_DROP,
    STORE_SQL_CHANNEL_ADD,
    STORE_SQL_CHANNEL_PUT,
    STORE_SQL_CHANNEL_DROP,
    STORE_SQL_ACCESS_ADD,
    STORE_SQL_ACCESS_PUT,
    STORE_SQL_ACCESS_DROP,
    STORE_SQL_MASK_ADD,
    STORE_SQL_MASK_PUT,
    STORE_SQL_MASK_DROP,
    STORE_SQL_COUNT
};

struct store_file {
    sqlite3 *db; /* the writer's */
    sqlite3_stmt *statements[STORE_SQL_COUNT];
    unsigned busy; /* milliseconds, const */
    char path[];   /* const */
};

/* What the file is, and how it is made. */
extern const struct store_sqlite_kind store_sqlite_records;

/* The writer's. */
int store_sqlite_prepare(struct store_file *file);
void store_sqlite_finalize(void *file);
int store_sqlite_begin(void *self);
int store_sqlite_apply(void *self, const struct store_change *change);
int store_sqlite_commit(void *self);
void store_sqlite_rollback(void *self);
int store_sqlite_probe(void *self);

/* Readers: SELF of all but the first is one. */
int store_sqlite_reader_open(void *self, void **reader);
void store_sqlite_reader_close(void *self);
int store_sqlite_reader_freeze(void *self, bool on);
int store_sqlite_read(void *self, enum store_query query, const char *key, store_visit *visit,
                      void *argument);
int store_sqlite_backup(void *self, const char *path);

#endif
