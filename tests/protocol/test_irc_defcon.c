/* SPDX-License-Identifier: MIT */
/* IRC: levels of defence, and what each allows. */
#include "config.h"

#include "tests/lib/command.h"
#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>
#include <string.h>

#define HOST    "[a-z0-9.]+\\.ip"
#define CHANGED "The level of defence of this server has changed"
#define LOCKED  "That is not possible while the server is locked down"

#define WITH_PASSWORD                                                                              \
    "server: { name = \"test.example\"; state_dir = \"@DIR@\"; control = \"@DIR@/control\"; "      \
    "password = \"secret\"; };\n"

static struct daemon *daemon;
static struct peer *root, *bob, *alice;

/* root is an operator who hears of defence, bob and alice are in #a. */
static void begin(const char *configuration)
{
    daemon = DAEMON_START(configuration, 1);
    root = IRC_JOIN_TOLD(daemon, "d");
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

static void set(unsigned level, const char *restrictions)
{
    char text[300];

    irc_send(root, "DEFCON %u", level);
    snprintf(text, sizeof(text),
             ":test.example NOTICE root :*** root (root) has set the level of defence to %u (%s)",
             level, restrictions);
    PEER_EXPECT_LINE(root, text);
    snprintf(text, sizeof(text), ":test.example NOTICE root :*** " CHANGED ": %u", level);
    PEER_EXPECT_LINE(root, text);
    PEER_EXPECT_MATCH(root, ":test\\.example NOTICE root :Level .*");
    snprintf(text, sizeof(text), ":test.example NOTICE bob :*** " CHANGED ": %u", level);
    PEER_EXPECT_LINE(bob, text);
    snprintf(text, sizeof(text), ":test.example NOTICE alice :*** " CHANGED ": %u", level);
    PEER_EXPECT_LINE(alice, text);
}

/* Somebody who is turned away with that MESSAGE. */
static void nobody_comes(const char *password, const char *message)
{
    struct peer *peer = IRC_CONNECT(daemon);
    char text[200];

    if (password)
        irc_send(peer, "PASS %s", password);
    irc_send(peer, "NICK late");
    irc_send(peer, "USER late 0 * :Late");
    snprintf(text, sizeof(text), "ERROR :Closing link: " HOST " \\(%s\\)", message);
    PEER_EXPECT_MATCH(peer, text);
    PEER_EXPECT_END(peer);
    peer_close(peer);
}

static void the_level_is_for_operators(void)
{
    begin(IRC_ONLY IRC_OPERS);
    IRC_ASK(bob, "DEFCON", "481 bob :Permission Denied- You're not an IRC operator");
    IRC_ASK(root, "DEFCON", "NOTICE root :Level 5 (nothing is restricted), 0 turned away");
    IRC_ASK(root, "DEFCON 0", "FAIL DEFCON INVALID_LEVEL 0 :Levels are 1 to 5");
    IRC_ASK(root, "DEFCON 6", "FAIL DEFCON INVALID_LEVEL 6 :Levels are 1 to 5");
    IRC_ASK(root, "DEFCON 33", "FAIL DEFCON INVALID_LEVEL 33 :Levels are 1 to 5");
    IRC_ASK(root, "DEFCON 5", "NOTICE root :Level 5 (nothing is restricted), 0 turned away");
    IRC_EXPECT_NOTHING(bob);
    end();
}

static void at_4_nobody_makes_channels(void)
{
    begin(IRC_ONLY IRC_OPERS);
    set(4, "no-new-channels");
    IRC_ASK(bob, "JOIN #new", "FAIL JOIN LOCKED_DOWN :" LOCKED);
    irc_send(root, "JOIN #new");
    PEER_SKIP_TO(root, ".* 366 .*");
    irc_send(bob, "JOIN #new");
    PEER_SKIP_TO(bob, ".* 366 .*");
    IRC_EXPECT_FROM(root, "bob", "JOIN #new");
    set(5, "nothing is restricted");
    irc_send(bob, "JOIN #newer");
    PEER_SKIP_TO(bob, ".* 366 .*");
    end();
}

static void at_3_strangers_are_not_heard_and_names_stay(void)
{
    struct peer *carol;

    begin(IRC_ONLY IRC_OPERS);
    carol = irc_join(daemon, "carol", NULL);
    set(3, "no-new-channels no-strangers no-new-nicks");
    PEER_EXPECT_LINE(carol, ":test.example NOTICE carol :*** " CHANGED ": 3");
    IRC_ASK(carol, "PRIVMSG bob :psst", "FAIL PRIVMSG LOCKED_DOWN :" LOCKED);
    irc_send(carol, "NOTICE bob :psst");
    IRC_EXPECT_NOTHING(carol);
    IRC_ASK(carol, "NICK dora", "FAIL NICK LOCKED_DOWN :" LOCKED);
    irc_send(alice, "PRIVMSG bob :we know each other");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG bob :we know each other");
    irc_send(carol, "PRIVMSG root :help");
    IRC_EXPECT_FROM(root, "carol", "PRIVMSG root :help");
    irc_send(root, "PRIVMSG carol :yes?");
    IRC_EXPECT_FROM(carol, "root", "PRIVMSG carol :yes?");
    peer_close(carol);
    end();
}

static void at_2_newcomers_need_the_password_and_at_1_nobody_comes(void)
{
    struct peer *peer;

    begin(IRC_ONLY IRC_OPERS);
    set(2, "no-new-channels no-strangers no-new-nicks no-newcomers");
    nobody_comes(NULL, "The server takes nobody new just now, come back later");
    daemon_configure(daemon, WITH_PASSWORD IRC_OPERS "listeners = ( " IRC_LISTENER " );\n"
                                                     "defcon = { message = \"Closed\"; };\n");
    irc_send(root, "REHASH");
    PEER_SKIP_TO(root, ".* 382 .*");
    peer = IRC_CONNECT(daemon);
    irc_send(peer, "PASS secret");
    irc_send(peer, "NICK dave");
    irc_send(peer, "USER dave 0 * :Dave");
    PEER_SKIP_TO(peer, ".* 422 dave .*");
    peer_close(peer);
    irc_send(bob, "PRIVMSG #a :still here");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG #a :still here");
    IRC_ASK(
        root, "DEFCON",
        "NOTICE root :Level 2 (no-new-channels no-strangers no-new-nicks no-newcomers), 1 turned "
        "away");
    set(1, "no-new-channels no-strangers no-new-nicks no-newcomers nobody-comes");
    nobody_comes("secret", "Closed");
    set(5, "nothing is restricted");
    end();
}

static void who_needs_no_password_is_a_newcomer_all_the_same(void)
{
    begin(WITH_PASSWORD IRC_OPERS
          "listeners = ( " IRC_LISTENER " );\n"
          "classes = ( { name = \"near\"; from = \"127.0.0.0/8\"; password = \"\"; } );\n");
    set(2, "no-new-channels no-strangers no-new-nicks no-newcomers");
    nobody_comes(NULL, "The server takes nobody new just now, come back later");
    end();
}

static void levels_are_configured(void)
{
    begin(IRC_ONLY IRC_OPERS "defcon = { level_4 = \"no-speech\"; notice = \"\"; };\n");
    irc_send(root, "DEFCON 4");
    PEER_EXPECT_LINE(root, ":test.example NOTICE root :*** root (root) has set the level of "
                           "defence to 4 (no-speech)");
    PEER_EXPECT_LINE(root, ":test.example NOTICE root :Level 4 (no-speech), 0 turned away");
    IRC_ASK(bob, "PRIVMSG #a :hello", "FAIL PRIVMSG LOCKED_DOWN :" LOCKED);
    irc_send(root, "PRIVMSG bob :quiet please");
    IRC_EXPECT_FROM(bob, "root", "PRIVMSG bob :quiet please");
    daemon_configure(daemon,
                     IRC_ONLY IRC_OPERS "defcon = { level_4 = \"no-talk\"; notice = \"\"; };\n");
    irc_send(root, "REHASH");
    PEER_SKIP_TO(root, ".* NOTICE root :.*defcon\\.level_4: there is no restriction \"no-talk\"");
    PEER_SKIP_TO(root, ".* 400 .*");
    daemon_configure(daemon, IRC_ONLY IRC_OPERS "defcon = { level_4 = \"\"; notice = \"\"; };\n");
    irc_send(root, "REHASH");
    PEER_SKIP_TO(root, ".* 382 .*");
    irc_send(bob, "PRIVMSG #a :hello");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG #a :hello");
    end();
}

static void pacelinectl_shows_and_sets_the_level(void)
{
    struct command_result result;
    const char *socket;

    begin(IRC_ONLY IRC_OPERS);
    socket = daemon_path(daemon, "control");
    result = COMMAND_RUN(NULL, command_program("PACELINECTL"), "-s", socket, "defcon", "4");
    COMMAND_EXPECT(&result, 0);
    CU_ASSERT_STRING_EQUAL(result.out, "defcon: 4\nrestrictions: no-new-channels\n");
    command_clear(&result);
    PEER_EXPECT_LINE(root, ":test.example NOTICE root :*** the control socket has set the level of "
                           "defence to 4 (no-new-channels)");
    PEER_EXPECT_LINE(root, ":test.example NOTICE root :*** " CHANGED ": 4");
    PEER_EXPECT_LINE(bob, ":test.example NOTICE bob :*** " CHANGED ": 4");
    IRC_ASK(bob, "JOIN #new", "FAIL JOIN LOCKED_DOWN :" LOCKED);
    result = COMMAND_RUN(NULL, command_program("PACELINECTL"), "-s", socket, "defcon");
    COMMAND_EXPECT(&result, 0);
    CU_ASSERT_STRING_EQUAL(result.out, "defcon: 4\nrestrictions: no-new-channels\n");
    command_clear(&result);
    result = COMMAND_RUN(NULL, command_program("PACELINECTL"), "-s", socket, "defcon", "7");
    COMMAND_EXPECT(&result, 2);
    command_clear(&result);
    end();
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(the_level_is_for_operators),
        TEST(at_4_nobody_makes_channels),
        TEST(at_3_strangers_are_not_heard_and_names_stay),
        TEST(at_2_newcomers_need_the_password_and_at_1_nobody_comes),
        TEST(who_needs_no_password_is_a_newcomer_all_the_same),
        TEST(levels_are_configured),
        TEST(pacelinectl_shows_and_sets_the_level),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_defcon", tests);
}
