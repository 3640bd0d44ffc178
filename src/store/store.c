/* SPDX-License-Identifier: MIT */
/*
 * The store: a backend, its writer, and readers.
 */
#include "config.h"

#include "store/store.h"

#include "store/backend.h"
#include "store/readers.h"
#include "store/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct store {
    const struct store_backend *backend; /* const */
    void *self;                          /* const; the writer's, but for opening readers */
    struct store_writer writer;          /* where anything is kept */
    bool stopped;                        /* store_stop() */
    struct store_readers readers;        /* likewise */
};

static const struct store_backend *const backends[] = {&store_sqlite, &store_none};

static const struct store_backend *find_backend(const char *name)
{
    for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++)
        if (strcmp(backends[i]->name, name) == 0)
            return backends[i];
    return NULL;
}

const char *store_problem(int error)
{
    switch (error) {
    case -ENOSPC:
    case -EDQUOT:
        return "the disk is full";
    case -EBUSY:
        return "another program has locked the file";
    case -EROFS:
    case -EACCES:
        return "the file cannot be written";
    case -EBADMSG:
        return "the file is damaged";
    case -EIO:
        return "the disk has failed";
    case -EAGAIN:
        return "there is too much to do";
    case -ENOTSUP:
        return "nothing is kept here";
    case -ESHUTDOWN:
        return "the server is stopping";
    case -ENOMEM:
        return "out of memory";
    default:
        return strerror(-error);
    }
}

/* -- Life --------------------------------------------------------------------------------------- */

static int open_backend(struct store *store, const struct store_options *options,
                        char why[static STORE_WHY])
{
    int rc = store->backend->open(options, &store->self, why);

    if (rc < 0 || !store->backend->keeps)
        return rc;
    rc = store_writer_start(&store->writer, store->backend, store->self, options);
    if (rc < 0) {
        snprintf(why, STORE_WHY, "no thread can be started: %s", strerror(-rc));
        store->backend->close(store->self);
    }
    return rc;
}

int store_open(const struct store_options *options, struct store **out, char why[static STORE_WHY])
{
    const struct store_backend *backend = find_backend(options->backend);
    struct store *store;
    int rc;

    *out = NULL;
    *why = '\0';
    if (!backend) {
        snprintf(why, STORE_WHY, "there is no such backend");
        return -EINVAL;
    }
    store = calloc(1, sizeof(*store));
    if (!store) {
        snprintf(why, STORE_WHY, "%s", store_problem(-ENOMEM));
        return -ENOMEM;
    }
    store->backend = backend;
    rc = open_backend(store, options, why);
    if (rc < 0) {
        free(store);
        return rc;
    }
    store_readers_init(&store->readers, store->self, backend->reader_open, backend->reader_close);
    *out = store;
    return 0;
}

void store_stop(struct store *store)
{
    if (store->stopped)
        return;
    store->stopped = true;
    if (store->backend->keeps)
        store_writer_stop(&store->writer);
}

void store_close(struct store *store)
{
    if (!store)
        return;
    store_stop(store);
    store_readers_deinit(&store->readers);
    if (store->backend->keeps)
        store_writer_deinit(&store->writer);
    store->backend->close(store->self);
    free(store);
}

/* -- What it is --------------------------------------------------------------------------------- */

const char *store_backend_name(const struct store *store)
{
    return store->backend->name;
}

bool store_keeps(const struct store *store)
{
    return store->backend->keeps;
}

int store_state(const struct store *store)
{
    return store->backend->keeps ? atomic_load(&store->writer.state) : -ENOTSUP;
}

void store_stats(struct store *store, struct store_stats *stats)
{
    *stats = (struct store_stats){0};
    if (!store->backend->keeps)
        return;
    pli_lock(&store->writer.lock);
    *stats = store->writer.stats;
    if (stats->waiting < store->writer.queue)
        stats->room = store->writer.queue - stats->waiting;
    pli_unlock(&store->writer.lock);
}

