/* SPDX-License-Identifier: MIT */
/*
 * A tracepoint is known by its number, which is read in tracefs. Where nobody has mounted that, and
 * we may, it is mounted at no place in the tree: it goes when the descriptor is closed.
 */
#include "config.h"

#include "tools/bench/calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The first is all calls. */
static const char *const events[] = {
    "events/raw_syscalls/sys_enter/id",     "events/syscalls/sys_enter_sendto/id",
    "events/syscalls/sys_enter_sendmsg/id", "events/syscalls/sys_enter_write/id",
    "events/syscalls/sys_enter_writev/id",
};

enum { EVENTS = sizeof(events) / sizeof(events[0]), COUNTERS = 8192 };

struct calls {
    uint64_t id[EVENTS];
    unsigned events; /* how many of them are counted */
    int *fd;         /* so many of each thread */
    unsigned count;
};

/* -- The numbers of the tracepoints ---------------------------------------------------------- */

static int mount_apart(void)
{
    int context = fsopen("tracefs", FSOPEN_CLOEXEC);
    int fd;

    if (context < 0)
        return -errno;
    fd = fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0
             ? fsmount(context, FSMOUNT_CLOEXEC, 0)
             : -1;
    if (fd < 0)
        fd = -errno;
    close(context);
    return fd;
}

static int open_tracefs(void)
{
    static const char *const places[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};

    for (unsigned i = 0; i < 2; i++) {
        int fd = open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd >= 0 && faccessat(fd, events[0], R_OK, 0) == 0)
            return fd;
        if (fd >= 0)
            close(fd);
    }
    return mount_apart();
}

static int read_id(int tracefs, const char *path, uint64_t *id)
{
    int fd = openat(tracefs, path, O_RDONLY | O_CLOEXEC);
    char text[32];
    ssize_t got;

    if (fd < 0)
        return -errno;
    got = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (got <= 0)
        return -EIO;
    text[got] = '\0';
    *id = strtoull(text, NULL, 10);
    return 0;
}

static int read_ids(struct calls *calls)
{
    int tracefs = open_tracefs();
    int rc = tracefs < 0 ? tracefs : 0;

    for (unsigned i = 0; i < calls->events && rc == 0; i++)
        rc = read_id(tracefs, events[i], &calls->id[i]);
    if (tracefs >= 0)
        close(tracefs);
    return rc;
}

/* -- Counting -------------------------------------------------------------------------------- */

static int watch_thread(struct calls *calls, pid_t thread)
{
    if (calls->count + EVENTS > COUNTERS)
        return -E2BIG;
    for (unsigned i = 0; i < calls->events; i++) {
        struct perf_event_attr attributes = {
            .type = PERF_TYPE_TRACEPOINT,
            .size = sizeof(attributes),
            .config = calls->id[i],
            .disabled = 1,
            .inherit = 1,
        };
        long fd = syscall(SYS_perf_event_open, &attributes, thread, -1, -1, PERF_FLAG_FD_CLOEXEC);

        if (fd < 0 && i == 0 && errno == ESRCH)
            return 0; /* it has ended meanwhile */
        if (fd < 0)
            return -errno;
        calls->fd[calls->count++] = (int)fd;
    }
    return 0;
}

static int watch_threads(struct calls *calls, pid_t pid)
{
    char path[64];
    struct dirent *entry;
    DIR *folder;
    int rc = 0;

    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    folder = opendir(path);
    if (!folder)
        return -errno;
    /* cppcheck-suppress readdirCalled ; nobody else reads this stream */
    while (rc == 0 && (entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            rc = watch_thread(calls, (pid_t)atoi(entry->d_name));
    closedir(folder);
    return rc;
}

int calls_new(struct calls **made, pid_t pid, bool sending)
{
    struct calls *calls = calloc(1, sizeof(*calls));
    int rc;

    if (!calls)
        return -ENOMEM;
    calls->events = sending ? EVENTS : 1;
    calls->fd = calloc(COUNTERS, sizeof(*calls->fd));
    rc = calls->fd ? read_ids(calls) : -ENOMEM;
    if (rc == 0)
        rc = watch_threads(calls, pid);
    if (rc < 0) {
        calls_free(calls);
        return rc;
    }
    *made = calls;
    return 0;
}

void calls_free(struct calls *calls)
{
    if (!calls)
        return;
    for (unsigned i = 0; i < calls->count; i++)
        close(calls->fd[i]);
    free(calls->fd);
    free(calls);
}

int calls_start(struct calls *calls)
{
    for (unsigned i = 0; i < calls->count; i++)
        if (ioctl(calls->fd[i], PERF_EVENT_IOC_ENABLE, 0) != 0)
            return -errno;
    return 0;
}

int calls_stop(struct calls *calls, struct call_counts *counts)
{
    *counts = (struct call_counts){0};
    for (unsigned i = 0; i < calls->count; i++)
        if (ioctl(calls->fd[i], PERF_EVENT_IOC_DISABLE, 0) != 0)
            return -errno;
    for (unsigned i = 0; i < calls->count; i++) {
        uint64_t value;

        if (read(calls->fd[i], &value, sizeof(value)) != sizeof(value))
            return -errno;
        if (i % calls->events == 0)
            counts->all += value;
        else
            counts->sending += value;
    }
    return 0;
}
