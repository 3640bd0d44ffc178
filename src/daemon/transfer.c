/* SPDX-License-Identifier: MIT */
/*
 * A job belongs to its session, which is parked, and while it runs to a helper. Files are opened as
 * the user that the server runs as; a new one is nobody's to read but theirs, and never replaces
 * another.
 *
 * An import is read twice: if there is anything wrong with the file, nothing of it is taken. What is
 * there already stays as it is. Bans go through the world, which has them in force at once and
 * kept; all else goes to the store, of whose channels the world then takes up those that it has not.
 */
#include "config.h"

#include "daemon/transfer.h"

#include "base/clock.h"
#include "daemon/daemon.h"
#include "store/lines.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* After so many lines of an import all of them are waited for, so that the queue never fills. */
#define BATCH 32

struct job {
    struct daemon *daemon;
    struct store *store;
    int (*run)(struct job *job);
    char answer[600]; /* whole lines */
    char path[];
};

static void say(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct job *job, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(job->answer, sizeof(job->answer), format, arguments);
    va_end(arguments);
}

/* The answer when RC is an errno and nothing better was said. */
static const char *reason(int rc)
{
    return rc == -EEXIST ? "there is something of that name already" : store_problem(rc);
}

/* So that what was done just now is in it, too; if that cannot be written, the rest of it can be copied. */
static void settle(struct job *job)
{
    (void)store_flush(job->store);
}

/* -- Copies ------------------------------------------------------------------------------------- */

static int run_backup(struct job *job)
{
    int rc;

    settle(job);
    rc = store_backup(job->store, job->path);
    if (rc == 0)
        say(job, "ok\n");
    return rc;
}

/* -- Export ------------------------------------------------------------------------------------- */

struct writing {
    FILE *file;
    unsigned long count;
};

static int write_record(const struct store_record *record, void *argument)
{
    struct writing *writing = argument;

    writing->count++;
    return store_line_write(record, writing->file);
}

static int write_records(struct job *job, FILE *file)
{
    struct writing writing = {.file = file};
    int rc = store_line_write_head(file);

    if (rc == 0)
        rc = store_read(job->store, STORE_EVERYTHING, NULL, write_record, &writing);
    if (rc == 0 && (fflush(file) != 0 || fsync(fileno(file)) < 0))
        rc = -errno;
    if (rc == 0)
        say(job, "message: records: %lu\nok\n", writing.count);
    return rc;
}

