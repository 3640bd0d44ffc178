/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/helpers.h"

#include "base/thread.h"
#include "tests/lib/crowd.h"
#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>

/* A row of works, each of which notes its turn and then waits until the test lets them go. */
struct job {
    struct pli_work work;
    struct scene *scene;
    unsigned turn; /* as how many-th it began, from 1 */
    pthread_t by;  /* the thread that did it */
    int nice;      /* of that thread, on Linux */
    _Atomic unsigned times;
};

#define JOBS 64u

struct scene {
    struct pli_helpers helpers;
    struct job job[JOBS];
    struct pli_mutex lock;   /* the lowest rank: taken by works and tests alone */
    struct pli_cond changed; /* begun or ended */
    struct pli_cond opened;
    unsigned begun; /* (lock) */
    unsigned ended; /* (lock) */
    bool open;      /* (lock) */
};

static void do_job(struct pli_work *work)
{
    struct job *job = (struct job *)work;
    struct scene *scene = job->scene;

    atomic_fetch_add(&job->times, 1);
    job->by = pthread_self();
    job->nice = getpriority(PRIO_PROCESS, 0);
    pli_lock(&scene->lock);
    job->turn = ++scene->begun;
    pli_cond_signal(&scene->changed);
    while (!scene->open)
        pli_cond_wait(&scene->opened, &scene->lock);
    scene->ended++;
    pli_cond_signal(&scene->changed);
    pli_unlock(&scene->lock);
}

static struct scene *scene_new(unsigned threads, unsigned queue)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    EXPECT(scene, "no memory");
    EXPECT_RESULT(pli_helpers_init(&scene->helpers, threads, queue), 0);
    pli_mutex_init(&scene->lock, PLI_RANK_WORLD);
    pli_cond_init(&scene->changed);
    pli_cond_init(&scene->opened);
    for (unsigned i = 0; i < JOBS; i++) {
        scene->job[i].work.run = do_job;
        scene->job[i].scene = scene;
    }
    return scene;
}

/* Waits until so many works have begun. */
static void await_begun(struct scene *scene, unsigned count)
{
    int rc = 0;

    pli_lock(&scene->lock);
    while (scene->begun < count && rc == 0)
        rc = pli_cond_wait_until(&scene->changed, &scene->lock, expect_deadline());
    pli_unlock(&scene->lock);
    EXPECT(rc == 0, "%u works were to begin", count);
}

static void let_go(struct scene *scene)
{
    pli_lock(&scene->lock);
    scene->open = true;
    for (unsigned i = 0; i < JOBS; i++)
        pli_cond_signal(&scene->opened);
    pli_unlock(&scene->lock);
}

static unsigned started(struct scene *scene)
{
    unsigned count;

    pli_lock(&scene->helpers.lock);
    count = scene->helpers.started;
    pli_unlock(&scene->helpers.lock);
    return count;
}

/* Ends the pool, which finishes what was accepted: FIRST works, and no other. */
static void scene_end(struct scene *scene, unsigned first)
{
    let_go(scene);
    pli_helpers_deinit(&scene->helpers);
    CU_ASSERT_EQUAL(scene->ended, first);
    for (unsigned i = 0; i < JOBS; i++)
        CU_ASSERT_EQUAL(scene->job[i].times, i < first);
    pli_cond_deinit(&scene->changed);
    pli_cond_deinit(&scene->opened);
    pli_mutex_deinit(&scene->lock);
    free(scene);
}

static int submit(struct scene *scene, unsigned number)
{
    return pli_helpers_submit(&scene->helpers, &scene->job[number].work);
}

static void pool_that_is_not_used_has_no_thread(void)
{
    struct scene *scene = scene_new(4, 8);

    CU_ASSERT_EQUAL(started(scene), 0);
    scene_end(scene, 0);
}

static void work_is_done_in_order_and_by_another_thread(void)
{
    struct scene *scene = scene_new(1, JOBS);

    for (unsigned i = 0; i < JOBS; i++)
        EXPECT_RESULT(submit(scene, i), 0);
    let_go(scene);
    await_begun(scene, JOBS);
    for (unsigned i = 0; i < JOBS; i++) {
        CU_ASSERT_EQUAL(scene->job[i].turn, i + 1);
        CU_ASSERT(!pthread_equal(scene->job[i].by, pthread_self()));
    }
    CU_ASSERT_EQUAL(started(scene), 1);
    scene_end(scene, JOBS);
}

static void a_thread_makes_way_for_those_that_serve(void)
{
    struct scene *scene = scene_new(1, JOBS);
    int policy = sched_getscheduler(0), own = getpriority(PRIO_PROCESS, 0), expected = own;

    if (policy == SCHED_OTHER || policy == SCHED_BATCH)
        expected = own + PLI_THREAD_NICER < 19 ? own + PLI_THREAD_NICER : 19;
    EXPECT_RESULT(submit(scene, 0), 0);
    await_begun(scene, 1);
    CU_ASSERT_EQUAL(scene->job[0].nice, expected);
    CU_ASSERT_EQUAL(getpriority(PRIO_PROCESS, 0), own);
    scene_end(scene, 1);
}

