/* SPDX-License-Identifier: MIT */
/* Peers that read what was said before. */
#ifndef TESTS_PROTOCOL_IRC_HISTORY_H
#define TESTS_PROTOCOL_IRC_HISTORY_H

#include "tests/protocol/irc_peers.h"

#define IRC_HISTORY_CAPS "draft/chathistory batch message-tags server-time echo-message"
#define IRC_HISTORY_SAID 600 /* bytes of a line, and its NUL */
#define IRC_MSGID        33  /* of an id */
#define IRC_TIME         25  /* of a time */

/* What somebody has said, as it came back to them. */
struct irc_said {
    char line[IRC_HISTORY_SAID];
    char id[IRC_MSGID];
    char time[IRC_TIME];
};

/* NICK with those capabilities, and MORE, in CHANNEL unless that is NULL. */
struct peer *irc_reader(struct daemon *daemon, const char *nick, const char *more,
                        const char *channel);

/* Has NICK make their account; they are logged in to it then. */
void irc_make_account(struct peer *peer, const char *nick);

/* What has come so far is passed over. */
void irc_quiet(struct peer *peer);

/* Says TEXT, which is echoed, and waits for its echo; what came before it is passed over. */
#define IRC_SAY(peer, target, text, said) irc_say(HERE, peer, target, text, said)
void irc_say(struct place place, struct peer *peer, const char *target, const char *text,
             struct irc_said *said);

/*
 * Sends a line, which is answered by a batch of that TYPE and parameter with these lines, the pointers to
 * which end with NULL.
 */
#define IRC_EXPECT_BATCH(peer, type, sent, ...)                                                    \
    irc_expect_batch(HERE, peer, type, sent, (const struct irc_said *const[]){__VA_ARGS__, NULL})
#define IRC_EXPECT_EMPTY(peer, type, sent)                                                         \
    irc_expect_batch(HERE, peer, type, sent, (const struct irc_said *const[]){NULL})
void irc_expect_batch(struct place place, struct peer *peer, const char *type, const char *sent,
                      const struct irc_said *const *lines);

/* The same, where a line goes on after its tags and source with each of these texts. */
#define IRC_EXPECT_TEXTS(peer, type, sent, ...)                                                    \
    irc_expect_texts(HERE, peer, type, sent, (const char *const[]){__VA_ARGS__, NULL})
void irc_expect_texts(struct place place, struct peer *peer, const char *type, const char *sent,
                      const char *const *texts);

#endif
