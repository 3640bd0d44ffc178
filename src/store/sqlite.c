/* SPDX-License-Identifier: MIT */
/*
 * A file of SQLite's. It is in WAL mode, so that readers and the writer do not wait for each other,
 * and synchronous=FULL, so that what a commit has returned for outlives a loss of power.
 *
 * A file is looked at before anything is changed: whether it is a database and ours (its
 * application_id), of a version that is known (its user_version), and whole. One that is not stays as it is.
 */
#include "config.h"

#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APPLICATION_ID 0x706c6e65 /* "plne" */

/* After a checkpoint the log's file is cut to so many bytes. */
#define LOG_BYTES "16777216"

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

/* -- Looking at a file -------------------------------------------------------------------------- */

/* The number, or the first word, that a statement yields. */
static int ask(sqlite3 *db, const char *sql, sqlite3_int64 *number, char *text, size_t size)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    if (result == SQLITE_ROW && number)
        *number = sqlite3_column_int64(statement, 0);
    if (result == SQLITE_ROW && text) {
        const char *found = (const char *)sqlite3_column_text(statement, 0);

        if (!found)
            result = SQLITE_NOMEM;
        else
            snprintf(text, size, "%s", found);
    }
    sqlite3_finalize(statement);
    return result == SQLITE_DONE ? -EIO : store_sqlite_errno(db, result);
}

/* Whose it is, and of which version; 0 of one that is empty as yet, as after a start that has ended early. */
static int identify(sqlite3 *db, sqlite3_int64 *version, char why[static STORE_WHY])
{
    sqlite3_int64 tables = 0, id = 0;
    int rc = ask(db, "SELECT count(*) FROM sqlite_schema", &tables, NULL, 0);

    if (rc == 0)
        rc = ask(db, "PRAGMA application_id", &id, NULL, 0);
    if (rc == 0)
        rc = ask(db, "PRAGMA user_version", version, NULL, 0);
    if (rc < 0)
        return rc;
    if (id != APPLICATION_ID && (id != 0 || *version != 0 || tables > 0)) {
        snprintf(why, STORE_WHY, "this is a database, but not paceline's");
        return -EBADMSG;
    }
    if (*version >= 0 && *version <= store_sqlite_version())
        return 0;
    snprintf(why, STORE_WHY, "it was written by a later paceline (version %lld; known are 1 to %d)",
             (long long)*version, store_sqlite_version());
    return -EPROTONOSUPPORT;
}

static int check(sqlite3 *db, char why[static STORE_WHY])
{
    char found[STORE_WHY - 30];
    int rc = ask(db, "PRAGMA integrity_check(1)", NULL, found, sizeof(found));

    if (rc < 0 || strcmp(found, "ok") == 0)
        return rc;
    snprintf(why, STORE_WHY, "the file is damaged: %s", found);
    return -EBADMSG;
}

static int set_up(sqlite3 *db, char why[static STORE_WHY])
{
    char mode[16];
    int rc = ask(db, "PRAGMA journal_mode = WAL", NULL, mode, sizeof(mode));

    if (rc == 0 && strcmp(mode, "wal") != 0) {
        snprintf(why, STORE_WHY, "its file system cannot share memory between programs");
        return -ENOTSUP;
    }
    if (rc == 0)
        rc = store_sqlite_run(db, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                                  "PRAGMA journal_size_limit = " LOG_BYTES);
    return rc;
}

/* -- Opening ------------------------------------------------------------------------------------ */

/* The folder is written out as well, or the file could be gone after a loss of power. */
static int sync_folder(const char *path)
{
    char copy[PATH_MAX];
    int fd, rc;

    snprintf(copy, sizeof(copy), "%s", path);
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    rc = fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
    close(fd);
    return rc;
}

/* Makes a file, which nobody else may read, where none is; *MADE says so. */
static int make_file(const char *path, bool *made)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    *made = fd >= 0;
    if (fd < 0)
        return errno == EEXIST ? 0 : -errno;
    close(fd);
    return sync_folder(path);
}

/* Whether closing the file may write to it what stands in the log beside it. */
static int set_log_stays(sqlite3 *db, int stays)
{
    return store_sqlite_errno(
        db, sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, stays, (int *)NULL));
}

static int open_checked(struct store_file *file, bool made, char why[static STORE_WHY])
{
    sqlite3_int64 version = 0;
    int rc = store_sqlite_connect(file->path, SQLITE_OPEN_READWRITE, file->busy, &file->db);

    if (rc == 0)
        rc = set_log_stays(file->db, !made);
    if (rc == 0 && sqlite3_db_readonly(file->db, "main") == 1)
        rc = -EROFS;
    if (rc == 0)
        rc = identify(file->db, &version, why);
    if (rc == 0)
        rc = check(file->db, why);
    if (rc == 0)
        rc = set_up(file->db, why);
    if (rc == 0)
        rc = store_sqlite_migrate(file->db, (int)version);
    if (rc == 0)
        rc = store_sqlite_prepare(file);
    if (rc == 0)
        rc = set_log_stays(file->db, 0);
    return rc;
}

/* A file that was just made, in which nothing is, with what may stand beside it. */
static void remove_files(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[PATH_MAX + 8];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        unlink(name);
    }
}

static void close_sqlite(void *self)
{
    struct store_file *file = self;

    store_sqlite_finalize(file);
    sqlite3_close(file->db);
    free(file);
}

static int open_sqlite(const struct store_options *options, void **self, char why[static STORE_WHY])
{
    size_t length = strlen(options->path);
    struct store_file *file;
    bool made = false;
    int rc = 0;

    file = calloc(1, sizeof(*file) + length + 1);
    if (!file || length >= PATH_MAX)
        rc = file ? -ENAMETOOLONG : -ENOMEM;
    if (rc == 0) {
        file->busy = options->busy;
        memcpy(file->path, options->path, length);
        rc = make_file(file->path, &made);
    }
    if (rc == 0)
        rc = open_checked(file, made, why);
    if (rc == 0) {
        *self = file;
        return 0;
    }
    if (!*why)
        snprintf(why, STORE_WHY, "%s", store_problem(rc));
    if (file)
        close_sqlite(file);
    if (made)
        remove_files(options->path);
    return rc;
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
