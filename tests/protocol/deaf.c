/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/protocol/deaf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* Rounds without progress after which there will be none: one would do, see deaf.h. */
#define ROUNDS 3

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
    unsigned long asked = 0;
    unsigned long now = before;
    size_t at = 0;
    int still = 0;

    while (still < ROUNDS) {
        still = push(peer, &at) == 0 ? still + 1 : 0;
        now = ask(control, "lines");
        asked++;
    }
    *lines = now - before - asked;
    peer_close(control);
    return peer;
}

void deaf_take(struct peer *peer, unsigned long lines)
{
    char line[DEAF_LINE];

    make_line(line);
    for (; lines > 0; lines--)
        PEER_EXPECT_BYTES(peer, line, DEAF_LINE);
    PEER_EXPECT_MATCH(peer, "ERROR .*");
    PEER_DRAIN(peer);
}
