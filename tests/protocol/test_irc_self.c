/* SPDX-License-Identifier: MIT */
/* IRC: a user's own modes, and whom they accept messages from. */
#include "config.h"

#include "tests/lib/unit.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>
#include <string.h>

static void modes_of_oneself_are_shown_set_and_taken_off(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);

    irc_send(alice, "MODE alice");
    PEER_EXPECT_LINE(alice, ":test.example 221 alice +");
    irc_send(alice, "MODE Alice +BRTiw");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :+BRTiw");
    irc_send(alice, "MODE alice");
    PEER_EXPECT_LINE(alice, ":test.example 221 alice +BRTiw");
    irc_send(alice, "MODE alice +w-B+B-T");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :-T");
    irc_send(alice, "MODE alice :-RB+i");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :-BR");
    irc_send(alice, "MODE alice +i");
    IRC_EXPECT_NOTHING(alice);
    irc_send(alice, "MODE alice");
    PEER_EXPECT_LINE(alice, ":test.example 221 alice +iw");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void unknown_modes_and_those_of_others_are_refused(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);

    irc_send(alice, "MODE alice +xiy");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :+i");
    PEER_EXPECT_LINE(alice, ":test.example 501 alice :Unknown MODE flag");
    irc_send(alice, "MODE bob");
    PEER_EXPECT_LINE(alice, ":test.example 502 alice :Cannot change mode for other users");
    irc_send(alice, "MODE bob +i");
    PEER_EXPECT_LINE(alice, ":test.example 502 alice :Cannot change mode for other users");
    irc_send(alice, "MODE nobody +i");
    PEER_EXPECT_LINE(alice, ":test.example 401 alice nobody :No such nick/channel");
    irc_send(alice, "MODE");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice MODE :Not enough parameters");
    IRC_EXPECT_NOTHING(bob);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void nobody_makes_themselves_an_operator(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);

    irc_send(alice, "MODE alice +o");
    IRC_EXPECT_NOTHING(alice);
    irc_send(alice, "MODE alice -o+o");
    IRC_EXPECT_NOTHING(alice);
    irc_send(alice, "MODE alice");
    PEER_EXPECT_LINE(alice, ":test.example 221 alice +");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

#define REFUSED ":test.example 477 bob alice :That takes an account"

