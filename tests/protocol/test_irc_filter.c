/* SPDX-License-Identifier: MIT */
/* IRC: what may not be said, and what comes of it. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>
#include <string.h>

#define HOST "[a-z0-9.]+\\.ip"

static struct daemon *daemon;
static struct peer *root, *bob, *alice;

/* root is an operator who hears of filters, bob and alice are people in #a. */
#define BEGIN(settings) begin(IRC_ONLY IRC_OPERS settings)
static void begin(const char *configuration)
{
    daemon = DAEMON_START(configuration, 1);
    root = IRC_JOIN_TOLD(daemon, "F");
    alice = irc_join_channel(daemon, "alice", "#a");
    bob = irc_join_channel(daemon, "bob", "#a");
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
}

static void end(void)
{
    peer_close(bob);
    peer_close(alice);
    peer_close(root);
    DAEMON_STOP(daemon);
}

#define TOLD(pattern) PEER_EXPECT_MATCH(root, ":test\\.example NOTICE root :\\*\\*\\* " pattern)

static void add(const char *arguments, unsigned number)
{
    char text[100];

    irc_send(root, "FILTER ADD %s", arguments);
    TOLD("root \\(root\\) has added filter [0-9]+ .*");
    snprintf(text, sizeof(text), ":test.example NOTICE root :Filter %u is in force", number);
    PEER_EXPECT_LINE(root, text);
}

static void bob_is_heard(const char *text)
{
    irc_send(bob, "%s", text);
    IRC_EXPECT_FROM(alice, "bob", text);
}

static void what_is_blocked_is_not_said_and_operators_are_told(void)
{
    BEGIN("");
    add("cpNn block No_advertising :buy (this|that)", 1);
    IRC_ASK(bob, "PRIVMSG #a :Do BUY this", "404 bob #a :Cannot send to channel (No advertising)");
    TOLD("Filter 1 \\(block\\) has caught bob!~bob@" HOST " \\[127.0.0.1\\] in #a: buy "
         "\\(this\\|that\\)");
    IRC_ASK(bob, "PRIVMSG alice :buy that", "531 bob alice :Cannot send to user (No advertising)");
    IRC_ASK(bob, "PRIVMSG #a :\00304buy\003 that",
            "404 bob #a :Cannot send to channel (No advertising)");
    irc_send(bob, "NOTICE #a :buy this");
    IRC_EXPECT_NOTHING(bob);
    bob_is_heard("PRIVMSG #a :buy bread");
    irc_send(root, "PRIVMSG alice :buy this");
    IRC_EXPECT_FROM(alice, "root", "PRIVMSG alice :buy this");
    IRC_EXPECT_NOTHING(alice);
    end();
}

static void filters_are_listed_and_removed(void)
{
    BEGIN("");
    add("cp block No_ads :spam", 1);
    add("u ban:10 - :bad", 2);
    IRC_ASK(bob, "PRIVMSG #a :spam", "404 bob #a :Cannot send to channel (No ads)");
    TOLD("Filter 1 .*");
    IRC_ASK(root, "FILTER LIST", "NOTICE root :1 root 1 0 cp block No_ads :spam");
    PEER_EXPECT_LINE(root, ":test.example NOTICE root :2 root 0 0 u ban:600s - :bad");
    PEER_EXPECT_LINE(root, ":test.example NOTICE root :End of filters");
    irc_send(root, "FILTER DEL 1");
    TOLD("root \\(root\\) has removed filter 1: spam");
    PEER_EXPECT_LINE(root, ":test.example NOTICE root :Filter 1 is gone");
    bob_is_heard("PRIVMSG #a :spam");
    end();
}

static void what_makes_no_filter_is_refused(void)
{
    BEGIN("");
    IRC_ASK(bob, "FILTER LIST", "481 bob :Permission Denied- You're not an IRC operator");
    IRC_ASK(root, "FILTER", "461 root FILTER :Not enough parameters");
    IRC_ASK(root, "FILTER FOO", "FAIL FILTER UNKNOWN_SUBCOMMAND FOO :There are ADD, DEL and LIST");
    IRC_ASK(root, "FILTER ADD c block x", "461 root FILTER :Not enough parameters");
    IRC_ASK(root, "FILTER ADD cx block x :y",
            "FAIL FILTER INVALID_TARGETS cx :Targets are letters of cpNnPqatu");
    IRC_ASK(root, "FILTER ADD c drop x :y",
            "FAIL FILTER INVALID_ACTION drop :Actions are warn, block, kill and ban[:duration]");
    IRC_ASK(root, "FILTER ADD c kill:5 x :y",
            "FAIL FILTER INVALID_ACTION kill:5 :Actions are warn, block, kill and ban[:duration]");
    IRC_ASK(root, "FILTER ADD c ban:x x :y",
            "FAIL FILTER INVALID_ACTION ban:x :Actions are warn, block, kill and ban[:duration]");
    IRC_ASK(root, "FILTER ADD c block x :a(b",
            "FAIL FILTER INVALID_PATTERN 3 :missing closing parenthesis");
    IRC_ASK(root, "FILTER ADD c block x :a*",
            "FAIL FILTER INVALID_PATTERN 0 :it would match everything");
    IRC_ASK(root, "FILTER DEL 7", "FAIL FILTER NO_SUCH_FILTER 7 :There is no such filter");
    IRC_ASK(root, "FILTER DEL x", "FAIL FILTER NO_SUCH_FILTER x :There is no such filter");
    IRC_ASK(root, "FILTER DEL", "461 root FILTER :Not enough parameters");
    add("c block x :y", 1);
    IRC_ASK(root, "FILTER ADD c kill z :y",
            "FAIL FILTER ALREADY_THERE :There is a filter with that pattern");
    end();
}