static void threads_are_started_when_needed_up_to_the_most(void)
{
    struct scene *scene = scene_new(3, JOBS);

    for (unsigned i = 0; i < 3; i++) {
        EXPECT_RESULT(submit(scene, i), 0);
        await_begun(scene, i + 1);
        CU_ASSERT_EQUAL(started(scene), i + 1);
    }
    for (unsigned i = 3; i < 6; i++)
        EXPECT_RESULT(submit(scene, i), 0);
    CU_ASSERT_EQUAL(started(scene), 3);
    pli_lock(&scene->lock);
    CU_ASSERT_EQUAL(scene->begun, 3);
    pli_unlock(&scene->lock);
    scene_end(scene, 6);
}

/* Waits until every thread of the pool waits for work. */
static void await_idle(struct scene *scene)
{
    uint64_t deadline = expect_deadline();
    bool idle = false;

    while (!idle) {
        EXPECT(expect_remaining(deadline) > 0, "the threads do not become idle");
        pli_lock(&scene->helpers.lock);
        idle = scene->helpers.idle == scene->helpers.started;
        pli_unlock(&scene->helpers.lock);
        sched_yield();
    }
}

static void idle_thread_is_used_again(void)
{
    struct scene *scene = scene_new(4, JOBS);

    let_go(scene);
    for (unsigned i = 0; i < 10; i++) {
        EXPECT_RESULT(submit(scene, i), 0);
        await_begun(scene, i + 1);
        await_idle(scene);
    }
    CU_ASSERT_EQUAL(started(scene), 1);
    /* Two at once need one more, even if the first has not woken up yet. */
    EXPECT_RESULT(submit(scene, 10), 0);
    EXPECT_RESULT(submit(scene, 11), 0);
    await_begun(scene, 12);
    CU_ASSERT(started(scene) <= 2);
    scene_end(scene, 12);
}

/* The idle thread has been signalled for the first, but may not have woken up yet. */
static void submit_two_to_an_idle_thread(void)
{
    struct scene *scene = scene_new(2, JOBS);

    pli_lock(&scene->lock);
    scene->open = true;
    pli_unlock(&scene->lock);
    EXPECT_RESULT(submit(scene, 0), 0);
    await_begun(scene, 1);
    await_idle(scene);
    pli_lock(&scene->lock);
    scene->open = false;
    pli_unlock(&scene->lock);
    EXPECT_RESULT(submit(scene, 1), 0);
    EXPECT_RESULT(submit(scene, 2), 0);
    await_begun(scene, 3); /* the second does not stand behind the first, which goes on waiting */
    scene_end(scene, 3);
}

static void two_works_never_wait_for_one_idle_thread(void)
{
    for (unsigned i = 0; i < 100; i++)
        submit_two_to_an_idle_thread();
}

static void full_queue_takes_no_more(void)
{
    struct scene *scene = scene_new(1, 2);

    EXPECT_RESULT(submit(scene, 0), 0);
    await_begun(scene, 1);
    EXPECT_RESULT(submit(scene, 1), 0);
    EXPECT_RESULT(submit(scene, 2), 0);
    EXPECT_RESULT(submit(scene, 3), -EAGAIN);
    EXPECT_RESULT(submit(scene, 3), -EAGAIN);
    let_go(scene);
    await_begun(scene, 3);
    EXPECT_RESULT(submit(scene, 3), 0);
    scene_end(scene, 4);
}

static void end_finishes_what_was_accepted(void)
{
    for (unsigned threads = 1; threads < 4; threads++) {
        struct scene *scene = scene_new(threads, JOBS);

        for (unsigned i = 0; i < JOBS; i++)
            EXPECT_RESULT(submit(scene, i), 0);
        scene_end(scene, JOBS);
    }
}

/* A work that frees itself and then asks for another, which is refused once the pool ends. */
struct chain {
    struct pli_work work;
    struct pli_helpers *helpers;
    _Atomic unsigned *done;
};

static void go_on(struct pli_work *work)
{
    struct chain *chain = (struct chain *)work;
    struct chain *next = malloc(sizeof(*next));

    if (!next)
        abort();
    *next = *chain;
    atomic_fetch_add(chain->done, 1);
    free(chain);
    if (pli_helpers_submit(next->helpers, &next->work) < 0)
        free(next);
}

static void work_may_free_itself_and_ask_for_more_until_the_end(void)
{
    struct chain *first = malloc(sizeof(*first));
    uint64_t deadline = expect_deadline();
    struct pli_helpers helpers;
    _Atomic unsigned done = 0;

    EXPECT(first, "no memory");
    EXPECT_RESULT(pli_helpers_init(&helpers, 2, 4), 0);
    *first = (struct chain){.work = {.run = go_on}, .helpers = &helpers, .done = &done};
    EXPECT_RESULT(pli_helpers_submit(&helpers, &first->work), 0);
    while (atomic_load(&done) < 1000) {
        EXPECT(expect_remaining(deadline) > 0, "the chain is broken");
        sched_yield();
    }
    pli_helpers_deinit(&helpers);
}

