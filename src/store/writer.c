/* SPDX-License-Identifier: MIT */
/*
 * The thread takes all that waits, up to a bound, and commits it as one group: the more comes in
 * while a commit waits for the disk, the larger the next group is.
 *
 * A group that cannot be written is refused as a whole, and with it all that waits, so that none
 * stays in doubt. From then on changes are refused at once, until the thread, which tries every
 * now and then, finds that the file can be written again. Want of memory costs the group, no more.
 */
#include "config.h"

#include "store/writer.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

#include <errno.h>
#include <stdlib.h>

#define GROUP_MAX 512u
#define NS_PER_MS UINT64_C(1000000)

/* -- Groups ------------------------------------------------------------------------------------- */

static int write_group(struct store_writer *writer, struct store_request *group)
{
    int rc = writer->backend->begin(writer->self);

    for (struct store_request *request = group; request && rc == 0; request = request->next) {
        if (request->change)
            request->outcome = writer->backend->apply(writer->self, request->change);
        if (request->outcome < 0)
            rc = request->outcome;
    }
    if (rc == 0)
        rc = writer->backend->commit(writer->self);
    if (rc < 0)
        writer->backend->rollback(writer->self);
    return rc;
}

/* Tells whoever waits, and frees the requests. RC, if not 0, is what has become of all of them. */
static void finish(struct store_writer *writer, struct store_request *group, int rc)
{
    while (group) {
        struct store_request *request = group;

        group = request->next;
        if (rc < 0)
            request->outcome = rc;
        if (writer->seen && request->change && request->outcome == 0)
            writer->seen(request->change, 0, writer->seen_argument);
        if (request->done)
            request->done(request->change, request->outcome, request->argument);
        free(request->change);
        free(request);
    }
}

static unsigned changes_of(const struct store_request *group)
{
    unsigned changes = 0;

    for (; group; group = group->next)
        changes += group->change != NULL;
    return changes;
}

/* All who wait for room look again: there may be room for all of them. */
static void give_room_locked(struct store_writer *writer)
{
    for (; writer->hopeful > 0; writer->hopeful--)
        pli_cond_signal(&writer->room);
}

/* Up to MOST of those that wait. */
static struct store_request *take_locked(struct store_writer *writer, unsigned most)
{
    struct store_request *first = writer->head;
    struct store_request *last = first;
    unsigned count = 1;

    if (!first)
        return NULL;
    while (last->next && count < most) {
        last = last->next;
        count++;
    }
    writer->head = last->next;
    if (!writer->head)
        writer->tail = NULL;
    last->next = NULL;
    writer->stats.waiting -= count;
    give_room_locked(writer);
    return first;
}

/* Changes are refused from here on. Returns those that wait, which are refused as well. */
static struct store_request *break_down_locked(struct store_writer *writer, int rc)
{
    struct store_request *rest = take_locked(writer, UINT32_MAX);

    atomic_store(&writer->state, rc);
    writer->stats.refused += changes_of(rest);
    return rest;
}

static void run_group(struct store_writer *writer, struct store_request *group)
{
    struct store_request *rest = NULL;
    int rc = write_group(writer, group);

    pli_lock(&writer->lock);
    if (rc == 0) {
        writer->stats.commits++;
        writer->stats.changes += changes_of(group);
    } else {
        writer->stats.refused += changes_of(group);
        if (rc != -ENOMEM)
            rest = break_down_locked(writer, rc);
    }
    pli_unlock(&writer->lock);
    if (rc < 0)
        pli_log(PL_LOG_ERROR, "store: nothing can be kept just now: %s", store_problem(rc));
    finish(writer, group, rc);
    finish(writer, rest, rc);
}

/* -- The thread --------------------------------------------------------------------------------- */

/* Waits for the next try, or the end, and tries. */
static void recover(struct store_writer *writer)
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
    if (rc == 0)
        pli_log(PL_LOG_INFO, "store: the file can be written again");
}

/* The next group; NULL: it is time to recover, or, with *STOP, to end. */
static struct store_request *next_group(struct store_writer *writer, bool *stop)
{
    struct store_request *group;

    pli_lock(&writer->lock);
    while (!writer->head && !writer->stop && atomic_load(&writer->state) == 0)
        pli_cond_wait(&writer->changed, &writer->lock);
    group = take_locked(writer, GROUP_MAX);
    *stop = writer->stop && !group;
    pli_unlock(&writer->lock);
    return group;
}

static void *thread_body(void *argument)
{
    struct store_writer *writer = argument;
    struct store_request *group;
    bool stop = false;

    while (!stop) {
        group = next_group(writer, &stop);
        if (group)
            run_group(writer, group);
        else if (!stop)
            recover(writer);
    }
    return NULL;
}

/* -- From outside ------------------------------------------------------------------------------- */

int store_writer_start(struct store_writer *writer, const struct store_backend *backend, void *self,
                       const struct store_options *options)
{
    int rc;

    *writer = (struct store_writer){
        .backend = backend, .self = self, .queue = options->queue, .retry = options->retry};
    pli_mutex_init(&writer->lock, PLI_RANK_STORE);
    pli_cond_init(&writer->changed);
    pli_cond_init(&writer->room);
    atomic_init(&writer->state, 0);
    rc = pli_thread_start(&writer->thread, "store", thread_body, writer);
    if (rc < 0)
        store_writer_deinit(writer);
    return rc;
}

void store_writer_stop(struct store_writer *writer)
{
    pli_lock(&writer->lock);
    writer->stop = true;
    give_room_locked(writer);
    pli_unlock(&writer->lock);
    pli_cond_signal(&writer->changed);
    pthread_join(writer->thread, NULL);
    atomic_store(&writer->state, -ESHUTDOWN);
}

void store_writer_deinit(struct store_writer *writer)
{
    pli_cond_deinit(&writer->room);
    pli_cond_deinit(&writer->changed);
    pli_mutex_deinit(&writer->lock);
}

/* Why the queue takes nothing, or 0. */
static int refusal_locked(const struct store_writer *writer)
{
    int state = atomic_load(&writer->state);

    if (writer->stop)
        return -ESHUTDOWN;
    return state == 0 && writer->stats.waiting >= writer->queue ? -EAGAIN : state;
}

static int append_locked(struct store_writer *writer, struct store_request *request, bool waits)
{
    int rc;

    while ((rc = refusal_locked(writer)) == -EAGAIN && waits) {
        writer->hopeful++;
        pli_cond_wait(&writer->room, &writer->lock);
    }
    if (rc < 0) {
        writer->stats.refused++;
        return rc;
    }
    if (writer->tail)
        writer->tail->next = request;
    else
        writer->head = request;
    writer->tail = request;
    writer->stats.waiting++;
    return 0;
}

int store_writer_submit(struct store_writer *writer, struct store_change *change, bool waits,
                        store_done *done, void *argument)
{
    struct store_request *request = malloc(sizeof(*request));
    int rc;

    if (!request)
        return -ENOMEM;
    *request = (struct store_request){.change = change, .done = done, .argument = argument};
    pli_lock(&writer->lock);
    rc = append_locked(writer, request, waits);
    pli_unlock(&writer->lock);
    if (rc == 0)
        pli_cond_signal(&writer->changed);
    else
        free(request);
    return rc;
}
