/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/contest.h"

#include "tools/bench/fail.h"

#include <paceline/server.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a process needs besides its connections. */
enum { SPARE_DESCRIPTORS = 200 };

const struct case_info bench_cases[CASES] = {
    [CASE_ECHO] = {"echo",
                   BENCH_ECHO,
                   "echo",
                   50,
                   {METRIC_RATE, METRIC_SERVER_CPU_PER_LINE, METRIC_LATENCY_P99,
                    METRIC_CALLS_PER_LINE}},
    [CASE_MIXED] = {"mixed",
                    BENCH_MIXED,
                    "echo",
                    400,
                    {METRIC_LATENCY_P99, METRIC_SERVER_CPU_PER_LINE, METRIC_RATE,
                     METRIC_CALLS_PER_LINE}},
    [CASE_CHAT] = {"chat",
                   BENCH_CHAT,
                   "irc",
                   200,
                   {METRIC_DELIVERY_RATE, METRIC_SERVER_CPU_PER_LINE, METRIC_LATENCY_P99,
                    METRIC_CALLS_PER_LINE}},
    [CASE_IDLE] = {"idle", BENCH_IDLE, "echo", 10000, {METRIC_BYTES_PER_CONNECTION}},
};

uint64_t numbers_middle(const struct bench_numbers *numbers)
{
    return numbers->value[(numbers->count - 1) / 2];
}

/* -- Who takes part -------------------------------------------------------------------------- */

static bool is_model(const char *name)
{
    for (const char *const *model = pl_models(); *model; model++)
        if (strcmp(*model, name) == 0)
            return true;
    return false;
}

static void add(struct contest *contest, const char *label, size_t length, const char *model,
                const char *command)
{
    struct contestant *contestant = &contest->contestants[contest->count];

    contestant->label = strndup(label, length);
    if (!contestant->label)
        bench_die("memory");
    contestant->model = model;
    contestant->command = command;
    for (unsigned i = 0; i < contest->count; i++)
        if (strcmp(contest->contestants[i].label, contestant->label) == 0)
            bench_usage("two servers are called %s", contestant->label);
    contest->count++;
}

static void add_models(struct contest *contest)
{
    const struct bench_words *models = &contest->options->models;

    if (models->count == 1 && strcmp(models->value[0], "none") == 0)
        return;
    for (unsigned i = 0; i < models->count; i++) {
        if (!is_model(models->value[i]))
            bench_usage("--models: there is no %s", models->value[i]);
        add(contest, models->value[i], SIZE_MAX, models->value[i], NULL);
    }
    for (const char *const *model = pl_models(); models->count == 0 && *model; model++)
        add(contest, *model, SIZE_MAX, *model, NULL);
}

static void add_servers(struct contest *contest)
{
    const struct bench_words *servers = &contest->options->servers;

    for (unsigned i = 0; i < servers->count; i++) {
        const char *label = servers->value[i];
        size_t length = strcspn(label, "=");

        if (length == 0 || !label[length] || !label[length + 1])
            bench_usage("--server: label=command expected, got %s", label);
        add(contest, label, length, NULL, label + length + 1);
    }
    if (contest->count == 0)
        bench_usage("there is nothing to compare");
}

/* -- Where they are measured ----------------------------------------------------------------- */

static void set_numbers(struct bench_numbers *numbers, const uint64_t *values, unsigned count)
{
    numbers->count = count;
    memcpy(numbers->value, values, count * sizeof(*values));
}

/* Those for which there are descriptors enough. */
static void set_connections(struct contest *contest, enum bench_case kind, uint64_t limit)
{
    static const uint64_t scale[] = {1, 10, 100, 1000, 10000};
    struct bench_numbers *numbers = &contest->connections[kind];
    unsigned kept = 0;

    if (contest->options->connection_counts.count > 0)
        *numbers = contest->options->connection_counts;
    else if (contest->options->scale && kind == CASE_ECHO)
        set_numbers(numbers, scale, sizeof(scale) / sizeof(scale[0]));
    else
        set_numbers(numbers, &bench_cases[kind].connections, 1);
    for (unsigned i = 0; i < numbers->count; i++) {
        if (numbers->value[i] + SPARE_DESCRIPTORS <= limit)
            numbers->value[kept++] = numbers->value[i];
        else
            bench_warn("without %ju connections: a process may have %ju descriptors",
                       (uintmax_t)numbers->value[i], (uintmax_t)limit);
    }
    numbers->count = kept;
}

static void set_threads(struct contest *contest)
{
    static const uint64_t scale[] = {1, 2, 4, 8};
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t one = cpus > 0 ? (uint64_t)cpus : 1;

    if (contest->options->thread_counts.count > 0)
        contest->threads = contest->options->thread_counts;
    else if (contest->options->scale)
        set_numbers(&contest->threads, scale, sizeof(scale) / sizeof(scale[0]));
    else
        set_numbers(&contest->threads, &one, 1);
}

