/* SPDX-License-Identifier: MIT */
/* The history: what keeps it, its writer, and its readers. */
#include "config.h"

#include "store/history.h"

#include "store/history_writer.h"
#include "store/readers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct history {
    const struct history_backend *backend; /* const */
    void *self;                            /* const; the writer's, but for opening readers */
    struct history_writer writer;
    struct store_readers readers;
    bool stopped; /* history_stop() */
};

/* -- Life ----------------------------------------------------------------------------------------- */

int history_open(const struct history_options *options, struct history **out,
                 char why[static STORE_WHY])
{
    struct history *history = calloc(1, sizeof(*history));
    int rc;

    *out = NULL;
    *why = '\0';
    if (!history) {
        snprintf(why, STORE_WHY, "%s", store_problem(-ENOMEM));
        return -ENOMEM;
    }
    history->backend = &history_sqlite;
    rc = history->backend->open(options, &history->self, why);
    if (rc == 0) {
        rc = history_writer_start(&history->writer, history->backend, history->self, options);
        if (rc < 0) {
            snprintf(why, STORE_WHY, "no thread can be started: %s", strerror(-rc));
            history->backend->close(history->self);
        }
    }
    if (rc < 0) {
        free(history);
        return rc;
    }
    store_readers_init(&history->readers, history->self, history->backend->reader_open,
                       history->backend->reader_close);
    *out = history;
    return 0;
}

void history_stop(struct history *history)
{
    if (history->stopped)
        return;
    history->stopped = true;
    history_writer_stop(&history->writer);
}

void history_close(struct history *history)
{
    if (!history)
        return;
    history_stop(history);
    store_readers_deinit(&history->readers);
    history_writer_deinit(&history->writer);
    history->backend->close(history->self);
    free(history);
}

void history_limit(struct history *history, const struct history_limits *limits)
{
    pli_lock(&history->writer.lock);
    history->writer.limits = *limits;
    pli_unlock(&history->writer.lock);
}

int history_state(const struct history *history)
{
    return atomic_load(&history->writer.state);
}

/* -- Keeping -------------------------------------------------------------------------------------- */

static void pack(struct history_bytes *to, struct history_bytes from, char **at)
{
    *to = (struct history_bytes){*at, from.length};
    if (from.length > 0)
        memcpy(*at, from.data, from.length);
    *at += from.length;
}

/* NULL without memory. */
static struct history_item *item_new(enum history_task task, const struct history_line *line)
{
    size_t length = line->target.one.length + line->target.other.length + line->sender.length +
                    line->text.length + line->body.length;
    struct history_item *item = malloc(sizeof(*item) + length);
    char *at;

    if (!item)
        return NULL;
    at = item->data;
    item->task = task;
    item->bytes = sizeof(*item) + length;
    item->line = *line;
    pack(&item->line.target.one, line->target.one, &at);
    pack(&item->line.target.other, line->target.other, &at);
    pack(&item->line.sender, line->sender, &at);
    pack(&item->line.text, line->text, &at);
    pack(&item->line.body, line->body, &at);
    return item;
}

static int give(struct history *history, enum history_task task, const struct history_line *line)
{
    struct history_item *item = item_new(task, line);
    int rc;

    if (!item) {
        if (task == HISTORY_KEEP)
            history_writer_lose(&history->writer, HISTORY_MEMORY);
        return -ENOMEM;
    }
    rc = history_writer_give(&history->writer, item);
    if (rc < 0)
        free(item);
    return rc;
}

int history_keep(struct history *history, const struct history_line *line)
{
    return give(history, HISTORY_KEEP, line);
}

void history_lose(struct history *history)
{
    history_writer_lose(&history->writer, HISTORY_MEMORY);
}

int history_redact(struct history *history, const struct history_target *target, uint64_t id)
{
    struct history_line line = {.target = *target, .id = id};

    return give(history, HISTORY_REDACT, &line);
}

int history_forget(struct history *history, struct history_bytes account)
{
    struct history_line line = {.target = {.one = account}};

    return give(history, HISTORY_FORGET, &line);
}

int history_settle(struct history *history, bool indexed, unsigned patience)
{
    return history_writer_settle(&history->writer, indexed, patience);
}

/* -- Reading -------------------------------------------------------------------------------------- */

int history_newest(struct history *history, uint64_t *id)
{
    void *reader;
    int rc = store_readers_borrow(&history->readers, &reader);

    if (rc < 0)
        return rc;
    rc = history->backend->newest(reader, id);
    store_readers_give_back(&history->readers, reader, rc);
    return rc;
}

int history_read(struct history *history, const struct history_query *query, history_visit *visit,
                 void *argument)
{
    void *reader;
    int rc = store_readers_borrow(&history->readers, &reader);

    if (rc < 0)
        return rc;
    rc = history->backend->read(reader, query, visit, argument);
    store_readers_give_back(&history->readers, reader, rc);
    return rc;
}

int history_latest(struct history *history, const struct history_target *target, uint64_t *id)
{
    void *reader;
    int rc = store_readers_borrow(&history->readers, &reader);

    if (rc < 0)
        return rc;
    rc = history->backend->latest(reader, target, id);
    store_readers_give_back(&history->readers, reader, rc);
    return rc;
}

int history_conversations(struct history *history, struct history_bytes account,
                          int (*visit)(struct history_bytes with, uint64_t latest, void *argument),
                          void *argument)
{
    void *reader;
    int rc = store_readers_borrow(&history->readers, &reader);

    if (rc < 0)
        return rc;
    rc = history->backend->conversations(reader, account, visit, argument);
    store_readers_give_back(&history->readers, reader, rc);
    return rc;
}

int history_search(struct history *history, const struct history_search *search,
                   history_visit *visit, void *argument)
{
    void *reader;
    int rc = store_readers_borrow(&history->readers, &reader);

    if (rc < 0)
        return rc;
    rc = history->backend->search(reader, search, visit, argument);
    store_readers_give_back(&history->readers, reader, rc);
    return rc;
}

/* -- Figures -------------------------------------------------------------------------------------- */

const char *history_loss_name(enum history_loss loss)
{
    static const char *const names[HISTORY_LOSSES] = {
        [HISTORY_FULL] = "full",       [HISTORY_MEMORY] = "memory", [HISTORY_FAILED] = "failed",
        [HISTORY_STOPPED] = "stopped", [HISTORY_TAKEN] = "taken",
    };

    return names[loss];
}

void history_stats(struct history *history, struct history_stats *stats)
{
    pli_lock(&history->writer.lock);
    *stats = history->writer.stats;
    pli_unlock(&history->writer.lock);
}
