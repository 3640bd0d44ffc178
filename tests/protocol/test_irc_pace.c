/* SPDX-License-Identifier: MIT */
/* IRC: how fast people may speak in a channel, and change their names. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>

#define BOTH                                                                                       \
    DAEMON_SERVER "listeners = ( " IRC_LISTENER ", { service = \"talk\"; port = 0; } );\n"         \
                  "talk = { lobby = \"#a\"; };\n"

#define HOST "[a-z0-9.]+\\.ip"

static struct daemon *daemon;
static struct peer *alice, *bob;

/* alice is operator of #a, bob a member. */
static void begin(void)
{
    daemon = DAEMON_START(IRC_ONLY, 1);
    alice = irc_join_channel(daemon, "alice", "#a");
    bob = irc_join_channel(daemon, "bob", "#a");
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
}

static void end(void)
{
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void alice_changes(const char *change)
{
    char text[100];

    snprintf(text, sizeof(text), "MODE #a %s", change);
    irc_send(alice, "%s", text);
    IRC_EXPECT_FROM(alice, "alice", text);
    IRC_EXPECT_FROM(bob, "alice", text);
}

static void bob_is_heard(const char *text)
{
    char line[100];

    snprintf(line, sizeof(line), "PRIVMSG #a :%s", text);
    irc_send(bob, "%s", line);
    IRC_EXPECT_FROM(alice, "bob", line);
}

static void rates_are_shown_and_taken_strictly(void)
{
    begin();
    alice_changes("+WLEF 30 *5:10 ~2:60 3:20");
    IRC_ASK(bob, "MODE #a", "324 bob #a +ntWLEF 30 *5:10 ~2:60 3:20");
    PEER_EXPECT_MATCH(bob, ":test\\.example 329 bob #a [0-9]{10}");
    irc_send(alice, "MODE #a +WLEF 30 *5:10 ~2:60 3:20");
    IRC_EXPECT_NOTHING(alice);
    IRC_ASK(alice, "MODE #a +W 0", "696 alice #a W 0 :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +W *5", "696 alice #a W *5 :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +W", "696 alice #a W * :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +L 5", "696 alice #a L 5 :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +E +5:1", "696 alice #a E +5:1 :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +F *5:1", "696 alice #a F *5:1 :Invalid mode parameter");
    IRC_ASK(bob, "MODE #a +W 5", "482 bob #a :You're not a channel operator");
    alice_changes("-WLEF");
    IRC_ASK(bob, "MODE #a", "324 bob #a +nt");
    PEER_SKIP_TO(bob, ".* 329 .*");
    irc_send(alice, "MODE #a -WLEF");
    IRC_EXPECT_NOTHING(alice);
    end();
}

static void in_slow_mode_members_wait(void)
{
    begin();
    alice_changes("+W 1000");
    bob_is_heard("one");
    irc_send(bob, "PRIVMSG #a :two");
    PEER_EXPECT_MATCH(bob, ":test\\.example 404 bob #a :Cannot send to channel "
                           "\\(\\+W, wait (1000|99[0-9]) seconds\\)");
    irc_send(bob, "NOTICE #a :two");
    IRC_EXPECT_NOTHING(bob);
    irc_send(bob, "PRIVMSG #a :\001ACTION two\001");
    PEER_EXPECT_MATCH(bob, ":test\\.example 404 bob #a :.*");
    irc_send(alice, "PRIVMSG #a :one");
    irc_send(alice, "PRIVMSG #a :two");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG #a :one");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG #a :two");
    alice_changes("+v bob");
    bob_is_heard("two");
    bob_is_heard("three");
    alice_changes("-v bob");
    irc_send(bob, "PART #a");
    IRC_EXPECT_FROM(bob, "bob", "PART #a");
    irc_send(bob, "JOIN #a");
    PEER_SKIP_TO(bob, ".* 366 .*");
    irc_send(bob, "PRIVMSG #a :two");
    PEER_EXPECT_MATCH(bob, ":test\\.example 404 bob #a :.*");
    IRC_EXPECT_FROM(alice, "bob", "PART #a");
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    alice_changes("-W");
    bob_is_heard("four");
    end();
}

static void who_says_too_much_is_kicked(void)
{
    static const char kick[] = ":test.example KICK #a bob :Too many lines (+L 2:1000)";

    begin();
    alice_changes("+L 2:1000");
    bob_is_heard("one");
    bob_is_heard("two");
    irc_send(bob, "PRIVMSG #a :three");
    PEER_EXPECT_LINE(bob, kick);
    PEER_EXPECT_LINE(alice, kick);
    IRC_ASK(bob, "PRIVMSG #a :four", "404 bob #a :Cannot send to channel");
    irc_send(bob, "JOIN #a");
    PEER_SKIP_TO(bob, ".* 366 .*");
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    bob_is_heard("five");
    end();
}

static void who_repeats_is_banned_where_a_star_says_so(void)
{
    begin();
    alice_changes("+E *2:1000");
    bob_is_heard("buy this");
    bob_is_heard("Buy  this");
    bob_is_heard("something else");
    irc_send(bob, "PRIVMSG #a :\00304BUY\003 THIS");
    PEER_EXPECT_MATCH(bob, ":test\\.example MODE #a \\+b \\*!\\*@" HOST);
    PEER_EXPECT_LINE(bob, ":test.example KICK #a bob :Said too often (+E *2:1000)");
    PEER_EXPECT_MATCH(alice, ":test\\.example MODE #a \\+b \\*!\\*@" HOST);
    PEER_EXPECT_LINE(alice, ":test.example KICK #a bob :Said too often (+E *2:1000)");
    IRC_ASK(bob, "JOIN #a", "474 bob #a :Cannot join channel (+b)");
    irc_send(alice, "MODE #a b");
    PEER_EXPECT_MATCH(alice,
                      ":test\\.example 367 alice #a \\*!\\*@" HOST " test\\.example [0-9]{10}");
    PEER_EXPECT_LINE(alice, ":test.example 368 alice #a :End of channel ban list");
    end();
}

static void with_a_tilde_lines_are_only_refused(void)
{
    begin();
    alice_changes("+LE ~3:1000 ~1:1000");
    bob_is_heard("one");
    irc_send(bob, "PRIVMSG #a :one");
    PEER_EXPECT_MATCH(bob, ":test\\.example 404 bob #a :Cannot send to channel "
                           "\\(\\+E, wait (1000|99[0-9]) seconds\\)");
    bob_is_heard("two");
    irc_send(bob, "PRIVMSG #a :three");
    PEER_EXPECT_MATCH(bob, ":test\\.example 404 bob #a :Cannot send to channel "
                           "\\(\\+L, wait (1000|99[0-9]) seconds\\)");
    end();
}

static void after_too_many_new_nicknames_members_keep_theirs(void)
{
    begin();
    alice_changes("+F 1:1000");
    irc_send(bob, "NICK bert");
    IRC_EXPECT_FROM(bob, "bob", "NICK :bert");
    IRC_EXPECT_FROM(alice, "bob", "NICK :bert");
    IRC_ASK(bob, "NICK bill",
            "438 bert bill :Too many have changed their nickname in a channel of yours (+F)");
    irc_send(alice, "NICK anna");
    IRC_EXPECT_FROM(alice, "alice", "NICK :anna");
    end();
}

/* All the same for who talks. */
static void who_talks_is_bound_too(void)
{
    struct peer *tom;

    daemon = DAEMON_START(BOTH, 2);
    alice = irc_join_channel(daemon, "alice", "#a");
    tom = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));
    irc_send(tom, "tom");
    PEER_SKIP_TO(tom, "2 people in #a: alice tom");
    IRC_EXPECT_FROM(alice, "tom", "JOIN #a");
    irc_send(alice, "MODE #a +W 1000");
    IRC_EXPECT_FROM(alice, "alice", "MODE #a +W 1000");
    PEER_EXPECT_MATCH(tom, "\\[..:..\\] \\* alice has changed the modes of #a: \\+W 1000");
    irc_send(tom, "one");
    IRC_EXPECT_FROM(alice, "tom", "PRIVMSG #a :one");
    irc_send(tom, "two");
    PEER_EXPECT_LINE(tom, "That was too fast for the room, and was not said.");
    PEER_EXPECT_MATCH(tom, "Wait (1000|99[0-9]) seconds\\.");
    irc_send(alice, "MODE #a -W+EF *1:1000 1:1000");
    IRC_EXPECT_FROM(alice, "alice", "MODE #a -W+EF *1:1000 1:1000");
    PEER_SKIP_TO(tom, ".* \\+F 1:1000");
    irc_send(tom, "/nick thomas");
    PEER_EXPECT_MATCH(tom, ".* you are now called thomas");
    IRC_EXPECT_FROM(alice, "tom", "NICK :thomas");
    irc_send(tom, "/nick tom");
    PEER_EXPECT_LINE(tom, "Too many have changed their names in a room of yours; try again later.");
    irc_send(tom, "one");
    IRC_EXPECT_FROM(alice, "thomas", "PRIVMSG #a :one");
    irc_send(tom, "ONE");
    PEER_EXPECT_MATCH(tom, "\\[..:..\\] \\* test.example has changed the modes of #a: \\+b "
                           "\\*!\\*@" HOST);
    PEER_EXPECT_MATCH(tom,
                      "\\[..:..\\] \\* test.example has kicked you out of #a \\(Said too often "
                      "\\(\\+E \\*1:1000\\)\\)");
    peer_close(tom);
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
        TEST(rates_are_shown_and_taken_strictly),
        TEST(in_slow_mode_members_wait),
        TEST(who_says_too_much_is_kicked),
        TEST(who_repeats_is_banned_where_a_star_says_so),
        TEST(with_a_tilde_lines_are_only_refused),
        TEST(after_too_many_new_nicknames_members_keep_theirs),
        TEST(who_talks_is_bound_too),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_pace", tests);
}
