/* SPDX-License-Identifier: MIT */
/* IRC: bans of the server, of people (KLINE), addresses (DLINE) and channels (CBAN). */
#include "config.h"

#include "tests/lib/command.h"
#include "tests/lib/models.h"
#include "tests/lib/network.h"
#include "tests/protocol/irc_peers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HOST     "[a-z2-7]{8}\\.[a-z2-7]{8}\\.[a-z2-7]{8}\\.ip"
#define NO_RIGHT "Permission Denied- You're not an IRC operator"
#define EVERYWHERE                                                                                 \
    DAEMON_SERVER "listeners = ( { service = \"irc\"; address = \"*\"; port = 0; }, "              \
                  "{ service = \"talk\"; port = 0; } );\n"                                         \
                  "limits: { flood_rate = 0; };\n" IRC_OPERS

static struct peer *join_operator(struct daemon *daemon, const char *nick)
{
    struct peer *peer = irc_join(daemon, nick, NULL);

    IRC_BECOME_OPERATOR(peer, nick);
    return peer;
}

/* Somebody says who they are, and is banned. */
#define EXPECT_BANNED(peer, nick, reason) expect_banned(HERE, peer, nick, reason)
static void expect_banned(struct place place, struct peer *peer, const char *nick,
                          const char *reason)
{
    char expected[300];

    snprintf(expected, sizeof expected,
             ":test\\.example 465 %s :You are banned from this server: %s", nick, reason);
    peer_must_match(place, peer, expected);
    snprintf(expected, sizeof expected, "ERROR :Closing link: " HOST " \\(Banned \\(%s\\)\\)",
             reason);
    peer_must_match(place, peer, expected);
    peer_must_end(place, peer, PEER_END_ANY);
    peer_close(peer);
}

static struct peer *come(struct daemon *daemon, const char *nick)
{
    struct peer *peer = IRC_CONNECT(daemon);

    irc_send(peer, "NICK %s\r\nUSER %s 0 * :Real", nick, nick);
    return peer;
}

