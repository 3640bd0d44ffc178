/* SPDX-License-Identifier: MIT */
/*
 * Words that are indexed behind the lines, and lines that are deleted: one that is redacted, and those
 * that are too old, too many, or of conversations that are forgotten, a few at a time.
 *
 * A line whose words are indexed takes them along: they are told to the index once more, as the
 * table has no content to look them up in.
 */
#include "config.h"

#include "store/history_sqlite.h"

#include <errno.h>

#define INDEXED_AT_ONCE 512
#define DELETED_AT_ONCE 256

/* Milliseconds to ids: see chat/id.h. */
#define ID_SHIFT   16
#define MS_PER_DAY UINT64_C(86400000)

/* -- Words ---------------------------------------------------------------------------------------- */

/* ROW has id, stream, sender and text. */
static int put_words(struct history_file *file, enum history_statement which, sqlite3_stmt *row)
{
    sqlite3_stmt *statement = file->statements[which];
    char target[HISTORY_TARGET_WORD];
    char sender[HISTORY_SENDER_WORD];
    struct history_bytes nick = {(const char *)sqlite3_column_text(row, 2),
                                 (size_t)sqlite3_column_bytes(row, 2)};
    struct history_bytes text = {(const char *)sqlite3_column_text(row, 3),
                                 (size_t)sqlite3_column_bytes(row, 3)};
    int result = sqlite3_bind_int64(statement, 1, sqlite3_column_int64(row, 0));

    if (!nick.data || !text.data)
        return -ENOMEM; /* no column may be NULL */
    history_target_word(sqlite3_column_int64(row, 1) / 2, target);
    history_sender_word(nick, sender);
    result |= sqlite3_bind_text(statement, 2, target, -1, SQLITE_STATIC);
    result |= sqlite3_bind_text(statement, 3, sender, -1, SQLITE_STATIC);
    result |= history_bind_text(statement, 4, text);
    if (result != SQLITE_OK) {
        sqlite3_clear_bindings(statement);
        return -ENOMEM;
    }
    return history_run(file, which);
}

static bool is_said(sqlite3_stmt *row)
{
    return sqlite3_column_int64(row, 1) % 2 == 0;
}

/* Moves on to the id of the last row that was looked at. */
static int index_rows(struct history_file *file, unsigned *done)
{
    sqlite3_stmt *row = file->statements[HISTORY_SQL_UNINDEXED];
    sqlite3_stmt *position = file->statements[HISTORY_SQL_POSITION_SET];
    int result = sqlite3_bind_int64(row, 1, file->indexed);
    int rc = 0;

    result |= sqlite3_bind_int64(row, 2, INDEXED_AT_ONCE);
    if (result != SQLITE_OK)
        return -ENOMEM;
    while (rc == 0 && (result = sqlite3_step(row)) == SQLITE_ROW) {
        if (is_said(row))
            rc = put_words(file, HISTORY_SQL_INDEX, row);
        file->indexed = sqlite3_column_int64(row, 0);
        ++*done;
    }
    if (rc == 0)
        rc = store_sqlite_errno(file->db, result);
    sqlite3_reset(row);
    if (rc == 0 && sqlite3_bind_int64(position, 1, file->indexed) != SQLITE_OK)
        rc = -ENOMEM;
    return rc == 0 ? history_run(file, HISTORY_SQL_POSITION_SET) : rc;
}

/* Does something as a group of its own. */
static int end_group(struct history_file *file, int rc)
{
    if (rc == 0)
        rc = history_sqlite_commit(file);
    if (rc < 0)
        history_sqlite_rollback(file);
    return rc;
}

/* Whether there is anything to index is asked first: a group that changes nothing costs time, too. */
static int has_unindexed(struct history_file *file, bool *has)
{
    sqlite3_stmt *row = file->statements[HISTORY_SQL_UNINDEXED];
    int result = sqlite3_bind_int64(row, 1, file->indexed);

    result |= sqlite3_bind_int64(row, 2, 1);
    if (result == SQLITE_OK)
        result = sqlite3_step(row);
    *has = result == SQLITE_ROW;
    sqlite3_reset(row);
    return store_sqlite_errno(file->db, result);
}

int history_sqlite_index(void *self, unsigned *done)
{
    struct history_file *file = self;
    bool has;
    int rc = has_unindexed(file, &has);

    *done = 0;
    if (rc < 0 || !has)
        return rc;
    rc = history_sqlite_begin(file);
    return end_group(file, rc == 0 ? index_rows(file, done) : rc);
}

/* -- Deleting ------------------------------------------------------------------------------------- */

static int delete_row(struct history_file *file, sqlite3_stmt *row)
{
    sqlite3_stmt *statement = file->statements[HISTORY_SQL_DELETE];
    sqlite3_int64 id = sqlite3_column_int64(row, 0);
    sqlite3_int64 stream = sqlite3_column_int64(row, 1);
    bool said = is_said(row);
    int rc = 0;

    if (said && id <= file->indexed)
        rc = put_words(file, HISTORY_SQL_UNINDEX, row);
    if (rc == 0 && sqlite3_bind_int64(statement, 1, id) != SQLITE_OK)
        rc = -ENOMEM;
    if (rc == 0)
        rc = history_run(file, HISTORY_SQL_DELETE);
    return rc == 0 ? history_target_count(file, stream / 2, said ? -1 : 0, said ? 0 : -1) : rc;
}

