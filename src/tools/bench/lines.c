/* SPDX-License-Identifier: MIT */
/* The loads echo and mixed: workers side by side, and what they saw together. */
#include "config.h"

#include "base/clock.h"
#include "tools/bench/fail.h"
#include "tools/bench/load.h"
#include "tools/bench/progress.h"
#include "tools/bench/traffic.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <sys/prctl.h>

static void start_workers(struct worker *workers, const struct bench_options *options, sem_t *done)
{
    uint64_t start = pli_clock_now() + 10 * NS_PER_MS;

    for (uint64_t t = 0; t < options->threads; t++) {
        struct worker *w = &workers[t];

        w->done = done;
        w->start = start;
        w->from = start + options->warmup;
        w->to = w->from + options->window;
        if ((errno = pthread_create(&w->thread, NULL, worker_run, w)) != 0)
            bench_die("starting a thread");
    }
}

static void show_progress(struct progress *progress, const struct worker *workers,
                          const struct bench_options *options, uint64_t *before)
{
    uint64_t now = pli_clock_now(), answered = 0;
    uint64_t passed = now > workers->start ? now - workers->start : 0;
    uint64_t since = progress->terminal ? NS_PER_S / 2 : NS_PER_S;

    if (!progress_due(progress, now))
        return;
    for (uint64_t t = 0; t < options->threads; t++)
        answered += atomic_load_explicit(&workers[t].progress, memory_order_relaxed);
    progress_show(progress, "%.1f of %.1f s: %" PRIu64 " lines, %.0f a second",
                  (double)passed / 1e9, (double)(options->warmup + options->window) / 1e9, answered,
                  (double)(answered - *before) * 1e9 / (double)since);
    *before = answered;
}

static void await_workers(struct worker *workers, const struct bench_options *options, sem_t *done)
{
    struct progress progress;
    uint64_t before = 0;

    progress_init(&progress, options);
    for (uint64_t ended = 0; ended < options->threads;) {
        uint64_t until = pli_clock_now() + NS_PER_S / 4;
        struct timespec at = {.tv_sec = (time_t)(until / NS_PER_S),
                              .tv_nsec = (long)(until % NS_PER_S)};

        if (sem_clockwait(done, CLOCK_MONOTONIC, &at) == 0)
            ended++;
        else if (errno != ETIMEDOUT && errno != EINTR)
            bench_die("sem_clockwait");
        show_progress(&progress, workers, options, &before);
    }
    progress_end(&progress);
    for (uint64_t t = 0; t < options->threads; t++)
        if ((errno = pthread_join(workers[t].thread, NULL)) != 0)
            bench_die("pthread_join");
}

/* Fairness: the lines of the connection that got the most, over those of the one with the least. */
static void put_spread(struct bench_result *result, const struct worker *workers, uint64_t threads)
{
    uint64_t least = UINT64_MAX, most = 0;

    for (uint64_t t = 0; t < threads; t++) {
        for (uint64_t i = 0; i < workers[t].count; i++) {
            uint64_t counted = workers[t].conns[i].counted;

            least = counted < least ? counted : least;
            most = counted > most ? counted : most;
        }
    }
    result_put(result, METRIC_LEAST_SERVED, (double)least);
    result_put(result, METRIC_MOST_SERVED, (double)most);
    result_put(result, METRIC_SPREAD, least == 0 ? HUGE_VAL : (double)most / (double)least);
}

/* All into the first. */
static void merge(struct worker *workers, uint64_t threads)
{
    struct worker *first = &workers[0];

    for (uint64_t t = 1; t < threads; t++) {
        hist_merge(&first->normal, &workers[t].normal);
        hist_merge(&first->slow, &workers[t].slow);
        hist_merge(&first->late, &workers[t].late);
        first->due += workers[t].due;
        first->answered += workers[t].answered;
    }
}

static void complain_of_missing(const struct worker *workers, uint64_t threads)
{
    const struct worker *first = &workers[0];

    bench_warn("%" PRIu64 " of %" PRIu64 " lines were never answered", first->due - first->answered,
               first->due);
    for (uint64_t t = 0; t < threads; t++) {
        for (uint64_t i = 0; i < workers[t].count; i++) {
            const struct conn *conn = &workers[t].conns[i];

            if (conn->got == conn->due)
                continue;
            bench_warn("connection %u, line %" PRIu64 " is one of them", conn->id, conn->got);
            return;
        }
    }
}

static int report(const struct worker *workers, const struct bench_options *options,
                  struct bench_result *result)
{
    const struct worker *first = &workers[0];
    uint64_t lines = first->normal.count + first->slow.count;
    uint64_t missing = first->due - first->answered;
    double seconds = (double)options->window / (double)NS_PER_S;

    result_put(result, METRIC_CONNECTIONS, (double)options->connections);
    result_put(result, METRIC_LINE_BYTES, (double)options->shape.size);
    result_put(result, METRIC_SECONDS, seconds);
    result_put(result, METRIC_LINES, (double)lines);
    result_put(result, METRIC_RATE, (double)lines / seconds);
    result_put(result, METRIC_LINES_TOTAL, (double)first->answered);
    result_put(result, METRIC_UNANSWERED, (double)missing);
    put_spread(result, workers, options->threads);
    result_put_latency(result, METRIC_LATENCY, &first->normal);
    if (options->shape.slow_one != 0)
        result_put_latency(result, METRIC_SLOW, &first->slow);
    if (first->open)
        result_put_latency(result, METRIC_LATE, &first->late);
    watch_report(first->watch, result, lines, options->window);
    if (missing)
        complain_of_missing(workers, options->threads);
    else if (lines == 0)
        bench_warn("no line was answered in the time that counts");
    return missing == 0 && lines > 0 ? BENCH_WELL : BENCH_WRONG;
}

int load_lines(const struct bench_options *options, const struct target *target,
               struct bench_result *result)
{
    struct worker *workers = bench_alloc(options->threads, sizeof(*workers));
    struct watch watch;
    sem_t done;
    int status;

    /* Timers of the open loop are to fire when they are due, not up to 50 microseconds later. */
    if (prctl(PR_SET_TIMERSLACK, 1) != 0 || sem_init(&done, 0, 0) != 0)
        bench_die("starting");
    watch_init(&watch, options);
    workers[0].watch = &watch;
    for (uint64_t t = 0; t < options->threads; t++)
        worker_open(&workers[t], options, target, t);
    start_workers(workers, options, &done);
    await_workers(workers, options, &done);
    merge(workers, options->threads);
    status = report(workers, options, result);
    for (uint64_t t = 0; t < options->threads; t++)
        worker_close(&workers[t]);
    watch_deinit(&watch);
    sem_destroy(&done);
    free(workers);
    return status;
}
