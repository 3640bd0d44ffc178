/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/engine.h"
#include "tests/lib/crowd.h"
#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <stdlib.h>

#define MANY (2 * PLI_TABLE_CHUNK + 10)

/* A handle as the table sees it: nothing runs it. */
struct thing {
    struct pli_handle handle;
    unsigned visits;
    uint64_t alive; /* its own id while it lives */
};

static void thing_free(struct pli_handle *handle);

static const struct pli_handle_class thing_class = {.name = "thing", .free = thing_free};

static _Atomic unsigned freed;

static void thing_free(struct pli_handle *handle)
{
    struct thing *thing = (struct thing *)handle;

    thing->alive = 0;
    atomic_fetch_add(&freed, 1);
    free(thing);
}

/* Only the engine's table is of interest here. */
/* Nothing runs here; it has no function that is not asked for. */
static const struct pli_model no_model = {.name = "none"};

static void begin(struct pli_engine *engine)
{
    *engine = (struct pli_engine){.model = &no_model};
    EXPECT_RESULT(pli_table_init(&engine->table), 0);
    atomic_store(&freed, 0);
}

static struct thing *thing_new(struct pli_engine *engine)
{
    struct thing *thing = calloc(1, sizeof(*thing));

    if (!thing)
        abort();
    pli_handle_init(&thing->handle, engine, &thing_class, -1);
    return thing;
}

static struct thing *thing_add(struct pli_engine *engine)
{
    struct thing *thing = thing_new(engine);

    EXPECT_RESULT(pli_table_insert(&engine->table, &thing->handle), 0);
    return thing;
}

static void found_by_its_id_until_the_last_reference(void)
{
    struct pli_engine engine;
    struct thing *thing;
    uint64_t id;

    begin(&engine);
    thing = thing_add(&engine);
    id = thing->handle.id;
    CU_ASSERT_PTR_EQUAL(pli_table_find(&engine.table, id), &thing->handle);
    CU_ASSERT_PTR_NULL(pli_table_unref(&engine.table, id));
    pli_table_ref(&engine.table, id);
    CU_ASSERT_PTR_NULL(pli_table_unref(&engine.table, id));
    CU_ASSERT_PTR_EQUAL(pli_table_unref(&engine.table, id), &thing->handle);
    CU_ASSERT_PTR_NULL(pli_table_find(&engine.table, id));
    free(thing);
    pli_table_deinit(&engine.table);
}

static void ids_that_were_never_given_are_not_found(void)
{
    struct pli_engine engine;
    struct thing *thing;
    uint64_t id;

    begin(&engine);
    CU_ASSERT_PTR_NULL(pli_table_find(&engine.table, 0));
    CU_ASSERT_PTR_NULL(pli_table_find(&engine.table, UINT64_C(1) << 32));
    thing = thing_add(&engine);
    id = thing->handle.id;
    CU_ASSERT(id >> 32 != 0); /* and so neither the mailbox nor a pipe */
    CU_ASSERT_PTR_NULL(pli_table_find(&engine.table, 0));
    CU_ASSERT_PTR_NULL(pli_table_find(&engine.table, (uint32_t)id));
    CU_ASSERT_PTR_NULL(pli_table_find(&engine.table, id + (UINT64_C(1) << 32)));
    CU_ASSERT_PTR_NULL(pli_table_find(&engine.table, id + 1));
    CU_ASSERT_PTR_NULL(pli_table_find(&engine.table, id + PLI_TABLE_CHUNK));
    CU_ASSERT_PTR_NULL(pli_table_find(&engine.table, id | UINT32_MAX));
    CU_ASSERT_PTR_NULL(pli_table_find(&engine.table, UINT64_MAX));
    pli_handle_unref(&thing->handle);
    CU_ASSERT_EQUAL(freed, 1);
    pli_table_deinit(&engine.table);
}

static void id_of_a_slot_used_again_finds_nobody_else(void)
{
    struct pli_engine engine;
    uint64_t ids[100];

    begin(&engine);
    for (unsigned i = 0; i < 100; i++) {
        struct thing *thing = thing_add(&engine);

        ids[i] = thing->handle.id;
        CU_ASSERT_EQUAL((uint32_t)ids[i], (uint32_t)ids[0]);
        for (unsigned j = 0; j < i; j++) {
            CU_ASSERT_NOT_EQUAL(ids[i], ids[j]);
            CU_ASSERT_PTR_NULL(pli_table_find(&engine.table, ids[j]));
        }
        pli_handle_unref(&thing->handle);
        CU_ASSERT_EQUAL(freed, i + 1);
    }
    pli_table_deinit(&engine.table);
}

