/* SPDX-License-Identifier: MIT */
/*
 * A server in the test's own process, of several threads of the model whose turn it is, where people
 * speak IRC and talk in one world; and what the tests need of a client there.
 */
#ifndef TESTS_STRESS_IRC_HOUSE_H
#define TESTS_STRESS_IRC_HOUSE_H

#include "tests/lib/peer.h"

#include <stddef.h>

/* What is not the same in all tests; zero: no flood control, and limits that nobody reaches. */
struct house_rules {
    size_t sendq;
    size_t recvq;
    unsigned flood_rate, flood_burst;
};

void house_open(const struct house_rules *rules);

/* Everybody must be gone by then, or be going: the world must get empty. */
void house_close(void);

/* One who has not said anything yet; .port is the one of IRC. */
unsigned house_irc_port(void);

/* One who is registered, with CAPS if there are any. */
struct peer *house_irc(const char *nick, const char *caps);

/* One who talks, and is in #lobby. */
struct peer *house_talk(const char *nick);

/* Sends a line; CR LF is added. For the thread of the test. */
void house_send(struct peer *peer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sends PING with TOKEN and drops all lines up to the answer. */
void house_sync(struct peer *peer, const char *token);

#endif
