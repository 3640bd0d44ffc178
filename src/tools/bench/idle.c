/* SPDX-License-Identifier: MIT */
/*
 * The load idle: connections that come, say one line each, are held, say another, and go. With the
 * server's process at hand it tells what they cost: before anybody has spoken, and after.
 */
#include "config.h"

#include "base/clock.h"
#include "tools/bench/fail.h"
#include "tools/bench/load.h"
#include "tools/bench/progress.h"
#include "tools/bench/rest.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>

struct idle {
    const struct bench_options *options;
    const struct target *target;
    struct progress progress;
    struct wire *wires;
    struct process_state start, before, silent, spoken, after;
    int64_t each; /* descriptors that the server holds for a connection */
};

static void open_all(struct idle *idle)
{
    for (uint64_t i = 0; i < idle->options->connections; i++) {
        idle->wires[i] = wire_open(idle->target, i);
        if (i % 64 == 0 && progress_due(&idle->progress, pli_clock_now()))
            progress_show(&idle->progress, "%" PRIu64 " of %" PRIu64 " connections are open", i,
                          idle->options->connections);
    }
}

static void look(struct idle *idle, struct process_state *state, const char *what)
{
    int64_t expected = idle->start.descriptors;

    expected += idle->each * (int64_t)idle->options->connections;
    if (idle->options->pid == 0)
        return;
    if (!look_at_rest((pid_t)idle->options->pid, expected, idle->options->patience, state))
        bench_fail("%s: the server holds %" PRId64 " descriptors, not the %" PRId64
                   " expected, or does not come to rest",
                   what, state->descriptors, expected);
}

/* Nothing may come, not even an end, while they are held: what does is told by the line after it. */
static void hold(struct idle *idle)
{
    uint64_t until = pli_clock_now() + idle->options->window;

    for (;;) {
        uint64_t now = pli_clock_now();
        uint64_t left = now < until ? until - now : 0;

        if (left == 0)
            return;
        if (progress_due(&idle->progress, now))
            progress_show(&idle->progress, "%" PRIu64 " connections are held, %.0f s are left",
                          idle->options->connections, (double)left / 1e9);
        left = left / NS_PER_MS + 1;
        if (poll(NULL, 0, left < 500 ? (int)left : 500) < 0 && errno != EINTR)
            bench_die("poll");
    }
}

static double each(const struct idle *idle, int64_t bytes)
{
    return (double)bytes / (double)idle->options->connections;
}

static int report(const struct idle *idle, struct bench_result *result)
{
    int64_t before = idle->before.resident;

    result_put(result, METRIC_CONNECTIONS, (double)idle->options->connections);
    result_put(result, METRIC_SECONDS, (double)idle->options->window / (double)NS_PER_S);
    if (idle->options->pid == 0)
        return BENCH_WELL;
    result_put(result, METRIC_RESIDENT_BEFORE, (double)before);
    result_put(result, METRIC_RESIDENT_SILENT, (double)idle->silent.resident);
    result_put(result, METRIC_RESIDENT_SPOKEN, (double)idle->spoken.resident);
    result_put(result, METRIC_RESIDENT_AFTER, (double)idle->after.resident);
    result_put(result, METRIC_BYTES_PER_SILENT, each(idle, idle->silent.resident - before));
    result_put(result, METRIC_BYTES_PER_CONNECTION, each(idle, idle->spoken.resident - before));
    result_put(result, METRIC_THREADS, (double)idle->spoken.threads);
    result_put(result, METRIC_LEAKED_DESCRIPTORS,
               (double)(idle->after.descriptors - idle->start.descriptors));
    if (idle->after.descriptors == idle->start.descriptors)
        return BENCH_WELL;
    bench_warn("the server keeps descriptors of connections that were closed");
    return BENCH_WRONG;
}

/* A server may hold more than its socket for a connection; the warm-up shows how many. */
static void prepare(struct idle *idle)
{
    pid_t pid = (pid_t)idle->options->pid;
    struct process_state held;

    if (pid == 0)
        return;
    look_at_start(pid, idle->options->patience, &idle->start);
    warm_up_watched(&idle->options->shape, idle->target, pid, idle->options->patience, &held);
    idle->each = (held.descriptors - idle->start.descriptors) / WARM_TOGETHER;
    if (!look_at_rest(pid, idle->start.descriptors, idle->options->patience, &idle->before))
        bench_fail("the server keeps what the warm-up closed");
}

int load_idle(const struct bench_options *options, const struct target *target,
              struct bench_result *result)
{
    struct idle idle = {.options = options, .target = target};
    uint64_t count = options->connections;

    idle.wires = bench_alloc(count, sizeof(*idle.wires));
    progress_init(&idle.progress, options);
    prepare(&idle);
    open_all(&idle);
    look(&idle, &idle.silent, "before they have spoken");
    speak_all(&options->shape, idle.wires, count, 0);
    look(&idle, &idle.spoken, "after they have spoken");
    hold(&idle);
    if (options->window > 0)
        speak_all(&options->shape, idle.wires, count, 1);
    progress_end(&idle.progress);
    for (uint64_t i = 0; i < count; i++)
        wire_close(&idle.wires[i]);
    free(idle.wires);
    if (options->pid != 0)
        look_at_rest((pid_t)options->pid, idle.start.descriptors, options->patience, &idle.after);
    return report(&idle, result);
}
