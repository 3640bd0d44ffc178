/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/unit/store_house.h"

#include "base/clock.h"
#include "tests/lib/expect.h"
#include "tests/lib/folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void house_init(struct house *house)
{
    memset(house, 0, sizeof(*house));
    house->folder = folder_new();
    house->path = folder_path(house->folder, "test.db");
    EXPECT(house->path, "no folder");
    house->options = STORE_OPTIONS;
    house->options.path = house->path;
    house->options.retry = 20;
    pli_mutex_init(&house->lock, PLI_RANK_ACCOUNT);
    pli_cond_init(&house->ended);
}

void house_deinit(struct house *house)
{
    pli_cond_deinit(&house->ended);
    pli_mutex_deinit(&house->lock);
    free(house->path);
    folder_remove(house->folder);
}

int house_open(struct house *house)
{
    return store_open(&house->options, &house->store, house->why);
}

void house_close(struct house *house)
{
    store_close(house->store);
    house->store = NULL;
}

void house_begin(struct house *house)
{
    int rc;

    house_init(house);
    rc = house_open(house);
    EXPECT(rc == 0, "the store cannot be opened: %d, %s", rc, house->why);
}

void house_end(struct house *house)
{
    house_close(house);
    house_deinit(house);
}

struct store_change add_account(const char *folded)
{
    return (struct store_change){.operation = STORE_ADD,
                                 .record = {.kind = STORE_ACCOUNT,
                                            .account = {.folded = folded,
                                                        .name = folded,
                                                        .keys = "keys",
                                                        .email = "",
                                                        .code = "",
                                                        .created = 1,
                                                        .flags = 5}}};
}

struct store_change add_certificate(const char *fingerprint, const char *account)
{
    return (struct store_change){
        .operation = STORE_ADD,
        .record = {.kind = STORE_CERTIFICATE,
                   .certificate = {.fingerprint = fingerprint, .account = account, .added = 2}}};
}

struct store_change put_ban(enum store_ban_kind kind, const char *mask)
{
    return (struct store_change){
        .operation = STORE_PUT,
        .record = {.kind = STORE_BAN,
                   .ban = {.kind = kind, .mask = mask, .reason = "why", .by = "root", .set = 3}}};
}

struct store_change put_kept(enum store_kept_kind kind, const char *account, const char *key)
{
    return (struct store_change){
        .operation = STORE_PUT,
        .record = {
            .kind = STORE_KEPT,
            .kept = {.kind = kind, .account = account, .key = key, .value = "v", .number = 4}}};
}

struct store_change put_channel(uint64_t id, const char *name)
{
    return (struct store_change){
        .operation = STORE_PUT,
        .record = {.kind = STORE_CHANNEL,
                   .channel = {.id = id,
                               .name = name,
                               .founder = "ann",
                               .successor = "",
                               .topic = "t",
                               .topic_by = "Ann",
                               .modes = "nt",
                               .lock = "",
                               .about = "",
                               .url = "",
                               .created = 1,
                               .registered = 2,
                               .topic_set = 3,
                               .flags = 4,
                               .history = 5,
                               .origin = 6}},
    };
}

struct store_change dropped(struct store_change change)
{
    change.operation = STORE_DROP;
    return change;
}

static void note(const struct store_change *change, int outcome, void *argument)
{
    struct house *house = argument;
    struct store_record record = change->record;
    struct store_field fields[STORE_FIELDS_MAX];

    store_record_fields(&record, fields);
    pli_lock(&house->lock);
    if (house->count < OUTCOMES_MAX) {
        snprintf(house->keys[house->count], sizeof(house->keys[0]), "%s", *fields[0].text);
        house->outcomes[house->count++] = outcome;
    }
    pli_cond_signal(&house->ended);
    pli_unlock(&house->lock);
}

int house_submit(struct house *house, struct store_change change)
{
    return store_submit(house->store, &change, note, house);
}

void house_wait(struct house *house, unsigned count)
{
    uint64_t deadline = expect_deadline();
    unsigned got;

    pli_lock(&house->lock);
    while (house->count < count && pli_clock_now() < deadline)
        (void)pli_cond_wait_until(&house->ended, &house->lock, deadline);
    got = house->count;
    pli_unlock(&house->lock);
    EXPECT(got >= count, "%u outcomes of %u", got, count);
}

void house_wait_state(struct house *house, int state)
{
    uint64_t deadline = expect_deadline();

    while (store_state(house->store) != state) {
        EXPECT(pli_clock_now() < deadline, "the state stays %d", store_state(house->store));
        usleep(1000);
    }
}

static int count_one(const struct store_record *record, void *argument)
{
    unsigned *count = argument;

    (void)record;
    ++*count;
    return 0;
}

unsigned house_count(struct house *house, enum store_query query, const char *key)
{
    unsigned count = 0;
    int rc = store_read(house->store, query, key, count_one, &count);

    EXPECT(rc == 0 || rc == STORE_MISSING, "cannot read: %d", rc);
    return count;
}

sqlite3 *other_program(const struct house *house, const char *sql)
{
    sqlite3 *db;

    EXPECT_RESULT(sqlite3_open(house->path, &db), SQLITE_OK);
    EXPECT_RESULT(sqlite3_busy_timeout(db, 10000), SQLITE_OK);
    EXPECT(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    return db;
}

void other_program_ends(sqlite3 *db)
{
    EXPECT_RESULT(sqlite3_close(db), SQLITE_OK);
}

void change_file(const struct house *house, const char *sql)
{
    other_program_ends(other_program(house, sql));
}
