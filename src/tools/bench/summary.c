/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/summary.h"

#include "tools/bench/fail.h"

#include <math.h>
#include <stdlib.h>

static int compare_values(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

struct summary summarise(double *values, unsigned count)
{
    if (count == 0)
        return (struct summary){0};
    qsort(values, count, sizeof(*values), compare_values);
    return (struct summary){
        .count = count,
        .median = count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2,
        .least = values[0],
        .most = values[count - 1],
    };
}

/* With a base the figures are divided by those of that contestant; a ratio to 0 is none. */
static struct summary gather(const struct contest *contest, unsigned point, unsigned contestant,
                             int base, enum bench_metric metric)
{
    double *values = bench_alloc(contest->options->rounds, sizeof(*values));
    struct summary summary;
    unsigned count = 0;

    for (unsigned round = 0; round < contest->options->rounds; round++) {
        const struct bench_result *own = contest_result(contest, point, contestant, round);
        const struct bench_result *other =
            contest_result(contest, point, base < 0 ? contestant : (unsigned)base, round);
        double value = own->value[metric] / (base < 0 ? 1 : other->value[metric]);

        if (own->has[metric] && other->has[metric] && isfinite(value))
            values[count++] = value;
    }
    summary = summarise(values, count);
    free(values);
    return summary;
}

struct summary contest_summary(const struct contest *contest, unsigned point, unsigned contestant,
                               enum bench_metric metric)
{
    return gather(contest, point, contestant, -1, metric);
}

struct summary contest_ratio(const struct contest *contest, unsigned point, unsigned contestant,
                             enum bench_metric metric)
{
    return gather(contest, point, contestant, contest_first(contest), metric);
}
