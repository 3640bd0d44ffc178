/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/compare_report.h"

#include "tools/bench/json.h"
#include "tools/bench/summary.h"

#include <stdio.h>
#include <string.h>

/* -- For people ------------------------------------------------------------------------------ */

static void print_row(const struct contest *contest, unsigned point, unsigned contestant,
                      enum bench_metric metric)
{
    struct summary summary = contest_summary(contest, point, contestant, metric);
    struct summary ratio = contest_ratio(contest, point, contestant, metric);
    char median[64], least[64], most[64];

    if (contest->contestants[contestant].left_out)
        return;
    printf("  %-26s", contest->contestants[contestant].label);
    if (summary.count == 0) {
        printf(" %14s\n", "-");
        return;
    }
    metric_format(metric, summary.median, false, median, sizeof(median));
    metric_format(metric, summary.least, false, least, sizeof(least));
    metric_format(metric, summary.most, false, most, sizeof(most));
    printf(" %14s %14s %14s", median, least, most);
    if (ratio.count > 0)
        printf("  %7.3f (%.3f to %.3f)", ratio.median, ratio.least, ratio.most);
    putchar('\n');
}

static bool anybody_has(const struct contest *contest, unsigned point, enum bench_metric metric)
{
    for (unsigned i = 0; i < contest->count; i++)
        if (contest_summary(contest, point, i, metric).count > 0)
            return true;
    return false;
}

static void print_figure(const struct contest *contest, unsigned point, enum bench_metric metric)
{
    const struct bench_metric_info *info = &bench_metrics[metric];
    const char *title = info->title + strspn(info->title, " ");
    char head[64];

    if (!anybody_has(contest, point, metric))
        return;
    snprintf(
        head, sizeof(head), "%s%s%s%s%s", strcmp(info->group, "latency") == 0 ? "latency " : "",
        title, info->unit[0] && info->unit[0] != '/' ? " (" : "",
        info->unit[0] != '/' ? info->unit : "", info->unit[0] && info->unit[0] != '/' ? ")" : "");
    printf("\n  %-26s %14s %14s %14s  %7s\n", head, "median", "least", "most", "ratio");
    for (unsigned i = 0; i < contest->count; i++)
        print_row(contest, point, i, metric);
}

static void print_point(const struct contest *contest, unsigned number)
{
    const struct point *point = &contest->points[number];
    const struct case_info *info = &bench_cases[point->kind];

    printf("%s%s, %s: %ju; server threads: %ju; rounds: %ju", number > 0 ? "\n" : "", info->name,
           point->kind == CASE_CHAT ? "people" : "connections", (uintmax_t)point->connections,
           (uintmax_t)point->threads, (uintmax_t)contest->options->rounds);
    if (point->kind != CASE_IDLE)
        printf(" of %.1f s", (double)contest->options->window / (double)NS_PER_S);
    putchar('\n');
    for (unsigned i = 0; i < CASE_FIGURES && info->figures[i] != METRIC_CONNECTIONS; i++)
        print_figure(contest, number, info->figures[i]);
}

void compare_table(const struct contest *contest)
{
    for (unsigned i = 0; i < contest->point_count; i++)
        print_point(contest, i);
}

/* -- For machines ---------------------------------------------------------------------------- */

static void write_summary(const char *name, const struct summary *summary, unsigned decimals)
{
    printf("\"%s\": ", name);
    json_number(stdout, summary->median, decimals);
    printf(", \"%s_least\": ", name);
    json_number(stdout, summary->least, decimals);
    printf(", \"%s_most\": ", name);
    json_number(stdout, summary->most, decimals);
}

/* Of each round, null where there is none. */
static void write_values(const struct contest *contest, unsigned point, unsigned contestant,
                         enum bench_metric metric)
{
    printf(", \"values\": [");
    for (unsigned round = 0; round < contest->options->rounds; round++) {
        const struct bench_result *result = contest_result(contest, point, contestant, round);

        printf("%s", round > 0 ? ", " : "");
        if (result->has[metric])
            json_number(stdout, result->value[metric], bench_metrics[metric].decimals);
        else
            printf("null");
    }
    putchar(']');
}

static void write_figures(const struct contest *contest, unsigned point, unsigned contestant)
{
    const char *separator = "";

    for (unsigned i = 0; i < METRICS; i++) {
        struct summary summary = contest_summary(contest, point, contestant, i);
        struct summary ratio = contest_ratio(contest, point, contestant, i);

        if (summary.count == 0)
            continue;
        printf("%s\n          \"%s\": {", separator, bench_metrics[i].key);
        write_summary("median", &summary, bench_metrics[i].decimals);
        if (ratio.count > 0) {
            printf(", ");
            write_summary("ratio", &ratio, 4);
        }
        write_values(contest, point, contestant, i);
        putchar('}');
        separator = ",";
    }
}

static void write_servers(const struct contest *contest, unsigned point)
{
    const char *separator = "";

    for (unsigned i = 0; i < contest->count; i++) {
        if (contest->contestants[i].left_out)
            continue;
        printf("%s\n        {\"label\": ", separator);
        json_string(stdout, contest->contestants[i].label);
        printf(", \"figures\": {");
        write_figures(contest, point, i);
        printf("\n        }}");
        separator = ",";
    }
}

void compare_json(const struct contest *contest)
{
    const char *separator = "";

    printf("{\n  \"command\": \"compare\",\n  \"rounds\": %ju,\n  \"failures\": %u,\n",
           (uintmax_t)contest->options->rounds, contest->failures);
    printf("  \"left_out\": [");
    for (unsigned i = 0; i < contest->count; i++) {
        if (!contest->contestants[i].left_out)
            continue;
        printf("%s", separator);
        json_string(stdout, contest->contestants[i].label);
        separator = ", ";
    }
    printf("],\n  \"points\": [");
    for (unsigned i = 0; i < contest->point_count; i++) {
        const struct point *point = &contest->points[i];

        printf("%s\n    {\n      \"case\": \"%s\", \"connections\": %ju, \"threads\": %ju,\n"
               "      \"servers\": [",
               i > 0 ? "," : "", bench_cases[point->kind].name, (uintmax_t)point->connections,
               (uintmax_t)point->threads);
        write_servers(contest, i);
        printf("\n      ]\n    }");
    }
    printf("\n  ]\n}\n");
}
