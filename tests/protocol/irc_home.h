/* SPDX-License-Identifier: MIT */
/* A server whose state outlives it, with the account alice, for tests of what a restart keeps. */
#ifndef TESTS_PROTOCOL_IRC_HOME_H
#define TESTS_PROTOCOL_IRC_HOME_H

#include "tests/protocol/irc_sasl.h"

#define HOME_PASSWORD "correct-horse"

struct home {
    char *folder;
    struct daemon *daemon;
    const char *settings; /* more of them */
};

/* Starts it with those SETTINGS besides, for the first time: alice makes her account and goes. */
void home_begin(struct home *home, const char *settings);
void home_end(struct home *home);

/* Ends it, by SIGTERM or in the middle of everything, and starts it again. */
void home_restart(struct home *home, bool killed);

/* The same in two steps, between which the file may be looked at. */
void home_stop(struct home *home, bool killed);
void home_start(struct home *home);

/* Logs in as alice, with the capabilities CAPS besides, asking for NICK; the answer is not read. */
struct peer *home_log_in(struct home *home, const char *nick, const char *caps);

/* The same up to the end of the welcome. */
struct peer *home_come(struct home *home, const char *nick, const char *caps);

/* Waits until an export of the server's has a line with TEXT in it, or none. */
#define HOME_WAIT_KEPT(home, text) home_wait_kept(HERE, home, text, true)
#define HOME_WAIT_GONE(home, text) home_wait_kept(HERE, home, text, false)
void home_wait_kept(struct place place, struct home *home, const char *text, bool there);

#endif
