/* SPDX-License-Identifier: MIT */
/* IRC: MONITOR, and what who watches somebody is told of them. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>
#include <string.h>

#define ONLINE(nick, who)  ":test\\.example 730 " nick " :" who "!~[A-Za-z]+@[^ ,]+"
#define OFFLINE(nick, who) ":test.example 731 " nick " :" who

static void leave(struct peer *peer)
{
    irc_send(peer, "QUIT");
    PEER_SKIP_TO(peer, "ERROR .*");
    PEER_EXPECT_END(peer);
    peer_close(peer);
}

static void who_watches_is_told_who_is_there_and_who_comes_and_goes(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);
    struct peer *carol;

    irc_send(alice, "MONITOR + BOB,carol,alice,nobody");
    PEER_EXPECT_MATCH(alice, ":test\\.example 730 alice :bob!~bob@[^ ,]+,alice!~alice@[^ ,]+");
    PEER_EXPECT_LINE(alice, OFFLINE("alice", "carol,nobody"));
    carol = irc_join(daemon, "Carol", NULL);
    PEER_EXPECT_MATCH(alice, ONLINE("alice", "Carol"));
    leave(carol);
    PEER_EXPECT_LINE(alice, OFFLINE("alice", "Carol"));
    carol = irc_join(daemon, "carol", NULL);
    PEER_EXPECT_MATCH(alice, ONLINE("alice", "carol"));
    peer_reset(carol);
    PEER_EXPECT_LINE(alice, OFFLINE("alice", "carol"));
    IRC_EXPECT_NOTHING(bob);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_change_of_nickname_is_a_going_and_a_coming(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);

    irc_send(alice, "MONITOR + bob,rob");
    PEER_EXPECT_MATCH(alice, ONLINE("alice", "bob"));
    PEER_EXPECT_LINE(alice, OFFLINE("alice", "rob"));
    irc_send(bob, "NICK Bob");
    IRC_EXPECT_FROM(bob, "bob", "NICK :Bob");
    IRC_EXPECT_NOTHING(alice);
    irc_send(bob, "NICK ROB");
    PEER_EXPECT_LINE(alice, OFFLINE("alice", "Bob"));
    PEER_EXPECT_MATCH(alice, ONLINE("alice", "ROB"));
    irc_send(bob, "NICK fred");
    PEER_EXPECT_LINE(alice, OFFLINE("alice", "ROB"));
    irc_send(alice, "NICK alan");
    IRC_EXPECT_FROM(alice, "alice", "NICK :alan");
    irc_send(bob, "NICK bob");
    PEER_EXPECT_MATCH(alice, ONLINE("alan", "bob"));
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void the_list_is_shown_cut_and_cleared(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob;

    irc_send(alice, "MONITOR L");
    PEER_EXPECT_LINE(alice, ":test.example 733 alice :End of MONITOR list");
    irc_send(alice, "MONITOR S");
    IRC_EXPECT_NOTHING(alice);
    irc_send(alice, "MONITOR + bob,carol,BOB,dave");
    PEER_EXPECT_LINE(alice, OFFLINE("alice", "bob,carol,BOB,dave"));
    irc_send(alice, "MONITOR L");
    PEER_EXPECT_LINE(alice, ":test.example 732 alice :bob,carol,dave");
    PEER_EXPECT_LINE(alice, ":test.example 733 alice :End of MONITOR list");
    irc_send(alice, "MONITOR - Carol,nobody");
    IRC_EXPECT_NOTHING(alice);
    irc_send(alice, "MONITOR L");
    PEER_EXPECT_LINE(alice, ":test.example 732 alice :bob,dave");
    PEER_EXPECT_LINE(alice, ":test.example 733 alice :End of MONITOR list");
    bob = irc_join(daemon, "bob", NULL);
    PEER_EXPECT_MATCH(alice, ONLINE("alice", "bob"));
    irc_send(alice, "MONITOR S");
    PEER_EXPECT_MATCH(alice, ONLINE("alice", "bob"));
    PEER_EXPECT_LINE(alice, OFFLINE("alice", "dave"));
    irc_send(alice, "MONITOR C");
    IRC_EXPECT_NOTHING(alice);
    leave(bob);
    irc_send(alice, "MONITOR L");
    PEER_EXPECT_LINE(alice, ":test.example 733 alice :End of MONITOR list");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void what_is_no_nickname_is_never_there(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);

    irc_send(alice, "MONITOR + *!*@localhost,9lives");
    PEER_EXPECT_LINE(alice, OFFLINE("alice", "*!*@localhost,9lives"));
    irc_send(alice, "MONITOR L");
    PEER_EXPECT_LINE(alice, ":test.example 733 alice :End of MONITOR list");
    irc_send(alice, "MONITOR");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice MONITOR :Not enough parameters");
    irc_send(alice, "MONITOR +");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice MONITOR :Not enough parameters");
    irc_send(alice, "MONITOR -");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice MONITOR :Not enough parameters");
    irc_send(alice, "MONITOR X bob");
    PEER_EXPECT_LINE(alice, ":test.example 400 alice MONITOR :There is only + - C L and S");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_full_list_names_what_was_left_out(void)
{
    struct daemon *daemon = IRC_START("limits: { watched_nicks = 3; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);

    irc_send(alice, "MONITOR + a,b");
    PEER_EXPECT_LINE(alice, OFFLINE("alice", "a,b"));
    irc_send(alice, "MONITOR + b,c,d,e");
    PEER_EXPECT_LINE(alice, OFFLINE("alice", "b,c"));
    PEER_EXPECT_LINE(alice, ":test.example 734 alice 3 d,e :Monitor list is full");
    irc_send(alice, "MONITOR - a");
    irc_send(alice, "MONITOR + e");
    PEER_EXPECT_LINE(alice, OFFLINE("alice", "e"));
    irc_send(alice, "MONITOR L");
    PEER_EXPECT_LINE(alice, ":test.example 732 alice :b,c,e");
    PEER_EXPECT_LINE(alice, ":test.example 733 alice :End of MONITOR list");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* Nicknames of 30 letters, of which a line takes fifteen. */
