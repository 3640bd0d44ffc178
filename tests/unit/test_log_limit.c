/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/log_limit.h"
#include "tests/lib/expect.h"
#include "tests/lib/unit.h"

#include <string.h>

#define SECOND UINT64_C(1000000000)
#define START  (100 * SECOND)

/* How many pass at once, the first of them with so many missed before. */
static unsigned burst(struct pli_log_limit *limit, uint64_t now, uint64_t missed_before)
{
    unsigned count = 0;
    uint64_t missed;

    while (count < 1000 && pli_log_limit_take(limit, now, &missed)) {
        EXPECT(missed == (count == 0 ? missed_before : 0), "%u: %u missed", count,
               (unsigned)missed);
        count++;
    }
    return count;
}

static void a_number_passes_and_then_one_a_second(void)
{
    struct pli_log_limit limit;
    uint64_t missed;

    pli_log_limit_init(&limit);
    CU_ASSERT_EQUAL(burst(&limit, START, 0), 20);
    CU_ASSERT_EQUAL(burst(&limit, START + SECOND - 1, 0), 0);
    CU_ASSERT_EQUAL(burst(&limit, START + SECOND, 2), 1); /* the two that ended the bursts */
    CU_ASSERT_EQUAL(burst(&limit, START + 4 * SECOND, 1), 3);
    for (int i = 0; i < 5; i++)
        CU_ASSERT_FALSE(pli_log_limit_take(&limit, START + 4 * SECOND, &missed));
    CU_ASSERT_EQUAL(burst(&limit, START + 1000 * SECOND, 6), 20);
    pli_log_limit_deinit(&limit);
}

static char logged[3][100];
static unsigned lines;

static void note(enum pl_log_level level, const char *text, void *argument)
{
    (void)argument;
    CU_ASSERT_EQUAL(level, PL_LOG_WARNING);
    if (lines < 3)
        snprintf(logged[lines], sizeof(logged[0]), "%s", text);
    lines++;
}

static void a_line_says_how_many_were_left_out(void)
{
    struct pli_log_limit limit;

    pli_log_limit_init(&limit);
    limit.missed = 7;
    pl_set_log(note, NULL);
    pli_log_limited(&limit, PL_LOG_WARNING, "line %d", 1);
    pli_log_limited(&limit, PL_LOG_WARNING, "line %d", 2);
    pl_set_log(NULL, NULL);
    CU_ASSERT_EQUAL(lines, 3);
    CU_ASSERT_STRING_EQUAL(logged[0], "7 lines like the next one were left out");
    CU_ASSERT_STRING_EQUAL(logged[1], "line 1");
    CU_ASSERT_STRING_EQUAL(logged[2], "line 2");
    pli_log_limit_deinit(&limit);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a number passes and then one a second", a_number_passes_and_then_one_a_second},
        {"a line says how many were left out", a_line_says_how_many_were_left_out},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "limited logs", tests);
}
