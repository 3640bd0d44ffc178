/* SPDX-License-Identifier: MIT */
/* The tables. */
#include "config.h"

#include "store/sqlite.h"

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
    /* 3: channels that are somebody's */
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
    "  flags INTEGER NOT NULL,"
    "  history INTEGER NOT NULL,"
    "  origin INTEGER NOT NULL) STRICT;"
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
    /* 4: what the chat keeps of accounts */
    "CREATE TABLE kept ("
    "  id INTEGER PRIMARY KEY,"
    "  account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,"
    "  kind INTEGER NOT NULL,"
    "  key TEXT NOT NULL,"
    "  value TEXT NOT NULL,"
    "  number INTEGER NOT NULL,"
    "  UNIQUE (account, kind, key)) STRICT;",
};

const struct store_sqlite_kind store_sqlite_records = {
    .application = 0x706c6e65,
    .whose = "paceline's",
    .steps = steps,
    .version = (int)(sizeof(steps) / sizeof(steps[0])),
    .check = "PRAGMA integrity_check(1)",
    .pragmas = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
    .finalize = store_sqlite_finalize,
};
