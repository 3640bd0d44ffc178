/* SPDX-License-Identifier: MIT */
/* Readers: connections of their own, which see what was committed when they begin to read. */
#include "config.h"

#include "store/history_sqlite.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A reading is given up after so long; SQLite asks each time after so many steps of its own. */
#define PATIENCE_NS (UINT64_C(2000) * 1000 * 1000)
#define STEPS       20000

enum query {
    TARGET,
    NEWEST,
    SAID_EARLIEST,
    SAID_LATEST,
    ALL_EARLIEST,
    ALL_LATEST,
    LATEST,
    CONVERSATIONS,
    FOUND_EARLIEST,
    FOUND_LATEST,
    QUERIES
};

#define COLUMNS   "m.id, m.origin, m.stream, m.kind, m.least, m.sender, m.text, m.body"
#define RANGE     " AND m.id > ?2 AND m.id < ?3 AND m.least <= ?4"
#define STREAM(n) "SELECT " COLUMNS " FROM messages m WHERE m.stream = ?1 + " n RANGE
#define FOUND                                                                                      \
    "SELECT " COLUMNS " FROM words w CROSS JOIN messages m ON m.id = w.rowid"                      \
    " WHERE w.words MATCH ?1 AND w.rowid > ?2 AND w.rowid < ?3 ORDER BY w.rowid"

/* clang-format off */
static const char *const texts[QUERIES] = {
    [TARGET] = "SELECT id FROM targets WHERE one = ?1 AND other = ?2",
    [NEWEST] = "SELECT max(id) FROM messages",
    [SAID_EARLIEST] = STREAM("0") " ORDER BY m.id LIMIT ?5",
    [SAID_LATEST] = STREAM("0") " ORDER BY m.id DESC LIMIT ?5",
    [ALL_EARLIEST] = STREAM("0") " UNION ALL " STREAM("1") " ORDER BY 1 LIMIT ?5",
    [ALL_LATEST] = STREAM("0") " UNION ALL " STREAM("1") " ORDER BY 1 DESC LIMIT ?5",
    [LATEST] = "SELECT max(id) FROM messages WHERE stream = ?1",
    [CONVERSATIONS] =
        "SELECT iif(one = ?1, other, one),"
        " (SELECT max(m.id) FROM messages m WHERE m.stream = 2 * targets.id) FROM targets"
        " WHERE id IN (SELECT id FROM targets WHERE one = ?1"
        " UNION SELECT id FROM targets WHERE other = ?1)",
    [FOUND_EARLIEST] = FOUND,
    [FOUND_LATEST] = FOUND " DESC",
};
/* clang-format on */

struct reader {
    sqlite3 *db;
    uint64_t deadline;                 /* pli_clock_now() */
    sqlite3_stmt *statements[QUERIES]; /* made when first needed */
};

static int is_late(void *argument)
{
    const struct reader *reader = argument;

    return pli_clock_now() >= reader->deadline;
}

int history_sqlite_reader_open(void *self, void **out)
{
    const struct history_file *file = self;
    struct reader *reader = calloc(1, sizeof(*reader));
    int rc = reader
                 ? store_sqlite_connect(file->path, SQLITE_OPEN_READWRITE, file->busy, &reader->db)
                 : -ENOMEM;

    if (rc == 0)
        rc = store_sqlite_run(reader->db, "PRAGMA query_only = ON");
    if (rc == 0)
        sqlite3_progress_handler(reader->db, STEPS, is_late, reader);
    if (rc < 0 && reader) {
        sqlite3_close(reader->db);
        free(reader);
        reader = NULL;
    }
    *out = reader;
    return rc;
}

void history_sqlite_reader_close(void *self)
{
    struct reader *reader = self;

    for (size_t i = 0; i < QUERIES; i++)
        sqlite3_finalize(reader->statements[i]);
    sqlite3_close(reader->db);
    free(reader);
}

/* -- Statements ----------------------------------------------------------------------------------- */

static int begin(struct reader *reader, enum query query, sqlite3_stmt **statement)
{
    int result = SQLITE_OK;

    reader->deadline = pli_clock_now() + PATIENCE_NS;
    if (!reader->statements[query])
        result = sqlite3_prepare_v3(reader->db, texts[query], -1, SQLITE_PREPARE_PERSISTENT,
                                    &reader->statements[query], NULL);
    *statement = reader->statements[query];
    return store_sqlite_errno(reader->db, result);
}

/* What a step has come to. */
static int errno_of(struct reader *reader, int result)
{
    return (result & 0xff) == SQLITE_INTERRUPT ? -ETIMEDOUT
                                               : store_sqlite_errno(reader->db, result);
}