static void who_is_warned_of_is_heard(void)
{
    BEGIN("");
    add("c warn x :spam", 1);
    bob_is_heard("PRIVMSG #a :spam");
    TOLD("Filter 1 \\(warn\\) has caught bob!~bob@" HOST " \\[127.0.0.1\\] in #a: spam");
    end();
}

static void who_is_killed_or_banned_goes(void)
{
    struct peer *late;

    BEGIN("");
    add("c kill Go_away :kill me", 1);
    irc_send(bob, "PRIVMSG #a :kill me");
    PEER_EXPECT_LINE(bob, ":test.example KILL bob :Go away");
    PEER_EXPECT_MATCH(bob, "ERROR :Closing link: " HOST
                           " \\(Killed \\(test\\.example \\(Go away\\)\\)\\)");
    PEER_EXPECT_END(bob);
    IRC_EXPECT_FROM(alice, "bob", "QUIT :Go away");
    TOLD("Filter 1 \\(kill\\) has caught bob!~bob@" HOST " \\[127.0.0.1\\] in #a: kill me");
    peer_close(bob);
    bob = irc_join(daemon, "bob", NULL);
    add("u block Bad_name :^evil", 2);
    late = IRC_CONNECT(daemon);
    irc_send(late, "NICK evil1");
    irc_send(late, "USER evil 0 * :Real");
    PEER_EXPECT_MATCH(late, "ERROR :Closing link: " HOST " \\(Bad name\\)");
    PEER_EXPECT_END(late);
    peer_close(late);
    TOLD("Filter 2 \\(block\\) has caught evil1!~evil@" HOST " \\[127.0.0.1\\]: \\^evil");
    IRC_ASK(bob, "NICK evil2", "FAIL NICK FILTERED :Bad name");
    end();
}

/* A ban hits all who have the address, as everybody here. */
static void who_is_banned_does_not_come_back(void)
{
    struct peer *late;

    BEGIN("");
    add("p ban:1 Spam :spam", 1);
    irc_send(bob, "PRIVMSG alice :spam");
    PEER_SKIP_TO(bob, "ERROR :.*");
    PEER_EXPECT_END(bob);
    late = IRC_CONNECT(daemon);
    irc_send(late, "NICK late");
    irc_send(late, "USER late 0 * :Real");
    PEER_SKIP_TO(late, "ERROR :.*");
    peer_close(late);
    end();
}

static void reasons_are_left_out_and_other_texts_refused(void)
{
    BEGIN("");
    add("Pqat block Mind_your_words :damn", 1);
    IRC_ASK(bob, "AWAY :damn", "FAIL AWAY FILTERED :Mind your words");
    TOLD("Filter 1 .*");
    IRC_ASK(alice, "TOPIC #a :damn", "FAIL TOPIC FILTERED :Mind your words");
    irc_send(bob, "PART #a :damn it");
    IRC_EXPECT_FROM(bob, "bob", "PART #a");
    IRC_EXPECT_FROM(alice, "bob", "PART #a");
    irc_send(bob, "JOIN #a");
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    irc_send(bob, "QUIT :damn it");
    IRC_EXPECT_FROM(alice, "bob", "QUIT :Quit");
    end();
}

#define FILTERS                                                                                    \
    "filters = ( { pattern = \"one\"; reason = \"No ones\"; }, "                                   \
    "{ pattern = \"two\"; targets = \"c\"; action = \"warn\"; } );\n"

static void the_configuration_has_some_and_a_reload_others(void)
{
    BEGIN(FILTERS);
    IRC_ASK(bob, "PRIVMSG #a :one", "404 bob #a :Cannot send to channel (No ones)");
    TOLD("Filter 1 .*");
    bob_is_heard("PRIVMSG #a :two");
    TOLD("Filter 2 .*");
    IRC_ASK(root, "FILTER DEL 1", "FAIL FILTER CONFIGURED 1 :The configuration has that filter");
    add("c block x :three", 3);
    daemon_configure(daemon, IRC_ONLY IRC_OPERS
                     "filters = ( { pattern = \"four\"; reason = \"No fours\"; } );\n");
    irc_send(root, "REHASH");
    PEER_SKIP_TO(root, ".* 382 .*");
    bob_is_heard("PRIVMSG #a :one");
    IRC_ASK(bob, "PRIVMSG #a :four", "404 bob #a :Cannot send to channel (No fours)");
    TOLD("Filter 4 .*");
    IRC_ASK(bob, "PRIVMSG #a :three", "404 bob #a :Cannot send to channel (x)");
    TOLD("Filter 3 .*");
    IRC_ASK(root, "FILTER LIST", "NOTICE root :4 configuration 1 0 cp block No_fours :four");
    PEER_SKIP_TO(root, ".*End of filters");
    daemon_configure(daemon, IRC_ONLY IRC_OPERS "filters = ( { pattern = \"a(b\"; } );\n");
    irc_send(root, "REHASH");
    PEER_SKIP_TO(root, ".* NOTICE root :.*filters\\[0\\]\\.pattern: missing closing parenthesis.*");
    PEER_SKIP_TO(root, ".* 400 .*");
    IRC_ASK(bob, "PRIVMSG #a :four", "404 bob #a :Cannot send to channel (No fours)");
    end();
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(what_is_blocked_is_not_said_and_operators_are_told),
        TEST(filters_are_listed_and_removed),
        TEST(what_makes_no_filter_is_refused),
        TEST(who_is_warned_of_is_heard),
        TEST(who_is_killed_or_banned_goes),
        TEST(who_is_banned_does_not_come_back),
        TEST(reasons_are_left_out_and_other_texts_refused),
        TEST(the_configuration_has_some_and_a_reload_others),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_filter", tests);
}
