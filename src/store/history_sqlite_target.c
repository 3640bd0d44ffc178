/* SPDX-License-Identifier: MIT */
/*
 * Targets whose row the writer knows, so that a line need not look for it, and how many lines the group
 * at hand adds to each. When there are too many of them, they are forgotten between groups.
 */
#include "config.h"

#include "store/history_sqlite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KNOWN_MAX 4096

static struct history_known *known_of(struct pli_hash_node *node)
{
    return (struct history_known *)(void *)((char *)node - offsetof(struct history_known, by_key));
}

static const void *key_of(const struct pli_hash_node *node, size_t *length)
{
    const char *known = (const char *)node - offsetof(struct history_known, by_key);

    *length = ((const struct history_known *)(const void *)known)->length;
    return known + offsetof(struct history_known, key);
}

/* What is in the key: a byte for what it is, and two numbers or names. */
#define NAME_MAX_BYTES 256
#define KEY_MAX        (1 + 2 * NAME_MAX_BYTES + 1)

static size_t make_key(const struct history_target *target, char key[static KEY_MAX])
{
    size_t one = target->one.length, other = target->other.length;

    if (one == 0) {
        key[0] = 'c';
        memcpy(key + 1, &target->id, sizeof(target->id));
        memcpy(key + 1 + sizeof(target->id), &target->origin, sizeof(target->origin));
        return 1 + sizeof(target->id) + sizeof(target->origin);
    }
    if (one > NAME_MAX_BYTES || other > NAME_MAX_BYTES)
        return 0;
    key[0] = 'p';
    memcpy(key + 1, target->one.data, one);
    key[1 + one] = '\0';
    memcpy(key + 2 + one, target->other.data, other);
    return 2 + one + other;
}

int history_targets_init(struct history_file *file)
{
    return pli_hash_init(&file->targets, key_of);
}

void history_targets_clear(struct history_file *file)
{
    struct pli_hash_node *node;

    while ((node = pli_hash_next(&file->targets, NULL))) {
        pli_hash_remove(&file->targets, node);
        free(known_of(node));
    }
}

void history_targets_deinit(struct history_file *file)
{
    history_targets_clear(file);
    pli_hash_deinit(&file->targets);
}

/* 0: it is not there. */
static int look_up(struct history_file *file, const struct history_target *target,
                   sqlite3_int64 *number)
{
    sqlite3_stmt *statement = file->statements[HISTORY_SQL_TARGET_FIND];
    int result = history_bind_target(statement, 1, target);

    *number = 0;
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
        *number = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return store_sqlite_errno(file->db, result);
}

static int add(struct history_file *file, const struct history_target *target,
               sqlite3_int64 *number)
{
    int rc;

    if (history_bind_target(file->statements[HISTORY_SQL_TARGET_ADD], 1, target) != SQLITE_OK)
        return -ENOMEM;
    rc = history_run(file, HISTORY_SQL_TARGET_ADD);
    *number = sqlite3_last_insert_rowid(file->db);
    return rc;
}

static struct history_known *know(struct history_file *file, const char *key, size_t length,
                                  sqlite3_int64 number)
{
    struct history_known *known = malloc(sizeof(*known) + length);

    if (!known)
        return NULL;
    *known = (struct history_known){.number = number, .length = length};
    memcpy(known->key, key, length);
    pli_hash_add(&file->targets, &known->by_key);
    return known;
}

int history_target_known(struct history_file *file, const struct history_target *target, bool make,
                         struct history_known **known)
{
    char key[KEY_MAX];
    size_t length = make_key(target, key);
    struct pli_hash_node *node;
    sqlite3_int64 number;
    int rc;

    *known = NULL;
    if (length == 0)
        return -ENAMETOOLONG;
    node = pli_hash_find(&file->targets, key, length);
    if (node) {
        *known = known_of(node);
        return 0;
    }
    rc = look_up(file, target, &number);
    if (rc == 0 && number == 0 && make)
        rc = add(file, target, &number);
    if (rc < 0 || number == 0)
        return rc;
    *known = know(file, key, length, number);
    return *known ? 0 : -ENOMEM;
}

int history_target_count(struct history_file *file, sqlite3_int64 number, int lines, int events)
{
    sqlite3_stmt *statement = file->statements[HISTORY_SQL_TARGET_COUNT];

    if ((sqlite3_bind_int64(statement, 1, number) | sqlite3_bind_int64(statement, 2, lines) |
         sqlite3_bind_int64(statement, 3, events)) != SQLITE_OK)
        return -ENOMEM;
    return history_run(file, HISTORY_SQL_TARGET_COUNT);
}

int history_targets_write(struct history_file *file)
{
    struct pli_hash_node *node = NULL;
    int rc = 0;

    while (rc == 0 && (node = pli_hash_next(&file->targets, node))) {
        struct history_known *known = known_of(node);

        if (known->lines == 0 && known->events == 0)
            continue;
        rc = history_target_count(file, known->number, known->lines, known->events);
        known->lines = known->events = 0;
    }
    if (file->targets.count > KNOWN_MAX)
        history_targets_clear(file);
    return rc;
}