static void end(sqlite3_stmt *statement)
{
    if (!statement)
        return;
    sqlite3_reset(statement); /* says again what the last step has said */
    sqlite3_clear_bindings(statement);
}

/* A statement, which is bound, that yields one number, or 0. BOUND: a result of SQLite's. */
static int ask(struct reader *reader, sqlite3_stmt *statement, int bound, uint64_t *number)
{
    int result = bound == SQLITE_OK ? sqlite3_step(statement) : bound;

    *number = result == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(statement, 0) : 0;
    end(statement);
    return errno_of(reader, result);
}

/* 0: it is not there. */
static int find_target(struct reader *reader, const struct history_target *target, uint64_t *number)
{
    sqlite3_stmt *statement;
    int rc = begin(reader, TARGET, &statement);

    *number = 0;
    return rc < 0 ? rc : ask(reader, statement, history_bind_target(statement, 1, target), number);
}

/* -- Lines ---------------------------------------------------------------------------------------- */

static struct history_bytes bytes_at(sqlite3_stmt *row, int column)
{
    const char *data = sqlite3_column_blob(row, column);

    return (struct history_bytes){data ? data : "", (size_t)sqlite3_column_bytes(row, column)};
}

static struct history_line take_line(sqlite3_stmt *row, const struct history_target *target)
{
    return (struct history_line){
        .target = *target,
        .id = (uint64_t)sqlite3_column_int64(row, 0),
        .origin = (uint64_t)sqlite3_column_int64(row, 1),
        .event = sqlite3_column_int64(row, 2) % 2 != 0,
        .kind = (unsigned)sqlite3_column_int(row, 3),
        .least = (unsigned)sqlite3_column_int(row, 4),
        .sender = bytes_at(row, 5),
        .text = bytes_at(row, 6),
        .body = bytes_at(row, 7),
    };
}

static sqlite3_int64 bound_of(uint64_t id)
{
    return id == 0 || id > INT64_MAX ? INT64_MAX : (sqlite3_int64)id;
}

static sqlite3_int64 least_of(uint64_t id)
{
    return id > INT64_MAX ? INT64_MAX : (sqlite3_int64)id;
}

int history_sqlite_read(void *self, const struct history_query *query, history_visit *visit,
                        void *argument)
{
    static const enum query kinds[2][2] = {{SAID_EARLIEST, SAID_LATEST},
                                           {ALL_EARLIEST, ALL_LATEST}};
    struct reader *reader = self;
    sqlite3_stmt *row = NULL;
    uint64_t number;
    int result;
    int rc = find_target(reader, &query->target, &number);

    if (rc < 0 || number == 0)
        return rc;
    rc = begin(reader, kinds[query->events][query->newest], &row);
    if (rc < 0)
        return rc;
    result = sqlite3_bind_int64(row, 1, 2 * (sqlite3_int64)number);
    result |= sqlite3_bind_int64(row, 2, least_of(query->after));
    result |= sqlite3_bind_int64(row, 3, bound_of(query->before));
    result |= sqlite3_bind_int64(row, 4, query->prefix);
    result |= sqlite3_bind_int64(row, 5, query->most);
    while (rc == 0 && (result == SQLITE_OK || result == SQLITE_ROW)) {
        result = sqlite3_step(row);
        if (result == SQLITE_ROW) {
            struct history_line line = take_line(row, &query->target);

            rc = visit(&line, argument);
        }
    }
    if (rc == 0)
        rc = errno_of(reader, result);
    end(row);
    return rc;
}

int history_sqlite_newest(void *self, uint64_t *id)
{
    struct reader *reader = self;
    sqlite3_stmt *statement;
    int rc = begin(reader, NEWEST, &statement);

    *id = 0;
    return rc < 0 ? rc : ask(reader, statement, SQLITE_OK, id);
}

int history_sqlite_latest(void *self, const struct history_target *target, uint64_t *id)
{
    struct reader *reader = self;
    sqlite3_stmt *statement;
    uint64_t number;
    int rc = find_target(reader, target, &number);

    *id = 0;
    if (rc < 0 || number == 0)
        return rc;
    rc = begin(reader, LATEST, &statement);
    return rc < 0 ? rc
                  : ask(reader, statement,
                        sqlite3_bind_int64(statement, 1, 2 * (sqlite3_int64)number), id);
}

int history_sqlite_conversations(void *self, struct history_bytes account,
                                 int (*visit)(struct history_bytes with, uint64_t latest,
                                              void *argument),
                                 void *argument)
{
    struct reader *reader = self;
    sqlite3_stmt *row;
    int rc = begin(reader, CONVERSATIONS, &row);
    int result;

    if (rc < 0)
        return rc;
    result = history_bind_text(row, 1, account);
    while (rc == 0 && (result == SQLITE_OK || result == SQLITE_ROW)) {
        result = sqlite3_step(row);
        if (result == SQLITE_ROW && sqlite3_column_type(row, 1) != SQLITE_NULL)
            rc = visit(bytes_at(row, 0), (uint64_t)sqlite3_column_int64(row, 1), argument);
    }
    if (rc == 0)
        rc = errno_of(reader, result);
    end(row);
    return rc;
}

