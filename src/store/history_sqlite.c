/* SPDX-License-Identifier: MIT */
/*
 * A file of SQLite's, in WAL mode with synchronous=NORMAL: a loss of power may cost the last commits,
 * a killed server none.
 */
#include "config.h"

#include "store/history_sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const steps[] = {
    /* 1 */
    "PRAGMA application_id = 1886154344;" /* "plnh" */
    "CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), times INTEGER NOT NULL) STRICT;"
    "INSERT INTO probe VALUES (1, 0);"
    "CREATE TABLE targets ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  one ANY NOT NULL,"
    "  other ANY NOT NULL,"
    "  lines INTEGER NOT NULL,"
    "  events INTEGER NOT NULL,"
    "  UNIQUE (one, other)) STRICT;"
    "CREATE INDEX targets_other ON targets (other);"
    "CREATE TABLE messages ("
    "  id INTEGER PRIMARY KEY,"
    "  origin INTEGER NOT NULL,"
    "  stream INTEGER NOT NULL,"
    "  kind INTEGER NOT NULL,"
    "  least INTEGER NOT NULL,"
    "  sender TEXT NOT NULL,"
    "  text TEXT NOT NULL,"
    "  body BLOB NOT NULL) STRICT;"
    "CREATE INDEX messages_of ON messages (stream, id);"
    "CREATE VIRTUAL TABLE words USING fts5 (target, sender, text, content = '', columnsize = 0,"
    "  tokenize = 'unicode61 remove_diacritics 2');"
    "CREATE TABLE position (id INTEGER PRIMARY KEY CHECK (id = 1), indexed INTEGER NOT NULL) "
    "STRICT;"
    "INSERT INTO position VALUES (1, 0);",
};

static void finalize(void *argument);

/* Looking at all of it would take long where there is much. */
const struct store_sqlite_kind history_sqlite_kind = {
    .application = 0x706c6e68,
    .whose = "a history of paceline's",
    .steps = steps,
    .version = (int)(sizeof(steps) / sizeof(steps[0])),
    .check = "SELECT 'ok' FROM sqlite_schema UNION ALL SELECT 'ok' LIMIT 1",
    .pragmas =
        "PRAGMA synchronous = NORMAL; PRAGMA secure_delete = FAST; PRAGMA cache_size = -8192;"
        "PRAGMA wal_autocheckpoint = 2000",
    .finalize = finalize,
};