static void many_are_found_each_by_its_own_id(void)
{
    static struct thing *things[MANY];
    struct pli_engine engine;

    begin(&engine);
    for (unsigned i = 0; i < MANY; i++)
        things[i] = thing_add(&engine);
    for (unsigned i = 0; i < MANY; i++) {
        CU_ASSERT_PTR_EQUAL(pli_table_find(&engine.table, things[i]->handle.id),
                            &things[i]->handle);
        pli_handle_unref(&things[i]->handle);
    }
    CU_ASSERT_EQUAL(engine.table.chunks_used, 3);
    for (unsigned i = 0; i < MANY; i++)
        pli_handle_unref(&things[i]->handle);
    CU_ASSERT_EQUAL(freed, MANY);
    /* Free slots are used before the table grows. */
    for (unsigned i = 0; i < MANY; i++)
        things[i] = thing_add(&engine);
    CU_ASSERT_EQUAL(engine.table.chunks_used, 3);
    for (unsigned i = 0; i < MANY; i++)
        pli_handle_unref(&things[i]->handle);
    pli_table_deinit(&engine.table);
}

/* Visits one, and takes every third out, as an end does. */
static void visit(struct pli_handle *handle, void *argument)
{
    struct thing *thing = (struct thing *)handle;
    unsigned *visited = argument;

    thing->visits++;
    if (++*visited % 3 == 0)
        pli_handle_unref(handle);
}

static void drop(struct pli_handle *handle, void *argument)
{
    ++*(unsigned *)argument;
    pli_handle_unref(handle);
}

static void each_visits_everybody_once_even_if_they_end(void)
{
    static struct thing *things[MANY];
    struct pli_engine engine;
    unsigned visited = 0;
    unsigned dropped = 0;

    begin(&engine);
    for (unsigned i = 0; i < MANY; i++)
        pli_handle_ref(&(things[i] = thing_add(&engine))->handle);
    pli_table_each(&engine.table, visit, &visited);
    CU_ASSERT_EQUAL(visited, MANY);
    for (unsigned i = 0; i < MANY; i++) {
        CU_ASSERT_EQUAL(things[i]->visits, 1);
        pli_handle_unref(&things[i]->handle);
    }
    CU_ASSERT_EQUAL(freed, MANY / 3);
    pli_table_each(&engine.table, drop, &dropped);
    CU_ASSERT_EQUAL(dropped, MANY - MANY / 3);
    CU_ASSERT_EQUAL(freed, MANY);
    visited = 0;
    pli_table_each(&engine.table, visit, &visited);
    CU_ASSERT_EQUAL(visited, 0);
    pli_table_deinit(&engine.table);
}

static void without_memory_the_table_stays_as_it_was(void)
{
    static struct thing *things[PLI_TABLE_CHUNK];
    struct pli_engine engine = {.model = &no_model};
    struct thing *late;

    failmalloc_after(1);
    EXPECT_RESULT(pli_table_init(&engine.table), -ENOMEM);
    failmalloc_off();
    begin(&engine);
    late = thing_new(&engine);
    failmalloc_after(1);
    EXPECT_RESULT(pli_table_insert(&engine.table, &late->handle), -ENOMEM);
    failmalloc_off();
    for (unsigned i = 0; i < PLI_TABLE_CHUNK; i++)
        things[i] = thing_add(&engine);
    failmalloc_after(1);
    EXPECT_RESULT(pli_table_insert(&engine.table, &late->handle), -ENOMEM);
    failmalloc_off();
    pli_handle_unref(&things[0]->handle);
    failmalloc_after(1);
    EXPECT_RESULT(pli_table_insert(&engine.table, &late->handle), 0);
    CU_ASSERT(!failmalloc_fired());
    failmalloc_off();
    CU_ASSERT_PTR_EQUAL(pli_table_find(&engine.table, late->handle.id), &late->handle);
    pli_handle_unref(&late->handle);
    pli_handle_unref(&late->handle);
    for (unsigned i = 1; i < PLI_TABLE_CHUNK; i++)
        pli_handle_unref(&things[i]->handle);
    CU_ASSERT_EQUAL(freed, PLI_TABLE_CHUNK + 1);
    pli_table_deinit(&engine.table);
}

/* -- Look-up against the end and the slot's next use ------------------------------------------ */

#define THREADS 4u
#define SHOWN   4u
#define ROUNDS  400000u

struct churn {
    struct pli_engine engine;
    _Atomic uint64_t shown[SHOWN]; /* ids, old ones too */
    _Atomic unsigned made;
    _Atomic unsigned found;
    _Atomic unsigned looked; /* threads that have found enough */
    _Atomic unsigned wrong;
};

