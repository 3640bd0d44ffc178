/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/protocol/irc_store.h"

#include "tests/lib/peer.h"

#include <sqlite3.h>

/* Another program has it: to find that out something must be written. */
struct sqlite3 *irc_store_lock(struct daemon *daemon)
{
    sqlite3 *db;

    EXPECT_RESULT(sqlite3_open(daemon_path(daemon, "paceline.db"), &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    EXPECT_RESULT(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return db;
}

void irc_store_unlock(struct daemon *daemon, struct sqlite3 *db)
{
    EXPECT_RESULT(sqlite3_close(db), SQLITE_OK);
    DAEMON_EXPECT_LOG(daemon, "store: the file can be written again");
}
