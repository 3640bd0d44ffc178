/* SPDX-License-Identifier: MIT */
/*
 * The modes idle and churn: what connections cost a server that nothing is asked of, and what is
 * left of them when they are gone. Both look at the server only when it holds the descriptors that
 * it should and has come to rest, and both warm it up first, so that what it takes once (buffers of
 * its threads, the allocator's first pages) is not counted as cost or leak.
 */
#include "config.h"

#include "bench/common.h"
#include "bench/load.h"
#include "bench/process.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { WARM_TOGETHER = 64 };

static void open_all(const struct load_options *options, int *fds, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        fds[i] = client_connect(&options->server, i);
}

/* One line on each connection, up to 64 of them at once, so that all threads get to work. */
static void speak_all(const struct load_options *options, const int *fds, uint64_t count)
{
    for (uint64_t i = 0; i < count; i += WARM_TOGETHER) {
        uint64_t end = i + WARM_TOGETHER < count ? i + WARM_TOGETHER : count;

        for (uint64_t n = i; n < end; n++)
            client_send(options, fds[n], (uint32_t)n, 0);
        for (uint64_t n = i; n < end; n++)
            client_receive(options, fds[n], (uint32_t)n, 0);
    }
}

static void close_all(const int *fds, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        close(fds[i]);
}

static void warm_up_together(const struct load_options *options)
{
    int fds[WARM_TOGETHER];

    open_all(options, fds, WARM_TOGETHER);
    speak_all(options, fds, WARM_TOGETHER);
    close_all(fds, WARM_TOGETHER);
}

static void churn(const struct load_options *options, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        int fd = client_connect(&options->server, i);

        client_send(options, fd, (uint32_t)i, 0);
        client_receive(options, fd, (uint32_t)i, 0);
        close(fd);
    }
}

/* What it holds before anybody connects; it must have come to rest by then. */
static void look_at_start(pid_t pid, struct process_state *state)
{
    process_look(pid, state);
    if (!process_await(pid, state->descriptors, PATIENCE))
        errx(1, "process %d does not come to rest", pid);
}

static bool look_at_rest(pid_t pid, int64_t descriptors, struct process_state *state)
{
    bool rest = process_await(pid, descriptors, PATIENCE);

    process_look(pid, state);
    return rest;
}

static double per_connection(const struct load_options *options, int64_t bytes)
{
    return (double)bytes / (double)options->connections;
}

static void report_idle(const struct load_options *options, const struct process_state *before,
                        const struct process_state *silent, const struct process_state *spoken,
                        const struct process_state *after)
{
    printf("mode=idle\nconnections=%" PRIu64 "\n", options->connections);
    printf("resident_before=%" PRId64 "\n", before->resident);
    printf("resident_silent=%" PRId64 "\n", silent->resident);
    printf("resident_spoken=%" PRId64 "\n", spoken->resident);
    printf("resident_after=%" PRId64 "\n", after->resident);
    printf("bytes_per_silent=%.1f\n", per_connection(options, silent->resident - before->resident));
    printf("bytes_per_spoken=%.1f\n", per_connection(options, spoken->resident - before->resident));
    printf("server_threads=%" PRId64 "\n", spoken->threads);
    printf("leaked_descriptors=%" PRId64 "\n", after->descriptors - before->descriptors);
}

int run_idle(const struct load_options *options)
{
    struct process_state start, before, silent, spoken, after;
    int *fds = calloc(options->connections, sizeof *fds);
    int64_t expected;

    if (fds == NULL)
        err(1, "calloc");
    look_at_start(options->pid, &start);
    warm_up_together(options);
    if (!look_at_rest(options->pid, start.descriptors, &before))
        errx(1, "the server keeps what the warm-up closed");
    expected = start.descriptors + (int64_t)options->connections;
    open_all(options, fds, options->connections);
    if (!look_at_rest(options->pid, expected, &silent))
        errx(1, "the server holds %" PRId64 " descriptors, not the %" PRId64 " expected",
             silent.descriptors, expected);
    speak_all(options, fds, options->connections);
    if (!look_at_rest(options->pid, expected, &spoken))
        errx(1, "the server closed connections that were idle");
    close_all(fds, options->connections);
    free(fds);
    look_at_rest(options->pid, start.descriptors, &after);
    report_idle(options, &before, &silent, &spoken, &after);
    return after.descriptors == start.descriptors ? 0 : 1;
}

int run_churn(const struct load_options *options)
{
    struct process_state start, before, after;
    uint64_t begin, end;

    look_at_start(options->pid, &start);
    warm_up_together(options);
    churn(options, options->warm_connections);
    if (!look_at_rest(options->pid, start.descriptors, &before))
        warnx("the server keeps what the warm-up closed");
    begin = now_ns();
    churn(options, options->connections);
    end = now_ns();
    look_at_rest(options->pid, before.descriptors, &after);
    printf("mode=churn\nconnections=%" PRIu64 "\n", options->connections);
    printf("connections_per_second=%.0f\n",
           (double)options->connections * (double)NS_PER_S / (double)(end - begin));
    printf("leaked_descriptors=%" PRId64 "\n", after.descriptors - start.descriptors);
    printf("leaked_bytes=%" PRId64 "\n", after.resident - before.resident);
    printf("leaked_threads=%" PRId64 "\n", after.threads - before.threads);
    return after.descriptors == start.descriptors ? 0 : 1;
}
