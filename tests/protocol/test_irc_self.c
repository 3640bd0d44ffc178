/* SPDX-License-Identifier: MIT */
/* IRC: a user's own modes, whom they accept messages from, and what they are told is supported. */
#include "config.h"

#include "tests/lib/models.h"
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

static void who_takes_no_ctcp_still_takes_actions(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);

    irc_send(alice, "MODE alice +T");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :+T");
    irc_send(bob, "PRIVMSG alice :\001VERSION\001");
    PEER_EXPECT_LINE(bob, ":test.example 531 bob alice :Cannot send to user");
    irc_send(bob, "NOTICE alice :\001VERSION mine\001");
    IRC_EXPECT_NOTHING(bob);
    irc_send(bob, "PRIVMSG alice :\001ACTION waves\001");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG alice :\001ACTION waves\001");
    irc_send(alice, "MODE alice -T");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :-T");
    irc_send(bob, "PRIVMSG alice :\001VERSION\001");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG alice :\001VERSION\001");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* Takes the tokens of a 005 line apart and adds them to TOKENS, each between two spaces. */
static void take_tokens(char *line, char *tokens, size_t size)
{
    char *end = strstr(line, " :are supported by this server");
    unsigned count = 0;
    char *rest;

    CU_ASSERT_PTR_NOT_NULL_FATAL(end);
    CU_ASSERT(strlen(line) <= 510);
    *end = '\0';
    for (char *token = strtok_r(line + strlen(":test.example 005 alice "), " ", &rest); token;
         token = strtok_r(NULL, " ", &rest)) {
        const char *equals = strchr(token, '=');

        count++;
        CU_ASSERT(!equals || !strchr(equals + 1, '='));
        CU_ASSERT_FATAL(strlen(tokens) + strlen(token) + 2 < size);
        strcat(tokens, token);
        strcat(tokens, " ");
    }
    CU_ASSERT(count >= 1 && count <= 13);
}

static void what_is_supported_is_told(void)
{
    static const char *const expected[] = {
        "ACCOUNTEXTBAN=a",
        "AWAYLEN=390",
        "BOT=B",
        "CASEMAPPING=ascii",
        "CHANLIMIT=#:7",
        "CHANMODES=beI,k,EFLWfjl,CHMPRUcimnpstuz",
        "CHANNELLEN=50",
        "CHANTYPES=#",
        "CHATHISTORY=100",
        "ELIST=CMNTU",
        "EXCEPTS=e",
        "EXTBAN=,am",
        "HOSTLEN=63",
        "INVEX=I",
        "KICKLEN=390",
        "MAXLIST=beI:9",
        "MODES=13",
        "MONITOR=8",
        "MSGREFTYPES=msgid,timestamp",
        "NETWORK=A\\x3DB",
        "NICKLEN=20",
        "PREFIX=(qaohv)~&@%+",
        "SAFELIST",
        "STATUSMSG=~&@%+",
        "TARGMAX=NAMES:,LIST:,KICK:,PRIVMSG:4,NOTICE:4,TAGMSG:4,JOIN:,PART:,MONITOR:8",
        "TOPICLEN=99",
        "USERLEN=16",
        "UTF8ONLY",
        "WHOX"};
    struct daemon *daemon = DAEMON_START(
        "server: { name = \"test.example\"; network = \"A=B\"; state_dir = \"@DIR@\"; };\n"
        "listeners = ( " IRC_LISTENER " );\n"
        "limits: { channels_per_user = 7; channel_length = 50; masks_per_list = 9;"
        " watched_nicks = 8; nick_length = 20; topic_length = 99; };\n",
        1);
    struct peer *alice = IRC_CONNECT(daemon);
    char tokens[2000] = " ";
    char wanted[200];
    char *line;

    irc_send(alice, "NICK alice");
    irc_send(alice, "USER alice 0 * :Alice");
    PEER_SKIP_TO(alice, ".* 004 .*");
    for (;;) {
        EXPECT_RESULT(peer_next_line(alice, &line), 0);
        if (!strstr(line, " 005 "))
            break;
        take_tokens(line, tokens, sizeof(tokens));
    }
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        snprintf(wanted, sizeof(wanted), " %s ", expected[i]);
        EXPECT(strstr(tokens, wanted), "no%sin%s", wanted, tokens);
    }
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
        TEST(who_takes_no_ctcp_still_takes_actions),
        TEST(what_is_supported_is_told),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_self", tests);
}
