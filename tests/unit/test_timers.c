/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/timers.h"
#include "tests/lib/crowd.h"
#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/unit.h"

#include <errno.h>

#define MANY 500u

static void make(struct pli_timers *timers, struct pli_timer *timer, size_t count)
{
    pli_timers_init(timers);
    EXPECT_RESULT(pli_timers_reserve(timers, count), 0);
    for (size_t i = 0; i < count; i++)
        pli_timer_init(&timer[i], i);
}

static void empty_queue_has_no_deadline(void)
{
    struct pli_timers timers;

    pli_timers_init(&timers);
    CU_ASSERT_EQUAL(pli_timers_next(&timers), UINT64_MAX);
    CU_ASSERT_PTR_NULL(pli_timers_expire(&timers, UINT64_MAX));
    pli_timers_deinit(&timers);
}

static void goes_off_at_its_deadline_and_not_before(void)
{
    struct pli_timers timers;
    struct pli_timer timer;

    make(&timers, &timer, 1);
    pli_timers_set(&timers, &timer, 100);
    CU_ASSERT_EQUAL(pli_timers_next(&timers), 100);
    CU_ASSERT_PTR_NULL(pli_timers_expire(&timers, 99));
    CU_ASSERT_PTR_EQUAL(pli_timers_expire(&timers, 100), &timer);
    CU_ASSERT_PTR_NULL(pli_timers_expire(&timers, 100));
    CU_ASSERT_EQUAL(pli_timers_next(&timers), UINT64_MAX);
    pli_timers_deinit(&timers);
}

static void earliest_goes_off_first(void)
{
    static struct pli_timer timer[MANY];
    struct pli_timers timers;
    uint64_t row = 1;
    uint64_t last = 0;

    make(&timers, timer, MANY);
    for (unsigned i = 0; i < MANY; i++)
        pli_timers_set(&timers, &timer[i], crowd_random(&row) % (MANY / 2));
    for (unsigned i = 0; i < MANY; i++) {
        uint64_t next = pli_timers_next(&timers);
        struct pli_timer *got = pli_timers_expire(&timers, UINT64_MAX - 1);

        CU_ASSERT_PTR_NOT_NULL_FATAL(got);
        CU_ASSERT_EQUAL(got->deadline, next);
        CU_ASSERT_FATAL(got->deadline >= last);
        last = got->deadline;
    }
    CU_ASSERT_PTR_NULL(pli_timers_expire(&timers, UINT64_MAX));
    pli_timers_deinit(&timers);
}

static void setting_again_moves_it_both_ways(void)
{
    struct pli_timer timer[3];
    struct pli_timers timers;

    make(&timers, timer, 3);
    for (unsigned i = 0; i < 3; i++)
        pli_timers_set(&timers, &timer[i], 10 * (i + 1));
    pli_timers_set(&timers, &timer[2], 5);
    pli_timers_set(&timers, &timer[0], 40);
    CU_ASSERT_PTR_EQUAL(pli_timers_expire(&timers, 100), &timer[2]);
    CU_ASSERT_PTR_EQUAL(pli_timers_expire(&timers, 100), &timer[1]);
    CU_ASSERT_PTR_EQUAL(pli_timers_expire(&timers, 100), &timer[0]);
    CU_ASSERT_PTR_NULL(pli_timers_expire(&timers, 100));
    pli_timers_deinit(&timers);
}

static void removed_ones_do_not_go_off(void)
{
    struct pli_timer timer[3];
    struct pli_timers timers;

    make(&timers, timer, 3);
    pli_timers_remove(&timers, &timer[0]); /* not in */
    for (unsigned i = 0; i < 3; i++)
        pli_timers_set(&timers, &timer[i], i);
    pli_timers_remove(&timers, &timer[0]);
    pli_timers_remove(&timers, &timer[2]);
    pli_timers_remove(&timers, &timer[2]);
    CU_ASSERT_PTR_EQUAL(pli_timers_expire(&timers, 100), &timer[1]);
    CU_ASSERT_PTR_NULL(pli_timers_expire(&timers, 100));
    pli_timers_remove(&timers, &timer[1]); /* gone off */
    pli_timers_set(&timers, &timer[0], 7);
    CU_ASSERT_PTR_EQUAL(pli_timers_expire(&timers, 100), &timer[0]);
    pli_timers_deinit(&timers);
}