/* The rows that a statement, which is bound, yields. */
static int delete_rows(struct history_file *file, enum history_statement which, unsigned *done)
{
    sqlite3_stmt *row = file->statements[which];
    int result = SQLITE_ROW;
    int rc = 0;

    while (rc == 0 && (result = sqlite3_step(row)) == SQLITE_ROW) {
        rc = delete_row(file, row);
        ++*done;
    }
    if (rc == 0)
        rc = store_sqlite_errno(file->db, result);
    sqlite3_reset(row);
    return rc;
}

int history_sqlite_redact(void *self, const struct history_target *target, uint64_t id, bool *found)
{
    struct history_file *file = self;
    sqlite3_stmt *row = file->statements[HISTORY_SQL_FIND];
    struct history_known *known;
    int rc = history_target_known(file, target, false, &known);
    int result;

    *found = false;
    if (rc < 0 || !known)
        return rc;
    if (sqlite3_bind_int64(row, 1, (sqlite3_int64)id) != SQLITE_OK)
        return -ENOMEM;
    result = sqlite3_step(row);
    if (result == SQLITE_ROW && sqlite3_column_int64(row, 1) / 2 == known->number) {
        rc = delete_row(file, row);
        *found = rc == 0;
    } else {
        rc = store_sqlite_errno(file->db, result);
    }
    sqlite3_reset(row);
    return rc;
}

/* The oldest lines of a stream. */
static int delete_oldest(struct history_file *file, sqlite3_int64 stream, sqlite3_int64 count,
                         unsigned *done)
{
    sqlite3_stmt *row = file->statements[HISTORY_SQL_OLDEST];

    if (count <= 0)
        return 0;
    if ((sqlite3_bind_int64(row, 1, stream) |
         sqlite3_bind_int64(row, 2, count < DELETED_AT_ONCE ? count : DELETED_AT_ONCE)) !=
        SQLITE_OK)
        return -ENOMEM;
    return delete_rows(file, HISTORY_SQL_OLDEST, done);
}

/* A row of three numbers, the first of which is 0 if there is none; the statement is bound. */
static int ask(struct history_file *file, enum history_statement which, sqlite3_int64 out[static 3])
{
    sqlite3_stmt *row = file->statements[which];
    int result = sqlite3_step(row);

    for (int i = 0; i < 3; i++)
        out[i] = result == SQLITE_ROW ? sqlite3_column_int64(row, i) : 0;
    sqlite3_reset(row);
    return store_sqlite_errno(file->db, result);
}

/* A conversation that is forgotten, which goes with its last line. */
static int tidy_forgotten(struct history_file *file, unsigned *done)
{
    sqlite3_int64 found[3];
    int rc = ask(file, HISTORY_SQL_FORGOTTEN, found);

    if (rc < 0 || found[0] == 0)
        return rc;
    rc = delete_oldest(file, 2 * found[0], DELETED_AT_ONCE, done);
    if (rc == 0)
        rc = delete_oldest(file, 2 * found[0] + 1, DELETED_AT_ONCE, done);
    if (rc < 0 || *done > 0)
        return rc;
    ++*done;
    if (sqlite3_bind_int64(file->statements[HISTORY_SQL_TARGET_DROP], 1, found[0]) != SQLITE_OK)
        return -ENOMEM;
    return history_run(file, HISTORY_SQL_TARGET_DROP);
}

static int tidy_old(struct history_file *file, uint64_t now, unsigned days, unsigned *done)
{
    sqlite3_stmt *row = file->statements[HISTORY_SQL_OLD];
    uint64_t span = days * MS_PER_DAY;

    if (days == 0 || span >= now)
        return 0;
    if ((sqlite3_bind_int64(row, 1, (sqlite3_int64)((now - span) << ID_SHIFT)) |
         sqlite3_bind_int64(row, 2, DELETED_AT_ONCE)) != SQLITE_OK)
        return -ENOMEM;
    return delete_rows(file, HISTORY_SQL_OLD, done);
}

/* A target may have a few more than it should, so that not each line costs another one's deletion. */
static int tidy_many(struct history_file *file, unsigned lines, unsigned *done)
{
    sqlite3_stmt *row = file->statements[HISTORY_SQL_MANY];
    unsigned slack = lines / 16 < DELETED_AT_ONCE ? lines / 16 : DELETED_AT_ONCE;
    sqlite3_int64 found[3];
    int rc;

    if (lines == 0)
        return 0;
    if ((sqlite3_bind_int64(row, 1, lines) |
         sqlite3_bind_int64(row, 2, (sqlite3_int64)lines + slack)) != SQLITE_OK)
        return -ENOMEM;
    rc = ask(file, HISTORY_SQL_MANY, found);
    if (rc == 0 && found[0] != 0)
        rc = delete_oldest(file, 2 * found[0], found[1], done);
    if (rc == 0 && found[0] != 0)
        rc = delete_oldest(file, 2 * found[0] + 1, found[2], done);
    return rc;
}

int history_sqlite_tidy(void *self, const struct history_limits *limits, uint64_t now,
                        unsigned *done)
{
    struct history_file *file = self;
    int rc = history_sqlite_begin(file);

    *done = 0;
    if (rc == 0)
        rc = tidy_forgotten(file, done);
    if (rc == 0 && *done == 0)
        rc = tidy_old(file, now, limits->days, done);
    if (rc == 0 && *done == 0)
        rc = tidy_many(file, limits->lines, done);
    return end_group(file, rc);
}
