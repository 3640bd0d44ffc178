/* SPDX-License-Identifier: MIT */
/*
 * The tables, by numbered steps: a database of version N has had the first N of them. A step that has
 * been in a release is never changed again; what comes later is a step of its own.
 */
#include "config.h"

#include "store/sqlite.h"

#include <stdio.h>

#define APPLICATION_ID "1886154341" /* "plne" */

static const char *const steps[] = {
    /* 1 */
    "PRAGMA application_id = " APPLICATION_ID ";"
    "CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), times INTEGER NOT NULL) STRICT;"
    "INSERT INTO probe VALUES (1, 0);"
    "CREATE TABLE accounts ("
    "  id INTEGER PRIMARY KEY,"
    "  folded TEXT NOT NULL UNIQUE,"
    "  name TEXT NOT NULL,"
    "  keys TEXT NOT NULL,"
    "  email TEXT NOT NULL,"
    "  code TEXT NOT NULL,"
    "  created INTEGER NOT NULL,"
    "  flags INTEGER NOT NULL,"
    "  sent INTEGER NOT NULL) STRICT;"
    "CREATE TABLE certificates ("
    "  fingerprint TEXT PRIMARY KEY NOT NULL,"
    "  account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,"
    "  added INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX certificates_of ON certificates (account);",
    /* 2 */
    "CREATE TABLE bans ("
    "  id INTEGER PRIMARY KEY,"
    "  kind INTEGER NOT NULL,"
    "  mask TEXT NOT NULL COLLATE NOCASE,"
    "  reason TEXT NOT NULL,"
    "  setter TEXT NOT NULL,"
    "  made INTEGER NOT NULL,"
    "  expires INTEGER NOT NULL,"
    "  UNIQUE (kind, mask)) STRICT;",
    /* 3 */
    "CREATE TABLE channels ("
    "  id INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL,"
    "  founder TEXT NOT NULL,"
    "  successor TEXT NOT NULL,"
    "  topic TEXT NOT NULL,"
    "  topic_by TEXT NOT NULL,"
    "  modes TEXT NOT NULL,"
    "  locked TEXT NOT NULL,"
    "  about TEXT NOT NULL,"
    "  url TEXT NOT NULL,"
    "  created INTEGER NOT NULL,"
    "  registered INTEGER NOT NULL,"
    "  topic_set INTEGER NOT NULL,"
    "  flags INTEGER NOT NULL) STRICT;"
    "CREATE TABLE channel_access ("
    "  channel INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,"
    "  account TEXT NOT NULL,"
    "  setter TEXT NOT NULL,"
    "  level INTEGER NOT NULL,"
    "  added INTEGER NOT NULL,"
    "  PRIMARY KEY (channel, account)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE channel_masks ("
    "  id INTEGER PRIMARY KEY,"
    "  channel INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,"
    "  kind INTEGER NOT NULL,"
    "  mask TEXT NOT NULL COLLATE NOCASE,"
    "  setter TEXT NOT NULL,"
    "  made INTEGER NOT NULL,"
    "  UNIQUE (channel, kind, mask)) STRICT;",
};

#define STEPS ((int)(sizeof(steps) / sizeof(steps[0])))

int store_sqlite_version(void)
{
    return STEPS;
}

static int take_step(sqlite3 *db, int number)
{
    char version[40];
    int rc = store_sqlite_run(db, "BEGIN IMMEDIATE");

    if (rc < 0)
        return rc;
    snprintf(version, sizeof(version), "PRAGMA user_version = %d", number + 1);
    rc = store_sqlite_run(db, steps[number]);
    if (rc == 0)
        rc = store_sqlite_run(db, version);
    if (rc == 0)
        rc = store_sqlite_run(db, "COMMIT");
    if (rc < 0 && !sqlite3_get_autocommit(db))
        (void)store_sqlite_run(db, "ROLLBACK"); /* what matters is why */
    return rc;
}

int store_sqlite_migrate(sqlite3 *db, int found)
{
    int rc = 0;

    for (int number = found; number < STEPS && rc == 0; number++)
        rc = take_step(db, number);
    return rc;
}
