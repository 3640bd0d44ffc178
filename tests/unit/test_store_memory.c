/* SPDX-License-Identifier: MIT */
/* Allocations that fail, the store's own and SQLite's: nothing is lost but what was at hand. */
#include "config.h"

#include "tests/unit/store_house.h"

#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/folder.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct house house;

/* -- SQLite's allocations, one of which fails --------------------------------------------------- */

static sqlite3_mem_methods real;
static atomic_long left;
static atomic_bool fired;

static bool fails(void)
{
    if (atomic_load(&left) <= 0 || atomic_fetch_sub(&left, 1) != 1)
        return false;
    atomic_store(&fired, true);
    return true;
}

static void *fail_malloc(int size)
{
    return fails() ? NULL : real.xMalloc(size);
}

static void *fail_realloc(void *old, int size)
{
    return fails() ? NULL : real.xRealloc(old, size);
}

static void sqlite_fails_after(long n)
{
    atomic_store(&fired, false);
    atomic_store(&left, n);
}

/* Before anything else of SQLite's is used. */
static void watch_sqlite(void)
{
    sqlite3_mem_methods methods;

    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) != SQLITE_OK)
        abort();
    methods = real;
    methods.xMalloc = fail_malloc;
    methods.xRealloc = fail_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK)
        abort();
}

/* -- Whichever it is ---------------------------------------------------------------------------- */

static const struct source {
    void (*after)(long n);
    bool sqlite;
} ours = {failmalloc_after, false}, sqlites = {sqlite_fails_after, true};

static bool has_fired(const struct source *source)
{
    return source->sqlite ? atomic_load(&fired) : failmalloc_fired();
}

/* Fails each allocation of the opening in turn, until there are no more. */
static void open_without(const struct source *source)
{
    bool done = false;

    house_init(&house);
    for (long n = 1; !done; n++) {
        int rc;

        source->after(n);
        rc = house_open(&house);
        done = !has_fired(source);
        source->after(0);
        if (rc == 0)
            house_close(&house);
        else
            EXPECT_RESULT(rc, -ENOMEM);
    }
    EXPECT_RESULT(house_open(&house), 0);
    EXPECT_RESULT(house_count(&house, STORE_EVERYTHING, NULL), 0);
    house_end(&house);
}

static void opening_fails_cleanly_without_memory(void)
{
    open_without(&ours);
}

static void opening_fails_cleanly_without_sqlites_memory(void)
{
    open_without(&sqlites);
}

/* One of three changes: the outcome says whether it is there, and the next one goes through. */
static void change_without(const struct source *source)
{
    bool done = false;
    unsigned kept = 0;

    house_begin(&house);
    for (long n = 1; !done; n++) {
        char name[32];
        struct store_change change = add_account(name);
        int rc;

        snprintf(name, sizeof(name), "account-%ld", n);
        source->after(n);
        rc = store_apply(house.store, &change);
        done = !has_fired(source);
        source->after(0);
        EXPECT(rc == 0 || rc == -ENOMEM, "outcome %d", rc);
        EXPECT_RESULT(store_state(house.store), 0);
        kept += rc == 0;
        EXPECT_RESULT(house_count(&house, STORE_ALL_ACCOUNTS, NULL), kept);
        EXPECT_RESULT(house_count(&house, STORE_ACCOUNT_NAMED, name), rc == 0);
    }
    EXPECT(kept > 0, "nothing was kept");
    house_end(&house);
}

static void a_change_fails_alone_without_memory(void)
{
    change_without(&ours);
}

static void a_change_fails_alone_without_sqlites_memory(void)
{
    change_without(&sqlites);
}

static int visit_one(const struct store_record *record, void *argument)
{
    unsigned *count = argument;

    (void)record;
    ++*count;
    return 0;
}

static void read_without(const struct source *source)
{
    char *copy;
    bool done = false;

    house_begin(&house);
    copy = folder_path(house.folder, "copy");
    EXPECT_RESULT(house_submit(&house, add_account("ann")), 0);
    EXPECT_RESULT(house_submit(&house, put_ban(STORE_BAN_USER, "*@x")), 0);
    house_wait(&house, 2);
    for (long n = 1; !done; n++) {
        unsigned count = 0;
        int rc, backup;

        source->after(n);
        rc = store_read(house.store, STORE_EVERYTHING, NULL, visit_one, &count);
        backup = store_backup(house.store, copy);
        done = !has_fired(source);
        source->after(0);
        EXPECT(rc == 0 || rc == -ENOMEM, "read: %d", rc);
        EXPECT(backup == 0 || backup == -ENOMEM, "backup: %d", backup);
        EXPECT(rc != 0 || count == 2, "%u records", count);
        EXPECT_RESULT(unlink(copy), backup == 0 ? 0 : -1);
        EXPECT_RESULT(house_count(&house, STORE_EVERYTHING, NULL), 2);
    }
    free(copy);
    house_end(&house);
}

static void reading_fails_cleanly_without_memory(void)
{
    read_without(&ours);
}

static void reading_fails_cleanly_without_sqlites_memory(void)
{
    read_without(&sqlites);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"opening fails cleanly without memory", opening_fails_cleanly_without_memory},
        {"opening fails cleanly without SQLite's memory",
         opening_fails_cleanly_without_sqlites_memory},
        {"a change fails alone without memory", a_change_fails_alone_without_memory},
        {"a change fails alone without SQLite's memory",
         a_change_fails_alone_without_sqlites_memory},
        {"reading fails cleanly without memory", reading_fails_cleanly_without_memory},
        {"reading fails cleanly without SQLite's memory",
         reading_fails_cleanly_without_sqlites_memory},
        {NULL, NULL},
    };

    watch_sqlite();
    return unit_main(argc, argv, "store without memory", tests);
}
