/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/protocol/limit_hits.h"

#include "tests/lib/peer.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned long limit_count(struct place place, struct daemon *daemon, const char *name)
{
    struct peer_target target = {.path = daemon_path(daemon, "control")};
    struct peer *peer = peer_must_open(place, &target);
    size_t length = strlen(name);
    bool found = false;
    unsigned long count = 0;
    char *line;

    peer_must_send_text(place, peer, "limits\n");
    do {
        expect_result(place, "the next line", peer_next_line(peer, &line), 0);
        if (strncmp(line, name, length) == 0 && strncmp(line + length, ": ", 2) == 0) {
            found = true;
            count = strtoul(line + length + 2, NULL, 10);
        }
    } while (strcmp(line, "ok") != 0);
    peer_close(peer);
    if (!found)
        expect_fail(place, "there is no limit %s", name);
    return count;
}

void limit_hits(struct place place, struct daemon *daemon, const char *name, unsigned count)
{
    uint64_t deadline = expect_deadline();
    unsigned long found;

    while ((found = limit_count(place, daemon, name)) < count && expect_remaining(deadline) > 0)
        poll(NULL, 0, 5);
    if (found != count)
        expect_fail(place, "%s was run into %lu times, not %u", name, found, count);
}
