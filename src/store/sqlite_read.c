/* SPDX-License-Identifier: MIT */
/* Readers: connections of their own, which see what was committed when they begin to read. */
#include "config.h"

#include "store/sqlite.h"

#include <errno.h>
#include <stdlib.h>

struct reader {
    sqlite3 *db;
    sqlite3_stmt *statements[STORE_EVERYTHING]; /* made when first needed */
};

#define ACCOUNT                                                                                    \
    "SELECT a.folded, a.name, a.keys, a.email, a.code, a.created, a.flags, a.sent FROM accounts a"
#define CERTIFICATE                                                                                \
    "SELECT c.fingerprint, a.folded, c.added FROM certificates c JOIN accounts a ON a.id = "       \
    "c.account"

static const struct {
    enum store_kind kind;
    const char *sql;
} queries[STORE_EVERYTHING] = {
    [STORE_ACCOUNT_NAMED] = {STORE_ACCOUNT, ACCOUNT " WHERE a.folded = ?1"},
    [STORE_ACCOUNT_OF] = {STORE_ACCOUNT, ACCOUNT
                          " JOIN certificates c ON c.account = a.id WHERE c.fingerprint = ?1"},
    [STORE_CERTIFICATES_OF] = {STORE_CERTIFICATE,
                               CERTIFICATE " WHERE a.folded = ?1 ORDER BY c.added, c.fingerprint"},
    [STORE_ALL_ACCOUNTS] = {STORE_ACCOUNT, ACCOUNT " ORDER BY a.id"},
    [STORE_ALL_CERTIFICATES] = {STORE_CERTIFICATE,
                                CERTIFICATE " ORDER BY a.id, c.added, c.fingerprint"},
    [STORE_ALL_BANS] = {STORE_BAN, "SELECT mask, reason, setter, made, expires, kind FROM bans"
                                   " ORDER BY made, id"},
    [STORE_ALL_KEPT] = {STORE_KEPT, "SELECT a.folded, k.key, k.value, k.number, k.kind FROM kept k"
                                    " JOIN accounts a ON a.id = k.account ORDER BY k.id"},
    [STORE_ALL_CHANNELS] = {STORE_CHANNEL,
                            "SELECT name, founder, successor, topic, topic_by, modes,"
                            " locked, about, url, id, created, registered, topic_set,"
                            " flags, history, origin FROM channels ORDER BY registered, id"},
    [STORE_ALL_ACCESS] = {STORE_ACCESS, "SELECT account, setter, channel, level, added"
                                        " FROM channel_access ORDER BY added, channel, account"},
    [STORE_ALL_MASKS] = {STORE_MASK, "SELECT mask, setter, channel, made, kind FROM channel_masks"
                                     " ORDER BY made, id"},
};

int store_sqlite_reader_open(void *self, void **out)
{
    const struct store_file *file = self;
    struct reader *reader = calloc(1, sizeof(*reader));
    int rc = reader
                 ? store_sqlite_connect(file->path, SQLITE_OPEN_READWRITE, file->busy, &reader->db)
                 : -ENOMEM;

    if (rc == 0)
        rc = store_sqlite_run(reader->db, "PRAGMA query_only = ON");
    if (rc < 0 && reader) {
        sqlite3_close(reader->db);
        free(reader);
        reader = NULL;
    }
    *out = reader;
    return rc;
}

void store_sqlite_reader_close(void *self)
{
    struct reader *reader = self;

    for (size_t i = 0; i < STORE_EVERYTHING; i++)
        sqlite3_finalize(reader->statements[i]);
    sqlite3_close(reader->db);
    free(reader);
}

int store_sqlite_reader_freeze(void *self, bool on)
{
    struct reader *reader = self;

    return store_sqlite_run(reader->db, on ? "BEGIN" : "COMMIT");
}

/* -- Rows --------------------------------------------------------------------------------------- */

static uint64_t number_at(sqlite3_stmt *row, int column)
{
    return (uint64_t)sqlite3_column_int64(row, column);
}

