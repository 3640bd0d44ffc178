/* SPDX-License-Identifier: MIT */
/*
 * An echo that does one thing wrong, so that bench/check can see paceline-bench notice:
 *
 *     bad_echo flip      every 100th answer has a wrong byte
 *     bad_echo drop      every 100th line gets no answer (and the later ones do)
 *     bad_echo swallow   after 100 lines nothing is answered any more
 *     bad_echo repeat    every 100th answer comes twice
 *     bad_echo favour    the first connection is served, the others every 100th time
 *     bad_echo leak      descriptors of closed connections are kept, and 4 KiB for each
 *     bad_echo good      nothing is wrong
 *
 * One thread, poll, lines of 64 bytes only. Prints "port N", ends by SIGTERM.
 */
#include "config.h"

#include "bench/common.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE = 64, MAX = 4096, EVERY = 100, KEPT = 4096 };

static const char *const faults[] = {"good", "flip", "drop", "swallow", "repeat", "favour", "leak"};
enum fault { GOOD, FLIP, DROP, SWALLOW, REPEAT, FAVOUR, LEAK };

static struct pollfd polled[MAX];
static nfds_t used;
static char *kept[MAX];
static unsigned kept_count;

static enum fault find_fault(const char *name)
{
    for (unsigned i = 0; i < sizeof faults / sizeof *faults; i++) {
        if (strcmp(faults[i], name) == 0)
            return (enum fault)i;
    }
    errx(2, "unknown fault: %s", name);
}

/* A peer that has noticed goes away with answers unread. */
static void answer(int fd, const char *line)
{
    ssize_t sent = send(fd, line, LINE, MSG_NOSIGNAL);

    if (sent != LINE && errno != EPIPE && errno != ECONNRESET)
        err(1, "sending");
}

static void hang_up(nfds_t i, enum fault fault)
{
    if (fault == LEAK && kept_count < MAX) {
        kept[kept_count] = malloc(KEPT);
        if (kept[kept_count] == NULL)
            err(1, "malloc");
        memset(kept[kept_count++], 1, KEPT);
        polled[i] = polled[--used];
        return;
    }
    close(polled[i].fd);
    polled[i] = polled[--used];
}

static void serve_line(nfds_t i, enum fault fault)
{
    static unsigned lines;
    char line[LINE];

    if (fault == FAVOUR && i > 1 && ++lines % EVERY != 0)
        return;
    if (recv(polled[i].fd, line, LINE, MSG_WAITALL) != LINE) {
        hang_up(i, fault);
        return;
    }
    if (fault != FAVOUR)
        lines++;
    if (fault == SWALLOW && lines > EVERY)
        return;
    if (lines % EVERY == 0) {
        if (fault == DROP)
            return;
        if (fault == FLIP)
            line[LINE / 2] ^= 1;
        if (fault == REPEAT)
            answer(polled[i].fd, line);
    }
    answer(polled[i].fd, line);
}

static void accept_one(int listener)
{
    int fd = accept(listener, NULL, NULL);

    if (fd < 0 || used == MAX)
        err(1, "accept");
    set_nodelay(fd);
    polled[used++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

int main(int argc, char **argv)
{
    enum fault fault = find_fault(argc == 2 ? argv[1] : "");

    polled[used++] = (struct pollfd){.fd = listen_on_loopback(0, 0), .events = POLLIN};
    announce_port(bound_port(polled[0].fd));
    for (;;) {
        if (poll(polled, used, -1) < 0)
            err(1, "poll");
        for (nfds_t i = used; i-- > 1;) {
            if (polled[i].revents != 0)
                serve_line(i, fault);
        }
        if (polled[0].revents != 0)
            accept_one(polled[0].fd);
    }
}