static void people_are_banned_and_let_in_again(void)
{
    struct daemon *daemon = DAEMON_START(EVERYWHERE, 2);
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");
    struct peer *carol = irc_join_channel(daemon, "carol", "#a");
    struct peer *talker = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));

    PEER_SKIP_TO(bob, ":carol!.* JOIN #a");
    PEER_SEND_TEXT(talker, "bobby\n");
    PEER_SKIP_TO(talker, "1 person in #lobby: bobby");
    irc_send(alice, "MODE alice +s xr");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :+s");
    PEER_EXPECT_LINE(alice, ":test.example 008 alice +rx :Server notice mask");
    irc_send(alice, "KLINE 1h ~bob*@127.0.0.0/16 :spam (much)");
    PEER_EXPECT_LINE(alice, ":test.example NOTICE alice :*** alice (root) has set a K line on "
                            "~bob*@127.0.0.0/16 for 3600 seconds: spam (much)");
    PEER_EXPECT_LINE(alice, ":test.example NOTICE alice :The K line on ~bob*@127.0.0.0/16 is set "
                            "for 3600 seconds; hit: 2");
    DAEMON_EXPECT_LOG(daemon, "alice (root) has set a K line on ~bob*@127.0.0.0/16");
    EXPECT_BANNED(bob, "bob", "spam \\(much\\)");
    IRC_EXPECT_FROM(carol, "bob", "QUIT :Banned (spam (much))");
    PEER_EXPECT_MATCH(talker,
                      "\\[..:..\\] \\* you are banned from this server \\(spam \\(much\\)\\)");
    PEER_EXPECT_END(talker);
    peer_close(talker);

    EXPECT_BANNED(come(daemon, "bobber"), "bobber", "spam \\(much\\)");
    PEER_EXPECT_MATCH(alice, ":test\\.example NOTICE alice :\\*\\*\\* Not let in: bobber "
                             "\\(~bobber@" HOST "\\) \\[127\\.0\\.0\\.1\\], K line on "
                             "~bob\\*@127\\.0\\.0\\.0/16");
    talker = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));
    PEER_SEND_TEXT(talker, "bob\n");
    PEER_SKIP_TO(talker, "Goodbye: you are banned from this server \\(spam \\(much\\)\\)\\.");
    PEER_EXPECT_END(talker);
    PEER_EXPECT_MATCH(alice, ".*Not let in: bob .*");

    irc_send(alice, "STATS k");
    PEER_EXPECT_MATCH(alice, ":test\\.example 216 alice k 127\\.0\\.0\\.0/16 \\* ~bob\\* :spam "
                             "\\(much\\) \\(by alice, for 3[0-9]{3} seconds\\)");
    PEER_EXPECT_LINE(alice, ":test.example 219 alice k :End of /STATS report");
    irc_send(alice, "UNKLINE ~BOB*@127.0.0.0/16");
    PEER_EXPECT_LINE(alice, ":test.example NOTICE alice :*** alice (root) has lifted the K line on "
                            "~BOB*@127.0.0.0/16");
    PEER_EXPECT_LINE(alice,
                     ":test.example NOTICE alice :The K line on ~BOB*@127.0.0.0/16 is lifted");
    irc_send(alice, "UNKLINE ~bob*@127.0.0.0/16");
    PEER_EXPECT_LINE(alice, ":test.example 400 alice UNKLINE :There is no such ban");
    bob = irc_join(daemon, "bob", NULL);
    irc_send(alice, "STATS K");
    PEER_EXPECT_LINE(alice, ":test.example 219 alice K :End of /STATS report");
    peer_close(talker);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void bans_that_make_no_sense_are_refused(void)
{
    struct daemon *daemon = DAEMON_START(EVERYWHERE, 2);
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob = irc_join(daemon, "bob", NULL);
    static const char wide[] =
        ":That means too many, or yourself; with FORCE before the mask it is "
        "done all the same";
    struct command_result result;
    char expected[200];

    irc_send(bob, "KLINE a@b.example :x");
    PEER_EXPECT_LINE(bob, ":test.example 481 bob :" NO_RIGHT);
    irc_send(bob, "UNDLINE 192.0.2.1");
    PEER_EXPECT_LINE(bob, ":test.example 481 bob :" NO_RIGHT);
    irc_send(bob, "CBAN #abc");
    PEER_EXPECT_LINE(bob, ":test.example 481 bob :" NO_RIGHT);
    irc_send(alice, "KLINE");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice KLINE :Not enough parameters");
    irc_send(alice, "KLINE FORCE 10");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice KLINE :Not enough parameters");
    irc_send(alice, "KLINE 10x a@b.example :x");
    PEER_EXPECT_LINE(alice, ":test.example 400 alice KLINE :That is no duration, such as 10, 1h30m "
                            "or 7d, of at most ten years");
    irc_send(alice, "KLINE nobody :x");
    PEER_EXPECT_LINE(alice, ":test.example 415 alice nobody :Bad Server/host mask");
    irc_send(alice, "DLINE a.example :x");
    PEER_EXPECT_LINE(alice, ":test.example 415 alice a.example :Bad Server/host mask");
    irc_send(alice, "DLINE 192.0.2.0/33 :x");
    PEER_EXPECT_LINE(alice, ":test.example 415 alice 192.0.2.0/33 :Bad Server/host mask");
    irc_send(alice, "CBAN abc :x");
    PEER_EXPECT_LINE(alice, ":test.example 415 alice abc :Bad Server/host mask");
    snprintf(expected, sizeof expected, ":test.example 400 alice KLINE %s", wide);
    irc_send(alice, "KLINE *@* :x");
    PEER_EXPECT_LINE(alice, expected);
    irc_send(alice, "KLINE *@10.0.0.0/8 :x");
    PEER_EXPECT_LINE(alice, expected);
    irc_send(alice, "KLINE ~alice@127.0.0.1 :x");
    PEER_EXPECT_LINE(alice, expected);
    snprintf(expected, sizeof expected, ":test.example 400 alice DLINE %s", wide);
    irc_send(alice, "DLINE 10.0.0.0/8");
    PEER_EXPECT_LINE(alice, expected);
    irc_send(alice, "DLINE FORCE 0 10.1.2.3/8");
    PEER_EXPECT_LINE(alice, ":test.example NOTICE alice :The D line on 10.0.0.0/8 is set for ever; "
                            "hit: 0");
    irc_send(alice, "DLINE FORCE 10.0.0.0/8");
    PEER_EXPECT_LINE(alice, ":test.example 400 alice DLINE :There is such a ban already");
    result = COMMAND_RUN(NULL, command_program("PACELINECTL"), "-s", daemon_path(daemon, "control"),
                         "bans");
    COMMAND_EXPECT(&result, 0);
    CU_ASSERT_STRING_EQUAL(result.out, "ban: address 10.0.0.0/8 0 alice No reason\n");
    command_clear(&result);
    irc_send(alice, "STATS d");
    PEER_EXPECT_LINE(alice, ":test.example 225 alice D 10.0.0.0/8 :No reason (by alice)");
    PEER_EXPECT_LINE(alice, ":test.example 219 alice d :End of /STATS report");
    irc_send(bob, "STATS d");
    PEER_EXPECT_LINE(bob, ":test.example 481 bob :" NO_RIGHT);
    PEER_EXPECT_LINE(bob, ":test.example 219 bob d :End of /STATS report");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* With force also oneself. */
static void a_nickname_means_its_address(void)
{
    struct daemon *daemon = DAEMON_START(EVERYWHERE, 2);
    struct peer *alice = join_operator(daemon, "alice");

    irc_send(alice, "KLINE FORCE alice :oneself");
    PEER_EXPECT_LINE(alice, ":test.example 465 alice :You are banned from this server: oneself");
    PEER_EXPECT_MATCH(alice, "ERROR :Closing link: " HOST " \\(Banned \\(oneself\\)\\)");
    PEER_EXPECT_END(alice);
    peer_close(alice);
    EXPECT_BANNED(come(daemon, "carol"), "carol", "oneself");
    DAEMON_STOP(daemon);
}

static void a_ban_is_over_when_its_time_is(void)
{
    struct daemon *daemon = DAEMON_START(EVERYWHERE, 2);
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob;

    irc_send(alice, "MODE alice +s x");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :+s");
    PEER_EXPECT_LINE(alice, ":test.example 008 alice +x :Server notice mask");
    irc_send(alice, "KLINE 2s ~bobby@* :a little");
    PEER_EXPECT_MATCH(alice, ".*has set a K line on ~bobby@\\* for 2 seconds: a little");
    PEER_EXPECT_MATCH(alice, ".*is set for 2 seconds; hit: 0");
    EXPECT_BANNED(come(daemon, "bobby"), "bobby", "a little");
    for (;;) { /* until it is let in, which the test's time bounds */
        char *line;

        bob = come(daemon, "bobby");
        EXPECT(peer_next_line(bob, &line) == 0, "no answer");
        if (strstr(line, " 001 "))
            break;
        peer_close(bob);
    }
    PEER_EXPECT_LINE(alice, ":test.example NOTICE alice :*** The K line on ~bobby@* is over");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void addresses_are_refused_before_they_have_said_anything(void)
{
    struct daemon *daemon = DAEMON_START(EVERYWHERE, 2);
    struct peer_target from = {.address = NETWORK_ADDRESS,
                               .from = NETWORK_OTHER_ADDRESS,
                               .port = DAEMON_PORT(daemon, "irc", 0)};
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob = peer_must_open(HERE, &from);
    struct peer *waits;

    irc_send(bob, "NICK bob\r\nUSER bob 0 * :Real bob");
    PEER_SKIP_TO(bob, ".* 422 .*");
    irc_send(alice, "DLINE 10 " NETWORK_OTHER_ADDRESS "/31 :no");
    PEER_EXPECT_LINE(alice, ":test.example NOTICE alice :The D line on 198.51.100.2/31 is set for "
                            "600 seconds; hit: 1");
    EXPECT_BANNED(bob, "bob", "no");
    waits = peer_must_open(HERE, &from);
    PEER_EXPECT_LINE(waits, "ERROR :Closing link: (Your address is banned)");
    PEER_EXPECT_END(waits);
    peer_close(waits);
    irc_send(alice, "DLINE FORCE 127.0.0.0/8 :loopback is exempt");
    PEER_EXPECT_LINE(alice, ":test.example NOTICE alice :The D line on 127.0.0.0/8 is set for "
                            "ever; hit: 0");
    peer_close(irc_join(daemon, "carol", NULL));
    irc_send(alice, "UNDLINE " NETWORK_OTHER_ADDRESS "/31");
    PEER_EXPECT_LINE(alice, ":test.example NOTICE alice :The D line on 198.51.100.2/31 is lifted");
    bob = peer_must_open(HERE, &from);
    irc_send(bob, "PING back");
    PEER_EXPECT_LINE(bob, ":test.example PONG test.example :back");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void channels_are_closed_and_opened(void)
{
    struct daemon *daemon = DAEMON_START(EVERYWHERE, 2);
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob = irc_join_channel(daemon, "bob", "#warez");
    struct peer *carol = irc_join_channel(daemon, "carol", "#warez");

    PEER_SKIP_TO(bob, ":carol!.* JOIN #warez");
    irc_send(alice, "CBAN 7d #WAREZ :not here");
    PEER_EXPECT_LINE(alice, ":test.example NOTICE alice :The channel ban on #WAREZ is set for "
                            "604800 seconds; hit: 2");
    IRC_EXPECT_FROM(bob, "alice", "KICK #warez bob :not here");
    IRC_EXPECT_FROM(carol, "alice", "KICK #warez carol :not here");
    IRC_EXPECT_NOTHING(bob);
    irc_send(bob, "JOIN #warez");
    PEER_EXPECT_LINE(bob, ":test.example 926 bob #warez :Channel is closed: not here");
    irc_send(alice, "JOIN #warez");
    PEER_EXPECT_LINE(alice, ":test.example 926 alice #warez :Channel is closed: not here");
    irc_send(alice, "CBAN #other-* :nor there");
    PEER_EXPECT_MATCH(alice, ".*The channel ban on #other-\\* is set for ever; hit: 0");
    irc_send(bob, "JOIN #other-place");
    PEER_EXPECT_LINE(bob, ":test.example 926 bob #other-place :Channel is closed: nor there");
    irc_send(alice, "STATS q");
    PEER_EXPECT_MATCH(alice, ":test\\.example 217 alice q #WAREZ :not here \\(by alice, for "
                             "604(800|79[0-9]) seconds\\)");
    PEER_EXPECT_LINE(alice, ":test.example 217 alice Q #other-* :nor there (by alice)");
    PEER_EXPECT_LINE(alice, ":test.example 219 alice q :End of /STATS report");
    irc_send(alice, "UNCBAN #warez");
    PEER_EXPECT_LINE(alice, ":test.example NOTICE alice :The channel ban on #warez is lifted");
    irc_send(bob, "JOIN #warez");
    IRC_EXPECT_FROM(bob, "bob", "JOIN #warez");
    irc_send(alice, "CBAN #lobby :no talk");
    PEER_EXPECT_MATCH(alice, ".*hit: 0");
    peer_close(carol);
    carol = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));
    PEER_SEND_TEXT(carol, "tom\n");
    PEER_SKIP_TO(carol, "#lobby is closed\\.");
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* Whoever is faster: nobody whom a ban means is left, and everybody who is gone is forgotten. */
static void bans_come_while_people_come_and_go(void)
{
    enum { ROUNDS = 15, PEOPLE = 12 };
    struct daemon *daemon = DAEMON_START(EVERYWHERE, 2);
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *people[PEOPLE];

    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < PEOPLE; i++) {
            people[i] = IRC_CONNECT(daemon);
            irc_send(people[i], "NICK p%d\r\nUSER p%d 0 * :Real\r\nJOIN #a,#b", i, i);
            if (i == PEOPLE / 2)
                irc_send(alice, "KLINE 1h ~p*@127.0.0.0/24 :round\r\nCBAN #a :round");
        }
        for (int i = 0; i < PEOPLE; i++)
            if (i % 3 == 0)
                peer_reset(people[i]);
        for (int i = 0; i < PEOPLE; i++) {
            if (i % 3 == 0)
                continue;
            EXPECT(peer_receive_end(people[i]) != -ETIMEDOUT, "somebody is left");
            peer_close(people[i]);
        }
        irc_send(alice, "UNKLINE ~p*@127.0.0.0/24\r\nUNCBAN #a");
        PEER_SKIP_TO(alice, ".* channel ban on #a is lifted");
    }
    irc_send(alice, "LUSERS");
    PEER_SKIP_TO(alice, ":test\\.example 254 alice 0 :channels formed");
    PEER_SKIP_TO(alice, ":test\\.example 255 alice :I have 1 clients and 0 servers");
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
        TEST(people_are_banned_and_let_in_again),
        TEST(bans_that_make_no_sense_are_refused),
        TEST(a_nickname_means_its_address),
        TEST(a_ban_is_over_when_its_time_is),
        TEST(addresses_are_refused_before_they_have_said_anything),
        TEST(channels_are_closed_and_opened),
        TEST(bans_come_while_people_come_and_go),
        {NULL, NULL},
    };
    int result = network_enter();

    if (result < 0) {
        fprintf(stderr, "%s: no network of one's own: %s\n", argv[0], strerror(-result));
        return 77;
    }
    return models_main(argc, argv, "irc_bans", tests);
}