/* -- Without memory or threads -------------------------------------------------------------- */

/* How many pthread_create() calls still succeed before all fail; negative: none fails. */
static _Atomic int threads_left = -1;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*body)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*body)(void *), void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*body)(void *), void *argument)
{
    int left = atomic_load(&threads_left);

    if (left == 0)
        return EAGAIN;
    if (left > 0)
        atomic_store(&threads_left, left - 1);
    return __real_pthread_create(thread, attributes, body, argument);
}

static void without_memory_there_is_no_pool(void)
{
    struct pli_helpers helpers;

    failmalloc_after(1);
    EXPECT_RESULT(pli_helpers_init(&helpers, 2, 4), -ENOMEM);
    failmalloc_off();
}

static void without_any_thread_work_is_refused(void)
{
    struct scene *scene = scene_new(2, 4);

    atomic_store(&threads_left, 0);
    EXPECT_RESULT(submit(scene, 0), -EAGAIN);
    EXPECT_RESULT(submit(scene, 0), -EAGAIN);
    atomic_store(&threads_left, -1);
    CU_ASSERT_EQUAL(started(scene), 0);
    EXPECT_RESULT(submit(scene, 0), 0);
    scene_end(scene, 1);
}

static void one_thread_does_the_work_when_no_other_starts(void)
{
    struct scene *scene = scene_new(4, 8);

    atomic_store(&threads_left, 1);
    for (unsigned i = 0; i < 4; i++)
        EXPECT_RESULT(submit(scene, i), 0);
    atomic_store(&threads_left, -1);
    CU_ASSERT_EQUAL(started(scene), 1);
    scene_end(scene, 4);
}

/* -- Many who ask ---------------------------------------------------------------------------- */

#define ASKERS  4u
#define ASKED   3000u
#define THREADS 3u
#define QUEUE   8u

struct rush {
    struct pli_helpers helpers;
    _Atomic unsigned accepted;
    _Atomic unsigned refused;
    _Atomic unsigned done;
    _Atomic unsigned running;
    _Atomic unsigned wrong;
};

struct errand {
    struct pli_work work;
    struct rush *rush;
};

static void do_errand(struct pli_work *work)
{
    struct rush *rush = ((struct errand *)work)->rush;

    CROWD_CHECK(rush->wrong, atomic_fetch_add(&rush->running, 1) < THREADS);
    sched_yield();
    atomic_fetch_sub(&rush->running, 1);
    atomic_fetch_add(&rush->done, 1);
    free(work);
}

static void ask(unsigned number, void *argument)
{
    struct rush *rush = argument;

    (void)number;
    for (unsigned i = 0; i < ASKED; i++) {
        struct errand *errand = malloc(sizeof(*errand));
        int rc;

        if (!errand)
            abort();
        *errand = (struct errand){.work = {.run = do_errand}, .rush = rush};
        rc = pli_helpers_submit(&rush->helpers, &errand->work);
        if (rc == 0) {
            atomic_fetch_add(&rush->accepted, 1);
            continue;
        }
        CROWD_CHECK(rush->wrong, rc == -EAGAIN);
        free(errand);
        atomic_fetch_add(&rush->refused, 1);
        sched_yield();
    }
}

static void each_work_is_done_once_or_refused(void)
{
    struct rush rush = {.done = 0};

    EXPECT_RESULT(pli_helpers_init(&rush.helpers, THREADS, QUEUE), 0);
    crowd_run(ASKERS, ask, &rush);
    pli_helpers_deinit(&rush.helpers);
    CU_ASSERT_EQUAL(rush.wrong, 0);
    CU_ASSERT_EQUAL(rush.accepted + rush.refused, ASKERS * ASKED);
    CU_ASSERT_EQUAL(rush.done, rush.accepted);
    CU_ASSERT(rush.accepted >= QUEUE);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a pool that is not used has no thread", pool_that_is_not_used_has_no_thread},
        {"work is done in order and by another thread",
         work_is_done_in_order_and_by_another_thread},
        {"threads are started when needed up to the most",
         threads_are_started_when_needed_up_to_the_most},
        {"a thread makes way for those that serve", a_thread_makes_way_for_those_that_serve},
        {"an idle thread is used again", idle_thread_is_used_again},
        {"two works never wait for one idle thread", two_works_never_wait_for_one_idle_thread},
        {"a full queue takes no more", full_queue_takes_no_more},
        {"the end finishes what was accepted", end_finishes_what_was_accepted},
        {"a work may free itself and ask for more until the end",
         work_may_free_itself_and_ask_for_more_until_the_end},
        {"without memory there is no pool", without_memory_there_is_no_pool},
        {"without any thread work is refused", without_any_thread_work_is_refused},
        {"one thread does the work when no other starts",
         one_thread_does_the_work_when_no_other_starts},
        {"each work is done once or refused", each_work_is_done_once_or_refused},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "helpers", tests);
}
