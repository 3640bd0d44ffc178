/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/flushers.h"
#include "engine/handle.h"
#include "tests/lib/unit.h"

#include <string.h>

#define MOST (3 * PLI_FLUSH_SHARE)

/* Some threads, and handles that are linked only. */
struct scene {
    struct pli_flushers flushers;
    struct pli_worker workers[3];
    struct pli_handle handles[MOST];
    unsigned used;
};

static void scene_init(struct scene *scene)
{
    memset(scene, 0, sizeof(*scene));
}

/* The worker comes to owe so many handles more. */
static void owe(struct scene *scene, struct pli_worker *worker, unsigned count)
{
    while (count-- > 0) {
        struct pli_handle *handle = &scene->handles[scene->used++];

        CU_ASSERT_FATAL(scene->used <= MOST);
        pli_owed_move(&worker->owed, &(struct pli_owed){handle, handle, 1});
    }
}

/* What the worker owes are COUNT handles, from FIRST on, in their order. */
static void check_owed(const struct scene *scene, const struct pli_worker *worker, unsigned first,
                       unsigned count)
{
    const struct pli_handle *handle = worker->owed.head;

    CU_ASSERT_EQUAL_FATAL(worker->owed.count, count);
    for (unsigned i = 0; i < count; i++) {
        CU_ASSERT_PTR_EQUAL_FATAL(handle, &scene->handles[first + i]);
        CU_ASSERT(i + 1 < count || handle == worker->owed.tail);
        handle = handle->next_owed;
    }
}

static void nobody_takes_what_is_owed_if_nobody_flushes(void)
{
    static struct scene scene;

    scene_init(&scene);
    owe(&scene, &scene.workers[0], 1);
    CU_ASSERT_FALSE(pli_flushers_hand_over(&scene.flushers, &scene.workers[0]));
    check_owed(&scene, &scene.workers[0], 0, 1);
}

static void what_is_handed_over_comes_behind_what_is_flushed(void)
{
    static struct scene scene;

    scene_init(&scene);
    owe(&scene, &scene.workers[0], 2);
    pli_flushers_enter(&scene.flushers, &scene.workers[0]);
    owe(&scene, &scene.workers[1], 3);
    CU_ASSERT_TRUE(pli_flushers_hand_over(&scene.flushers, &scene.workers[1]));
    check_owed(&scene, &scene.workers[1], 0, 0);
    owe(&scene, &scene.workers[2], 1);
    CU_ASSERT_TRUE(pli_flushers_hand_over(&scene.flushers, &scene.workers[2]));
    check_owed(&scene, &scene.workers[0], 0, 2);
    pli_flushers_leave(&scene.flushers, &scene.workers[0]);
    check_owed(&scene, &scene.workers[0], 0, 6);
    CU_ASSERT_EQUAL(scene.flushers.active, 0);
    CU_ASSERT_EQUAL(scene.flushers.load, 0);
}

static void who_has_left_is_handed_nothing(void)
{
    static struct scene scene;

    scene_init(&scene);
    owe(&scene, &scene.workers[0], 1);
    pli_flushers_enter(&scene.flushers, &scene.workers[0]);
    pli_flushers_leave(&scene.flushers, &scene.workers[0]);
    pli_flushers_leave(&scene.flushers, &scene.workers[0]);
    owe(&scene, &scene.workers[1], 1);
    CU_ASSERT_FALSE(pli_flushers_hand_over(&scene.flushers, &scene.workers[1]));
    check_owed(&scene, &scene.workers[1], 1, 1);
}

static void another_thread_helps_when_there_is_much(void)
{
    static struct scene scene;

    scene_init(&scene);
    owe(&scene, &scene.workers[0], PLI_FLUSH_SHARE - 1);
    pli_flushers_enter(&scene.flushers, &scene.workers[0]);
    owe(&scene, &scene.workers[1], 1);
    CU_ASSERT_TRUE(pli_flushers_hand_over(&scene.flushers, &scene.workers[1]));
    owe(&scene, &scene.workers[1], 1);
    CU_ASSERT_FALSE(pli_flushers_hand_over(&scene.flushers, &scene.workers[1]));
    pli_flushers_enter(&scene.flushers, &scene.workers[1]);
    owe(&scene, &scene.workers[2], PLI_FLUSH_SHARE - 1);
    CU_ASSERT_TRUE(pli_flushers_hand_over(&scene.flushers, &scene.workers[2]));
    owe(&scene, &scene.workers[2], 1);
    CU_ASSERT_FALSE(pli_flushers_hand_over(&scene.flushers, &scene.workers[2]));
    pli_flushers_leave(&scene.flushers, &scene.workers[1]);
    check_owed(&scene, &scene.workers[0], 0, PLI_FLUSH_SHARE - 1);
    CU_ASSERT_EQUAL(scene.workers[1].owed.count, PLI_FLUSH_SHARE + 1);
    pli_flushers_leave(&scene.flushers, &scene.workers[0]);
    CU_ASSERT_EQUAL(scene.flushers.active, 0);
    CU_ASSERT_EQUAL(scene.flushers.load, 0);
    CU_ASSERT_EQUAL(scene.flushers.handed.count, 0);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"nobody takes what is owed if nobody flushes",
         nobody_takes_what_is_owed_if_nobody_flushes},
        {"what is handed over comes behind what is flushed",
         what_is_handed_over_comes_behind_what_is_flushed},
        {"who has left is handed nothing", who_has_left_is_handed_nothing},
        {"another thread helps when there is much", another_thread_helps_when_there_is_much},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "flushers", tests);
}