/* -- Words ---------------------------------------------------------------------------------------- */

/* The targets of a search that there are. */
struct places {
    uint64_t numbers[HISTORY_SEARCHED_MAX]; /* 0: it is not there */
    size_t count;
};

static int find_places(struct reader *reader, const struct history_search *search,
                       struct places *places)
{
    int rc = 0;

    places->count = 0;
    for (size_t i = 0; i < search->count && rc == 0; i++) {
        rc = find_target(reader, &search->targets[i], &places->numbers[i]);
        places->count += places->numbers[i] != 0;
    }
    return rc;
}

/* Each word stands in quotes, and so means nothing but itself. */
static void put_words(FILE *file, struct history_bytes words)
{
    bool open = false;

    for (size_t i = 0; i < words.length; i++) {
        bool space = words.data[i] == ' ';

        if (space == open)
            fputc('"', file);
        if (space && open)
            fputc(' ', file);
        open = !space;
        if (words.data[i] == '"')
            fputc('"', file);
        if (!space)
            fputc(words.data[i], file);
    }
    if (open)
        fputc('"', file);
}

static bool has_words(struct history_bytes words)
{
    for (size_t i = 0; i < words.length; i++)
        if (words.data[i] != ' ')
            return true;
    return false;
}

/* What FTS5 is asked for; to be freed. NULL without memory. */
static char *expression(const struct history_search *search, const struct places *places)
{
    char word[HISTORY_SENDER_WORD];
    char *text = NULL;
    size_t size = 0;
    bool first = true;
    FILE *file = open_memstream(&text, &size);

    if (!file)
        return NULL;
    fputs("target : (", file);
    for (size_t i = 0; i < search->count; i++) {
        if (places->numbers[i] == 0)
            continue;
        fprintf(file, first ? "%s" : " OR %s",
                history_target_word((sqlite3_int64)places->numbers[i], word));
        first = false;
    }
    fputs(")", file);
    if (search->sender.length > 0)
        fprintf(file, " AND sender : %s", history_sender_word(search->sender, word));
    if (has_words(search->words)) {
        fputs(" AND text : (", file);
        put_words(file, search->words);
        fputs(")", file);
    }
    if (fclose(file) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* Shows the line unless it is not for whoever reads it; *SHOWN is then one more. */
static int show(const struct history_search *search, const struct places *places, sqlite3_stmt *row,
                unsigned *shown, history_visit *visit, void *argument)
{
    uint64_t number = (uint64_t)sqlite3_column_int64(row, 2) / 2;
    size_t i = 0;
    struct history_line line;

    while (i < search->count && places->numbers[i] != number)
        i++;
    if (i == search->count)
        return 0;
    line = take_line(row, &search->targets[i]);
    if (line.least > search->prefixes[i])
        return 0;
    ++*shown;
    return visit(&line, argument);
}

static int show_found(struct reader *reader, const struct history_search *search,
                      const struct places *places, const char *wanted, history_visit *visit,
                      void *argument)
{
    sqlite3_stmt *row;
    unsigned shown = 0;
    int rc = begin(reader, search->newest ? FOUND_LATEST : FOUND_EARLIEST, &row);
    int result;

    if (rc < 0)
        return rc;
    result = sqlite3_bind_text(row, 1, wanted, -1, SQLITE_STATIC);
    result |= sqlite3_bind_int64(row, 2, least_of(search->after));
    result |= sqlite3_bind_int64(row, 3, bound_of(search->before));
    while (rc == 0 && shown < search->most && (result == SQLITE_OK || result == SQLITE_ROW)) {
        result = sqlite3_step(row);
        if (result == SQLITE_ROW)
            rc = show(search, places, row, &shown, visit, argument);
    }
    if (rc == 0)
        rc = errno_of(reader, result);
    end(row);
    return rc;
}

int history_sqlite_search(void *self, const struct history_search *search, history_visit *visit,
                          void *argument)
{
    struct reader *reader = self;
    struct places places;
    char *wanted;
    int rc = search->count <= HISTORY_SEARCHED_MAX ? find_places(reader, search, &places) : -EINVAL;

    if (rc < 0 || places.count == 0)
        return rc;
    wanted = expression(search, &places);
    if (!wanted)
        return -ENOMEM;
    rc = show_found(reader, search, &places, wanted, visit, argument);
    free(wanted);
    return rc;
}
