/* SPDX-License-Identifier: MIT */
/*
 * CPU comes from the process's CPU clock, which is exact to the switch; utime and stime of
 * /proc/PID/stat come in hundredths of a second. Resident memory is what smaps_rollup counts page
 * by page: the figure in statm and status may be off by some hundred kilobytes, because each CPU
 * keeps a share of that counter.
 */
#include "config.h"

#include "bench/process.h"

#include "bench/common.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { POLL_NS = 5000000, QUIET_NS = 50000000 };

uint64_t process_cpu_ns(pid_t pid)
{
    clockid_t id;
    struct timespec ts;

    errno = clock_getcpuclockid(pid, &id);
    if (errno != 0 || clock_gettime(id, &ts) != 0)
        err(1, "CPU clock of process %d", pid);
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static int64_t resident_bytes(pid_t pid)
{
    char path[64], text[256];
    int64_t kib = -1;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    file = fopen(path, "r");
    if (file == NULL)
        err(1, "%s", path);
    while (kib < 0 && fgets(text, sizeof text, file) != NULL) {
        if (sscanf(text, "Rss: %" SCNd64 " kB", &kib) != 1)
            kib = -1;
    }
    fclose(file);
    if (kib < 0)
        errx(1, "%s: no Rss", path);
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
        err(1, "%s", path);
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

static void pause_ns(long ns)
{
    struct timespec ts = {.tv_nsec = ns};

    clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

bool process_await(pid_t pid, int64_t descriptors, uint64_t timeout)
{
    uint64_t deadline = now_ns() + timeout, cpu, before;

    while (count_entries(pid, "fd") != descriptors) {
        if (now_ns() >= deadline)
            return false;
        pause_ns(POLL_NS);
    }
    cpu = process_cpu_ns(pid);
    do {
        if (now_ns() >= deadline)
            return false;
        before = cpu;
        pause_ns(QUIET_NS);
        cpu = process_cpu_ns(pid);
    } while (cpu != before);
    return true;
}
