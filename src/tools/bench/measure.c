/* SPDX-License-Identifier: MIT */
/*
 * One measurement of a comparison. The load runs in a process of its own, so that what ends it ends
 * nothing else, and its memory and descriptors are new each time; its result comes back through a
 * pipe.
 */
#include "config.h"

#include "tools/bench/measure.h"

#include "base/clock.h"
#include "tools/bench/fail.h"
#include "tools/bench/load.h"
#include "tools/bench/server.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a load may take beside its warm-up and window. */
#define LOAD_PATIENCE (120 * NS_PER_S)

struct load {
    struct bench_options options;
    unsigned port;
};

/* The options that the case's own command would have. */
static void make_options(struct bench_options *load, const struct contest *contest,
                         const struct point *point, pid_t pid)
{
    const struct bench_options *own = contest->options;

    bench_options_default(load, bench_cases[point->kind].command);
    load->quiet = true;
    load->pid = (uint64_t)pid;
    load->connections = load->people = point->connections;
    load->threads = own->threads < point->connections ? own->threads : point->connections;
    load->flight = own->flight;
    load->channels = own->channels;
    load->speakers = own->speakers;
    load->shape.size = own->shape.size;
    load->warmup = own->warmup;
    load->patience = own->patience;
    if (own->rate != UINT64_MAX)
        load->rate = own->rate;
    if (point->kind == CASE_MIXED)
        load->shape.slow_one = own->shape.slow_one;
    if (point->kind != CASE_IDLE)
        load->window = own->window;
    if (point->kind == CASE_CHAT && own->shape.size > 401)
        load->shape.size = 401;
    if (point->kind == CASE_CHAT && load->flight > 100)
        load->flight = 100;
}

static int run_load(void *argument, int out)
{
    const struct load *load = argument;
    struct bench_result result = {0};
    struct target target;
    int status;

    bench_fail_as_json(NULL);
    target_find(&target, NULL, load->port, load->options.patience);
    status = load_run(&load->options, &target, &result);
    if (status == BENCH_WELL && write(out, &result, sizeof(result)) != sizeof(result))
        bench_die("giving the result back");
    return status;
}

/* Loads the server that runs. As measure(). */
static int load_server(const struct load *load, struct bench_result *result)
{
    uint64_t deadline = pli_clock_now() + load->options.warmup + load->options.window +
                        load->options.patience + LOAD_PATIENCE;
    struct load copy = *load;
    struct child child = {0};
    bool complete = false;
    int status, rc;

    child_fork(&child, run_load, &copy);
    rc = child_await_output(&child, deadline);
    if (rc == 0)
        complete = read(child.out, result, sizeof(*result)) == sizeof(*result);
    if (complete)
        rc = child_await_end(&child, deadline);
    if (rc == -ETIMEDOUT)
        bench_warn("the load does not end");
    status = child_end(&child);
    if (rc == -EINTR)
        return rc;
    if (complete && WIFEXITED(status) && WEXITSTATUS(status) == BENCH_WELL)
        return 0;
    *result = (struct bench_result){0};
    return 1;
}

/* System calls are counted in a run of their own, as they take longer then. */
static int load_twice(const struct load *load, struct bench_result *result)
{
    struct load again = *load;
    struct bench_result counted;
    int rc = load_server(load, result);

    if (rc != 0 || load->options.command == BENCH_IDLE)
        return rc;
    again.options.syscalls = true;
    rc = load_server(&again, &counted);
    if (rc != 0)
        return rc;
    for (unsigned i = METRIC_CALLS_PER_LINE; i <= METRIC_SENDS_PER_LINE; i++)
        if (counted.has[i])
            result_put(result, i, counted.value[i]);
    return 0;
}

static void complain(const struct contestant *contestant, const struct point *point,
                     const char *what)
{
    bench_warn("%s, %s, %ju connections, %ju threads: %s", contestant->label,
               bench_cases[point->kind].name, (uintmax_t)point->connections,
               (uintmax_t)point->threads, what);
}

/* It cannot be started: whoever was asked for by name fails, one of all models is left out. */
static void note_absence(struct contest *contest, struct contestant *contestant,
                         const struct point *point, const char *trouble)
{
    complain(contestant, point, trouble);
    if (!contestant->model || contest->options->models.count > 0)
        return;
    bench_warn("without %s", contestant->label);
    contestant->left_out = true;
}

int measure(struct contest *contest, struct contestant *contestant, const struct point *point,
            struct bench_result *result)
{
    struct server server;
    struct load load;
    int rc = server_start(&server, contest, contestant, point);
    int loaded = 1;

    if (rc == 0) {
        make_options(&load.options, contest, point, server.child.pid);
        load.port = server.port;
        loaded =
            contest->options->syscalls ? load_twice(&load, result) : load_server(&load, result);
    } else if (rc == 1) {
        note_absence(contest, contestant, point, server.trouble);
    }
    if (server_end(&server, contest) != 0 && rc == 0)
        complain(contestant, point, server.trouble);
    else if (rc == 0 && loaded == 1)
        complain(contestant, point, "the load failed");
    return rc != 0 ? rc : loaded;
}
