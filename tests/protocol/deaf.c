/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/protocol/deaf.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* Of threads, all of them: how often they have gone to sleep. False if one does not sleep. */
static bool count_sleeps(pid_t pid, unsigned long *sleeps)
{
    char path[sizeof("/proc//task") + 20];
    char name[300];
    char line[200];
    char state;
    unsigned long count;
    bool asleep = true;
    DIR *folder;
    struct dirent *entry;
    FILE *file;

    *sleeps = 0;
    snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
    folder = opendir(path);
    EXPECT(folder, "%s: %s", path, strerror(errno));
    while ((entry = readdir(folder))) {
        snprintf(name, sizeof(name), "%s/%s/status", path, entry->d_name);
        file = entry->d_name[0] == '.' ? NULL : fopen(name, "r");
        while (file && fgets(line, sizeof(line), file)) {
            if (sscanf(line, "State: %c", &state) == 1)
                asleep = asleep && state == 'S';
            if (sscanf(line, "voluntary_ctxt_switches: %lu", &count) == 1)
                *sleeps += count;
        }
        if (file)
            fclose(file);
    }
    closedir(folder);
    return asleep;
}

/*
 * Waits until all of the daemon's threads sleep, so that what they have been sent is worked off as
 * far as it will be. Those who slept at two looks and not once more often did so in between.
 */
static void wait_idle(const struct daemon *daemon)
{
    uint64_t deadline = expect_deadline();
    unsigned long before = 0;
    unsigned long now = 0;
    bool slept = false;
    bool sleep;

    for (;;) {
        sleep = count_sleeps(daemon_pid(daemon), &now);
        if (sleep && slept && now == before)
            return;
        EXPECT(expect_remaining(deadline) > 0, "the daemon does not come to rest");
        slept = sleep;
        before = now;
        poll(NULL, 0, 1);
    }
}

static void make_line(char line[DEAF_LINE])
{
    memset(line, 'x', DEAF_LINE - 1);
    line[DEAF_LINE - 1] = '\n';
}

/* Sends what goes without waiting. *AT is where in the line it stands. Returns how much went. */
static size_t push(struct peer *peer, size_t *at)
{
    char line[DEAF_LINE];
    size_t sum = 0;
    ssize_t sent;

    make_line(line);
    while ((sent = send(peer_descriptor(peer), line + *at, DEAF_LINE - *at,
                        MSG_DONTWAIT | MSG_NOSIGNAL)) > 0) {
        *at = (*at + (size_t)sent) % DEAF_LINE;
        sum += (size_t)sent;
    }
    EXPECT(sent < 0 && errno == EAGAIN, "send: %s", strerror(errno));
    return sum;
}

/* What `status` says after KEY; the answer's other lines are dropped. */
static unsigned long ask(struct peer *control, const char *key)
{
    unsigned long value = 0;
    bool found = false;
    char *line;

    PEER_SEND_TEXT(control, "status\n");
    do {
        EXPECT_RESULT(peer_next_line(control, &line), 0);
        if (strncmp(line, key, strlen(key)) == 0)
            found = sscanf(line + strlen(key), ": %lu", &value) == 1;
    } while (strcmp(line, "ok") != 0);
    EXPECT(found, "no %s in the status", key);
    return value;
}

struct peer *deaf_connect(struct daemon *daemon, unsigned long *lines)
{
    struct peer *peer = PEER_OPEN(.path = daemon_path(daemon, "e"), .mute = true);
    struct peer *control = PEER_OPEN(.path = daemon_path(daemon, "control"));
    unsigned long before = ask(control, "lines");
    size_t at = 0;

    while (push(peer, &at) > 0)
        wait_idle(daemon);
    *lines = ask(control, "lines") - before - 1;
    peer_close(control);
    return peer;
}

void deaf_take(struct peer *peer, unsigned long lines)
{
    char line[DEAF_LINE];
    char *got;

    make_line(line);
    for (; lines > 0; lines--)
        PEER_EXPECT_BYTES(peer, line, DEAF_LINE);
    do
        EXPECT_RESULT(peer_next_line(peer, &got), 0);
    while (strlen(got) == DEAF_LINE - 1 && strncmp(got, line, DEAF_LINE - 1) == 0);
    EXPECT(strncmp(got, "ERROR ", 6) == 0, "ERROR expected, got %s", got);
    PEER_DRAIN(peer);
}