void store_observe(struct store *store, store_done *seen, void *argument)
{
    if (!store->backend->keeps)
        return;
    pli_lock(&store->writer.lock);
    store->writer.seen = seen;
    store->writer.seen_argument = argument;
    pli_unlock(&store->writer.lock);
}

/* -- Changing ----------------------------------------------------------------------------------- */

/* Without a CHANGE it is only waited for. */
static int submit(struct store *store, const struct store_change *change, bool waits,
                  store_done *done, void *argument)
{
    struct store_change *copy;
    int rc;

    if (!store->backend->keeps)
        return -ENOTSUP;
    if (change && store_change_fault(change))
        return -EINVAL;
    copy = change ? store_change_copy(change) : NULL;
    if (change && !copy)
        return -ENOMEM;
    rc = store_writer_submit(&store->writer, copy, waits, done, argument);
    if (rc < 0)
        free(copy);
    return rc;
}

int store_submit(struct store *store, const struct store_change *change, store_done *done,
                 void *argument)
{
    return submit(store, change, false, done, argument);
}

/* Whoever waits in store_apply(). */
struct wait {
    struct pli_mutex lock;
    struct pli_cond ended;
    bool over;   /* (lock) */
    int outcome; /* (lock) */
};

static void end_wait(const struct store_change *change, int outcome, void *argument)
{
    struct wait *wait = argument;

    (void)change;
    pli_lock(&wait->lock);
    wait->outcome = outcome;
    wait->over = true;
    pli_cond_signal(&wait->ended); /* with the lock: then it goes, and the condition with it */
    pli_unlock(&wait->lock);
}

int store_apply(struct store *store, const struct store_change *change)
{
    struct wait wait = {.over = false};
    int rc;

    pli_mutex_init(&wait.lock, PLI_RANK_STORE);
    pli_cond_init(&wait.ended);
    rc = submit(store, change, true, end_wait, &wait);
    if (rc == 0) {
        pli_lock(&wait.lock);
        while (!wait.over)
            pli_cond_wait(&wait.ended, &wait.lock);
        rc = wait.outcome;
        pli_unlock(&wait.lock);
    }
    pli_cond_deinit(&wait.ended);
    pli_mutex_deinit(&wait.lock);
    return rc;
}

int store_flush(struct store *store)
{
    return store_apply(store, NULL);
}

/* -- Reading ------------------------------------------------------------------------------------ */

static int borrow_reader(struct store *store, void **reader)
{
    *reader = NULL;
    return store->backend->keeps ? store_readers_borrow(&store->readers, reader) : -ENOTSUP;
}

static int read_everything(struct store *store, void *reader, store_visit *visit, void *argument)
{
    static const enum store_query all[] = {
        STORE_ALL_ACCOUNTS, STORE_ALL_CERTIFICATES, STORE_ALL_BANS, STORE_ALL_KEPT,
        STORE_ALL_CHANNELS, STORE_ALL_ACCESS,       STORE_ALL_MASKS};
    int rc = store->backend->reader_freeze(reader, true);
    int end;

    if (rc < 0)
        return rc;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && rc == 0; i++)
        rc = store->backend->read(reader, all[i], NULL, visit, argument);
    end = store->backend->reader_freeze(reader, false);
    return rc ? rc : end;
}

int store_read(struct store *store, enum store_query query, const char *key, store_visit *visit,
               void *argument)
{
    void *reader;
    int rc = borrow_reader(store, &reader);

    if (rc < 0)
        return rc;
    rc = query == STORE_EVERYTHING ? read_everything(store, reader, visit, argument)
                                   : store->backend->read(reader, query, key, visit, argument);
    store_readers_give_back(&store->readers, reader, rc);
    return rc;
}

/* The copy is made in a file that is new, and that nobody else may read. */
int store_backup(struct store *store, const char *path)
{
    void *reader;
    int rc = borrow_reader(store, &reader);
    int fd;

    if (rc < 0)
        return rc;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    rc = fd < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    if (rc == 0) {
        rc = store->backend->backup(reader, path);
        if (rc < 0)
            unlink(path);
    }
    store_readers_give_back(&store->readers, reader, rc);
    return rc;
}
