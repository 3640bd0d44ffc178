/* SPDX-License-Identifier: MIT */
/* Peers with accounts who speak to ChanServ. */
#ifndef TESTS_PROTOCOL_CHANSERV_PEERS_H
#define TESTS_PROTOCOL_CHANSERV_PEERS_H

#include "tests/protocol/irc_peers.h"

/* Settings by which accounts are cheap, and many lines are nothing. */
#define CHANSERV_SETTINGS                                                                          \
    "limits: { flood_rate = 0; };\n"                                                               \
    "accounts: { iterations = 4096; };\n"

/* What ChanServ does, and what it says to NICK. */
#define CHANSERV                    ":ChanServ!ChanServ@test.example "
#define CHANSERV_NOTICE(nick, text) CHANSERV "NOTICE " nick " :" text

/* Sends a line, which ChanServ answers with a line to NICK. */
#define CHANSERV_ASK(peer, sent, nick, answer)                                                     \
    do {                                                                                           \
        irc_send(peer, sent);                                                                      \
        PEER_EXPECT_LINE(peer, CHANSERV_NOTICE(nick, answer));                                     \
    } while (0)

/* NICK, logged in to an account of that name, which is made, or is there. */
struct peer *chanserv_make(struct daemon *daemon, const char *nick);
struct peer *chanserv_come(struct daemon *daemon, const char *nick);

/* Joins a channel and is told all of it. */
void chanserv_join(struct peer *peer, const char *channel);

/* Makes CHANNEL, and registers it: NICK is logged in. */
#define CHANSERV_REGISTER(peer, nick, channel) chanserv_register(HERE, peer, nick, channel)
void chanserv_register(struct place place, struct peer *peer, const char *nick,
                       const char *channel);

#endif
