/* SPDX-License-Identifier: MIT */
/*
 * A file of SQLite's. It is in WAL mode, so that readers and the writer do not wait for each other,
 * and synchronous=FULL, so that what a commit has returned for outlives a loss of power.
 */
#include "config.h"

#include "store/sqlite.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an error of input and output comes from is in errno, if a call has left it there. */
static int io_errno(int result, int error)
{
    if (result == SQLITE_IOERR_NOMEM)
        return -ENOMEM;
    return error == ENOSPC || error == EDQUOT || error == EFBIG ? -ENOSPC : -EIO;
}

int store_sqlite_errno(sqlite3 *db, int result)
{
    int error = errno;

    switch (result & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_READONLY:
        return -EROFS;
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return -EACCES;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EBADMSG;
    case SQLITE_CANTOPEN:
        error = db ? sqlite3_system_errno(db) : 0;
        return error > 0 ? -error : -EACCES;
    case SQLITE_IOERR:
        return io_errno(result, error);
    default:
        return -EIO;
    }
}

int store_sqlite_run(sqlite3 *db, const char *sql)
{
    return store_sqlite_errno(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

int store_sqlite_connect(const char *path, int flags, unsigned busy, sqlite3 **db)
{
    int result = sqlite3_open_v2(
        path, db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE,
        NULL);
    int rc = store_sqlite_errno(*db, result);

    if (rc == 0)
        rc = store_sqlite_errno(*db, sqlite3_busy_timeout(*db, (int)busy));
    if (rc == 0) /* what is in the file runs nothing and breaks nothing */
        rc = store_sqlite_errno(*db,
                                sqlite3_db_config(*db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL));
    if (rc == 0)
        rc = store_sqlite_run(*db, "PRAGMA trusted_schema = OFF");
    if (rc == 0)
        return 0;
    sqlite3_close(*db);
    *db = NULL;
    return rc;
}

/* -- Opening ------------------------------------------------------------------------------------ */

static void close_sqlite(void *self)
{
    struct store_file *file = self;

    store_sqlite_finalize(file);
    sqlite3_close(file->db);
    free(file);
}

static int prepare(sqlite3 *db, void *argument)
{
    struct store_file *file = argument;

    file->db = db;
    return store_sqlite_prepare(file);
}

static int open_sqlite(const struct store_options *options, void **self, char why[static STORE_WHY])
{
    size_t length = strlen(options->path);
    struct store_file *file = calloc(1, sizeof(*file) + length + 1);
    int rc;

    if (!file) {
        snprintf(why, STORE_WHY, "%s", store_problem(-ENOMEM));
        return -ENOMEM;
    }
    file->busy = options->busy;
    memcpy(file->path, options->path, length);
    rc = store_sqlite_open(&store_sqlite_records, file->path, file->busy, prepare, file, why);
    if (rc < 0) {
        free(file);
        return rc;
    }
    *self = file;
    return 0;
}

const struct store_backend store_sqlite = {
    .name = "sqlite",
    .keeps = true,
    .open = open_sqlite,
    .close = close_sqlite,
    .begin = store_sqlite_begin,
    .apply = store_sqlite_apply,
    .commit = store_sqlite_commit,
    .rollback = store_sqlite_rollback,
    .probe = store_sqlite_probe,
    .reader_open = store_sqlite_reader_open,
    .reader_close = store_sqlite_reader_close,
    .reader_freeze = store_sqlite_reader_freeze,
    .read = store_sqlite_read,
    .backup = store_sqlite_backup,
};
