/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/helpers.h"

#include <errno.h>
#include <stdlib.h>

#include "base/thread.h"

int pli_helpers_init(struct pli_helpers *helpers, unsigned threads, unsigned queue)
{
    *helpers = (struct pli_helpers){.threads = threads, .queue = queue};
    helpers->thread = calloc(threads, sizeof(*helpers->thread));
    if (!helpers->thread)
        return -ENOMEM;
    pli_mutex_init(&helpers->lock, PLI_RANK_HELPERS);
    pli_cond_init(&helpers->ready);
    return 0;
}

static struct pli_work *take_locked(struct pli_helpers *helpers)
{
    struct pli_work *work = helpers->head;

    if (!work)
        return NULL;
    helpers->head = work->next;
    if (!helpers->head)
        helpers->tail = NULL;
    helpers->waiting--;
    return work;
}

static void *helper_main(void *argument)
{
    struct pli_helpers *helpers = argument;

    pli_thread_give_way();
    pli_lock(&helpers->lock);
    for (;;) {
        struct pli_work *work = take_locked(helpers);

        if (work) {
            pli_unlock(&helpers->lock);
            work->run(work);
            pli_lock(&helpers->lock);
        } else if (helpers->stop) {
            break;
        } else {
            helpers->idle++;
            pli_cond_wait(&helpers->ready, &helpers->lock);
            helpers->idle--;
        }
    }
    pli_unlock(&helpers->lock);
    return NULL;
}

/* One more thread, if the work that waits has none to expect. Without any the caller must know. */
static int start_thread_locked(struct pli_helpers *helpers)
{
    int rc;

    if (helpers->waiting < helpers->idle || helpers->started == helpers->threads)
        return 0;
    rc = pli_thread_start(&helpers->thread[helpers->started], "paceline-helper", helper_main,
                          helpers);
    if (rc == 0)
        helpers->started++;
    return helpers->started > 0 ? 0 : rc;
}

int pli_helpers_submit(struct pli_helpers *helpers, struct pli_work *work)
{
    int rc = -EAGAIN;

    pli_lock(&helpers->lock);
    if (helpers->waiting < helpers->queue && !helpers->stop)
        rc = start_thread_locked(helpers);
    if (rc == 0) {
        work->next = NULL;
        if (helpers->tail)
            helpers->tail->next = work;
        else
            helpers->head = work;
        helpers->tail = work;
        helpers->waiting++;
        pli_cond_signal(&helpers->ready);
    }
    pli_unlock(&helpers->lock);
    return rc;
}

void pli_helpers_stop(struct pli_helpers *helpers)
{
    pli_lock(&helpers->lock);
    helpers->stop = true;
    for (unsigned i = 0; i < helpers->started; i++)
        pli_cond_signal(&helpers->ready);
    pli_unlock(&helpers->lock);
    for (unsigned i = 0; i < helpers->started; i++)
        pthread_join(helpers->thread[i], NULL);
    helpers->started = 0;
}

void pli_helpers_deinit(struct pli_helpers *helpers)
{
    pli_helpers_stop(helpers);
    pli_cond_deinit(&helpers->ready);
    pli_mutex_deinit(&helpers->lock);
    free(helpers->thread);
}