static void add_point(struct contest *contest, enum bench_case kind, uint64_t connections,
                      uint64_t threads)
{
    if (contest_find_point(contest, kind, connections, threads) < 0)
        contest->points[contest->point_count++] = (struct point){kind, connections, threads};
}

static void add_points(struct contest *contest, enum bench_case kind)
{
    const struct bench_numbers *connections = &contest->connections[kind];
    const struct bench_numbers *threads = &contest->threads;

    if (connections->count == 0)
        return;
    for (unsigned i = 0; i < connections->count; i++)
        add_point(contest, kind, connections->value[i], numbers_middle(threads));
    for (unsigned i = 0; i < threads->count; i++)
        add_point(contest, kind, numbers_middle(connections), threads->value[i]);
}

static enum bench_case find_case(const char *name)
{
    for (unsigned i = 0; i < CASES; i++)
        if (strcmp(name, bench_cases[i].name) == 0)
            return i;
    bench_usage("--case: echo, mixed, chat or idle expected, got %s", name);
}

static void check_case(const struct contest *contest, enum bench_case kind)
{
    bool paceline = contest->contestants[0].model != NULL;

    if (kind == CASE_MIXED && paceline && !contest->options->mixed_server)
        bench_usage("case mixed needs --mixed-server, or --models none: paceline serves no slow "
                    "lines");
    if (kind != CASE_CHAT)
        return;
    for (unsigned i = 0; i < contest->connections[kind].count; i++)
        if (contest->connections[kind].value[i] < 2 * contest->options->channels ||
            contest->connections[kind].value[i] < contest->options->speakers)
            bench_usage("case chat: %ju people are too few",
                        (uintmax_t)contest->connections[kind].value[i]);
}

/* -- The daemon ------------------------------------------------------------------------------ */

/* In the build folder, where it is installed, or wherever PATH has it. */
static char *find_daemon(const char *named)
{
    static const char *const places[] = {"/../../daemon/paceline", "/../sbin/paceline"};
    char self[PATH_MAX], path[PATH_MAX + 32];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (length < 0)
        length = 0;
    self[length] = '\0';
    if (strrchr(self, '/'))
        *strrchr(self, '/') = '\0';
    snprintf(path, sizeof(path), "%s", named ? named : "paceline");
    for (unsigned i = 0; i < 2 && !named; i++) {
        snprintf(path, sizeof(path), "%s%s", self, places[i]);
        if (access(path, X_OK) == 0)
            break;
        snprintf(path, sizeof(path), "paceline");
    }
    return strdup(path);
}

/* -- The whole of it ------------------------------------------------------------------------- */

void contest_init(struct contest *contest, const struct bench_options *options, uint64_t limit)
{
    static char echo_word[] = "echo";
    static const struct bench_words echo = {.value = {echo_word}, .count = 1};
    const struct bench_words *cases = options->cases.count > 0 ? &options->cases : &echo;

    *contest = (struct contest){.options = options};
    contest->contestants = bench_alloc(2 * BENCH_LIST, sizeof(*contest->contestants));
    add_models(contest);
    add_servers(contest);
    set_threads(contest);
    for (unsigned i = 0; i < cases->count; i++) {
        enum bench_case kind = find_case(cases->value[i]);

        set_connections(contest, kind, limit);
        check_case(contest, kind);
        add_points(contest, kind);
    }
    if (contest->point_count == 0)
        bench_fail("nothing is left to measure");
    contest->results = bench_alloc(contest->point_count * contest->count * options->rounds,
                                   sizeof(*contest->results));
    contest->daemon = find_daemon(options->daemon);
    if (!contest->daemon)
        bench_die("memory");
    progress_init(&contest->progress, options);
}

void contest_deinit(struct contest *contest)
{
    for (unsigned i = 0; i < contest->count; i++)
        free(contest->contestants[i].label);
    free(contest->contestants);
    free(contest->results);
    free(contest->daemon);
}

struct bench_result *contest_result(const struct contest *contest, unsigned point,
                                    unsigned contestant, unsigned round)
{
    return &contest
                ->results[(point * contest->count + contestant) * contest->options->rounds + round];
}

int contest_first(const struct contest *contest)
{
    for (unsigned i = 0; i < contest->count; i++)
        if (!contest->contestants[i].left_out)
            return (int)i;
    return -1;
}

int contest_find_point(const struct contest *contest, enum bench_case kind, uint64_t connections,
                       uint64_t threads)
{
    for (unsigned i = 0; i < contest->point_count; i++) {
        const struct point *point = &contest->points[i];

        if (point->kind == kind && point->connections == connections && point->threads == threads)
            return (int)i;
    }
    return -1;
}