static int run_export(struct job *job)
{
    int fd = open(job->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    int rc = file ? 0 : -errno;

    if (fd < 0)
        return rc;
    settle(job);
    if (rc == 0)
        rc = write_records(job, file);
    if (file)
        fclose(file); /* all of it has been written out */
    else
        close(fd);
    if (rc < 0)
        unlink(job->path);
    return rc;
}

/* -- Import ------------------------------------------------------------------------------------- */

struct import {
    struct job *job;
    FILE *file;
    unsigned long line;
    struct pli_mutex lock;
    struct pli_cond ended;
    unsigned long pending; /* (lock) changes that the store has not told of */
    unsigned long added;   /* (lock) like those below */
    unsigned long there;
    unsigned long lost; /* what is of no account or channel that is there */
    int error;
    unsigned long settled; /* and by the helper alone */
    unsigned long bans_added;
    unsigned long bans_there;
    unsigned long bans_over;
    unsigned long bans_refused;
};

/* Calls FUNCTION with each line, and 1 for the first. Ends with what is not 0. */
static int each_line(struct import *import,
                     int (*function)(struct import *import, const char *line, size_t length))
{
    char line[STORE_LINE_MAX + 1];
    int rc = 0;

    rewind(import->file);
    for (import->line = 1; rc == 0 && fgets(line, sizeof(line), import->file); import->line++) {
        size_t length = strlen(line); /* what is behind a NUL is no line */

        if (length == 0 || (line[length - 1] != '\n' && !feof(import->file))) {
            say(import->job, "error: %s:%lu: the line is too long, or has a NUL in it\n",
                import->job->path, import->line);
            return STORE_LINE_BAD;
        }
        rc = function(import, line, length);
    }
    if (rc == 0 && ferror(import->file))
        rc = -EIO;
    if (rc == 0 && import->line == 1) {
        say(import->job, "error: %s: it is empty\n", import->job->path);
        rc = STORE_LINE_BAD;
    }
    return rc;
}

static int read_line(struct import *import, const char *line, size_t length,
                     struct store_change **change)
{
    char why[STORE_WHY];
    int rc;

    *change = NULL;
    rc = import->line == 1 ? store_line_read_head(line, length, why)
                           : store_line_read(line, length, change, why);
    if (rc == STORE_LINE_BAD)
        say(import->job, "error: %s:%lu: %s\n", import->job->path, import->line, why);
    return rc;
}

static int look_at_line(struct import *import, const char *line, size_t length)
{
    struct store_change *change;
    int rc = read_line(import, line, length, &change);

    free(change);
    return rc;
}

/* By the store's writer. Whoever bears the name of an account that there is now is told so. */
static void on_imported(const struct store_change *change, int outcome, void *argument)
{
    struct import *import = argument;

    if (outcome == 0 && change->record.kind == STORE_ACCOUNT)
        chat_nick_review(import->job->daemon->services.world,
                         chat_text(change->record.account.name));
    pli_lock(&import->lock);
    if (outcome == 0)
        import->added++;
    else if (outcome == STORE_TAKEN)
        import->there++;
    else if (outcome == STORE_MISSING)
        import->lost++;
    else
        import->error = outcome;
    import->pending--;
    pli_cond_signal(&import->ended); /* with the lock: then it goes, and the condition with it */
    pli_unlock(&import->lock);
}

/* Until the store has told of all. Returns the error, if there was one. */
static int settle_import(struct import *import)
{
    int error;

    pli_lock(&import->lock);
    while (import->pending > 0)
        pli_cond_wait(&import->ended, &import->lock);
    error = import->error;
    pli_unlock(&import->lock);
    return error;
}

static void count_pending(struct import *import, bool more)
{
    pli_lock(&import->lock);
    if (more)
        import->pending++;
    else
        import->pending--;
    pli_unlock(&import->lock);
}

/* The world does not wait until there is room for what it has kept. */
static int put_ban(struct import *import, const struct chat_ban_view *view)
{
    struct store *store = import->job->store;
    struct store_stats before, after;
    size_t hit;
    int rc = 0;

    store_stats(store, &before);
    if (before.room == 0)
        rc = store_flush(store);
    if (rc == 0)
        rc = chat_ban_put(import->job->daemon->services.world, view, &hit);
    if (rc != 0)
        return rc;
    store_stats(store, &after); /* of others' changes too, if that happens: better safe */
    if (after.refused == before.refused)
        return 0;
    return store_state(store) < 0 ? store_state(store) : -EAGAIN;
}

static int import_ban(struct import *import, const struct store_ban *ban)
{
    struct chat_ban_view view = {
        .kind = (enum chat_ban_kind)ban->kind,
        .mask = chat_text(ban->mask),
        .reason = chat_text(ban->reason),
        .by = chat_text(ban->by),
        .set = ban->set,
        .expires = ban->expires,
    };
    int rc;

    if (view.expires > 0 && view.expires <= pli_clock_wall_ms()) {
        import->bans_over++;
        return 0;
    }
    rc = put_ban(import, &view);
    if (rc < 0)
        return rc;
    if (rc == 0)
        import->bans_added++;
    else if (rc == CHAT_MODE_SAME)
        import->bans_there++;
    else
        import->bans_refused++;
    return 0;
}

/* While the queue is full what is there already is waited for. */
static int submit(struct import *import, const struct store_change *change)
{
    struct store *store = import->job->store;
    int rc;

    count_pending(import, true);
    while ((rc = store_submit(store, change, on_imported, import)) == -EAGAIN) {
        rc = store_flush(store);
        if (rc < 0)
            break;
    }
    if (rc < 0)
        count_pending(import, false);
    return rc;
}

/* Whether the record belongs to a channel that is there, and so stays as it is. */
static bool is_settled(struct import *import, const struct store_record *record)
{
    struct chat_world *world = import->job->daemon->services.world;

    if (record->kind == STORE_ACCESS)
        return chat_registration_is_known(world, record->access.channel);
    return record->kind == STORE_MASK && chat_registration_is_known(world, record->mask.channel);
}

static int import_record(struct import *import, const struct store_change *change)
{
    if (change->record.kind == STORE_BAN)
        return import_ban(import, &change->record.ban);
    if (!is_settled(import, &change->record))
        return submit(import, change);
    import->settled++;
    return 0;
}

static int take_line(struct import *import, const char *line, size_t length)
{
    struct store_change *change;
    int rc = read_line(import, line, length, &change);

    if (rc == 0 && change)
        rc = import_record(import, change);
    free(change);
    if (rc == 0 && import->line % BATCH == 0) {
        rc = store_flush(import->job->store);
        if (rc == 0)
            rc = settle_import(import);
    }
    return rc;
}

/* Whatever has come of it, what was submitted is waited for: it is told of this import. */
static int take_lines(struct import *import)
{
    int rc = each_line(import, take_line);
    int error = settle_import(import);
    int end = store_flush(import->job->store); /* bans, too */

    if (rc == 0)
        rc = error < 0 ? error : end;
    if (rc == 0)
        rc = chat_registrations_renew(import->job->daemon->services.world);
    if (rc == 0)
        say(import->job,
            "message: added: %lu; there already: %lu; bans that are over: %lu, that cannot be "
            "set: %lu; what belongs to nothing: %lu\nok\n",
            import->added + import->bans_added,
            import->there + import->settled + import->bans_there, import->bans_over,
            import->bans_refused, import->lost);
    return rc;
}

static int run_import(struct job *job)
{
    int fd = open(job->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct import import = {.job = job};
    struct stat status;
    int rc = 0;

    if (fd < 0)
        return -errno;
    if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode))
        rc = -EINVAL;
    import.file = rc == 0 ? fdopen(fd, "r") : NULL;
    if (!import.file) {
        rc = rc < 0 ? rc : -errno;
        close(fd);
        return rc;
    }
    pli_mutex_init(&import.lock, PLI_RANK_CONFIG);
    pli_cond_init(&import.ended);
    rc = each_line(&import, look_at_line);
    if (rc == 0)
        rc = take_lines(&import);
    pli_cond_deinit(&import.ended);
    pli_mutex_deinit(&import.lock);
    fclose(import.file);
    return rc;
}

