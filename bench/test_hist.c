/* SPDX-License-Identifier: MIT */
/* Does the histogram give the quantiles of what was added, to one part in 128? For values of all
 * magnitudes, against the same values sorted. Run by bench/check. */
#include "config.h"

#include "bench/hist.h"

#include <err.h>
#include <math.h>
#include <stdio.h>
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

static void expect(unsigned top, double share)
{
    size_t rank = (size_t)ceil(share * VALUES);
    uint64_t exact = value[rank == 0 ? 0 : rank - 1], seen = hist_quantile(&whole, share);

    if (seen < exact || seen - exact > exact / 128)
        errx(1, "%u bits, quantile %g: %ju expected, got %ju", top, share, (uintmax_t)exact,
             (uintmax_t)seen);
}

int main(void)
{
    static const double shares[] = {0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1};

    for (unsigned top = 0; top <= 63; top++) {
        fill(top);
        if (whole.count != VALUES || whole.max != value[VALUES - 1])
            errx(1, "%u bits: wrong count or maximum", top);
        for (unsigned i = 0; i < sizeof shares / sizeof *shares; i++)
            expect(top, shares[i]);
    }
    whole = (struct hist){0};
    hist_add(&whole, UINT64_MAX);
    if (hist_quantile(&whole, 0.5) != UINT64_MAX || hist_quantile(&part, 1) > part.max)
        errx(1, "the largest value is lost");
    puts("histogram: right");
    return 0;
}
