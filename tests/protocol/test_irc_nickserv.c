/* SPDX-License-Identifier: MIT */
/* NickServ on IRC: who it is, how one speaks to it, and what comes of that. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/lib/unit.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>
#include <string.h>

#define ACCOUNTS                                                                                   \
    "limits: { flood_rate = 0; };\n"                                                               \
    "accounts: { iterations = 4096; };\n"

#define NOTICE(nick, text) ":NickServ!NickServ@test.example NOTICE " nick " :" text

/* Sends a line, which NickServ answers with a line to NICK. */
#define ASK(peer, sent, nick, answer)                                                              \
    do {                                                                                           \
        irc_send(peer, sent);                                                                      \
        PEER_EXPECT_LINE(peer, NOTICE(nick, answer));                                              \
    } while (0)

/* NICK is logged in by COMMAND to ACCOUNT. */
#define LOG_IN(peer, command, nick, account) log_in(HERE, peer, command, nick, account)

static void log_in(struct place place, struct peer *peer, const char *command, const char *nick,
                   const char *account)
{
    char expected[200];

    irc_send(peer, "%s", command);
    snprintf(expected, sizeof(expected),
             ":test\\.example 900 %s %s!~[^ ]*@[^ ]* %s :You are now logged in as %s", nick, nick,
             account, account);
    peer_must_match(place, peer, expected);
}

/* alice, whose account is alice. */
static struct peer *register_alice(struct daemon *daemon)
{
    struct peer *alice = irc_join(daemon, "alice", NULL);

    LOG_IN(alice, "NS REGISTER secret", "alice", "alice");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Account created: alice. You are logged in to it."));
    return alice;
}

