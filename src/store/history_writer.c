/* SPDX-License-Identifier: MIT */
/*
 * The thread lets lines gather for the interval, or until half the queue is full or somebody waits for
 * them, and commits them as one group. While they gather, and when there are none, it does what can
 * wait, a little at a time: words are indexed and what is over is deleted. Should the groups never
 * leave it time for that, it takes some after a number of them.
 *
 * A group that cannot be written is lost, and all lines that wait with it, so that none is in doubt.
 * What is to be forgotten is not: it stays in front of the queue until it can be.
 */
#include "config.h"

#include "store/history_writer.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

#include <errno.h>
#include <stdlib.h>

#define GROUP_MAX   4096u /* items */
#define GROUPS_MAX  8u    /* without anything else being done */
#define SPARE_ROOM  1024u /* items for what is to be forgotten, beyond those for lines */
#define NS_PER_MS   UINT64_C(1000000)
#define TIDY_PERIOD (UINT64_C(60000) * NS_PER_MS) /* between looks whether something is too old */
#define TIDY_LINES  512u                          /* or whether it is too much */

/* Words are indexed when there are so many lines, or after so long: each time has its price. */
#define INDEX_LINES  512u
#define INDEX_PERIOD (UINT64_C(5000) * NS_PER_MS)

/* What the thread knows for itself. */
struct duty {
    uint64_t tidy_at;    /* pli_clock_now() of the next look */
    unsigned unlooked;   /* lines since the last one */
    bool tidy, index;    /* there may be something to do */
    unsigned unindexed;  /* lines since words were indexed last */
    uint64_t index_at;   /* pli_clock_now() when that is to be done at the latest */
    unsigned groups;     /* since something else was done */
    uint64_t committed;  /* history_writer.written, as it was committed last */
    unsigned lost_lines; /* since it was said last that lines are lost */
};

/* -- Items ---------------------------------------------------------------------------------------- */

/* The first of those that wait, up to MOST. */
static struct history_item *take_locked(struct history_writer *writer, unsigned most)
{
    struct history_item *first = writer->head;
    struct history_item *last = first;

    if (!first)
        return NULL;
    for (unsigned count = 1;; count++) {
        writer->stats.waiting--;
        writer->stats.waiting_bytes -= last->bytes;
        if (!last->next || count == most)
            break;
        last = last->next;
    }
    writer->head = last->next;
    if (!writer->head)
        writer->tail = NULL;
    last->next = NULL;
    return first;
}

static void free_items(struct history_item *items)
{
    while (items) {
        struct history_item *item = items;

        items = item->next;
        free(item);
    }
}

static void wake_waiters_locked(struct history_writer *writer)
{
    for (unsigned i = 0; i < writer->waiters; i++)
        pli_cond_signal(&writer->settled);
}

/*
 * All lines of the items, and of those that wait, are lost. The other items are what waits now, those
 * of the group first. Returns what is to be freed.
 */
static struct history_item *lose_locked(struct history_writer *writer, struct history_item *items,
                                        unsigned *lines)
{
    struct history_item *lost = NULL;
    struct history_item **lists[] = {&items, &writer->head};
    struct history_item *kept = NULL, *last = NULL;

    writer->stats.waiting = 0;
    writer->stats.waiting_bytes = 0;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        for (struct history_item *item = *lists[i], *next; item; item = next) {
            next = item->next;
            item->next = NULL;
            if (item->task == HISTORY_KEEP) {
                item->next = lost;
                lost = item;
                writer->stats.lost[HISTORY_FAILED]++;
                writer->written++;
                ++*lines;
                continue;
            }
            if (last)
                last->next = item;
            else
                kept = item;
            last = item;
            writer->stats.waiting++;
            writer->stats.waiting_bytes += item->bytes;
        }
    }
    writer->head = kept;
    writer->tail = last;
    return lost;
}

/* -- Groups --------------------------------------------------------------------------------------- */

/* What a group has come to. */
struct tally {
    unsigned items, lines, taken, redacted;
};