/* Whoever is found under an id is that one, alive, for as long as the reference is held. */
static void look_up(struct churn *churn, uint64_t id)
{
    struct pli_handle *handle = pli_table_find(&churn->engine.table, id);
    struct thing *thing = (struct thing *)handle;

    if (!handle)
        return;
    CROWD_CHECK(churn->wrong, handle->id == id);
    CROWD_CHECK(churn->wrong, thing->alive == id);
    pli_handle_ref(handle);
    pli_handle_unref(handle);
    CROWD_CHECK(churn->wrong, thing->alive == id);
    pli_handle_unref(handle);
    atomic_fetch_add(&churn->found, 1);
}

/* Shows a new one in the place of one of this thread's, whose table's reference it gives back. */
static void replace(struct churn *churn, unsigned place, struct thing **mine)
{
    struct thing *thing = thing_new(&churn->engine);

    if (pli_table_insert(&churn->engine.table, &thing->handle) < 0)
        abort();
    thing->alive = thing->handle.id;
    atomic_fetch_add(&churn->made, 1);
    if (mine[place])
        pli_handle_unref(&mine[place]->handle);
    mine[place] = thing;
    atomic_store(&churn->shown[place], thing->handle.id);
}

/* Two threads replace theirs, until the others have looked often enough. */
static void replace_until_all_have_looked(struct churn *churn, unsigned number)
{
    struct thing *mine[SHOWN] = {NULL};
    uint64_t row = number;

    while (atomic_load(&churn->looked) < THREADS - 2)
        replace(churn, (crowd_random(&row) % SHOWN & ~1u) | number, mine);
    for (unsigned i = 0; i < SHOWN; i++)
        if (mine[i])
            pli_handle_unref(&mine[i]->handle);
}

static void churn_body(unsigned number, void *argument)
{
    struct churn *churn = argument;
    uint64_t row = number;

    if (number < 2) {
        replace_until_all_have_looked(churn, number);
        return;
    }
    while (atomic_load(&churn->found) < ROUNDS)
        look_up(churn, atomic_load(&churn->shown[crowd_random(&row) % SHOWN]));
    atomic_fetch_add(&churn->looked, 1);
}

static void look_up_finds_the_one_or_nobody_while_slots_are_used_again(void)
{
    static struct churn churn;

    begin(&churn.engine);
    crowd_run(THREADS, churn_body, &churn);
    CU_ASSERT_EQUAL(churn.wrong, 0);
    CU_ASSERT_EQUAL(churn.made, freed);
    CU_ASSERT_EQUAL(churn.engine.table.chunks_used, 1);
    pli_table_deinit(&churn.engine.table);
}

static void check_id(struct pli_handle *handle, void *argument)
{
    struct churn *churn = argument;
    struct pli_handle *again = pli_table_find(&churn->engine.table, handle->id);

    CROWD_CHECK(churn->wrong, again == handle);
    CROWD_CHECK(churn->wrong, handle->class == &thing_class);
    if (again)
        pli_handle_unref(again);
    atomic_fetch_add(&churn->found, 1);
}

static void each_body(unsigned number, void *argument)
{
    struct churn *churn = argument;

    if (number < 2) {
        replace_until_all_have_looked(churn, number);
        return;
    }
    while (atomic_load(&churn->found) < ROUNDS / 10)
        pli_table_each(&churn->engine.table, check_id, churn);
    atomic_fetch_add(&churn->looked, 1);
}

static void each_sees_only_whole_handles_while_others_come_and_go(void)
{
    static struct churn churn;

    begin(&churn.engine);
    crowd_run(THREADS, each_body, &churn);
    CU_ASSERT_EQUAL(churn.wrong, 0);
    CU_ASSERT_EQUAL(churn.made, freed);
    pli_table_deinit(&churn.engine.table);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a handle is found by its id until the last reference",
         found_by_its_id_until_the_last_reference},
        {"ids that were never given are not found", ids_that_were_never_given_are_not_found},
        {"the id of a slot used again finds nobody else",
         id_of_a_slot_used_again_finds_nobody_else},
        {"many are found each by its own id", many_are_found_each_by_its_own_id},
        {"each visits everybody once even if they end",
         each_visits_everybody_once_even_if_they_end},
        {"without memory the table stays as it was", without_memory_the_table_stays_as_it_was},
        {"look-up finds the one or nobody while slots are used again",
         look_up_finds_the_one_or_nobody_while_slots_are_used_again},
        {"each sees only whole handles while others come and go",
         each_sees_only_whole_handles_while_others_come_and_go},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "table", tests);
}