static void it_is_there_and_is_nobody(void)
{
    struct daemon *daemon = IRC_START(ACCOUNTS);
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = IRC_CONNECT(daemon);

    IRC_ASK(alice, "WHOIS nickserv",
            "311 alice NickServ NickServ test.example * :Accounts and nicknames");
    PEER_SKIP_TO(alice, ":test\\.example 335 alice NickServ :is a bot");
    PEER_SKIP_TO(alice, ":test\\.example 318 .*");
    IRC_ASK(alice, "ISON NICKSERV bob", "303 alice :NickServ");
    irc_send(alice, "USERHOST NickServ");
    PEER_EXPECT_MATCH(alice, ":test\\.example 302 alice :NickServ=.NickServ@test\\.example");
    IRC_ASK(alice, "MONITOR + NickServ", "730 alice :NickServ!NickServ@test.example");
    IRC_ASK(alice, "LUSERS", "251 alice :There are 1 users and 0 invisible on 1 server");
    PEER_SKIP_TO(alice, ":test\\.example 266 .*");
    irc_send(alice, "WHO *");
    PEER_EXPECT_MATCH(alice, ":test\\.example 352 alice \\* ~alice .*");
    PEER_EXPECT_LINE(alice, ":test.example 315 alice * :End of /WHO list");
    IRC_ASK(alice, "NICK NICKSERV", "433 alice NICKSERV :Nickname is already in use");
    IRC_ASK(bob, "NICK nickserv", "433 * nickserv :Nickname is already in use");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void operators_cannot_do_anything_to_it(void)
{
    struct daemon *daemon = IRC_START(ACCOUNTS IRC_OPERS);
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");

    IRC_BECOME_OPERATOR(alice, "alice");
    IRC_ASK(alice, "KILL NickServ :why", "400 alice KILL :That is a service of the server");
    IRC_ASK(alice, "SANICK nickserv x", "400 alice SANICK :That is a service of the server");
    IRC_ASK(alice, "SAJOIN NickServ #a", "400 alice SAJOIN :That is a service of the server");
    IRC_ASK(alice, "CHGHOST NickServ h", "400 alice CHGHOST :That is a service of the server");
    IRC_ASK(alice, "INVITE NickServ #a", "400 alice INVITE :That is a service of the server");
    IRC_ASK(alice, "KLINE NickServ :why", "415 alice NickServ :Bad Server/host mask");
    IRC_EXPECT_NOTHING(alice);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

#define NO_SUCH_COMMAND "There is no such command. Say HELP for those that there are."

static void it_answers_whichever_way_it_is_spoken_to(void)
{
    struct daemon *daemon = IRC_START(ACCOUNTS);
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = IRC_CONNECT(daemon);

    ASK(alice, "PRIVMSG nickserv :nonsense", "alice", NO_SUCH_COMMAND);
    ASK(alice, "SQUERY NickServ :nonsense", "alice", NO_SUCH_COMMAND);
    ASK(alice, "NS nonsense", "alice", NO_SUCH_COMMAND);
    ASK(alice, "ns :nonsense of many words", "alice", NO_SUCH_COMMAND);
    ASK(alice, "NickServ INFO dave", "alice", "There is no such account.");
    irc_send(alice, "PRIVMSG NickServ :\00304INFO\003 \002dave");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "There is no such account."));
    ASK(alice, "NS", "alice", "Accounts keep a name yours. Commands, of which HELP tells more:");
    PEER_SKIP_TO(alice, NOTICE("alice", "  HELP \\[command\\]"));
    irc_send(alice, "NOTICE NickServ :INFO dave");
    IRC_EXPECT_NOTHING(alice);
    IRC_ASK(alice, "PRIVMSG NickServ :\001VERSION\001", "531 alice NickServ :Cannot send to user");
    IRC_ASK(alice, "PRIVMSG NickServ :\001ACTION waves\001",
            "531 alice NickServ :Cannot send to user");
    IRC_ASK(alice, "PRIVMSG NickServ,alice :IDENTIFY secret",
            "400 alice PRIVMSG :That is a service of the server");
    PEER_SKIP_TO(alice, ":alice!.* PRIVMSG alice :IDENTIFY secret");
    IRC_ASK(alice, "SQUERY bob :x", "408 alice bob :No such service");
    IRC_ASK(alice, "SQUERY NickServ", "412 alice :No text to send");
    IRC_ASK(bob, "NS HELP", "451 * :You have not registered");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void an_account_is_made_and_proved_and_left_and_dropped(void)
{
    struct daemon *daemon = IRC_START(ACCOUNTS);
    struct peer *alice = irc_join(daemon, "alice", "account-notify");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    irc_send(alice, "NS REGISTER secret");
    IRC_EXPECT_FROM(alice, "alice", "ACCOUNT alice");
    PEER_EXPECT_MATCH(alice, ":test\\.example 900 alice alice!~alice@[^ ]* alice :You are now "
                             "logged in as alice");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Account created: alice. You are logged in to it."));
    irc_send(alice, "NS LOGOUT");
    IRC_EXPECT_FROM(alice, "alice", "ACCOUNT *");
    PEER_EXPECT_MATCH(alice, NOTICE("alice", "The nickname alice is registered\\..*"));
    PEER_EXPECT_MATCH(alice, ":test\\.example 901 alice alice!~alice@[^ ]* :You are now logged "
                             "out");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "You are logged out."));
    ASK(alice, "NS IDENTIFY wrong", "alice", "Wrong name or password.");
    irc_send(alice, "NS IDENTIFY secret");
    IRC_EXPECT_FROM(alice, "alice", "ACCOUNT alice");
    PEER_SKIP_TO(alice, NOTICE("alice", "You are logged in as alice\\."));
    LOG_IN(bob, "PRIVMSG NickServ :IDENTIFY alice secret", "bob", "alice");
    PEER_EXPECT_LINE(bob, NOTICE("bob", "You are logged in as alice."));
    irc_send(bob, "WHOIS alice");
    PEER_SKIP_TO(bob, ":test\\.example 330 bob alice alice :is logged in as");
    PEER_SKIP_TO(bob, ":test\\.example 318 .*");
    irc_send(bob, "WHO bob %%na");
    PEER_EXPECT_LINE(bob, ":test.example 354 bob bob alice");
    PEER_SKIP_TO(bob, ":test\\.example 315 .*");
    irc_send(bob, "NS DROP secret");
    PEER_EXPECT_MATCH(bob, ":test\\.example 901 bob bob!~bob@[^ ]* :You are now logged out");
    PEER_EXPECT_LINE(bob, NOTICE("bob", "The account alice is dropped."));
    PEER_EXPECT_MATCH(alice, ":test\\.example 901 alice alice!~alice@[^ ]* :You are now logged "
                             "out");
    IRC_EXPECT_FROM(alice, "alice", "ACCOUNT *");
    ASK(alice, "NS IDENTIFY secret", "alice", "Wrong name or password.");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void lines_with_passwords_are_not_echoed(void)
{
    struct daemon *daemon =
        IRC_START(ACCOUNTS IRC_OPERS "filters = ( { targets = \"p\"; action = \"warn\"; "
                                     "pattern = \"secret\"; reason = \"r\"; } );\n");
    struct peer *root = IRC_JOIN_TOLD(daemon, "f");
    struct peer *alice = irc_join(daemon, "alice", "echo-message");

    irc_send(alice, "PRIVMSG NickServ :INFO");
    IRC_EXPECT_FROM(alice, "alice", "PRIVMSG NickServ :INFO");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "There is no such account."));
    LOG_IN(alice, "PRIVMSG NickServ :REGISTER secret", "alice", "alice");
    PEER_SKIP_TO(alice, NOTICE("alice", "Account created: .*"));
    ASK(alice, "PRIVMSG NickServ :IDENTIFY wrong-secret", "alice", "Wrong name or password.");
    ASK(alice, "PRIVMSG NickServ :SET PASSWORD other-secret", "alice", "The password is changed.");
    ASK(alice, "PRIVMSG NickServ :secret", "alice", NO_SUCH_COMMAND);
    IRC_EXPECT_NOTHING(root);
    peer_close(root);
    peer_close(alice);
    EXPECT(!strstr(daemon_log(daemon), "secret"), "the log has it: %s", daemon_log(daemon));
    DAEMON_STOP(daemon);
}

