/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/flood.h"
#include "tests/lib/unit.h"

#define MS     UINT64_C(1000000)
#define SECOND (1000 * MS)

/* Lines that come at once, at NOW, until one has to wait; returns how many, and how long. */
static unsigned burst(struct chat_flood *flood, unsigned rate, unsigned size, uint64_t now,
                      unsigned *wait)
{
    unsigned lines = 0;

    do {
        *wait = chat_flood_take(flood, 1, rate, size, now);
        lines++;
    } while (*wait == 0 && lines < 1000);
    return lines;
}

static void a_burst_passes_and_then_one_line_an_interval(void)
{
    struct chat_flood flood = {0};
    uint64_t now = 5 * SECOND;
    unsigned wait;

    CU_ASSERT_EQUAL(burst(&flood, 10, 40, now, &wait), 40);
    CU_ASSERT_EQUAL(wait, 100);
    for (int i = 0; i < 100; i++) {
        now += wait * MS;
        wait = chat_flood_take(&flood, 1, 10, 40, now);
        CU_ASSERT_EQUAL(wait, 100);
    }
}

static void what_costs_more_waits_longer(void)
{
    struct chat_flood flood = {0};

    CU_ASSERT_EQUAL(chat_flood_take(&flood, 10, 10, 10, SECOND), 100);
    CU_ASSERT_EQUAL(chat_flood_take(&flood, 5, 10, 10, SECOND), 600);
    CU_ASSERT_EQUAL(chat_flood_take(&flood, 0, 10, 10, SECOND + 600 * MS), 0);
}

static void a_pause_fills_the_bucket_and_no_more(void)
{
    struct chat_flood flood = {0};
    uint64_t now = 5 * SECOND;
    unsigned wait;

    CU_ASSERT_EQUAL(burst(&flood, 10, 40, now, &wait), 40);
    now += SECOND;
    CU_ASSERT_EQUAL(burst(&flood, 10, 40, now, &wait), 10);
    now += 1000 * SECOND;
    CU_ASSERT_EQUAL(burst(&flood, 10, 40, now, &wait), 40);
}

static void who_keeps_to_the_rate_never_waits(void)
{
    struct chat_flood flood = {0};
    uint64_t now = SECOND;

    for (int i = 0; i < 1000; i++, now += 100 * MS)
        CU_ASSERT_EQUAL(chat_flood_take(&flood, 1, 10, 2, now), 0);
}

static void no_burst_means_one_line_at_a_time(void)
{
    struct chat_flood flood = {0};

    CU_ASSERT_EQUAL(chat_flood_take(&flood, 1, 4, 0, SECOND), 250);
    CU_ASSERT_EQUAL(chat_flood_take(&flood, 1, 4, 1, SECOND + 250 * MS), 250);
}

static void rate_zero_switches_it_off(void)
{
    struct chat_flood flood = {0};
    unsigned wait;

    CU_ASSERT_EQUAL(burst(&flood, 0, 1, SECOND, &wait), 1000);
    CU_ASSERT_EQUAL(wait, 0);
}

static void a_new_rate_holds_at_once(void)
{
    struct chat_flood flood = {0};
    unsigned wait;

    CU_ASSERT_EQUAL(burst(&flood, 1, 10, SECOND, &wait), 10);
    CU_ASSERT_EQUAL(chat_flood_take(&flood, 1, 0, 10, SECOND), 0);
    CU_ASSERT_EQUAL(burst(&flood, 10, 5, SECOND, &wait), 5);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a burst passes and then one line an interval",
         a_burst_passes_and_then_one_line_an_interval},
        {"what costs more waits longer", what_costs_more_waits_longer},
        {"a pause fills the bucket and no more", a_pause_fills_the_bucket_and_no_more},
        {"who keeps to the rate never waits", who_keeps_to_the_rate_never_waits},
        {"no burst means one line at a time", no_burst_means_one_line_at_a_time},
        {"rate zero switches it off", rate_zero_switches_it_off},
        {"a new rate holds at once", a_new_rate_holds_at_once},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "flood control", tests);
}