static void who_is_not_accepted_cannot_speak_to_a_registered_only_user(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);

    irc_send(alice, "MODE alice +R");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :+R");
    irc_send(bob, "PRIVMSG alice :hello");
    PEER_EXPECT_LINE(bob, REFUSED);
    irc_send(bob, "NOTICE alice :hello");
    IRC_EXPECT_NOTHING(bob);
    IRC_EXPECT_NOTHING(alice);
    irc_send(alice, "PRIVMSG alice :to myself");
    IRC_EXPECT_FROM(alice, "alice", "PRIVMSG alice :to myself");
    irc_send(alice, "ACCEPT BOB");
    IRC_EXPECT_NOTHING(alice);
    irc_send(bob, "PRIVMSG alice :hello");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG alice :hello");
    irc_send(alice, "ACCEPT -bob");
    IRC_EXPECT_NOTHING(alice);
    irc_send(bob, "PRIVMSG alice :hello");
    PEER_EXPECT_LINE(bob, REFUSED);
    irc_send(alice, "MODE alice -R");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :-R");
    irc_send(bob, "PRIVMSG alice :again");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG alice :again");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void whom_one_has_spoken_to_is_accepted(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);

    irc_send(alice, "PRIVMSG bob :while everybody may speak to me");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG bob :while everybody may speak to me");
    irc_send(alice, "MODE alice +R");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :+R");
    irc_send(bob, "PRIVMSG alice :hello");
    PEER_EXPECT_LINE(bob, REFUSED);
    irc_send(alice, "PRIVMSG bob :hello");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG bob :hello");
    irc_send(bob, "PRIVMSG alice :hello to you");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG alice :hello to you");
    irc_send(alice, "ACCEPT *");
    PEER_EXPECT_LINE(alice, ":test.example 281 alice :bob");
    PEER_EXPECT_LINE(alice, ":test.example 282 alice :End of /ACCEPT list");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void accepted_people_are_listed_and_forgotten_when_they_go(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);
    struct peer *carol = irc_join(daemon, "carol", NULL);

    irc_send(alice, "ACCEPT");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice ACCEPT :Not enough parameters");
    irc_send(alice, "ACCEPT *");
    PEER_EXPECT_LINE(alice, ":test.example 282 alice :End of /ACCEPT list");
    irc_send(alice, "ACCEPT bob,nobody,bob,-alice,carol");
    PEER_EXPECT_LINE(alice, ":test.example 401 alice nobody :No such nick/channel");
    PEER_EXPECT_LINE(alice, ":test.example 457 alice bob :is already on your accept list");
    PEER_EXPECT_LINE(alice, ":test.example 458 alice alice :is not on your accept list");
    irc_send(bob, "NICK rob");
    IRC_EXPECT_FROM(bob, "bob", "NICK :rob");
    irc_send(alice, "ACCEPT *");
    PEER_EXPECT_LINE(alice, ":test.example 281 alice :rob carol");
    PEER_EXPECT_LINE(alice, ":test.example 282 alice :End of /ACCEPT list");
    irc_send(bob, "QUIT");
    PEER_SKIP_TO(bob, "ERROR .*");
    PEER_EXPECT_END(bob);
    irc_send(alice, "ACCEPT *");
    PEER_EXPECT_LINE(alice, ":test.example 281 alice :carol");
    PEER_EXPECT_LINE(alice, ":test.example 282 alice :End of /ACCEPT list");
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* One more than may be accepted. */
#define PEOPLE 101

static void accepted_people_are_bounded(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 0; per_address = 0; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *people[PEOPLE];
    char nick[16];

    for (unsigned i = 0; i < PEOPLE; i++) {
        snprintf(nick, sizeof(nick), "n%u", i);
        people[i] = irc_join(daemon, nick, NULL);
    }
    irc_send(alice, "MODE alice +R");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :+R");
    irc_send(alice, "PRIVMSG n0 :hello");
    for (unsigned i = 1; i < PEOPLE - 1; i++)
        irc_send(alice, "ACCEPT n%u", i);
    IRC_EXPECT_NOTHING(alice);
    irc_send(people[0], "PRIVMSG alice :hello");
    IRC_EXPECT_FROM(alice, "n0", "PRIVMSG alice :hello");
    irc_send(alice, "ACCEPT n100"); /* in the place of who was only spoken to */
    IRC_EXPECT_NOTHING(alice);
    PEER_SKIP_TO(people[0], ":alice.*");
    irc_send(people[0], "PRIVMSG alice :hello");
    PEER_EXPECT_LINE(people[0], ":test.example 477 n0 alice :That takes an account");
    irc_send(alice, "ACCEPT n0");
    PEER_EXPECT_LINE(alice, ":test.example 456 alice :Accept list is full");
    irc_send(alice, "ACCEPT -n1,n0");
    IRC_EXPECT_NOTHING(alice);
    for (unsigned i = 0; i < PEOPLE; i++)
        peer_close(people[i]);
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
        TEST(modes_of_oneself_are_shown_set_and_taken_off),
        TEST(unknown_modes_and_those_of_others_are_refused),
        TEST(nobody_makes_themselves_an_operator),
        TEST(who_is_not_accepted_cannot_speak_to_a_registered_only_user),
        TEST(whom_one_has_spoken_to_is_accepted),
        TEST(accepted_people_are_listed_and_forgotten_when_they_go),
        TEST(accepted_people_are_bounded),
        {NULL, NULL},
    };

    return unit_main(argc, argv, "irc_self", tests);
}