/* clang-format off */
static const char *const texts[HISTORY_SQL_COUNT] = {
    [HISTORY_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [HISTORY_SQL_COMMIT] = "COMMIT",
    [HISTORY_SQL_PROBE] = "UPDATE probe SET times = times + 1 WHERE id = 1",
    [HISTORY_SQL_TARGET_FIND] = "SELECT id FROM targets WHERE one = ?1 AND other = ?2",
    [HISTORY_SQL_TARGET_ADD] =
        "INSERT INTO targets (one, other, lines, events) VALUES (?1, ?2, 0, 0)",
    [HISTORY_SQL_TARGET_COUNT] =
        "UPDATE targets SET lines = lines + ?2, events = events + ?3 WHERE id = ?1",
    [HISTORY_SQL_TARGET_FORGET] =
        "UPDATE targets SET one = -id, other = -id WHERE id IN"
        " (SELECT id FROM targets WHERE one = ?1 UNION SELECT id FROM targets WHERE other = ?1)",
    [HISTORY_SQL_TARGET_DROP] = "DELETE FROM targets WHERE id = ?1",
    [HISTORY_SQL_KEEP] =
        "INSERT INTO messages (id, origin, stream, kind, least, sender, text, body)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
    [HISTORY_SQL_FIND] = "SELECT id, stream, sender, text FROM messages WHERE id = ?1",
    [HISTORY_SQL_DELETE] = "DELETE FROM messages WHERE id = ?1",
    [HISTORY_SQL_OLD] =
        "SELECT id, stream, sender, text FROM messages WHERE id < ?1 ORDER BY id LIMIT ?2",
    [HISTORY_SQL_OLDEST] =
        "SELECT id, stream, sender, text FROM messages WHERE stream = ?1 ORDER BY id LIMIT ?2",
    [HISTORY_SQL_FORGOTTEN] = "SELECT id, lines, events FROM targets WHERE one < 0 LIMIT 1",
    [HISTORY_SQL_MANY] =
        "SELECT id, lines - ?1, events - ?1 FROM targets WHERE lines > ?2 OR events > ?2 LIMIT 1",
    [HISTORY_SQL_UNINDEXED] =
        "SELECT id, stream, sender, text FROM messages WHERE id > ?1 ORDER BY id LIMIT ?2",
    [HISTORY_SQL_INDEX] = "INSERT INTO words (rowid, target, sender, text) VALUES (?1, ?2, ?3, ?4)",
    [HISTORY_SQL_UNINDEX] =
        "INSERT INTO words (words, rowid, target, sender, text) VALUES ('delete', ?1, ?2, ?3, ?4)",
    [HISTORY_SQL_POSITION] = "SELECT indexed FROM position WHERE id = 1",
    [HISTORY_SQL_POSITION_SET] = "UPDATE position SET indexed = ?1 WHERE id = 1",
};
/* clang-format on */

/* -- Statements ----------------------------------------------------------------------------------- */

const char *history_target_word(sqlite3_int64 target, char word[static HISTORY_TARGET_WORD])
{
    snprintf(word, HISTORY_TARGET_WORD, "t%lld", (long long)target);
    return word;
}

const char *history_sender_word(struct history_bytes sender, char word[static HISTORY_SENDER_WORD])
{
    static const char digits[] = "0123456789abcdef";
    size_t length = sender.length < HISTORY_SENDER_MAX ? sender.length : HISTORY_SENDER_MAX;
    char *at = word;

    *at++ = 'n';
    for (size_t i = 0; i < length; i++) {
        *at++ = digits[(unsigned char)sender.data[i] >> 4];
        *at++ = digits[(unsigned char)sender.data[i] & 15];
    }
    *at = '\0';
    return word;
}

int history_bind_text(sqlite3_stmt *statement, int at, struct history_bytes text)
{
    return sqlite3_bind_text(statement, at, text.length > 0 ? text.data : "", (int)text.length,
                             SQLITE_STATIC);
}

int history_bind_target(sqlite3_stmt *statement, int at, const struct history_target *target)
{
    if (target->one.length == 0)
        return sqlite3_bind_int64(statement, at, (sqlite3_int64)target->id) |
               sqlite3_bind_int64(statement, at + 1, (sqlite3_int64)target->origin);
    return history_bind_text(statement, at, target->one) |
           history_bind_text(statement, at + 1, target->other);
}

int history_run(struct history_file *file, enum history_statement which)
{
    sqlite3_stmt *statement = file->statements[which];
    int result, rc;

    errno = 0;
    result = sqlite3_step(statement);
    rc = store_sqlite_errno(file->db, result);
    sqlite3_reset(statement); /* says again what the step has said */
    sqlite3_clear_bindings(statement);
    return rc;
}

static void finalize(void *argument)
{
    struct history_file *file = argument;

    for (size_t i = 0; i < HISTORY_SQL_COUNT; i++)
        sqlite3_finalize(file->statements[i]);
}

static int read_position(struct history_file *file)
{
    sqlite3_stmt *statement = file->statements[HISTORY_SQL_POSITION];
    int result = sqlite3_step(statement);
    int rc = result == SQLITE_DONE ? -EBADMSG : store_sqlite_errno(file->db, result);

    if (rc == 0)
        file->indexed = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return rc;
}

static int prepare(sqlite3 *db, void *argument)
{
    struct history_file *file = argument;

    file->db = db;
    for (size_t i = 0; i < HISTORY_SQL_COUNT; i++) {
        int result = sqlite3_prepare_v3(db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                        &file->statements[i], NULL);

        if (result == SQLITE_ERROR)
            return -EBADMSG; /* a table or a column is not there */
        if (result != SQLITE_OK)
            return store_sqlite_errno(db, result);
    }
    return read_position(file);
}

/* -- Groups --------------------------------------------------------------------------------------- */

int history_sqlite_begin(void *self)
{
    return history_run(self, HISTORY_SQL_BEGIN);
}

int history_sqlite_commit(void *self)
{
    int rc = history_targets_write(self);

    return rc == 0 ? history_run(self, HISTORY_SQL_COMMIT) : rc;
}

/* Some errors have rolled back already. */
void history_sqlite_rollback(void *self)
{
    struct history_file *file = self;

    if (!sqlite3_get_autocommit(file->db))
        (void)store_sqlite_run(file->db, "ROLLBACK"); /* what matters has been told */
    history_targets_clear(file);
    (void)read_position(file); /* likewise: if it cannot be read, nothing can be written */
}

static int keep(void *self, const struct history_line *line, bool *kept)
{
    struct history_file *file = self;
    sqlite3_stmt *statement = file->statements[HISTORY_SQL_KEEP];
    struct history_known *known;
    int rc = history_target_known(file, &line->target, true, &known);
    int result;

    if (rc < 0)
        return rc;
    result = sqlite3_bind_int64(statement, 1, (sqlite3_int64)line->id);
    result |= sqlite3_bind_int64(statement, 2, (sqlite3_int64)line->origin);
    result |= sqlite3_bind_int64(statement, 3, 2 * known->number + line->event);
    result |= sqlite3_bind_int64(statement, 4, line->kind);
    result |= sqlite3_bind_int64(statement, 5, line->least);
    result |= history_bind_text(statement, 6, line->sender);
    result |= history_bind_text(statement, 7, line->text);
    result |= sqlite3_bind_blob(statement, 8, line->body.length > 0 ? line->body.data : "",
                                (int)line->body.length, SQLITE_STATIC);
    if (result != SQLITE_OK) { /* there is nothing else that can be wrong with it */
        sqlite3_clear_bindings(statement);
        return -ENOMEM;
    }
    rc = history_run(file, HISTORY_SQL_KEEP);
    *kept = rc == 0 && sqlite3_changes(file->db) > 0;
    if (!*kept)
        return rc;
    if (line->event)
        known->events++;
    else
        known->lines++;
    return 0;
}

/* What was between them is out of sight at once, and deleted little by little (history_sqlite_tidy()). */
static int forget(void *self, struct history_bytes account)
{
    struct history_file *file = self;
    int rc = history_targets_write(file);

    history_targets_clear(file);
    if (rc == 0 &&
        history_bind_text(file->statements[HISTORY_SQL_TARGET_FORGET], 1, account) != SQLITE_OK)
        return -ENOMEM;
    return rc == 0 ? history_run(file, HISTORY_SQL_TARGET_FORGET) : rc;
}

static int probe(void *self)
{
    int rc = history_sqlite_begin(self);

    if (rc == 0)
        rc = history_run(self, HISTORY_SQL_PROBE);
    if (rc == 0)
        rc = history_sqlite_commit(self);
    if (rc != 0)
        history_sqlite_rollback(self);
    return rc;
}

/* -- Opening -------------------------------------------------------------------------------------- */

static void close_sqlite(void *self)
{
    struct history_file *file = self;

    finalize(file);
    sqlite3_close(file->db);
    history_targets_deinit(file);
    free(file);
}

static int open_sqlite(const struct history_options *options, void **self,
                       char why[static STORE_WHY])
{
    size_t length = strlen(options->path);
    struct history_file *file = calloc(1, sizeof(*file) + length + 1);
    int rc = file ? history_targets_init(file) : -ENOMEM;

    if (rc < 0) {
        snprintf(why, STORE_WHY, "%s", store_problem(rc));
        free(file);
        return rc;
    }
    file->busy = options->busy;
    memcpy(file->path, options->path, length);
    rc = store_sqlite_open(&history_sqlite_kind, file->path, file->busy, prepare, file, why);
    if (rc < 0) {
        history_targets_deinit(file);
        free(file);
        return rc;
    }
    *self = file;
    return 0;
}

const struct history_backend history_sqlite = {
    .open = open_sqlite,
    .close = close_sqlite,
    .begin = history_sqlite_begin,
    .keep = keep,
    .redact = history_sqlite_redact,
    .forget = forget,
    .commit = history_sqlite_commit,
    .rollback = history_sqlite_rollback,
    .probe = probe,
    .tidy = history_sqlite_tidy,
    .index = history_sqlite_index,
    .reader_open = history_sqlite_reader_open,
    .reader_close = history_sqlite_reader_close,
    .newest = history_sqlite_newest,
    .read = history_sqlite_read,
    .latest = history_sqlite_latest,
    .conversations = history_sqlite_conversations,
    .search = history_sqlite_search,
};