/* -- The command -------------------------------------------------------------------------------- */

static void run_job(void *argument)
{
    struct job *job = argument;
    int rc = job->run(job);

    if (rc < 0)
        say(job, "error: %.400s: %s\n", job->path, reason(rc));
}

static void finish_job(struct pl_session *session, bool open, void *argument)
{
    struct job *job = argument;

    if (open)
        pl_session_printf(session, "%s", job->answer);
    free(job);
}

static struct store *store_of(struct daemon *daemon)
{
    struct store *store;

    pli_lock(&daemon->lock);
    store = daemon->store;
    pli_unlock(&daemon->lock);
    return store && store_keeps(store) ? store : NULL;
}

static void begin(struct pl_session *session, int (*run)(struct job *job), const char *path,
                  size_t length)
{
    struct daemon *daemon = pl_session_context(session);
    struct store *store = store_of(daemon);
    struct job *job;
    int rc;

    if (!store || length == 0 || *path != '/') {
        pl_session_printf(session, "error: %s\n",
                          store ? "an absolute path expected" : store_problem(-ENOTSUP));
        return;
    }
    job = malloc(sizeof(*job) + length + 1);
    rc = job ? 0 : -ENOMEM;
    if (rc == 0) {
        *job = (struct job){.daemon = daemon, .store = store, .run = run};
        memcpy(job->path, path, length);
        job->path[length] = '\0';
        rc = pl_session_work(session, run_job, finish_job, job);
    }
    if (rc < 0) {
        free(job);
        pl_session_printf(session, "error: %s\n", store_problem(rc));
    }
}

bool transfer_command(struct pl_session *session, const struct pl_line *line)
{
    static const struct {
        const char *name;
        int (*run)(struct job *job);
    } commands[] = {{"backup ", run_backup}, {"export ", run_export}, {"import ", run_import}};

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        size_t length = strlen(commands[i].name);

        if (line->length < length || memcmp(line->text, commands[i].name, length) != 0)
            continue;
        begin(session, commands[i].run, line->text + length, line->length - length);
        return true;
    }
    return false;
}
