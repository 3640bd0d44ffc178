/* SPDX-License-Identifier: MIT */
/* Peers that speak IRC, and what they expect. */
#ifndef TESTS_PROTOCOL_IRC_PEERS_H
#define TESTS_PROTOCOL_IRC_PEERS_H

#include "tests/lib/daemon.h"
#include "tests/lib/peer.h"

#define IRC_LISTENER "{ service = \"irc\"; port = 0; }"
#define IRC_ONLY     DAEMON_SERVER "listeners = ( " IRC_LISTENER " );\n"

/* A daemon with one listener for irc and, if that is wanted, SETTINGS besides. */
#define IRC_START(settings) DAEMON_START(IRC_ONLY settings, 1)

/* Settings by which those become operators who say so: IRC_BECOME_OPERATOR(). */
#define IRC_OPERS                                                                                  \
    "opers = ( { name = \"root\"; password = \"SCRAM-SHA-256$4096:c2FsdA==$"                       \
    "2V0jJ1FNgOtgY2z/"                                                                             \
    "yPm1u1C+iJf8pObzIFevFRkvom0=:CXfSwB1+2FsJZaz0uhRg2fsnNSrJZfy+Kv77jUurHnE=\"; } "              \
    ");\n"
#define IRC_BECOME_OPERATOR(peer, nick) irc_become_operator(HERE, peer, nick)
void irc_become_operator(struct place place, struct peer *peer, const char *nick);

/* A peer that has not said anything yet. */
#define IRC_CONNECT(daemon) PEER_CONNECT(DAEMON_PORT(daemon, "irc", 0))

/* One that has registered under NICK, with the capabilities CAPS if there are any. */
struct peer *irc_join(struct daemon *daemon, const char *nick, const char *caps);

/* The same, and has gone into CHANNEL and heard all that it is told then. */
struct peer *irc_join_channel(struct daemon *daemon, const char *nick, const char *channel);

/* The operator root, who is told what LETTERS mean (mode s). */
#define IRC_JOIN_TOLD(daemon, letters) irc_join_told(HERE, daemon, letters)
struct peer *irc_join_told(struct place place, struct daemon *daemon, const char *letters);

/* Sends a line; CR LF is added. */
void irc_send(struct peer *peer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sends a line, to which the server answers with the next one. */
#define IRC_ASK(peer, sent, answer)                                                                \
    do {                                                                                           \
        irc_send(peer, sent);                                                                      \
        PEER_EXPECT_LINE(peer, ":test.example " answer);                                           \
    } while (0)

/* The next line comes from the user NICK (":nick!~nick@host ") and goes on with TEXT. */
#define IRC_EXPECT_FROM(peer, nick, text) irc_expect_from(HERE, peer, nick, text)
void irc_expect_from(struct place place, struct peer *peer, const char *nick, const char *text);

/* Nothing comes but the answer to a PING. */
#define IRC_EXPECT_NOTHING(peer) irc_expect_nothing(HERE, peer)
void irc_expect_nothing(struct place place, struct peer *peer);

#endif
