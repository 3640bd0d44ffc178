/* SPDX-License-Identifier: MIT */
/* The histogram of paceline-bench gives the quantiles of what was added, to one part in 128: for
 * values of all magnitudes, against the same values sorted. */
#include "config.h"

#include "tests/lib/expect.h"
#include "tests/lib/unit.h"
#include "tools/bench/hist.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { VALUES = 20001 };

static uint64_t value[VALUES];
static struct hist whole, part;

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* The same numbers at every run, of 0 to top bits. */
static void fill(unsigned top)
{
    uint64_t state = 88172645463325252U;

    whole = part = (struct hist){0};
    for (unsigned i = 0; i < VALUES; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        value[i] = top == 0 ? 0 : (state | 1) >> (64 - 1 - i % top);
        hist_add(i % 3 == 0 ? &part : &whole, value[i]);
    }
    hist_merge(&whole, &part);
    qsort(value, VALUES, sizeof *value, compare);
}

static void expect_quantile(unsigned top, double share)
{
    size_t rank = (size_t)ceil(share * VALUES);
    uint64_t exact = value[rank == 0 ? 0 : rank - 1], seen = hist_quantile(&whole, share);

    EXPECT(seen >= exact && seen - exact <= exact / 128, "%u bits, quantile %g: %ju, got %ju", top,
           share, (uintmax_t)exact, (uintmax_t)seen);
}

static void quantiles_are_right_for_all_magnitudes(void)
{
    static const double shares[] = {0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1};

    for (unsigned top = 0; top <= 63; top++) {
        fill(top);
        CU_ASSERT_EQUAL(whole.count, VALUES);
        CU_ASSERT_EQUAL(whole.max, value[VALUES - 1]);
        for (unsigned i = 0; i < sizeof shares / sizeof *shares; i++)
            expect_quantile(top, shares[i]);
    }
}

static void the_largest_value_is_kept(void)
{
    whole = (struct hist){0};
    hist_add(&whole, UINT64_MAX);
    CU_ASSERT_EQUAL(hist_quantile(&whole, 0.5), UINT64_MAX);
}

static void of_nothing_all_quantiles_are_0(void)
{
    whole = (struct hist){0};
    CU_ASSERT_EQUAL(hist_quantile(&whole, 0.5), 0);
    CU_ASSERT_EQUAL(hist_quantile(&whole, 1), 0);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"quantiles_are_right_for_all_magnitudes", quantiles_are_right_for_all_magnitudes},
        {"the_largest_value_is_kept", the_largest_value_is_kept},
        {"of_nothing_all_quantiles_are_0", of_nothing_all_quantiles_are_0},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "bench_hist", tests);
}
