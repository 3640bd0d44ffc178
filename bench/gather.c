/* SPDX-License-Identifier: MIT */
/*
 * The modes join and idle: what it costs a server that many come into one channel, and what people
 * who are registered and do nothing hold.
 */
#include "config.h"

#include "bench/chat.h"
#include "bench/process.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { WARM_TOGETHER = 64 };

static struct crowd *make_crowd(const struct chat_options *options)
{
    struct crowd *crowd = calloc(1, sizeof *crowd);

    if (crowd == NULL)
        err(1, "calloc");
    crowd_open(crowd, options);
    return crowd;
}

/* Looks when it holds that many descriptors, or, for -1, as many as it does, and is at rest. */
static void look_at_rest(pid_t pid, int64_t descriptors, struct process_state *state)
{
    process_look(pid, state);
    if (descriptors < 0)
        descriptors = state->descriptors;
    if (!process_await(pid, descriptors, PATIENCE))
        errx(1, "process %d does not come to rest with %" PRId64 " descriptors", pid, descriptors);
    process_look(pid, state);
}

int chat_join(const struct chat_options *options)
{
    struct crowd *crowd = make_crowd(options);
    struct process_state state;
    uint64_t cpu, begin, end;

    crowd_register(crowd, options->people);
    look_at_rest(options->pid, -1, &state);
    cpu = process_cpu_ns(options->pid);
    begin = now_ns();
    crowd_join(crowd);
    end = now_ns();
    look_at_rest(options->pid, state.descriptors, &state);
    cpu = process_cpu_ns(options->pid) - cpu;
    printf("mode=join\npeople=%" PRIu64 "\nchannels=%" PRIu64 "\n", options->people,
           options->channels);
    printf("joins_seen=%" PRIu64 "\nseconds=%.3f\n", crowd->joins,
           (double)(end - begin) / (double)NS_PER_S);
    printf("server_cpu_ms=%.3f\n", (double)cpu / (double)NS_PER_MS);
    crowd_close(crowd);
    free(crowd);
    return 0;
}

int chat_idle(const struct chat_options *options)
{
    struct crowd *crowd = make_crowd(options);
    struct process_state start, before, after;

    look_at_rest(options->pid, -1, &start);
    crowd_register(crowd, options->people < WARM_TOGETHER ? options->people : WARM_TOGETHER);
    crowd_leave(crowd);
    look_at_rest(options->pid, start.descriptors, &before);
    crowd_register(crowd, options->people);
    look_at_rest(options->pid, start.descriptors + (int64_t)options->people, &after);
    printf("mode=idle\npeople=%" PRIu64 "\n", options->people);
    printf("resident_before=%" PRId64 "\nresident_after=%" PRId64 "\n", before.resident,
           after.resident);
    printf("bytes_per_person=%.1f\n",
           (double)(after.resident - before.resident) / (double)options->people);
    crowd_close(crowd);
    free(crowd);
    return 0;
}
