/* SPDX-License-Identifier: MIT */
/*
 * A chat of one channel that does one thing wrong, so that bench/check can see paceline-bench notice. The
 * victim is whoever came last:
 *
 *     bad_chat flip      every 100th message has a wrong byte there
 *     bad_chat drop      every 100th does not arrive there
 *     bad_chat repeat    every 100th arrives there twice
 *     bad_chat late      every 100th arrives there after the next one of another speaker
 *     bad_chat swallow   after 100 messages nothing arrives anywhere any more
 *     bad_chat unseen    the victim's JOIN is told to nobody else
 *     bad_chat good      nothing is wrong
 *
 * One thread, poll, few people, who send whole lines. Prints "port N", ends by SIGTERM.
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

enum { MAX = 64, EVERY = 100, TEXT = 4096, NICK = 16 };

static const char *const faults[] = {"good", "flip", "drop", "repeat", "late", "swallow", "unseen"};
enum fault { GOOD, FLIP, DROP, REPEAT, LATE, SWALLOW, UNSEEN };

static enum fault fault;
static struct pollfd polled[MAX + 1]; /* the listener, and people */
static char nicks[MAX + 1][NICK];
static nfds_t used;
static unsigned messages;
static char held[TEXT]; /* LATE: what the victim gets later, ... */
static nfds_t held_of;  /* ... and who said it; 0: nothing */

static void find_fault(const char *name)
{
    for (unsigned i = 0; i < sizeof faults / sizeof *faults; i++) {
        if (strcmp(faults[i], name) == 0) {
            fault = (enum fault)i;
            return;
        }
    }
    errx(2, "unknown fault: %s", name);
}

/* A peer that has noticed goes away with lines unread. */
static void tell(nfds_t to, const char *text)
{
    size_t length = strlen(text);

    if (send(polled[to].fd, text, length, MSG_NOSIGNAL) != (ssize_t)length && errno != EPIPE &&
        errno != ECONNRESET)
        err(1, "sending");
}

/* A message for the victim, which is the one that goes wrong or just one of the others. */
static void tell_victim(nfds_t from, char *text, int wrong)
{
    nfds_t victim = used - 1;

    if (held_of != 0 && held_of == from) {
        tell(victim, held);
        held_of = 0;
    }
    if (wrong && fault == LATE) {
        snprintf(held, sizeof held, "%s", text);
        held_of = from;
        return;
    }
    if (wrong && fault == DROP)
        return;
    if (wrong && fault == FLIP)
        text[strlen(text) - 3] ^= 1;
    tell(victim, text);
    if (wrong && fault == REPEAT)
        tell(victim, text);
    if (held_of != 0) {
        tell(victim, held);
        held_of = 0;
    }
}

static void say(nfds_t from, const char *line)
{
    int wrong = ++messages % EVERY == 0;
    char text[TEXT];

    if (fault == SWALLOW && messages > EVERY)
        return;
    snprintf(text, sizeof text, ":%s!u@h %s\r\n", nicks[from], line);
    for (nfds_t to = 1; to + 1 < used; to++) {
        if (to != from)
            tell(to, text);
    }
    if (from != used - 1)
        tell_victim(from, text, wrong);
}

static void join(nfds_t who, const char *channel)
{
    char text[TEXT];

    snprintf(text, sizeof text, ":%s!u@h JOIN %s\r\n", nicks[who], channel);
    for (nfds_t to = 1; to < used; to++) {
        if (to == who || (to < who && !(fault == UNSEEN && who == used - 1)))
            tell(to, text);
    }
    snprintf(text, sizeof text, ":h 366 %s %s :End\r\n", nicks[who], channel);
    tell(who, text);
}

static void obey(nfds_t who, const char *line)
{
    char text[TEXT];

    if (strncmp(line, "NICK ", 5) == 0) {
        snprintf(nicks[who], NICK, "%s", line + 5);
    } else if (strncmp(line, "USER ", 5) == 0) {
        snprintf(text, sizeof text, ":h 422 %s :No MOTD\r\n", nicks[who]);
        tell(who, text);
    } else if (strncmp(line, "JOIN ", 5) == 0) {
        join(who, line + 5);
    } else if (strncmp(line, "PRIVMSG ", 8) == 0) {
        say(who, line);
    }
}

/* Who hangs up ends it all: a run is over, or something was noticed. The next one starts afresh. */
static void serve(nfds_t who)
{
    char text[TEXT], *rest = NULL;
    ssize_t got = recv(polled[who].fd, text, sizeof text - 1, 0);

    if (got <= 0) {
        while (used > 1)
            close(polled[--used].fd);
        messages = 0;
        held_of = 0;
        return;
    }
    text[got] = '\0';
    for (char *line = strtok_r(text, "\r\n", &rest); line; line = strtok_r(NULL, "\r\n", &rest))
        obey(who, line);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        errx(2, "usage: bad_chat FAULT");
    find_fault(argv[1]);
    polled[used++] = (struct pollfd){.fd = listen_on_loopback(0, 0), .events = POLLIN};
    announce_port(bound_port(polled[0].fd));
    for (;;) {
        if (poll(polled, used, -1) < 0)
            err(1, "poll");
        for (nfds_t i = 1; i < used; i++) {
            if (polled[i].revents != 0)
                serve(i);
        }
        if (polled[0].revents != 0 && used <= MAX) {
            int fd = accept(polled[0].fd, NULL, NULL);

            if (fd < 0)
                err(1, "accept");
            set_nodelay(fd);
            polled[used++] = (struct pollfd){.fd = fd, .events = POLLIN};
        }
    }
}