/* The earliest deadline of those that are in, found the plain way. */
static uint64_t earliest_of(const uint64_t *deadline)
{
    uint64_t earliest = UINT64_MAX;

    for (unsigned i = 0; i < MANY; i++)
        if (deadline[i] < earliest)
            earliest = deadline[i];
    return earliest;
}

static void stays_in_order_whatever_is_done(void)
{
    static struct pli_timer timer[MANY];
    static uint64_t deadline[MANY]; /* UINT64_MAX: not in */
    struct pli_timers timers;
    uint64_t row = 2;
    uint64_t now = 0;

    make(&timers, timer, MANY);
    for (unsigned i = 0; i < MANY; i++)
        deadline[i] = UINT64_MAX;
    for (unsigned round = 0; round < 20000; round++) {
        unsigned i = crowd_random(&row) % MANY;
        struct pli_timer *got;

        if (crowd_random(&row) % 4 == 0) {
            pli_timers_remove(&timers, &timer[i]);
            deadline[i] = UINT64_MAX;
        } else {
            deadline[i] = now + crowd_random(&row) % 1000;
            pli_timers_set(&timers, &timer[i], deadline[i]);
        }
        CU_ASSERT_FATAL(pli_timers_next(&timers) == earliest_of(deadline));
        now += 3;
        while ((got = pli_timers_expire(&timers, now))) {
            CU_ASSERT_FATAL(deadline[got->id] == earliest_of(deadline));
            CU_ASSERT_FATAL(deadline[got->id] <= now);
            deadline[got->id] = UINT64_MAX;
        }
        CU_ASSERT_FATAL(earliest_of(deadline) > now);
    }
    pli_timers_deinit(&timers);
}

static void setting_needs_no_memory_after_reserve(void)
{
    static struct pli_timer timer[MANY];
    struct pli_timers timers;

    make(&timers, timer, MANY);
    failmalloc_after(1);
    for (unsigned i = 0; i < MANY; i++)
        pli_timers_set(&timers, &timer[i], i);
    EXPECT_RESULT(pli_timers_reserve(&timers, MANY), 0);
    CU_ASSERT(!failmalloc_fired());
    failmalloc_off();
    pli_timers_deinit(&timers);
}

static void failed_reserve_leaves_the_queue_as_it_was(void)
{
    static struct pli_timer timer[MANY];
    struct pli_timers timers;

    make(&timers, timer, 16);
    for (unsigned i = 0; i < 16; i++)
        pli_timers_set(&timers, &timer[i], 100 - i);
    failmalloc_after(1);
    EXPECT_RESULT(pli_timers_reserve(&timers, MANY), -ENOMEM);
    failmalloc_off();
    for (unsigned i = 16; i-- > 0;)
        CU_ASSERT_PTR_EQUAL(pli_timers_expire(&timers, 100), &timer[i]);
    EXPECT_RESULT(pli_timers_reserve(&timers, MANY), 0);
    pli_timers_deinit(&timers);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"an empty queue has no deadline", empty_queue_has_no_deadline},
        {"a timer goes off at its deadline and not before",
         goes_off_at_its_deadline_and_not_before},
        {"the earliest goes off first", earliest_goes_off_first},
        {"setting again moves a timer both ways", setting_again_moves_it_both_ways},
        {"removed timers do not go off", removed_ones_do_not_go_off},
        {"the queue stays in order whatever is done", stays_in_order_whatever_is_done},
        {"setting needs no memory after reserve", setting_needs_no_memory_after_reserve},
        {"a failed reserve leaves the queue as it was", failed_reserve_leaves_the_queue_as_it_was},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "timers", tests);
}
