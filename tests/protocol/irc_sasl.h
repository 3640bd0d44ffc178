/* SPDX-License-Identifier: MIT */
/* Logging in by AUTHENTICATE, for tests. */
#ifndef TESTS_PROTOCOL_IRC_SASL_H
#define TESTS_PROTOCOL_IRC_SASL_H

#include "tests/protocol/irc_peers.h"

/* Settings with which that is quick. */
#define IRC_ACCOUNTS                                                                               \
    "limits: { flood_rate = 0; };\n"                                                               \
    "accounts: { iterations = 4096; login_failures = 0; };\n"

#define IRC_LOGIN_FAILED ":test.example 904 * :SASL authentication failed"

/* A daemon that knows the account alice, whose owner has gone, with that password. */
struct daemon *irc_start_for(const char *password);

/* Completes the registration under NICK. */
void irc_register_as(struct peer *peer, const char *nick);

/* Sends a message in chunks, as the specification has it; that of PLAIN. */
void irc_send_message(struct peer *peer, const void *message, size_t length);
void irc_send_plain(struct peer *peer, const char *name, const char *password);

/* Receives one, which ends with a NUL besides; to be freed. */
#define IRC_RECEIVE_MESSAGE(peer) irc_receive_message(HERE, peer)
char *irc_receive_message(struct place place, struct peer *peer);

/* Begins with MECHANISM, and the server waits for the first message. */
#define IRC_BEGIN(peer, mechanism)                                                                 \
    do {                                                                                           \
        irc_send(peer, "AUTHENTICATE %s", mechanism);                                              \
        PEER_EXPECT_LINE(peer, "AUTHENTICATE +");                                                  \
    } while (0)

/* NICK, a regular expression, is logged in as alice now. */
#define IRC_EXPECT_LOGIN(peer, nick)                                                               \
    do {                                                                                           \
        PEER_EXPECT_MATCH(peer, ":test\\.example 900 " nick " " nick "![^ ]*@[^ ]* alice "         \
                                ":You are now logged in as alice");                                \
        PEER_EXPECT_MATCH(peer, ":test\\.example 903 " nick " :SASL authentication successful");   \
    } while (0)

#endif
