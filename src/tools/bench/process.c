/* SPDX-License-Identifier: MIT */
/*
 * CPU comes from the process's CPU clock, which is exact to the switch; utime and stime of
 * /proc/PID/stat come in hundredths of a second. Resident memory is what smaps_rollup counts page
 * by page: the figure in statm and status may be off by some hundred kilobytes, because each CPU
 * keeps a share of that counter.
 */
#include "config.h"

#include "tools/bench/process.h"

#include "base/clock.h"
#include "tools/bench/fail.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { POLL_NS = 5000000, QUIET_NS = 50000000 };

uint64_t process_cpu_ns(pid_t pid)
{
    clockid_t id;
    struct timespec ts;

    errno = clock_getcpuclockid(pid, &id);
    if (errno != 0 || clock_gettime(id, &ts) != 0)
        bench_die("CPU clock of process %d", pid);
    return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

static int64_t resident_bytes(pid_t pid)
{
    char path[64], text[256];
    int64_t kib = -1;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    file = fopen(path, "r");
    if (file == NULL)
        bench_die("%s", path);
    while (kib < 0 && fgets(text, sizeof text, file) != NULL) {
        if (sscanf(text, "Rss: %" SCNd64 " kB", &kib) != 1)
            kib = -1;
    }
    fclose(file);
    if (kib < 0)
        bench_fail("%s: no Rss", path);
    return kib * 1024;
}

static int64_t count_entries(pid_t pid, const char *folder)
{
    char path[64];
    int64_t count = 0;
    struct dirent *entry;
    DIR *dir;

    snprintf(path, sizeof path, "/proc/%d/%s", pid, folder);
    dir = opendir(path);
    if (dir == NULL)
        bench_die("%s", path);
    /* cppcheck-suppress readdirCalled ; nobody else reads this stream */
    while ((entry = readdir(dir)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

void process_look(pid_t pid, struct process_state *state)
{
    state->resident = resident_bytes(pid);
    state->threads = count_entries(pid, "task");
    state->descriptors = count_entries(pid, "fd");
}

/* Adds those of a thread; one that has ended meanwhile has none. */
static void add_switches(const char *path, struct process_switches *switches)
{
    FILE *file = fopen(path, "re");
    char text[256];
    uint64_t count;

    while (file && fgets(text, sizeof text, file) != NULL) {
        if (sscanf(text, "voluntary_ctxt_switches: %" SCNu64, &count) == 1)
            switches->voluntary += count;
        else if (sscanf(text, "nonvoluntary_ctxt_switches: %" SCNu64, &count) == 1)
            switches->involuntary += count;
    }
    if (file)
        fclose(file);
}

void process_look_switches(pid_t pid, struct process_switches *switches)
{
    char path[64];
    struct dirent *entry;
    DIR *dir;

    *switches = (struct process_switches){0};
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    dir = opendir(path);
    if (dir == NULL)
        bench_die("%s", path);
    /* cppcheck-suppress readdirCalled ; nobody else reads this stream */
    while ((entry = readdir(dir)) != NULL) {
        snprintf(path, sizeof path, "/proc/%d/task/%d/status", pid, atoi(entry->d_name));
        if (entry->d_name[0] != '.')
            add_switches(path, switches);
    }
    closedir(dir);
}

static void pause_ns(long ns)
{
    struct timespec ts = {.tv_nsec = ns};

    clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

bool process_await(pid_t pid, int64_t descriptors, uint64_t timeout)
{
    uint64_t deadline = pli_clock_now() + timeout, cpu, before;

    while (descriptors >= 0 && count_entries(pid, "fd") != descriptors) {
        if (pli_clock_now() >= deadline)
            return false;
        pause_ns(POLL_NS);
    }
    cpu = process_cpu_ns(pid);
    do {
        if (pli_clock_now() >= deadline)
            return false;
        before = cpu;
        pause_ns(QUIET_NS);
        cpu = process_cpu_ns(pid);
    } while (cpu != before);
    return true;
}
