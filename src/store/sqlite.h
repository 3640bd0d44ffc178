/* SPDX-License-Identifier: MIT */
/* What the files of SQLite's backend share. A connection is used by one thread at a time. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include "store/backend.h"

#include <sqlite3.h>

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

/* The negative errno that a result of SQLite's stands for. */
int store_sqlite_errno(sqlite3 *db, int result);

/* Runs SQL that yields nothing. 0 or a negative errno. */
int store_sqlite_run(sqlite3 *db, const char *sql);

/* Opens the file that is at PATH as it is. FLAGS: SQLITE_OPEN_*. *DB is NULL unless 0 is returned. */
int store_sqlite_connect(const char *path, int flags, unsigned busy, sqlite3 **db);

/* Brings a database that is whole up to date. FOUND: its version. 0 or a negative errno. */
int store_sqlite_migrate(sqlite3 *db, int found);
int store_sqlite_version(void); /* that a database has then */

/* The writer's. */
int store_sqlite_prepare(struct store_file *file);
void store_sqlite_finalize(struct store_file *file);
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
