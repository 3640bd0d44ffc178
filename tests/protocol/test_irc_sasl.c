/* SPDX-License-Identifier: MIT */
/* AUTHENTICATE (IRCv3 sasl-3.1 and sasl-3.2), before the registration and after it. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/lib/unit.h"
#include "tests/protocol/irc_sasl.h"
#include "tests/protocol/irc_store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define ABORTED ":test.example 906 * :SASL authentication aborted"

/* -- Negotiation ---------------------------------------------------------------------------------- */

static void the_capability_has_the_mechanisms(void)
{
    struct daemon *daemon = IRC_START(IRC_ACCOUNTS);
    struct peer *peer = IRC_CONNECT(daemon);

    irc_send(peer, "CAP LS 302");
    PEER_SKIP_TO(peer, ":test\\.example CAP \\* LS :.*sasl=PLAIN,SCRAM-SHA-256( .*)?");
    irc_send(peer, "CAP LS");
    PEER_SKIP_TO(peer, ":test\\.example CAP \\* LS :(.* )?sasl( .*)?");
    IRC_ASK(peer, "CAP REQ sasl", "CAP * ACK :sasl");
    IRC_ASK(peer, "AUTHENTICATE DIGEST-MD5",
            "908 * PLAIN,SCRAM-SHA-256 :are available SASL mechanisms");
    PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    IRC_ASK(peer, "AUTHENTICATE EXTERNAL",
            "908 * PLAIN,SCRAM-SHA-256 :are available SASL mechanisms");
    PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    irc_send(peer, "AUTHENTICATE %0400d", 7);
    PEER_SKIP_TO(peer, ":test\\.example 904 .*");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void it_goes_when_the_store_does_and_comes_back(void)
{
    struct daemon *daemon = IRC_START(IRC_ACCOUNTS IRC_STORE);
    struct peer *alice = irc_join(daemon, "alice", "cap-notify sasl");
    struct peer *bob = irc_join(daemon, "bob", NULL);
    struct sqlite3 *db;

    IRC_BEGIN(alice, "PLAIN"); /* and what has begun goes on */
    db = irc_store_lock(daemon);
    irc_send(bob, "REGISTER * * secret");
    PEER_EXPECT_MATCH(bob, ":test\\.example FAIL REGISTER TEMPORARILY_UNAVAILABLE \\* :.*");
    irc_send(alice, "CAP LIST");
    PEER_EXPECT_LINE(alice, ":test.example CAP alice DEL :draft/account-registration sasl");
    PEER_EXPECT_LINE(alice, ":test.example CAP alice LIST :cap-notify");
    irc_send_plain(alice, "alice", "secret");
    PEER_EXPECT_LINE(alice, ":test.example 904 alice :SASL authentication failed");
    IRC_ASK(alice, "AUTHENTICATE PLAIN", "904 alice :SASL authentication failed");
    IRC_ASK(alice, "CAP REQ sasl", "CAP alice NAK :sasl");
    irc_store_unlock(daemon, db);
    IRC_ASK(alice, "CAP REQ sasl", "CAP alice NEW :draft/account-registration sasl");
    PEER_EXPECT_LINE(alice, ":test.example CAP alice ACK :sasl");
    IRC_BEGIN(alice, "PLAIN");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

/* -- PLAIN ---------------------------------------------------------------------------------------- */

static void plain_logs_in_before_the_registration(void)
{
    struct daemon *daemon = irc_start_for("secret");
    struct peer *bob = irc_join(daemon, "bob", "extended-join account-tag");
    struct peer *peer = IRC_CONNECT(daemon);

    irc_send(bob, "JOIN #a");
    PEER_SKIP_TO(bob, ":test\\.example 366 .*");
    IRC_ASK(peer, "CAP REQ sasl", "CAP * ACK :sasl");
    irc_send(peer, "NICK carol");
    IRC_BEGIN(peer, "PLAIN");
    irc_send_plain(peer, "Alice", "secret");
    IRC_EXPECT_LOGIN(peer, "carol");
    irc_register_as(peer, "carol");
    irc_send(peer, "JOIN #a");
    PEER_EXPECT_MATCH(bob, "@account=alice :carol!.* JOIN #a alice :carol");
    irc_send(bob, "WHOIS carol");
    PEER_SKIP_TO(bob, ":test\\.example 330 bob carol alice :is logged in as");
    peer_close(bob);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void without_the_capability_it_works_too_and_again(void)
{
    struct daemon *daemon = irc_start_for("secret");
    struct peer *peer = IRC_CONNECT(daemon);

    IRC_BEGIN(peer, "plain");
    irc_send_plain(peer, "alice", "secret");
    IRC_EXPECT_LOGIN(peer, "\\*");
    IRC_BEGIN(peer, "PLAIN");
    irc_send_plain(peer, "alice", "wrong");
    PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    IRC_BEGIN(peer, "PLAIN");
    irc_send_plain(peer, "alice", "secret");
    IRC_EXPECT_LOGIN(peer, "\\*");
    irc_register_as(peer, "carol");
    IRC_BEGIN(peer, "PLAIN");
    irc_send_plain(peer, "alice", "secret");
    IRC_EXPECT_LOGIN(peer, "carol");
    irc_send(peer, "NS LOGOUT");
    PEER_EXPECT_MATCH(peer, ":test\\.example 901 carol carol!~carol@[^ ]* :You are now logged out");
    PEER_SKIP_TO(peer, ":NickServ!.* :You are logged out\\.");
    IRC_BEGIN(peer, "PLAIN");
    irc_send_plain(peer, "alice", "secret");
    IRC_EXPECT_LOGIN(peer, "carol");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void an_unknown_account_is_answered_as_a_wrong_password_is(void)
{
    struct daemon *daemon = irc_start_for("secret");
    struct peer *peer = IRC_CONNECT(daemon);

    IRC_BEGIN(peer, "PLAIN");
    irc_send_plain(peer, "nobody", "secret");
    PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    IRC_BEGIN(peer, "PLAIN");
    irc_send_plain(peer, "alice", "Secret");
    PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    IRC_EXPECT_NOTHING(peer);
    peer_close(peer);
    EXPECT(!strstr(daemon_log(daemon), "ecret"), "the log has it");
    DAEMON_STOP(daemon);
}

/* One message of 400 characters, behind which a + says that it was all, and one of more. */
static void messages_come_in_chunks(void)
{
    static const size_t lengths[] = {293, 292, 380};

    for (size_t i = 0; i < 3; i++) {
        char password[400];
        struct daemon *daemon;
        struct peer *peer;

        memset(password, 'x', lengths[i]);
        password[lengths[i]] = '\0';
        daemon = irc_start_for(password);
        peer = IRC_CONNECT(daemon);
        IRC_BEGIN(peer, "PLAIN");
        irc_send_plain(peer, "alice", password);
        IRC_EXPECT_LOGIN(peer, "\\*");
        peer_close(peer);
        DAEMON_STOP(daemon);
    }
}

/* -- What goes wrong ------------------------------------------------------------------------------ */

static void an_exchange_can_be_ended(void)
{
    struct daemon *daemon = irc_start_for("secret");
    struct peer *peer = IRC_CONNECT(daemon);

    irc_send(peer, "AUTHENTICATE *");
    PEER_EXPECT_LINE(peer, ABORTED);
    IRC_BEGIN(peer, "PLAIN");
    irc_send(peer, "AUTHENTICATE *");
    PEER_EXPECT_LINE(peer, ABORTED);
    IRC_BEGIN(peer, "SCRAM-SHA-256");
    irc_send(peer, "AUTHENTICATE %0400d", 0);
    irc_send(peer, "AUTHENTICATE *");
    PEER_EXPECT_LINE(peer, ABORTED);
    IRC_BEGIN(peer, "PLAIN");
    irc_send_plain(peer, "alice", "secret");
    IRC_EXPECT_LOGIN(peer, "\\*");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void the_registration_ends_it(void)
{
    struct daemon *daemon = IRC_START(IRC_ACCOUNTS);
    struct peer *peer = IRC_CONNECT(daemon);

    irc_send(peer, "CAP REQ sasl\r\nNICK alice\r\nUSER alice 0 * :Alice");
    PEER_EXPECT_LINE(peer, ":test.example CAP * ACK :sasl");
    IRC_BEGIN(peer, "PLAIN");
    irc_send(peer, "CAP END");
    PEER_EXPECT_LINE(peer, ":test.example 906 alice :SASL authentication aborted");
    PEER_EXPECT_MATCH(peer, ":test\\.example 001 alice .*");
    PEER_SKIP_TO(peer, ":test\\.example 422 .*");
    IRC_ASK(peer, "AUTHENTICATE AGFsaWNlAHNlY3JldA==",
            "908 alice PLAIN,SCRAM-SHA-256 :are available SASL mechanisms");
    PEER_EXPECT_LINE(peer, ":test.example 904 alice :SASL authentication failed");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void what_is_too_long_is_refused(void)
{
    struct daemon *daemon = IRC_START(IRC_ACCOUNTS);
    struct peer *peer = IRC_CONNECT(daemon);

    IRC_BEGIN(peer, "PLAIN");
    irc_send(peer, "AUTHENTICATE %0401d", 0);
    PEER_EXPECT_LINE(peer, ":test.example 905 * :SASL message too long");
    IRC_BEGIN(peer, "PLAIN");
    for (int i = 0; i < 14; i++)
        irc_send(peer, "AUTHENTICATE %0400d", 0);
    PEER_EXPECT_LINE(peer, ":test.example 905 * :SASL message too long");
    IRC_BEGIN(peer, "PLAIN");
    irc_send(peer, "AUTHENTICATE *");
    PEER_EXPECT_LINE(peer, ABORTED);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void what_is_no_message_is_refused(void)
{
    static const char *const rubbish[] = {
        "A",    "=",    "====", "AAA",      "AB==C", "A*==",       "AGFs aWNl", "\303\244\303\244",
        "AA==", "AAA=", "AAAA", "AGFsaWNl", "+A==",  "AGFsaWNlAA", "AB==",
    };
    struct daemon *daemon = irc_start_for("secret");
    struct peer *peer = IRC_CONNECT(daemon);

    for (size_t i = 0; i < sizeof(rubbish) / sizeof(rubbish[0]); i++) {
        IRC_BEGIN(peer, "PLAIN");
        irc_send(peer, "AUTHENTICATE %s", rubbish[i]);
        PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
        IRC_BEGIN(peer, "SCRAM-SHA-256");
        irc_send(peer, "AUTHENTICATE %s", rubbish[i]);
        PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    }
    IRC_BEGIN(peer, "PLAIN");
    irc_send(peer, "AUTHENTICATE +");
    PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    IRC_BEGIN(peer, "PLAIN"); /* one NUL more */
    irc_send_message(peer, "\0alice\0secret\0", 14);
    PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    IRC_BEGIN(peer, "PLAIN"); /* for somebody else */
    irc_send_message(peer, "bob\0alice\0secret", 16);
    PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    IRC_ASK(peer, "AUTHENTICATE", "461 * AUTHENTICATE :Not enough parameters");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

/* What comes behind it waits for its answer, and whoever goes is forgotten. */
static void the_answer_comes_in_its_turn(void)
{
    struct daemon *daemon = irc_start_for("secret");
    struct peer *peer = irc_join(daemon, "bob", "labeled-response batch");

    irc_send(peer, "AUTHENTICATE PLAIN\r\n@label=1 AUTHENTICATE AGFsaWNlAHNlY3JldA==\r\nPING 2");
    PEER_EXPECT_LINE(peer, "AUTHENTICATE +");
    PEER_EXPECT_MATCH(peer, "@label=1 :test\\.example BATCH \\+[^ ]* labeled-response");
    PEER_EXPECT_MATCH(peer, "@batch=[^ ]* :test\\.example 900 bob .*");
    PEER_EXPECT_MATCH(peer, "@batch=[^ ]* :test\\.example 903 bob .*");
    PEER_EXPECT_MATCH(peer, ":test\\.example BATCH -[^ ]*");
    PEER_EXPECT_LINE(peer, ":test.example PONG test.example :2");
    irc_send(peer, "AUTHENTICATE PLAIN\r\nAUTHENTICATE AGFsaWNlAHNlY3JldA==");
    peer_reset(peer);
    peer = irc_join(daemon, "carol", NULL);
    IRC_EXPECT_NOTHING(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void failures_cost_much(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 1; flood_burst = 60; };\n"
                                      "accounts: { iterations = 4096; };\n");
    struct peer *peer = IRC_CONNECT(daemon);

    IRC_BEGIN(peer, "PLAIN");
    irc_send(peer, "AUTHENTICATE AGFsaWNlAHNlY3JldA==\r\nAUTHENTICATE PLAIN\r\n"
                   "AUTHENTICATE AGFsaWNlAHNlY3JldA==\r\nAUTHENTICATE PLAIN\r\nPING 1");
    PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    PEER_EXPECT_LINE(peer, "AUTHENTICATE +");
    PEER_EXPECT_LINE(peer, IRC_LOGIN_FAILED);
    DAEMON_STOP(daemon); /* long before the next line has its turn */
    PEER_EXPECT_MATCH(peer, "ERROR :.*");
    peer_close(peer);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(the_capability_has_the_mechanisms),
        TEST(it_goes_when_the_store_does_and_comes_back),
        TEST(plain_logs_in_before_the_registration),
        TEST(without_the_capability_it_works_too_and_again),
        TEST(an_unknown_account_is_answered_as_a_wrong_password_is),
        TEST(messages_come_in_chunks),
        TEST(an_exchange_can_be_ended),
        TEST(the_registration_ends_it),
        TEST(what_is_too_long_is_refused),
        TEST(what_is_no_message_is_refused),
        TEST(the_answer_comes_in_its_turn),
        TEST(failures_cost_much),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_sasl", tests);
}