static int apply(struct history_writer *writer, const struct history_item *item,
                 struct tally *tally)
{
    const struct history_backend *backend = writer->backend;
    const struct history_line *line = &item->line;
    bool found = false;
    int rc;

    tally->items++;
    switch (item->task) {
    case HISTORY_REDACT:
        rc = backend->redact(writer->self, &line->target, line->id, &found);
        tally->redacted += found;
        return rc;
    case HISTORY_FORGET:
        return backend->forget(writer->self, line->target.one);
    default:
        rc = backend->keep(writer->self, line, &found);
        tally->lines += found;
        tally->taken += !found;
        return rc;
    }
}

static int write_group(struct history_writer *writer, struct history_item *group,
                       struct tally *tally)
{
    int rc = writer->backend->begin(writer->self);

    for (struct history_item *item = group; item && rc == 0; item = item->next)
        rc = apply(writer, item, tally);
    if (rc == 0)
        rc = writer->backend->commit(writer->self);
    if (rc < 0)
        writer->backend->rollback(writer->self);
    return rc;
}

/* Nothing is written until it can be again. */
static void break_down(struct history_writer *writer, struct duty *duty, struct history_item *group,
                       int rc)
{
    struct history_item *lost;

    pli_lock(&writer->lock);
    lost = lose_locked(writer, group, &duty->lost_lines);
    atomic_store(&writer->state, rc);
    wake_waiters_locked(writer);
    pli_unlock(&writer->lock);
    free_items(lost);
    pli_log(PL_LOG_ERROR, "history: what is said is lost just now: %s", store_problem(rc));
}

static void run_group(struct history_writer *writer, struct duty *duty, struct history_item *group)
{
    struct tally tally = {0};
    int rc = write_group(writer, group, &tally);

    if (rc < 0) {
        break_down(writer, duty, group, rc);
        return;
    }
    pli_lock(&writer->lock);
    writer->stats.commits++;
    writer->stats.kept += tally.lines;
    writer->stats.redacted += tally.redacted;
    writer->stats.lost[HISTORY_TAKEN] += tally.taken;
    writer->written += tally.items;
    duty->committed = writer->written;
    wake_waiters_locked(writer);
    pli_unlock(&writer->lock);
    free_items(group);
    if (!duty->index)
        duty->index_at = pli_clock_now() + INDEX_PERIOD;
    duty->index = true;
    duty->unindexed += tally.lines;
    duty->unlooked += tally.lines;
    if (duty->unlooked >= TIDY_LINES || tally.items > tally.lines + tally.taken)
        duty->tidy = true;
}

/* -- What can wait -------------------------------------------------------------------------------- */

static int index_some(struct history_writer *writer, struct duty *duty)
{
    unsigned done = 0;
    int rc = writer->backend->index(writer->self, &done);

    if (rc < 0)
        return rc;
    duty->index = done > 0;
    duty->index_at = 0; /* it goes on until all are */
    duty->unindexed = 0;
    pli_lock(&writer->lock);
    writer->stats.indexed += done;
    if (done == 0) {
        writer->searchable = duty->committed;
        wake_waiters_locked(writer);
    }
    pli_unlock(&writer->lock);
    return 0;
}

static int tidy_some(struct history_writer *writer, struct duty *duty)
{
    struct history_limits limits;
    unsigned done = 0;
    int rc;

    pli_lock(&writer->lock);
    limits = writer->limits;
    pli_unlock(&writer->lock);
    rc = writer->backend->tidy(writer->self, &limits, pli_clock_wall_ms(), &done);
    if (rc < 0)
        return rc;
    if (done == 0) {
        duty->tidy = false;
        duty->unlooked = 0;
        duty->tidy_at = pli_clock_now() + TIDY_PERIOD;
    }
    pli_lock(&writer->lock);
    writer->stats.expired += done;
    pli_unlock(&writer->lock);
    return 0;
}

