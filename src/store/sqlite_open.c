/* SPDX-License-Identifier: MIT */
/*
 * Opening files of SQLite's, or making them where none are. A file is looked at before anything is
 * changed: whether it is a database and of the kind that is wanted (its application_id), of a version
 * that is known (its user_version), and whole. One that is not stays as it is.
 */
#include "config.h"

#include "store/sqlite_open.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* After a checkpoint the log's file is cut to so many bytes. */
#define LOG_BYTES "16777216"

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
static int identify(const struct store_sqlite_kind *kind, sqlite3 *db, sqlite3_int64 *version,
                    char why[static STORE_WHY])
{
    sqlite3_int64 tables = 0, id = 0;
    int rc = ask(db, "SELECT count(*) FROM sqlite_schema", &tables, NULL, 0);

    if (rc == 0)
        rc = ask(db, "PRAGMA application_id", &id, NULL, 0);
    if (rc == 0)
        rc = ask(db, "PRAGMA user_version", version, NULL, 0);
    if (rc < 0)
        return rc;
    if (id != kind->application && (id != 0 || *version != 0 || tables > 0)) {
        snprintf(why, STORE_WHY, "this is a database, but not %s", kind->whose);
        return -EBADMSG;
    }
    if (*version >= 0 && *version <= kind->version)
        return 0;
    snprintf(why, STORE_WHY, "it was written by a later paceline (version %lld; known are 1 to %d)",
             (long long)*version, kind->version);
    return -EPROTONOSUPPORT;
}

static int check(const struct store_sqlite_kind *kind, sqlite3 *db, char why[static STORE_WHY])
{
    char found[STORE_WHY - 30];
    int rc = ask(db, kind->check, NULL, found, sizeof(found));

    if (rc < 0 || strcmp(found, "ok") == 0)
        return rc;
    snprintf(why, STORE_WHY, "the file is damaged: %s", found);
    return -EBADMSG;
}

static int set_up(const struct store_sqlite_kind *kind, sqlite3 *db, char why[static STORE_WHY])
{
    char mode[16];
    int rc = ask(db, "PRAGMA journal_mode = WAL", NULL, mode, sizeof(mode));

    if (rc == 0 && strcmp(mode, "wal") != 0) {
        snprintf(why, STORE_WHY, "its file system cannot share memory between programs");
        return -ENOTSUP;
    }
    if (rc == 0)
        rc = store_sqlite_run(db, "PRAGMA journal_size_limit = " LOG_BYTES);
    if (rc == 0)
        rc = store_sqlite_run(db, kind->pragmas);
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

static int take_step(const struct store_sqlite_kind *kind, sqlite3 *db, int number)
{
    char version[40];
    int rc = store_sqlite_run(db, "BEGIN IMMEDIATE");

    if (rc < 0)
        return rc;
    snprintf(version, sizeof(version), "PRAGMA user_version = %d", number + 1);
    rc = store_sqlite_run(db, kind->steps[number]);
    if (rc == 0)
        rc = store_sqlite_run(db, version);
    if (rc == 0)
        rc = store_sqlite_run(db, "COMMIT");
    if (rc < 0 && !sqlite3_get_autocommit(db))
        (void)store_sqlite_run(db, "ROLLBACK"); /* what matters is why */
    return rc;
}

/* Brings a database that is whole up to date. */
static int migrate(const struct store_sqlite_kind *kind, sqlite3 *db, int found)
{
    int rc = 0;

    for (int number = found; number < kind->version && rc == 0; number++)
        rc = take_step(kind, db, number);
    return rc;
}

static int open_checked(const struct store_sqlite_kind *kind, sqlite3 *db, bool made,
                        char why[static STORE_WHY])
{
    sqlite3_int64 version = 0;
    int rc = set_log_stays(db, !made);

    if (rc == 0 && sqlite3_db_readonly(db, "main") == 1)
        rc = -EROFS;
    if (rc == 0)
        rc = identify(kind, db, &version, why);
    if (rc == 0)
        rc = check(kind, db, why);
    if (rc == 0)
        rc = set_up(kind, db, why);
    if (rc == 0)
        rc = migrate(kind, db, (int)version);
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

int store_sqlite_open(const struct store_sqlite_kind *kind, const char *path, unsigned busy,
                      int (*prepare)(sqlite3 *db, void *argument), void *argument,
                      char why[static STORE_WHY])
{
    sqlite3 *db = NULL;
    bool made = false;
    int rc = strlen(path) < PATH_MAX ? make_file(path, &made) : -ENAMETOOLONG;

    *why = '\0';
    if (rc == 0)
        rc = store_sqlite_connect(path, SQLITE_OPEN_READWRITE, busy, &db);
    if (rc == 0)
        rc = open_checked(kind, db, made, why);
    if (rc == 0)
        rc = prepare(db, argument);
    if (rc == 0)
        rc = set_log_stays(db, 0);
    if (rc == 0)
        return 0;
    if (!*why)
        snprintf(why, STORE_WHY, "%s", store_problem(rc));
    kind->finalize(argument);
    sqlite3_close(db);
    if (made)
        remove_files(path);
    return rc;
}
