/* SPDX-License-Identifier: MIT */
/*
 * The load churn: connections that come, say a line, get it back, and go, one after the other in each
 * thread. The latency is of all that, from before the connection to after its answer. With the
 * server's process at hand it tells what is left of them.
 */
#include "config.h"

#include "base/clock.h"
#include "tools/bench/client.h"
#include "tools/bench/fail.h"
#include "tools/bench/load.h"
#include "tools/bench/progress.h"
#include "tools/bench/rest.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

struct churner {
    const struct bench_options *options;
    const struct target *target;
    struct progress *progress; /* of the first one alone, else NULL */
    pthread_t thread;
    uint64_t from, to; /* the connections of this thread */
    struct hist hist;
};

static void once(struct churner *churner, uint64_t i)
{
    const struct line_shape *shape = &churner->options->shape;
    uint64_t begin = pli_clock_now();
    struct wire wire = wire_open(churner->target, i);

    client_send(shape, &wire, (uint32_t)i, 0);
    client_receive(shape, &wire, (uint32_t)i, 0);
    hist_add(&churner->hist, pli_clock_now() - begin);
    wire_close(&wire);
}

static void *run(void *argument)
{
    struct churner *churner = argument;

    for (uint64_t i = churner->from; i < churner->to; i++) {
        once(churner, i);
        if (i % 64 == 0 && churner->progress && progress_due(churner->progress, pli_clock_now()))
            progress_show(churner->progress,
                          "%" PRIu64 " of %" PRIu64 " connections, in each thread",
                          i - churner->from, churner->to - churner->from);
    }
    return NULL;
}

/* That many connections, over all threads; what they saw goes into HIST. */
static void churn(const struct bench_options *options, const struct target *target,
                  struct progress *progress, uint64_t count, struct hist *hist)
{
    struct churner *churners = bench_alloc(options->threads, sizeof(*churners));

    *hist = (struct hist){0};
    for (uint64_t t = 0; t < options->threads; t++) {
        churners[t].options = options;
        churners[t].target = target;
        churners[t].progress = t == 0 ? progress : NULL;
        churners[t].from = count * t / options->threads;
        churners[t].to = count * (t + 1) / options->threads;
        if ((errno = pthread_create(&churners[t].thread, NULL, run, &churners[t])) != 0)
            bench_die("starting a thread");
    }
    for (uint64_t t = 0; t < options->threads; t++) {
        if ((errno = pthread_join(churners[t].thread, NULL)) != 0)
            bench_die("pthread_join");
        hist_merge(hist, &churners[t].hist);
    }
    free(churners);
}

static int report_left(const struct process_state *start, const struct process_state *before,
                       const struct process_state *after, struct bench_result *result)
{
    int64_t descriptors = after->descriptors - start->descriptors;

    result_put(result, METRIC_LEAKED_DESCRIPTORS, (double)descriptors);
    result_put(result, METRIC_LEAKED_BYTES, (double)(after->resident - before->resident));
    result_put(result, METRIC_LEAKED_THREADS, (double)(after->threads - before->threads));
    if (descriptors == 0)
        return BENCH_WELL;
    bench_warn("the server keeps %" PRId64 " descriptors of connections that were closed",
               descriptors);
    return BENCH_WRONG;
}

int load_churn(const struct bench_options *options, const struct target *target,
               struct bench_result *result)
{
    struct process_state start, before, after;
    struct hist *hist = bench_alloc(1, sizeof(*hist));
    pid_t pid = (pid_t)options->pid;
    struct progress progress;
    uint64_t begin, end, cpu = 0;

    progress_init(&progress, options);
    if (pid)
        look_at_start(pid, options->patience, &start);
    warm_up_together(&options->shape, target);
    churn(options, target, &progress, options->warm_connections, hist);
    if (pid && !look_at_rest(pid, start.descriptors, options->patience, &before))
        bench_warn("the server keeps what the warm-up closed");
    if (pid)
        cpu = process_cpu_ns(pid);
    begin = pli_clock_now();
    churn(options, target, &progress, options->connections, hist);
    end = pli_clock_now();
    progress_end(&progress);
    result_put(result, METRIC_CONNECTIONS, (double)options->connections);
    result_put(result, METRIC_SECONDS, (double)(end - begin) / (double)NS_PER_S);
    result_put(result, METRIC_CONNECTION_RATE,
               (double)options->connections * (double)NS_PER_S / (double)(end - begin));
    result_put_latency(result, METRIC_LATENCY, hist);
    free(hist);
    if (!pid)
        return BENCH_WELL;
    look_at_rest(pid, before.descriptors, options->patience, &after);
    cpu = process_cpu_ns(pid) - cpu;
    result_put(result, METRIC_SERVER_CPU, (double)cpu / (double)NS_PER_MS);
    result_put(result, METRIC_SERVER_CPU_PER_CONNECTION, us_each(cpu, options->connections));
    return report_left(&start, &before, &after, result);
}
