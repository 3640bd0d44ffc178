/* SPDX-License-Identifier: MIT */
/*
 * WeeChat without a screen: it is told what to do through its plugin fifo, and what it shows is
 * read from the files that its plugin logger writes, one for each buffer.
 */
#ifndef TESTS_CLIENTS_WEECHAT_H
#define TESTS_CLIENTS_WEECHAT_H

#include "tests/lib/expect.h"

struct weechat;

/* Starts it and connects to the port of 127.0.0.1 under NICK. FOLDER is its own. */
#define WEECHAT_OPEN(folder, port, nick) weechat_open(HERE, folder, port, nick)
struct weechat *weechat_open(struct place place, const char *folder, unsigned port,
                             const char *nick);

/* The same, and does so over TLS and logs in by SCRAM-SHA-256 to ACCOUNT. */
#define WEECHAT_LOG_IN(folder, port, nick, account, password)                                      \
    weechat_log_in(HERE, folder, port, nick, account, password)
struct weechat *weechat_log_in(struct place place, const char *folder, unsigned port,
                               const char *nick, const char *account, const char *password);

/* Types a line in a buffer: "server", or a channel or person. */
void weechat_type(struct weechat *weechat, const char *buffer, const char *text);

/*
 * Waits for a line of that buffer that matches PATTERN, as watch_for() says, behind its date: the
 * prefix, a tab and the text, as "alice\thello" or "-->\tbob \\(.*\\) has joined #dev".
 */
#define WEECHAT_EXPECT(weechat, buffer, pattern) weechat_expect(HERE, weechat, buffer, pattern)
void weechat_expect(struct place place, struct weechat *weechat, const char *buffer,
                    const char *pattern);

/* Waits for it to end by itself. */
#define WEECHAT_EXPECT_END(weechat) weechat_expect_end(HERE, weechat)
void weechat_expect_end(struct place place, struct weechat *weechat);

/* NULL is allowed. */
void weechat_close(struct weechat *weechat);

#endif