static void do_some(struct history_writer *writer, struct duty *duty)
{
    int rc = 0;

    duty->groups = 0;
    if (duty->index)
        rc = index_some(writer, duty);
    if (rc == 0 && duty->tidy)
        rc = tidy_some(writer, duty);
    if (rc < 0)
        break_down(writer, duty, NULL, rc);
}

/* -- The thread ----------------------------------------------------------------------------------- */

/* Waits for the next try, or the end, and tries. */
static void recover(struct history_writer *writer, struct duty *duty)
{
    uint64_t deadline = pli_clock_now() + writer->retry * NS_PER_MS;
    bool stop;
    int rc;

    pli_lock(&writer->lock);
    while (!writer->stop && pli_clock_now() < deadline)
        (void)pli_cond_wait_until(&writer->changed, &writer->lock, deadline);
    stop = writer->stop;
    pli_unlock(&writer->lock);
    if (stop)
        return;
    rc = writer->backend->probe(writer->self);
    pli_lock(&writer->lock);
    atomic_store(&writer->state, rc);
    pli_unlock(&writer->lock);
    if (rc < 0)
        return;
    pli_log(PL_LOG_INFO, "history: the file can be written again; lines lost: %u",
            duty->lost_lines);
    duty->lost_lines = 0;
}

/* When the items that wait are to be written; there are some. */
static uint64_t due_locked(const struct history_writer *writer)
{
    if (writer->stop || writer->hurry || writer->stats.waiting >= (writer->queue + 1) / 2 ||
        writer->stats.waiting_bytes >= writer->queue_bytes / 2)
        return 0;
    return writer->since + writer->interval * NS_PER_MS;
}

enum next { RUN, DO_SOME, RECOVER, END };

/* Waits for something to do. */
static enum next next_locked(struct history_writer *writer, struct duty *duty)
{
    for (;;) {
        uint64_t now = pli_clock_now();
        uint64_t due = writer->head ? due_locked(writer) : UINT64_MAX;
        uint64_t wake = due < duty->tidy_at ? due : duty->tidy_at;
        bool index = duty->index && (duty->unindexed >= INDEX_LINES || writer->index_waiters > 0 ||
                                     now >= duty->index_at);

        if (atomic_load(&writer->state) != 0)
            return writer->stop ? END : RECOVER;
        if (now >= duty->tidy_at)
            duty->tidy = true;
        if (duty->index && duty->index_at < wake)
            wake = duty->index_at;
        if ((index || duty->tidy) && !writer->stop &&
            (due > now || duty->groups >= (writer->index_waiters ? 1 : GROUPS_MAX)))
            return DO_SOME;
        if (due <= now)
            return RUN;
        if (writer->stop)
            return END;
        (void)pli_cond_wait_until(&writer->changed, &writer->lock, wake);
    }
}

static void *thread_body(void *argument)
{
    struct history_writer *writer = argument;
    struct duty duty = {.tidy = true, .index = true};

    for (;;) {
        struct history_item *group = NULL;
        enum next next;

        pli_lock(&writer->lock);
        next = next_locked(writer, &duty);
        if (next == RUN) {
            group = take_locked(writer, GROUP_MAX);
            writer->hurry = writer->hurry && writer->head;
            writer->since = pli_clock_now(); /* of those that are left */
        }
        pli_unlock(&writer->lock);
        if (next == END)
            return NULL;
        if (next == RECOVER)
            recover(writer, &duty);
        else if (next == DO_SOME)
            do_some(writer, &duty);
        else
            run_group(writer, &duty, group);
        duty.groups += next == RUN;
    }
}

/* -- From outside --------------------------------------------------------------------------------- */

int history_writer_start(struct history_writer *writer, const struct history_backend *backend,
                         void *self, const struct history_options *options)
{
    int rc;

    *writer = (struct history_writer){.backend = backend,
                                      .self = self,
                                      .retry = options->retry,
                                      .interval = options->interval,
                                      .queue = options->queue,
                                      .queue_bytes = options->queue_bytes,
                                      .limits = options->limits};
    pli_mutex_init(&writer->lock, PLI_RANK_STORE);
    pli_cond_init(&writer->changed);
    pli_cond_init(&writer->settled);
    atomic_init(&writer->state, 0);
    rc = pli_thread_start(&writer->thread, "history", thread_body, writer);
    if (rc < 0)
        history_writer_deinit(writer);
    return rc;
}