static void answers_have_their_label(void)
{
    struct daemon *daemon = IRC_START(ACCOUNTS);
    struct peer *alice = irc_join(daemon, "alice", "labeled-response batch");

    irc_send(alice, "@label=1 NS INFO dave\r\nPING 2");
    PEER_EXPECT_MATCH(alice, "@label=1 :test\\.example BATCH \\+[^ ]* labeled-response");
    PEER_EXPECT_MATCH(alice, "@batch=[^ ]* " NOTICE("alice", "There is no such account\\."));
    PEER_EXPECT_MATCH(alice, ":test\\.example BATCH -[^ ]*");
    PEER_EXPECT_LINE(alice, ":test.example PONG test.example :2");
    irc_send(alice, "@label=3 PRIVMSG NickServ :REGISTER secret");
    PEER_EXPECT_MATCH(alice, "@label=3 :test\\.example BATCH \\+[^ ]* labeled-response");
    PEER_EXPECT_MATCH(alice, "@batch=[^ ]* :test\\.example 900 .*");
    PEER_EXPECT_MATCH(alice, "@batch=[^ ]* " NOTICE("alice", "Account created: .*"));
    PEER_EXPECT_MATCH(alice, ":test\\.example BATCH -[^ ]*");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void an_owner_ends_who_bears_the_name(void)
{
    struct daemon *daemon = IRC_START(ACCOUNTS);
    struct peer *alice = register_alice(daemon);
    struct peer *other;

    irc_send(alice, "NICK al");
    IRC_EXPECT_FROM(alice, "alice", "NICK :al");
    ASK(alice, "NS GHOST alice", "al", "Nobody is called so.");
    ASK(alice, "NS GHOST NickServ", "al", "That nickname is not your account's.");
    other = irc_join(daemon, "alice", NULL);
    PEER_EXPECT_MATCH(other, NOTICE("alice", "The nickname alice is registered\\..*"));
    ASK(alice, "NS GHOST ALICE", "al", "The nickname is free now.");
    PEER_EXPECT_LINE(other, ":test.example KILL alice :The nickname is alice's");
    PEER_EXPECT_MATCH(other, "ERROR :.*");
    PEER_EXPECT_END(other);
    peer_close(other);
    other = irc_join(daemon, "alice", NULL);
    irc_send(alice, "NS REGAIN Alice");
    IRC_EXPECT_FROM(alice, "al", "NICK :Alice");
    PEER_EXPECT_LINE(alice, NOTICE("Alice", "The nickname is yours again."));
    PEER_DRAIN(other);
    peer_close(other);
    IRC_ASK(alice, "ISON al", "303 Alice :");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void operators_register_others(void)
{
    struct daemon *daemon = IRC_START(ACCOUNTS IRC_OPERS);
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *root = IRC_JOIN_TOLD(daemon, "o");

    ASK(alice, "NS SAREGISTER bob secret", "alice", "That is for operators of the server who may.");
    IRC_BECOME_OPERATOR(alice, "alice");
    ASK(alice, "NS SAREGISTER bob secret", "alice", "Account created: bob.");
    PEER_SKIP_TO(root,
                 ":test\\.example NOTICE root :.*alice \\(root\\) has registered the account bob");
    CU_ASSERT_PTR_NULL(strstr(daemon_log(daemon), "secret"));
    peer_close(root);
    LOG_IN(alice, "NS IDENTIFY bob secret", "alice", "bob");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void modes_ask_for_accounts(void)
{
    struct daemon *daemon = IRC_START(ACCOUNTS);
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");
    struct peer *carol = irc_join(daemon, "carol", NULL);
    struct peer *alice;

    irc_send(bob, "MODE #a +RM");
    IRC_EXPECT_FROM(bob, "bob", "MODE #a +RM");
    irc_send(bob, "MODE #a +b a:mallory");
    IRC_EXPECT_FROM(bob, "bob", "MODE #a +b a:mallory");
    irc_send(bob, "MODE bob +R");
    IRC_EXPECT_FROM(bob, "bob", "MODE bob :+R");
    IRC_ASK(carol, "JOIN #a", "477 carol #a :That takes an account");
    IRC_ASK(carol, "PRIVMSG bob :hello", "477 carol bob :That takes an account");
    alice = register_alice(daemon);
    irc_send(alice, "JOIN #a");
    PEER_SKIP_TO(alice, ":test\\.example 366 .*");
    IRC_EXPECT_FROM(bob, "alice", "JOIN #a");
    irc_send(alice, "PRIVMSG #a :hello");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG #a :hello");
    irc_send(alice, "PRIVMSG bob :hello");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG bob :hello");
    LOG_IN(carol, "NS REGISTER secret", "carol", "carol");
    PEER_SKIP_TO(carol, NOTICE("carol", "Account created: .*"));
    irc_send(bob, "MODE #a +b a:c*");
    IRC_EXPECT_FROM(bob, "bob", "MODE #a +b a:c*");
    IRC_ASK(carol, "JOIN #a", "474 carol #a :Cannot join channel (+b)");
    peer_close(alice);
    peer_close(bob);
    peer_close(carol);
    DAEMON_STOP(daemon);
}

static void failures_cost_much(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 1; flood_burst = 50; };\n"
                                      "accounts: { iterations = 4096; login_failures = 0; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);

    irc_send(alice, "NS IDENTIFY x\r\nNS IDENTIFY x\r\nPING 1");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Wrong name or password."));
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Wrong name or password."));
    DAEMON_STOP(daemon); /* long before the next line has its turn */
    PEER_EXPECT_MATCH(alice, "ERROR :.*");
    peer_close(alice);
}

static void without_a_store_there_are_none(void)
{
    struct daemon *daemon = IRC_START("store: { backend = \"none\"; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);

    ASK(alice, "NS REGISTER secret", "alice",
        "There are no accounts here: the server keeps nothing.");
    IRC_ASK(alice, "CAP REQ :sasl", "CAP alice NAK :sasl");
    IRC_ASK(alice, "CAP REQ :draft/account-registration",
            "CAP alice NAK :draft/account-registration");
    IRC_ASK(alice, "AUTHENTICATE PLAIN", "904 alice :SASL authentication failed");
    IRC_ASK(alice, "REGISTER * * secret",
            "FAIL REGISTER TEMPORARILY_UNAVAILABLE * :Accounts cannot be used just now; try again "
            "later");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(it_is_there_and_is_nobody),
        TEST(operators_cannot_do_anything_to_it),
        TEST(it_answers_whichever_way_it_is_spoken_to),
        TEST(an_account_is_made_and_proved_and_left_and_dropped),
        TEST(lines_with_passwords_are_not_echoed),
        TEST(answers_have_their_label),
        TEST(an_owner_ends_who_bears_the_name),
        TEST(operators_register_others),
        TEST(modes_ask_for_accounts),
        TEST(failures_cost_much),
        TEST(without_a_store_there_are_none),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_nickserv", tests);
}
