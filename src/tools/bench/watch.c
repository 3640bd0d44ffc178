/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/watch.h"

#include "tools/bench/fail.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void watch_init(struct watch *watch, const struct bench_options *options)
{
    int rc;

    *watch = (struct watch){.pid = (pid_t)options->pid, .sending = options->command == BENCH_CHAT};
    if (watch->pid == 0 || !options->syscalls)
        return;
    rc = calls_new(&watch->calls, watch->pid, watch->sending);
    if (rc < 0)
        bench_warn("without system calls: %s%s", strerror(-rc),
                   rc == -EACCES || rc == -EPERM ? " (see kernel.perf_event_paranoid)" : "");
}

void watch_deinit(struct watch *watch)
{
    calls_free(watch->calls);
}

static void look(struct watch *watch, unsigned side)
{
    watch->own_cpu[side] = process_cpu_ns(getpid());
    if (watch->pid == 0)
        return;
    watch->cpu[side] = process_cpu_ns(watch->pid);
    process_look_switches(watch->pid, &watch->switches[side]);
}

static void must(int rc)
{
    errno = -rc;
    if (rc < 0)
        bench_die("counting system calls");
}

void watch_begin(struct watch *watch)
{
    look(watch, 0);
    if (watch->calls)
        must(calls_start(watch->calls));
}

void watch_end(struct watch *watch)
{
    if (watch->calls)
        must(calls_stop(watch->calls, &watch->counts));
    look(watch, 1);
    if (watch->pid)
        process_look(watch->pid, &watch->state);
}

static double each(uint64_t sum, uint64_t count)
{
    return count == 0 ? 0 : (double)sum / (double)count;
}

void watch_report(const struct watch *watch, struct bench_result *result, uint64_t lines,
                  uint64_t ns)
{
    uint64_t own = watch->own_cpu[1] - watch->own_cpu[0];
    uint64_t cpu = watch->cpu[1] - watch->cpu[0];
    uint64_t voluntary = watch->switches[1].voluntary - watch->switches[0].voluntary;
    uint64_t involuntary = watch->switches[1].involuntary - watch->switches[0].involuntary;

    result_put(result, METRIC_CLIENT_CPU, (double)own / (double)NS_PER_MS);
    result_put(result, METRIC_CLIENT_CPU_PER_LINE, us_each(own, lines));
    if (watch->pid == 0)
        return;
    result_put(result, METRIC_SERVER_CPU, (double)cpu / (double)NS_PER_MS);
    result_put(result, METRIC_SERVER_CPU_PER_LINE, us_each(cpu, lines));
    result_put(result, METRIC_SERVER_CPU_SHARE, each(cpu, ns));
    result_put(result, METRIC_SWITCHES, each(voluntary + involuntary, lines));
    result_put(result, METRIC_VOLUNTARY, (double)voluntary);
    result_put(result, METRIC_INVOLUNTARY, (double)involuntary);
    result_put(result, METRIC_RESIDENT, (double)watch->state.resident);
    result_put(result, METRIC_THREADS, (double)watch->state.threads);
    result_put(result, METRIC_DESCRIPTORS, (double)watch->state.descriptors);
    if (!watch->calls)
        return;
    result_put(result, METRIC_CALLS_PER_LINE, each(watch->counts.all, lines));
    if (watch->sending)
        result_put(result, METRIC_SENDS_PER_LINE, each(watch->counts.sending, lines));
}
