/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/report.h"

#include "tools/bench/json.h"

#include <stdio.h>
#include <string.h>

static void print_head(const struct bench_options *options, const struct target *target)
{
    printf("%s, %s", bench_command_names[options->command], target->text);
    if (options->command == BENCH_ECHO || options->command == BENCH_MIXED) {
        if (options->rate)
            printf(": open loop, %ju lines a second", (uintmax_t)options->rate);
        else
            printf(": closed loop, %ju in flight on each connection", (uintmax_t)options->flight);
    }
    putchar('\n');
}

void report_table(const struct bench_options *options, const struct target *target,
                  const struct bench_result *result)
{
    const char *group = "";

    print_head(options, target);
    for (unsigned i = 0; i < METRICS; i++) {
        const struct bench_metric_info *info = &bench_metrics[i];
        char value[64];

        if (!result->has[i])
            continue;
        if (strcmp(group, info->group) != 0)
            printf("\n%s\n", info->group);
        group = info->group;
        metric_format(i, result->value[i], false, value, sizeof(value));
        printf("  %-30s %16s%s%s\n", info->title, value, info->unit[0] ? " " : "", info->unit);
    }
}

void report_json(const struct bench_options *options, const struct target *target,
                 const struct bench_result *result)
{
    printf("{\n  \"command\": \"%s\",\n  \"server\": ", bench_command_names[options->command]);
    json_string(stdout, target->text);
    for (unsigned i = 0; i < METRICS; i++) {
        if (!result->has[i])
            continue;
        printf(",\n  \"%s\": ", bench_metrics[i].key);
        json_number(stdout, result->value[i], bench_metrics[i].decimals);
    }
    printf("\n}\n");
}
