/* SPDX-License-Identifier: MIT */
/* IRC: channels that are given another name, and what those see who do not know of such a thing. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define RENAME "draft/channel-rename"

static void go_into(struct peer *peer, const char *channel)
{
    irc_send(peer, "JOIN %s", channel);
    PEER_SKIP_TO(peer, ".* 366 .*");
}

/* One that knows of RENAME, and CAPS, and is in CHANNEL. */
static struct peer *join_knowing(struct daemon *daemon, const char *nick, const char *channel)
{
    struct peer *peer = irc_join(daemon, nick, RENAME);

    go_into(peer, channel);
    return peer;
}

static void who_knows_of_it_is_told_by_a_rename(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = join_knowing(daemon, "alice", "#boaring");
    struct peer *bob = join_knowing(daemon, "bob", "#boaring");

    IRC_EXPECT_FROM(alice, "bob", "JOIN #boaring");
    irc_send(alice, "RENAME #Boaring #boring :Typo fix");
    IRC_EXPECT_FROM(alice, "alice", "RENAME #boaring #boring :Typo fix");
    IRC_EXPECT_FROM(bob, "alice", "RENAME #boaring #boring :Typo fix");
    irc_send(bob, "PRIVMSG #boring :hi");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG #boring :hi");
    irc_send(bob, "PRIVMSG #boaring :hi");
    PEER_EXPECT_LINE(bob, ":test.example 403 bob #boaring :No such channel");
    IRC_EXPECT_NOTHING(alice);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void without_a_reason_it_is_empty(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice =
        irc_join(daemon, "alice", RENAME " server-time batch labeled-response message-tags");

    irc_send(alice, "JOIN #a");
    PEER_SKIP_TO(alice, ".* 366 .*");
    irc_send(alice, "@label=x RENAME #a #b");
    PEER_EXPECT_MATCH(alice, "@label=x;msgid=[0-9a-f]{32};time=[-0-9T:.]+Z :alice![^ ]+ "
                             "RENAME #a #b :");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_does_not_is_told_by_part_and_join(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = join_knowing(daemon, "alice", "#foo");
    struct peer *bob = irc_join(daemon, "bob", NULL);
    struct peer *carol = irc_join(daemon, "carol", "extended-join no-implicit-names");

    go_into(bob, "#foo");
    irc_send(carol, "JOIN #foo");
    PEER_EXPECT_MATCH(carol, ":carol![^ ]+ JOIN #foo \\* :Real carol");
    irc_send(alice, "TOPIC #foo :What foo is");
    IRC_EXPECT_FROM(carol, "alice", "TOPIC #foo :What foo is");
    PEER_SKIP_TO(bob, ".* TOPIC .*");
    irc_send(alice, "RENAME #foo #bar :Changing the channel name");
    PEER_EXPECT_MATCH(bob, ":bob!~bob@[^ ]+ PART #foo :Changing the channel name");
    PEER_EXPECT_MATCH(bob, ":bob!~bob@[^ ]+ JOIN #bar");
    PEER_EXPECT_LINE(bob, ":test.example 332 bob #bar :What foo is");
    PEER_EXPECT_MATCH(bob, ":test\\.example 333 bob #bar alice [0-9]+");
    PEER_EXPECT_LINE(bob, ":test.example 353 bob = #bar :@alice bob carol");
    PEER_EXPECT_LINE(bob, ":test.example 366 bob #bar :End of /NAMES list");
    PEER_EXPECT_MATCH(carol, ":carol!~carol@[^ ]+ PART #foo :Changing the channel name");
    PEER_EXPECT_MATCH(carol, ":carol!~carol@[^ ]+ JOIN #bar \\* :Real carol");
    PEER_EXPECT_LINE(carol, ":test.example 332 carol #bar :What foo is");
    PEER_EXPECT_MATCH(carol, ":test\\.example 333 carol #bar alice [0-9]+");
    IRC_EXPECT_NOTHING(bob);
    IRC_EXPECT_NOTHING(carol);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_renames_without_knowing_of_it_is_told_the_same(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "batch labeled-response");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    go_into(alice, "#a");
    go_into(bob, "#b");
    irc_send(alice, "@label=x RENAME #a #c :why");
    PEER_EXPECT_LINE(alice, "@label=x :test.example BATCH +1 labeled-response");
    PEER_EXPECT_MATCH(alice, "@batch=1 :alice![^ ]+ PART #a :why");
    PEER_EXPECT_MATCH(alice, "@batch=1 :alice![^ ]+ JOIN #c");
    PEER_EXPECT_LINE(alice, "@batch=1 :test.example 353 alice = #c :@alice");
    PEER_EXPECT_LINE(alice, "@batch=1 :test.example 366 alice #c :End of /NAMES list");
    PEER_EXPECT_LINE(alice, ":test.example BATCH -1");
    irc_send(bob, "RENAME #b #d");
    IRC_EXPECT_FROM(bob, "bob", "PART #b");
    IRC_EXPECT_FROM(bob, "bob", "JOIN #d");
    PEER_EXPECT_LINE(bob, ":test.example 353 bob = #d :@bob");
    PEER_EXPECT_LINE(bob, ":test.example 366 bob #d :End of /NAMES list");
    IRC_EXPECT_NOTHING(bob);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void another_case_is_told_to_those_who_know_of_it_only(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = join_knowing(daemon, "alice", "#chan");
    struct peer *bob = irc_join_channel(daemon, "bob", "#chan");
    struct peer *carol = irc_join(daemon, "carol", "batch labeled-response");

    IRC_EXPECT_FROM(alice, "bob", "JOIN #chan");
    irc_send(alice, "RENAME #chan #Chan :nicer");
    IRC_EXPECT_FROM(alice, "alice", "RENAME #chan #Chan :nicer");
    IRC_EXPECT_NOTHING(bob);
    go_into(carol, "#x");
    irc_send(carol, "@label=1 RENAME #x #X");
    PEER_EXPECT_LINE(carol, "@label=1 :test.example ACK");
    irc_send(bob, "NAMES #chan");
    PEER_EXPECT_LINE(bob, ":test.example 353 bob = #Chan :@alice bob");
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void what_is_refused_is_told_by_fail_or_a_numeric(void)
{
    struct daemon *daemon = DAEMON_START(
        DAEMON_SERVER "listeners = ( " IRC_LISTENER " ); limits: { channel_length = 10; };\n", 1);
    struct peer *alice = join_knowing(daemon, "alice", "#a");
    struct peer *bob = join_knowing(daemon, "bob", "#a");

    go_into(bob, "#b");
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    irc_send(alice, "RENAME #a");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice RENAME :Not enough parameters");
    irc_send(alice, "RENAME #none #c");
    PEER_EXPECT_LINE(alice, ":test.example 403 alice #none :No such channel");
    irc_send(alice, "RENAME #b #c");
    PEER_EXPECT_LINE(alice, ":test.example 442 alice #b :You're not on that channel");
    irc_send(bob, "RENAME #a #c");
    PEER_EXPECT_LINE(bob, ":test.example 482 bob #a :You're not a channel operator");
    irc_send(alice, "MODE #a +h bob");
    IRC_EXPECT_FROM(alice, "alice", "MODE #a +h bob");
    IRC_EXPECT_FROM(bob, "alice", "MODE #a +h bob");
    irc_send(bob, "RENAME #a #c");
    PEER_EXPECT_LINE(bob, ":test.example 482 bob #a :You're not a channel operator");
    irc_send(alice, "RENAME #a #B");
    PEER_EXPECT_LINE(alice, ":test.example FAIL RENAME CHANNEL_NAME_IN_USE #a #B "
                            ":The channel name is already taken");
    irc_send(alice, "RENAME #a #a :same");
    PEER_EXPECT_LINE(alice, ":test.example FAIL RENAME CANNOT_RENAME #a #a "
                            ":The channel has that name already");
    irc_send(alice, "RENAME #a %%local");
    PEER_EXPECT_LINE(alice, ":test.example FAIL RENAME CANNOT_RENAME #a %local "
                            ":No channel can have that name");
    irc_send(alice, "RENAME #a #123456789a");
    PEER_EXPECT_LINE(alice, ":test.example FAIL RENAME CANNOT_RENAME #a #123456789a "
                            ":That name is too long");
    irc_send(alice, "RENAME #a :#x y");
    PEER_EXPECT_LINE(alice, ":test.example FAIL RENAME CANNOT_RENAME #a * "
                            ":No channel can have that name");
    irc_send(alice, "RENAME #a #c");
    IRC_EXPECT_FROM(alice, "alice", "RENAME #a #c :");
    irc_send(alice, "RENAME #c #d");
    PEER_EXPECT_LINE(alice, ":test.example FAIL RENAME CANNOT_RENAME #c #d "
                            ":This channel has been renamed recently");
    go_into(alice, "#lobby");
    irc_send(alice, "RENAME #lobby #d");
    PEER_EXPECT_LINE(alice, ":test.example FAIL RENAME CANNOT_RENAME #lobby #d "
                            ":This channel keeps its name");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void all_that_the_channel_has_goes_along(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = join_knowing(daemon, "alice", "#a");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    go_into(alice, "#fwd");
    irc_send(alice, "MODE #fwd +if #a\r\nMODE #a +bk x!*@* key\r\nTOPIC #a :t\r\nINVITE bob #a\r\n"
                    "PING a");
    PEER_SKIP_TO(alice, ".* PONG .*");
    PEER_SKIP_TO(bob, ".* INVITE .*");
    irc_send(alice, "RENAME #a #b");
    IRC_EXPECT_FROM(alice, "alice", "RENAME #a #b :");
    irc_send(alice, "MODE #b\r\nMODE #b b\r\nTOPIC #b\r\nMODE #fwd");
    PEER_EXPECT_LINE(alice, ":test.example 324 alice #b +ntk key");
    PEER_EXPECT_MATCH(alice, ":test\\.example 329 alice #b [0-9]+");
    PEER_EXPECT_MATCH(alice, ":test\\.example 367 alice #b x!\\*@\\* alice [0-9]+");
    PEER_EXPECT_LINE(alice, ":test.example 368 alice #b :End of channel ban list");
    PEER_EXPECT_LINE(alice, ":test.example 332 alice #b :t");
    PEER_EXPECT_MATCH(alice, ":test\\.example 333 alice #b alice [0-9]+");
    PEER_EXPECT_LINE(alice, ":test.example 324 alice #fwd +intf #b");
    PEER_SKIP_TO(alice, ".* 329 .*");
    /* The invitation opens it, through the forward. */
    irc_send(bob, "INVITE\r\nJOIN #fwd");
    PEER_EXPECT_LINE(bob, ":test.example 336 bob #b");
    PEER_EXPECT_LINE(bob, ":test.example 337 bob :End of /INVITE list");
    PEER_EXPECT_LINE(bob, ":test.example 470 bob #fwd #b :Forwarding to another channel");
    IRC_EXPECT_FROM(bob, "bob", "JOIN #b");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void the_old_name_leads_there(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = join_knowing(daemon, "alice", "#foo");
    struct peer *bob = irc_join(daemon, "bob", NULL);
    struct peer *carol = irc_join(daemon, "carol", RENAME);

    irc_send(alice, "RENAME #foo #bar");
    IRC_EXPECT_FROM(alice, "alice", "RENAME #foo #bar :");
    irc_send(bob, "JOIN #FOO");
    PEER_EXPECT_LINE(bob, ":test.example 470 bob #FOO #bar :The channel has been renamed");
    IRC_EXPECT_FROM(bob, "bob", "JOIN #bar");
    PEER_EXPECT_LINE(bob, ":test.example 353 bob = #bar :@alice bob");
    PEER_SKIP_TO(bob, ".* 366 .*");
    irc_send(bob, "JOIN #foo");
    IRC_EXPECT_NOTHING(bob);
    irc_send(carol, "JOIN #foo");
    PEER_EXPECT_LINE(
        carol, ":test.example FAIL JOIN CHANNEL_RENAMED #foo #bar :The channel has been renamed");
    IRC_EXPECT_NOTHING(carol);
    /* It is taken for other channels, and the channel itself can have it back. */
    go_into(carol, "#x");
    irc_send(carol, "RENAME #x #foo");
    PEER_EXPECT_LINE(carol, ":test.example FAIL RENAME CHANNEL_NAME_IN_USE #x #foo "
                            ":The channel name is already taken");
    /* Who is kept out is kept out there, too. */
    irc_send(alice, "MODE #bar +i\r\nKICK #bar bob");
    PEER_SKIP_TO(bob, ".* KICK .*");
    irc_send(bob, "JOIN #foo");
    PEER_EXPECT_LINE(bob, ":test.example 473 bob #foo :Cannot join channel (+i)");
    /* With the channel its former names go. */
    irc_send(alice, "PART #bar");
    PEER_SKIP_TO(alice, ":alice.* PART #bar");
    irc_send(bob, "JOIN #foo");
    IRC_EXPECT_FROM(bob, "bob", "JOIN #foo");
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void the_old_name_of_a_secret_channel_leads_nowhere(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = join_knowing(daemon, "alice", "#foo");
    struct peer *bob = irc_join(daemon, "bob", RENAME);

    go_into(alice, "#later");
    irc_send(alice, "MODE #foo +s\r\nRENAME #foo #bar\r\nRENAME #later #now\r\nMODE #now +p");
    IRC_EXPECT_FROM(alice, "alice", "MODE #foo +s");
    IRC_EXPECT_FROM(alice, "alice", "RENAME #foo #bar :");
    IRC_EXPECT_FROM(alice, "alice", "RENAME #later #now :");
    IRC_EXPECT_FROM(alice, "alice", "MODE #now +p");
    irc_send(bob, "JOIN #foo,#later");
    IRC_EXPECT_FROM(bob, "bob", "JOIN #foo");
    PEER_EXPECT_LINE(bob, ":test.example 353 bob = #foo :@bob");
    PEER_SKIP_TO(bob, ".* 366 .*");
    IRC_EXPECT_FROM(bob, "bob", "JOIN #later");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void talkers_are_told_in_words(void)
{
    struct daemon *daemon = DAEMON_START(
        DAEMON_SERVER "listeners = ( " IRC_LISTENER ", { service = \"talk\"; port = 0; } );\n", 2);
    struct peer *alice = join_knowing(daemon, "alice", "#foo");
    struct peer *tom = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));
    struct peer *ann = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));

    PEER_SEND_TEXT(tom, "tom\r\n/join #foo\r\n");
    PEER_SKIP_TO(tom, ".* in #foo: .*");
    irc_send(alice, "RENAME #foo #bar :better");
    PEER_EXPECT_MATCH(tom, "\\[..:..\\] \\* alice has given #foo the name #bar \\(better\\)");
    PEER_SEND_TEXT(tom, "hello\r\n/join #lobby\r\n/join #foo\r\n");
    PEER_SKIP_TO(alice, ":tom!.* PRIVMSG #bar :hello");
    PEER_SKIP_TO(tom, "You talk in #lobby now\\.");
    PEER_EXPECT_LINE(tom, "You talk in #bar now.");
    PEER_SEND_TEXT(ann, "ann\r\n/join #foo\r\n");
    PEER_SKIP_TO(ann, "\\[..:..\\] \\* #foo is called #bar now");
    PEER_EXPECT_MATCH(ann, "\\[..:..\\] \\* you have joined #bar");
    PEER_EXPECT_LINE(ann, "3 people in #bar: alice tom ann");
    peer_close(ann);
    peer_close(tom);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* As many as take several parts to be named. */
enum { CROWD = 1100 };

static void a_crowd_is_told_in_parts(void)
{
    struct daemon *daemon = DAEMON_START(
        DAEMON_SERVER "listeners = ( " IRC_LISTENER " );\n"
                      "limits: { per_address = 0; connect_rate = 0; channels_per_user = 0; };\n",
        1);
    struct peer *alice = join_knowing(daemon, "alice", "#foo");
    static struct peer *crowd[CROWD];
    unsigned named = 0;
    char *line;

    for (int i = 0; i < CROWD; i++) {
        char nick[16];

        snprintf(nick, sizeof nick, "n%d", i);
        crowd[i] = irc_join(daemon, nick, "no-implicit-names");
        irc_send(crowd[i], "JOIN #foo");
        PEER_SKIP_TO(crowd[i], ".* JOIN #foo");
    }
    irc_send(crowd[0], "CAP REQ -no-implicit-names");
    PEER_SKIP_TO(crowd[0], ".* ACK .*");
    irc_send(alice, "RENAME #foo #bar");
    PEER_SKIP_TO(crowd[0], ":n0!.* PART #foo");
    IRC_EXPECT_FROM(crowd[0], "n0", "JOIN #bar");
    for (;;) {
        EXPECT_RESULT(peer_next_line(crowd[0], &line), 0);
        if (!strstr(line, " 353 n0 = #bar :"))
            break;
        for (const char *at = strchr(line + 1, ':'); at; at = strchr(at + 1, ' '))
            named++;
    }
    CU_ASSERT_STRING_EQUAL(line, ":test.example 366 n0 #bar :End of /NAMES list");
    EXPECT_RESULT(named, CROWD + 1);
    IRC_EXPECT_NOTHING(crowd[0]);
    for (int i = 0; i < CROWD; i++)
        peer_close(crowd[i]);
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
        TEST(who_knows_of_it_is_told_by_a_rename),
        TEST(without_a_reason_it_is_empty),
        TEST(who_does_not_is_told_by_part_and_join),
        TEST(who_renames_without_knowing_of_it_is_told_the_same),
        TEST(another_case_is_told_to_those_who_know_of_it_only),
        TEST(what_is_refused_is_told_by_fail_or_a_numeric),
        TEST(all_that_the_channel_has_goes_along),
        TEST(the_old_name_leads_there),
        TEST(the_old_name_of_a_secret_channel_leads_nowhere),
        TEST(talkers_are_told_in_words),
        TEST(a_crowd_is_told_in_parts),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_rename", tests);
}
