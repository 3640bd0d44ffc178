/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/unit/history_house.h"

#include "tests/lib/expect.h"
#include "tests/lib/folder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void history_house_init(struct history_house *house)
{
    memset(house, 0, sizeof(*house));
    house->folder = folder_new();
    house->path = folder_path(house->folder, "history.db");
    EXPECT(house->path, "no folder");
    house->options = HISTORY_OPTIONS;
    house->options.path = house->path;
    house->options.retry = 20;
    house->options.interval = 20;
}

void history_house_deinit(struct history_house *house)
{
    free(house->path);
    folder_remove(house->folder);
}

int history_house_open(struct history_house *house)
{
    return history_open(&house->options, &house->history, house->why);
}

void history_house_close(struct history_house *house)
{
    history_close(house->history);
    house->history = NULL;
}

void history_house_begin(struct history_house *house)
{
    int rc;

    history_house_init(house);
    rc = history_house_open(house);
    EXPECT(rc == 0, "the history cannot be opened: %d, %s", rc, house->why);
}

void history_house_end(struct history_house *house)
{
    history_house_close(house);
    history_house_deinit(house);
}

void history_house_settle(struct history_house *house, bool indexed)
{
    EXPECT_RESULT(history_settle(house->history, indexed, 60000), 0);
}

struct history_bytes bytes_of(const char *text)
{
    return (struct history_bytes){text, strlen(text)};
}

struct history_target channel_of(uint64_t id)
{
    return (struct history_target){.id = id, .origin = 7};
}

struct history_target pair_of(const char *one, const char *other)
{
    return (struct history_target){.one = bytes_of(one), .other = bytes_of(other)};
}

struct history_line line_of(struct history_target target, uint64_t id, const char *sender,
                            const char *text)
{
    return (struct history_line){
        .target = target,
        .id = id,
        .origin = 9,
        .kind = 3,
        .sender = bytes_of(sender),
        .text = bytes_of(text),
        .body = bytes_of("body"),
    };
}

void house_say(struct history_house *house, struct history_target target, uint64_t id,
               const char *text)
{
    struct history_line line = line_of(target, id, "ann", text);

    EXPECT_RESULT(history_keep(house->history, &line), 0);
}

static int print(const struct history_line *line, void *argument)
{
    FILE *file = argument;

    EXPECT(line->origin == 9 && line->kind == 3 && line->body.length == 4 &&
               memcmp(line->body.data, "body", 4) == 0,
           "line %" PRIu64 " is another one", line->id);
    fprintf(file, "%s%" PRIu64 " %.*s", ftell(file) > 0 ? ", " : "", line->id,
            (int)line->text.length, line->text.data);
    return 0;
}

char *house_read(struct history_house *house, struct history_query query)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    EXPECT(file, "no memory");
    if (query.target.id == 0 && query.target.one.length == 0)
        query.target = channel_of(1);
    if (query.most == 0)
        query.most = 100;
    EXPECT_RESULT(history_read(house->history, &query, print, file), 0);
    fclose(file);
    return text;
}

char *house_search(struct history_house *house, struct history_search search, bool newest)
{
    const struct history_target target = channel_of(1);
    const unsigned prefix = 0;
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    EXPECT(file, "no memory");
    search.newest = newest;
    if (search.count == 0) {
        search.targets = &target;
        search.prefixes = &prefix;
        search.count = 1;
    }
    if (search.most == 0)
        search.most = 100;
    EXPECT_RESULT(history_search(house->history, &search, print, file), 0);
    fclose(file);
    return text;
}

sqlite3 *history_other_program(const struct history_house *house, const char *sql)
{
    sqlite3 *db = NULL;

    EXPECT_RESULT(sqlite3_open(house->path, &db), SQLITE_OK);
    EXPECT_RESULT(sqlite3_busy_timeout(db, 5000), SQLITE_OK);
    EXPECT(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    return db;
}

long long history_ask(const struct history_house *house, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    long long number = -1;
    sqlite3 *db = NULL;

    EXPECT_RESULT(sqlite3_open(house->path, &db), SQLITE_OK);
    EXPECT(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, "%s",
           sqlite3_errmsg(db));
    if (sqlite3_step(statement) == SQLITE_ROW)
        number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}
