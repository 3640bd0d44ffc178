/* SPDX-License-Identifier: MIT */
/* IRC: what one can ask about people, and what they say about themselves. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>
#include <string.h>

/* A long nickname. */
#define LONGEST "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwx"
#define HOST    "[a-z2-7]{8}\\.[a-z2-7]{8}\\.[a-z2-7]{8}\\.ip"

static void who_is_away_is_known_to_be(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join(daemon, "bob", "away-notify");

    irc_send(bob, "JOIN #a");
    PEER_SKIP_TO(bob, ".* 366 .*");
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    irc_send(alice, "AWAY :lunch");
    PEER_EXPECT_LINE(alice, ":test.example 306 alice :You have been marked as being away");
    IRC_EXPECT_FROM(bob, "alice", "AWAY :lunch");
    irc_send(bob, "PRIVMSG alice :there?");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG alice :there?");
    PEER_EXPECT_LINE(bob, ":test.example 301 bob alice :lunch");
    irc_send(bob, "WHO alice");
    PEER_EXPECT_MATCH(bob, ":test\\.example 352 bob #a ~alice " HOST " test\\.example alice G@ "
                           ":0 Real alice");
    PEER_EXPECT_LINE(bob, ":test.example 315 bob alice :End of /WHO list");
    irc_send(bob, "USERHOST alice nobody BOB");
    PEER_EXPECT_MATCH(bob, ":test\\.example 302 bob :alice=-~alice@" HOST " bob=\\+~bob@" HOST);
    irc_send(alice, "AWAY");
    PEER_EXPECT_LINE(alice, ":test.example 305 alice :You are no longer marked as being away");
    IRC_EXPECT_FROM(bob, "alice", "AWAY");
    irc_send(alice, "AWAY");
    PEER_EXPECT_LINE(alice, ":test.example 305 alice :You are no longer marked as being away");
    IRC_EXPECT_NOTHING(bob);
    IRC_EXPECT_NOTHING(alice);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void ison_names_those_who_are(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "Bob", NULL);

    irc_send(alice, "ISON nobody bob :carol ALICE");
    PEER_EXPECT_LINE(alice, ":test.example 303 alice :Bob alice");
    irc_send(alice, "ISON nobody");
    PEER_EXPECT_LINE(alice, ":test.example 303 alice :");
    irc_send(alice, "ISON");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice ISON :Not enough parameters");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void many_take_several_lines(void)
{
    struct daemon *daemon = IRC_START("limits: { nick_length = 60; };");
    struct peer *one = irc_join(daemon, LONGEST, "batch labeled-response");
    const char *where = "=\\+~[a-z0-9]+@" HOST;
    char expected[600];

    irc_send(one, "USERHOST %1$s %1$s %1$s %1$s %1$s %1$s", LONGEST);
    snprintf(expected, sizeof expected, ":test\\.example 302 %1$s :%1$s%2$s( %1$s%2$s){2}", LONGEST,
             where);
    PEER_EXPECT_MATCH(one, expected);
    snprintf(expected, sizeof expected, ":test\\.example 302 %1$s :%1$s%2$s %1$s%2$s", LONGEST,
             where);
    PEER_EXPECT_MATCH(one, expected);
    IRC_EXPECT_NOTHING(one);
    irc_send(one, "@label=1 ISON %1$s %1$s %1$s %1$s %1$s %1$s %1$s %1$s", LONGEST);
    PEER_EXPECT_LINE(one, "@label=1 :test.example BATCH +1 labeled-response");
    PEER_EXPECT_MATCH(one,
                      "@batch=1 :test\\.example 303 " LONGEST " :" LONGEST "( " LONGEST "){6}");
    PEER_EXPECT_LINE(one, "@batch=1 :test.example 303 " LONGEST " :" LONGEST);
    PEER_EXPECT_LINE(one, ":test.example BATCH -1");
    peer_close(one);
    DAEMON_STOP(daemon);
}

static void real_names_change(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "setname batch labeled-response");
    char text[152];

    irc_send(alice, "@label=1 SETNAME :Another Alice");
    PEER_EXPECT_MATCH(alice, "@label=1 :alice!~alice@" HOST " SETNAME :Another Alice");
    irc_send(alice, "WHOIS alice");
    PEER_EXPECT_MATCH(alice, ":test\\.example 311 alice alice ~alice " HOST " \\* :Another Alice");
    PEER_SKIP_TO(alice, ".* 318 .*");
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    irc_send(alice, "SETNAME :%s", text);
    PEER_EXPECT_LINE(alice, ":test.example FAIL SETNAME INVALID_REALNAME "
                            ":That real name is not valid");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void one_line_that_answers_has_the_label_itself(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "batch labeled-response");

    irc_send(alice, "@label=1 MODE alice +iw");
    PEER_EXPECT_MATCH(alice, "@label=1 :alice!~alice@" HOST " MODE alice :\\+iw");
    irc_send(alice, "@label=2 MODE alice +i");
    PEER_EXPECT_LINE(alice, "@label=2 :test.example ACK");
    irc_send(alice, "@label=3 MODE alice");
    PEER_EXPECT_LINE(alice, "@label=3 :test.example 221 alice +iw");
    irc_send(alice, "@label=4 MODE alice -iY");
    PEER_EXPECT_LINE(alice, "@label=4 :test.example BATCH +1 labeled-response");
    PEER_EXPECT_MATCH(alice, "@batch=1 :alice!~alice@" HOST " MODE alice :-i");
    PEER_EXPECT_LINE(alice, "@batch=1 :test.example 501 alice :Unknown MODE flag");
    PEER_EXPECT_LINE(alice, ":test.example BATCH -1");
    irc_send(alice, "@label=5 MODE alice Y");
    PEER_EXPECT_LINE(alice, "@label=5 :test.example 501 alice :Unknown MODE flag");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void modes_of_oneself_are_shown_and_changed(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    irc_send(alice, "MODE alice");
    PEER_EXPECT_LINE(alice, ":test.example 221 alice +");
    irc_send(alice, "MODE ALICE +iB-x+o");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :+Bi");
    PEER_EXPECT_LINE(alice, ":test.example 501 alice :Unknown MODE flag");
    irc_send(alice, "MODE alice +i-B");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :-B");
    irc_send(alice, "MODE alice");
    PEER_EXPECT_LINE(alice, ":test.example 221 alice +i");
    irc_send(alice, "MODE bob +i");
    PEER_EXPECT_LINE(alice, ":test.example 502 alice :Cannot change mode for other users");
    irc_send(alice, "MODE nobody");
    PEER_EXPECT_LINE(alice, ":test.example 401 alice nobody :No such nick/channel");
    irc_send(bob, "LUSERS");
    PEER_EXPECT_LINE(bob, ":test.example 251 bob :There are 1 users and 1 invisible on 1 server");
    irc_send(alice, "MODE #none");
    PEER_EXPECT_LINE(alice, ":test.example 403 alice #none :No such channel");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void userhost_in_names_gives_whole_names(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "userhost-in-names");

    irc_send(alice, "JOIN #a");
    IRC_EXPECT_FROM(alice, "alice", "JOIN #a");
    PEER_EXPECT_MATCH(alice, ":test\\.example 353 alice = #a :@alice!~alice@" HOST);
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
        TEST(who_is_away_is_known_to_be),
        TEST(ison_names_those_who_are),
        TEST(many_take_several_lines),
        TEST(real_names_change),
        TEST(one_line_that_answers_has_the_label_itself),
        TEST(modes_of_oneself_are_shown_and_changed),
        TEST(userhost_in_names_gives_whole_names),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_people", tests);
}
