/* SPDX-License-Identifier: MIT */
/*
 * The load chat with people who only join, and with people who do nothing: what it costs a server that many come into one channel, and what people
 * who are registered and do nothing hold.
 */
#include "config.h"

#include "base/clock.h"
#include "tools/bench/chat.h"
#include "tools/bench/fail.h"
#include "tools/bench/rest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct crowd *make_crowd(const struct bench_options *options, const struct target *target)
{
    struct crowd *crowd = bench_alloc(1, sizeof(*crowd));

    crowd_open(crowd, options, target);
    return crowd;
}

static void free_crowd(struct crowd *crowd)
{
    progress_end(&crowd->progress);
    crowd_close(crowd);
    free(crowd);
}

static void await_rest(const struct bench_options *options, int64_t descriptors,
                       struct process_state *state)
{
    pid_t pid = (pid_t)options->pid;

    if (!look_at_rest(pid, descriptors, options->patience, state))
        bench_fail("process %d does not come to rest with %" PRId64 " descriptors", pid,
                   descriptors);
}

/* The server's CPU until it has come to rest again, if its process is at hand. */
int chat_join(const struct bench_options *options, const struct target *target,
              struct bench_result *result)
{
    struct crowd *crowd = make_crowd(options, target);
    struct process_state state;
    pid_t pid = (pid_t)options->pid;
    uint64_t cpu = 0, begin, end;

    crowd_register(crowd, options->people);
    if (pid) {
        look_at_start(pid, options->patience, &state);
        cpu = process_cpu_ns(pid);
    }
    begin = pli_clock_now();
    crowd_join(crowd);
    end = pli_clock_now();
    result_put(result, METRIC_SECONDS, (double)(end - begin) / (double)NS_PER_S);
    result_put(result, METRIC_PEOPLE, (double)options->people);
    result_put(result, METRIC_CHANNELS, (double)options->channels);
    result_put(result, METRIC_JOINS_SEEN, (double)crowd->joins);
    if (pid) {
        await_rest(options, state.descriptors, &state);
        result_put(result, METRIC_SERVER_CPU,
                   (double)(process_cpu_ns(pid) - cpu) / (double)NS_PER_MS);
    }
    free_crowd(crowd);
    return BENCH_WELL;
}

int chat_idle(const struct bench_options *options, const struct target *target,
              struct bench_result *result)
{
    struct crowd *crowd = make_crowd(options, target);
    struct process_state start, before, after;
    pid_t pid = (pid_t)options->pid;

    if (pid) {
        look_at_start(pid, options->patience, &start);
        crowd_register(crowd, options->people < WARM_TOGETHER ? options->people : WARM_TOGETHER);
        crowd_leave(crowd);
        await_rest(options, start.descriptors, &before);
    }
    crowd_register(crowd, options->people);
    result_put(result, METRIC_PEOPLE, (double)options->people);
    if (pid) {
        int64_t grown;

        await_rest(options, start.descriptors + (int64_t)options->people, &after);
        grown = after.resident - before.resident;
        result_put(result, METRIC_RESIDENT_BEFORE, (double)before.resident);
        result_put(result, METRIC_RESIDENT_SPOKEN, (double)after.resident);
        result_put(result, METRIC_BYTES_PER_CONNECTION, (double)grown / (double)options->people);
    }
    free_crowd(crowd);
    return BENCH_WELL;
}