void history_writer_stop(struct history_writer *writer)
{
    pli_lock(&writer->lock);
    writer->stop = true;
    pli_unlock(&writer->lock);
    pli_cond_signal(&writer->changed);
    pthread_join(writer->thread, NULL);
    pli_lock(&writer->lock);
    wake_waiters_locked(writer);
    pli_unlock(&writer->lock);
    if (writer->stats.waiting > 0)
        pli_log(PL_LOG_ERROR, "history: %u things that were to be forgotten are still in the file",
                writer->stats.waiting);
    atomic_store(&writer->state, -ESHUTDOWN);
}

void history_writer_deinit(struct history_writer *writer)
{
    free_items(writer->head);
    pli_cond_deinit(&writer->settled);
    pli_cond_deinit(&writer->changed);
    pli_mutex_deinit(&writer->lock);
}

/* Why an item is not taken, or 0; and as what its line then counts. */
static int refusal_locked(const struct history_writer *writer, const struct history_item *item,
                          enum history_loss *loss)
{
    int state = atomic_load(&writer->state);
    unsigned room = writer->queue;
    size_t bytes = writer->queue_bytes;

    *loss = HISTORY_STOPPED;
    if (writer->stop)
        return -ESHUTDOWN;
    *loss = HISTORY_FAILED;
    if (state != 0 && item->task == HISTORY_KEEP)
        return state;
    *loss = HISTORY_FULL;
    if (item->task != HISTORY_KEEP) {
        room += SPARE_ROOM;
        bytes += item->bytes + writer->stats.waiting_bytes;
    }
    return writer->stats.waiting >= room || writer->stats.waiting_bytes + item->bytes > bytes
               ? -EAGAIN
               : 0;
}

int history_writer_give(struct history_writer *writer, struct history_item *item)
{
    enum history_loss loss;
    bool wake = false;
    int rc;

    pli_lock(&writer->lock);
    rc = refusal_locked(writer, item, &loss);
    if (rc < 0 && item->task == HISTORY_KEEP)
        writer->stats.lost[loss]++;
    if (rc == 0) {
        item->next = NULL;
        if (writer->tail)
            writer->tail->next = item;
        else
            writer->head = item;
        writer->tail = item;
        writer->given++;
        writer->stats.waiting++;
        writer->stats.waiting_bytes += item->bytes;
        wake = writer->stats.waiting == 1 || writer->stats.waiting == (writer->queue + 1) / 2;
        if (writer->stats.waiting == 1)
            writer->since = pli_clock_now();
    }
    pli_unlock(&writer->lock);
    if (wake)
        pli_cond_signal(&writer->changed);
    return rc;
}

void history_writer_lose(struct history_writer *writer, enum history_loss loss)
{
    pli_lock(&writer->lock);
    writer->stats.lost[loss]++;
    pli_unlock(&writer->lock);
}

int history_writer_settle(struct history_writer *writer, bool indexed, unsigned patience)
{
    uint64_t deadline = pli_clock_now() + patience * NS_PER_MS;
    uint64_t wanted;
    int rc = 0;

    pli_lock(&writer->lock);
    wanted = writer->given;
    writer->waiters++;
    writer->index_waiters += indexed;
    while ((rc = writer->stop ? -ESHUTDOWN : atomic_load(&writer->state)) == 0 &&
           (writer->written < wanted || (indexed && writer->searchable < wanted))) {
        writer->hurry = writer->head;
        pli_cond_signal(&writer->changed);
        if (pli_clock_now() >= deadline) {
            rc = -ETIMEDOUT;
            break;
        }
        (void)pli_cond_wait_until(&writer->settled, &writer->lock, deadline);
    }
    writer->index_waiters -= indexed;
    writer->waiters--;
    pli_unlock(&writer->lock);
    return rc;
}
