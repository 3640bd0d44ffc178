/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/clock.h"
#include "tests/lib/unit.h"

#include <time.h>

static void never_runs_backwards(void)
{
    uint64_t last = pli_clock_now();
    int i;

    for (i = 0; i < 10000; i++) {
        uint64_t now = pli_clock_now();

        CU_ASSERT_FATAL(now >= last);
        last = now;
    }
}

static void counts_nanoseconds(void)
{
    struct timespec pause = {.tv_nsec = 20000000};
    uint64_t start = pli_clock_now();
    uint64_t passed;

    CU_ASSERT_FATAL(clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL) == 0);
    passed = pli_clock_now() - start;
    CU_ASSERT(passed >= 20000000);
    CU_ASSERT(passed < UINT64_C(60000000000));
}

static void wall_clock_counts_milliseconds_since_1970(void)
{
    uint64_t before = (uint64_t)time(NULL);
    uint64_t ms = pli_clock_wall_ms();
    uint64_t after = (uint64_t)time(NULL);

    /* time() may lag behind by one tick of the kernel's coarse clock. */
    CU_ASSERT(ms / 1000 >= before);
    CU_ASSERT(ms / 1000 <= after + 1);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"never runs backwards", never_runs_backwards},
        {"counts nanoseconds", counts_nanoseconds},
        {"wall clock counts milliseconds since 1970", wall_clock_counts_milliseconds_since_1970},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "clock", tests);
}
