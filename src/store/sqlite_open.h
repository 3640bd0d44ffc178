/* SPDX-License-Identifier: MIT */
/* Files of SQLite's: what those of the store and of the history have in common. */
#ifndef STORE_SQLITE_OPEN_H
#define STORE_SQLITE_OPEN_H

#include "store/store.h"

#include <sqlite3.h>

/*
 * A kind of file. Its tables are made by numbered steps: a database of version N has had the first N of
 * them. A step that has been in a release is never changed again; what comes later is a step of its own.
 */
struct store_sqlite_kind {
    sqlite3_int64 application; /* its application_id, which the first step sets */
    const char *whose;         /* "paceline's", for who has given another file */
    const char *const *steps;
    int version;                      /* how many there are */
    const char *check;                /* yields "ok" if the file is whole */
    const char *pragmas;              /* of the connection that writes */
    void (*finalize)(void *argument); /* what PREPARE has made as yet */
};

/* The negative errno that a result of SQLite's stands for. */
int store_sqlite_errno(sqlite3 *db, int result);

/* Runs SQL that yields nothing. 0 or a negative errno. */
int store_sqlite_run(sqlite3 *db, const char *sql);

/* Opens the file that is at PATH as it is. FLAGS: SQLITE_OPEN_*. *DB is NULL unless 0 is returned. */
int store_sqlite_connect(const char *path, int flags, unsigned busy, sqlite3 **db);

/*
 * Opens, or makes, a file of that kind for writing, brings it up to date, and has PREPARE make the
 * statements, to which the connection belongs then. As store_open(): when a negative errno is returned
 * the file is as it was, and there is no connection.
 */
int store_sqlite_open(const struct store_sqlite_kind *kind, const char *path, unsigned busy,
                      int (*prepare)(sqlite3 *db, void *argument), void *argument,
                      char why[static STORE_WHY]);

#endif