/* The texts come first in all queries, in the order of store_record_fields(). */
static int take_texts(sqlite3_stmt *row, struct store_record *record, int *next)
{
    struct store_field fields[STORE_FIELDS_MAX];
    size_t count = store_record_fields(record, fields);

    for (size_t i = 0; i < count; i++) {
        const char *text = (const char *)sqlite3_column_text(row, (int)i);

        if (!text)
            return -ENOMEM; /* no column may be NULL */
        *fields[i].text = text;
    }
    *next = (int)count;
    return 0;
}

/* The kind, where a record has one. False: it is none. */
static bool take_sort(sqlite3_stmt *row, int column, struct store_record *record)
{
    switch (record->kind) {
    case STORE_BAN:
        record->ban.kind = (enum store_ban_kind)number_at(row, column);
        return record->ban.kind < STORE_BAN_KINDS;
    case STORE_KEPT:
        record->kept.kind = (enum store_kept_kind)number_at(row, column);
        return record->kept.kind < STORE_KEPT_KINDS;
    case STORE_MASK:
        record->mask.kind = (enum store_mask_kind)number_at(row, column);
        return record->mask.kind < STORE_MASK_KINDS;
    default:
        return true;
    }
}

/* Then the numbers, in that of store_record_numbers(), and the kind, if there are several. */
static int take_row(sqlite3_stmt *row, struct store_record *record)
{
    struct store_number numbers[STORE_NUMBERS_MAX];
    size_t count = store_record_numbers(record, numbers);
    int next;
    int rc = take_texts(row, record, &next);

    if (rc < 0)
        return rc;
    for (size_t i = 0; i < count; i++)
        *numbers[i].value = number_at(row, next++);
    return take_sort(row, next, record) ? 0 : -EBADMSG;
}

static int prepare(struct reader *reader, enum store_query query, const char *key,
                   sqlite3_stmt **statement)
{
    int result = SQLITE_OK;

    if (!reader->statements[query])
        result = sqlite3_prepare_v3(reader->db, queries[query].sql, -1, SQLITE_PREPARE_PERSISTENT,
                                    &reader->statements[query], NULL);
    *statement = reader->statements[query];
    if (result == SQLITE_OK && key)
        result = sqlite3_bind_text(*statement, 1, key, -1, SQLITE_STATIC);
    return store_sqlite_errno(reader->db, result);
}

int store_sqlite_read(void *self, enum store_query query, const char *key, store_visit *visit,
                      void *argument)
{
    struct reader *reader = self;
    struct store_record record = {.kind = queries[query].kind};
    sqlite3_stmt *statement;
    bool found = false;
    int result = SQLITE_ROW;
    int rc = prepare(reader, query, key, &statement);

    while (rc == 0 && (result = sqlite3_step(statement)) == SQLITE_ROW) {
        found = true;
        rc = take_row(statement, &record);
        if (rc == 0)
            rc = visit(&record, argument);
    }
    if (rc == 0)
        rc = store_sqlite_errno(reader->db, result);
    sqlite3_reset(statement); /* says again what the last step has said */
    if (statement)
        sqlite3_clear_bindings(statement);
    return rc == 0 && key && !found ? STORE_MISSING : rc;
}

/* -- Copies ------------------------------------------------------------------------------------- */

static int copy(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    int result;

    if (!backup)
        return store_sqlite_errno(to, sqlite3_extended_errcode(to));
    /* In one go, as of one moment: the writer writes on, behind it. */
    (void)sqlite3_backup_step(backup, -1);
    result = sqlite3_backup_finish(backup); /* says again what the step has said */
    return store_sqlite_errno(to, result);
}

int store_sqlite_backup(void *self, const char *path)
{
    struct reader *reader = self;
    sqlite3 *db;
    int rc = store_sqlite_connect(path, SQLITE_OPEN_READWRITE, 0, &db);

    if (rc < 0)
        return rc;
    rc = copy(reader->db, db);
    if (rc == 0) /* one file, with nothing beside it */
        rc = store_sqlite_run(db, "PRAGMA journal_mode = DELETE");
    sqlite3_close(db);
    return rc;
}