#define LONG_NICKS 60

static void many_nicknames_take_several_lines(void)
{
    struct daemon *daemon = IRC_START("limits: { line = 4096; flood_rate = 0; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    char list[LONG_NICKS * 31 + 1] = "";
    unsigned seen = 0, lines = 0;
    char *line;

    for (unsigned i = 0; i < LONG_NICKS; i++)
        sprintf(list + strlen(list), "%sn%02u_%.*s", i > 0 ? "," : "", i, 26,
                "abcdefghijklmnopqrstuvwxyz");
    irc_send(alice, "MONITOR + %s", list);
    irc_send(alice, "MONITOR L");
    for (;;) {
        EXPECT_RESULT(peer_next_line(alice, &line), 0);
        if (strstr(line, " 733 "))
            break;
        CU_ASSERT(strlen(line) <= 510);
        CU_ASSERT(strstr(line, " 731 alice :n") || strstr(line, " 732 alice :n"));
        lines++;
        for (char *at = line; (at = strstr(at, "_abcdefghijklmnopqrstuvwxyz")); at++)
            seen++;
    }
    CU_ASSERT_EQUAL(seen, 2 * LONG_NICKS);
    CU_ASSERT(lines >= 8 && lines <= 10);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void what_a_session_watches_ends_with_it(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);
    struct peer *carol;

    irc_send(alice, "MONITOR + carol");
    PEER_EXPECT_LINE(alice, OFFLINE("alice", "carol"));
    irc_send(bob, "MONITOR + carol");
    PEER_EXPECT_LINE(bob, OFFLINE("bob", "carol"));
    leave(alice);
    alice = irc_join(daemon, "alice", NULL);
    carol = irc_join(daemon, "carol", NULL);
    PEER_EXPECT_MATCH(bob, ONLINE("bob", "carol"));
    IRC_EXPECT_NOTHING(alice);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_label_comes_back_with_the_answer(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "batch labeled-response");

    irc_send(alice, "@label=x MONITOR + bob");
    PEER_EXPECT_LINE(alice, "@label=x :test.example BATCH +1 labeled-response");
    PEER_EXPECT_LINE(alice, "@batch=1 " OFFLINE("alice", "bob"));
    PEER_EXPECT_LINE(alice, ":test.example BATCH -1");
    irc_send(alice, "@label=y MONITOR C");
    PEER_EXPECT_LINE(alice, "@label=y :test.example ACK");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void extended_monitor_tells_what_becomes_known_of_who_is_watched(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "extended-monitor away-notify setname");
    struct peer *plain = irc_join(daemon, "plain", "away-notify setname");
    struct peer *deaf = irc_join(daemon, "deaf", "extended-monitor");
    struct peer *bob = irc_join(daemon, "bob", "setname");

    irc_send(alice, "MONITOR + bob");
    PEER_EXPECT_MATCH(alice, ONLINE("alice", "bob"));
    irc_send(plain, "MONITOR + bob");
    PEER_EXPECT_MATCH(plain, ONLINE("plain", "bob"));
    irc_send(deaf, "MONITOR + bob");
    PEER_EXPECT_MATCH(deaf, ONLINE("deaf", "bob"));
    irc_send(bob, "AWAY :lunch");
    PEER_SKIP_TO(bob, ".* 306 .*");
    IRC_EXPECT_FROM(alice, "bob", "AWAY :lunch");
    irc_send(bob, "AWAY");
    PEER_SKIP_TO(bob, ".* 305 .*");
    IRC_EXPECT_FROM(alice, "bob", "AWAY");
    irc_send(bob, "SETNAME :Robert");
    IRC_EXPECT_FROM(bob, "bob", "SETNAME :Robert");
    IRC_EXPECT_FROM(alice, "bob", "SETNAME :Robert");
    IRC_EXPECT_NOTHING(plain);
    IRC_EXPECT_NOTHING(deaf);
    irc_send(alice, "MONITOR - bob");
    irc_send(alice, "PING x");
    PEER_SKIP_TO(alice, ".* PONG .*");
    irc_send(bob, "AWAY :gone");
    PEER_SKIP_TO(bob, ".* 306 .*");
    IRC_EXPECT_NOTHING(alice);
    peer_close(bob);
    peer_close(deaf);
    peer_close(plain);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_shares_a_channel_is_told_once(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "extended-monitor away-notify");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a,#b");

    PEER_SKIP_TO(bob, ".* 366 bob #b .*");
    irc_send(alice, "JOIN #a,#b");
    PEER_SKIP_TO(alice, ".* 366 alice #b .*");
    irc_send(alice, "MONITOR + bob");
    PEER_EXPECT_MATCH(alice, ONLINE("alice", "bob"));
    irc_send(bob, "AWAY :lunch");
    PEER_SKIP_TO(bob, ".* 306 .*");
    IRC_EXPECT_FROM(alice, "bob", "AWAY :lunch");
    IRC_EXPECT_NOTHING(alice);
    peer_close(bob);
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
        TEST(who_watches_is_told_who_is_there_and_who_comes_and_goes),
        TEST(a_change_of_nickname_is_a_going_and_a_coming),
        TEST(the_list_is_shown_cut_and_cleared),
        TEST(what_is_no_nickname_is_never_there),
        TEST(a_full_list_names_what_was_left_out),
        TEST(many_nicknames_take_several_lines),
        TEST(what_a_session_watches_ends_with_it),
        TEST(a_label_comes_back_with_the_answer),
        TEST(extended_monitor_tells_what_becomes_known_of_who_is_watched),
        TEST(who_shares_a_channel_is_told_once),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_monitor", tests);
}
