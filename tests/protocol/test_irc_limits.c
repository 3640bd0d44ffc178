/* SPDX-License-Identifier: MIT */
/* IRC: what one client may use up: time, queues, names, lists. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>
#include <string.h>

#define HOST "[a-z2-7]{8}\\.[a-z2-7]{8}\\.[a-z2-7]{8}\\.ip"

/* LENGTH times the letter. */
static const char *letters(char letter, size_t length)
{
    static char text[512];

    memset(text, letter, length);
    text[length] = '\0';
    return text;
}

/* -- Floods ---------------------------------------------------------------------------------- */

static void lines_beyond_the_budget_wait_and_keep_their_order(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 50; flood_burst = 5; };\n");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");
    char text[4096] = "";
    char expected[100];

    for (int i = 0; i < 50; i++) {
        size_t used = strlen(text);

        snprintf(text + used, sizeof(text) - used, "PRIVMSG #a :%d\r\nPING %d\r\n", i, i);
    }
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    PEER_SEND_TEXT(alice, text);
    for (int i = 0; i < 50; i++) {
        snprintf(expected, sizeof(expected), ":test.example PONG test.example :%d", i);
        PEER_EXPECT_LINE(alice, expected);
        snprintf(expected, sizeof(expected), "PRIVMSG #a :%d", i);
        IRC_EXPECT_FROM(bob, "alice", expected);
    }
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void past_recvq_a_client_is_cut_off_and_told_why(void)
{
    struct daemon *daemon =
        IRC_START("limits: { flood_rate = 1; flood_burst = 30; recvq = 1024; };\n");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");
    char line[600];
    int rc = 0;

    snprintf(line, sizeof(line), "PING %s\r\n", letters('x', 40));
    for (int i = 0; i < 1000 && rc == 0; i++)
        rc = peer_send(alice, line, strlen(line));
    PEER_SKIP_TO(alice, "ERROR :Closing link: " HOST " \\(Excess flood\\)");
    PEER_EXPECT_GONE(alice);
    IRC_EXPECT_FROM(bob, "alice", "QUIT :Excess flood");
    IRC_EXPECT_NOTHING(bob);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* Who asks for more than its queue holds. */
static void past_sendq_a_client_is_cut_off_and_told_why(void)
{
    struct daemon *daemon = IRC_START("limits: { sendq = 4096; high_water = 4096; };\n");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");
    char line[600];

    /* Each letter is answered. */
    snprintf(line, sizeof(line), "MODE #a +%s", letters('x', 400));
    irc_send(bob, "%s", line);
    PEER_EXPECT_MATCH(bob, "ERROR :Closing link: " HOST " \\(SendQ exceeded\\)");
    PEER_EXPECT_END(bob);
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    IRC_EXPECT_FROM(alice, "bob", "QUIT :SendQ exceeded");
    IRC_EXPECT_NOTHING(alice);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* Whoever takes nothing cannot be told; the others are. */
static void who_does_not_read_is_cut_off(void)
{
    struct daemon *daemon =
        IRC_START("limits: { flood_rate = 0; sendq = 16384; high_water = 16384; };\n");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *deaf = PEER_OPEN(.port = DAEMON_PORT(daemon, "irc", 0),
                                  .receive_buffer = PEER_SMALL_WINDOW, .mute = true);
    const char *text = letters('x', 400);
    char *line;

    PEER_SEND_TEXT(deaf, "NICK deaf\r\nUSER deaf 0 * :deaf\r\nJOIN #a\r\n");
    IRC_EXPECT_FROM(alice, "deaf", "JOIN #a");
    for (int i = 0; i < 20000; i++) { /* sockets hold some megabytes */
        irc_send(alice, "PRIVMSG #a :%s", text);
        irc_send(alice, "PING %d", i);
        EXPECT_RESULT(peer_next_line(alice, &line), 0);
        if (strstr(line, " QUIT "))
            break;
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(line, " QUIT :SendQ exceeded"));
    PEER_DRAIN(deaf);
    peer_close(deaf);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* Whoever has not said who they are has the same limits. */
static void strangers_are_cut_off_too(void)
{
    struct daemon *daemon =
        IRC_START("limits: { flood_rate = 1; flood_burst = 5; recvq = 1024; };\n");
    struct peer *peer = IRC_CONNECT(daemon);
    int rc = 0;

    for (int i = 0; i < 1000 && rc == 0; i++)
        rc = peer_send(peer, "CAP LS\r\nNONSENSE\r\nNICK :\r\n", 26);
    PEER_SKIP_TO(peer, "ERROR :Closing link: " HOST " \\(Excess flood\\)");
    PEER_EXPECT_GONE(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

/* -- Lengths --------------------------------------------------------------------------------- */

static void names_that_are_too_long_are_refused(void)
{
    struct daemon *daemon = IRC_START("limits: { nick_length = 5; channel_length = 6; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);

    irc_send(alice, "VERSION");
    PEER_SKIP_TO(alice, ".* 005 .* CHANNELLEN=6 .*");
    PEER_SKIP_TO(alice, ".* 005 .* NICKLEN=5 .*");
    irc_send(alice, "NICK alicia");
    PEER_SKIP_TO(alice, ":test\\.example 432 alice alicia :Erroneous nickname");
    irc_send(alice, "NICK maria");
    IRC_EXPECT_FROM(alice, "alice", "NICK :maria");
    irc_send(alice, "JOIN #123456");
    PEER_EXPECT_LINE(alice, ":test.example 403 maria #123456 :No such channel");
    irc_send(alice, "JOIN #12345");
    IRC_EXPECT_FROM(alice, "maria", "JOIN #12345");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* Cut where a character begins: TOPICLEN, KICKLEN, AWAYLEN. */
static void texts_that_are_too_long_are_cut(void)
{
    struct daemon *daemon = IRC_START("limits: { topic_length = 10; };\n");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");
    char expected[600];

    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    irc_send(alice, "VERSION");
    PEER_SKIP_TO(alice, ".* 005 .* AWAYLEN=390 .*");
    PEER_SKIP_TO(alice, ".* 005 .* TOPICLEN=10 .*");
    irc_send(alice, "TOPIC #a :123456789\xc3\xbc-");
    PEER_SKIP_TO(alice, ":alice!.* TOPIC #a :123456789");
    IRC_EXPECT_FROM(bob, "alice", "TOPIC #a :123456789");
    irc_send(alice, "AWAY :%s", letters('a', 400));
    PEER_EXPECT_LINE(alice, ":test.example 306 alice :You have been marked as being away");
    irc_send(bob, "PRIVMSG alice :hi");
    snprintf(expected, sizeof(expected), ":test.example 301 bob alice :%s", letters('a', 390));
    PEER_EXPECT_LINE(bob, expected);
    irc_send(alice, "KICK #a bob :%s", letters('k', 400));
    snprintf(expected, sizeof(expected), "KICK #a bob :%s", letters('k', 390));
    IRC_EXPECT_FROM(bob, "alice", expected);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* USERLEN counts the ~ before it, NAMELEN is that of real names. */
static void what_one_says_of_oneself_is_cut_or_refused(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = IRC_CONNECT(daemon);
    char wanted[600];
    char *line, *user;
    unsigned userlen = 0;

    irc_send(alice, "NICK alice");
    irc_send(alice, "USER %s 0 * :%s", letters('u', 100), "");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice USER :Not enough parameters");
    irc_send(alice, "USER uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu 0 * :%s",
             letters('r', 200));
    while (userlen == 0) {
        EXPECT_RESULT(peer_next_line(alice, &line), 0);
        user = strstr(line, " USERLEN=");
        if (user)
            EXPECT_RESULT(sscanf(user, " USERLEN=%u", &userlen), 1);
    }
    PEER_SKIP_TO(alice, ".* 422 .*");
    irc_send(alice, "WHOIS alice");
    snprintf(wanted, sizeof(wanted), ":test\\.example 311 alice alice ~u{%u} " HOST " \\* :r{150}",
             userlen - 1);
    PEER_EXPECT_MATCH(alice, wanted);
    PEER_SKIP_TO(alice, ".* 318 .*");
    irc_send(alice, "CAP REQ :setname");
    PEER_EXPECT_MATCH(alice, ".* ACK :setname");
    irc_send(alice, "SETNAME :%s", letters('s', 151));
    PEER_EXPECT_LINE(alice, ":test.example FAIL SETNAME INVALID_REALNAME :That real name is not "
                            "valid");
    irc_send(alice, "SETNAME :%s", letters('s', 150));
    snprintf(wanted, sizeof(wanted), ":alice!.* SETNAME :%s", letters('s', 150));
    PEER_EXPECT_MATCH(alice, wanted);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* -- Lists ----------------------------------------------------------------------------------- */

/* So many invitations somebody keeps. */
#define INVITATIONS 64

static void the_oldest_invitation_makes_room(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 0; channels_per_user = 0; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);
    char expected[100];

    for (int i = 0; i <= INVITATIONS; i++) {
        irc_send(alice, "JOIN #%d", i);
        irc_send(alice, "MODE #%d +i", i);
        irc_send(alice, "INVITE bob #%d", i);
        snprintf(expected, sizeof(expected), ":test\\.example 341 alice bob #%d", i);
        PEER_SKIP_TO(alice, expected);
        snprintf(expected, sizeof(expected), "INVITE bob #%d", i);
        IRC_EXPECT_FROM(bob, "alice", expected);
    }
    irc_send(bob, "INVITE");
    for (int i = 1; i <= INVITATIONS; i++) {
        snprintf(expected, sizeof(expected), ":test.example 336 bob #%d", i);
        PEER_EXPECT_LINE(bob, expected);
    }
    PEER_EXPECT_MATCH(bob, ":test\\.example 337 bob :.*");
    irc_send(bob, "JOIN #0");
    PEER_EXPECT_MATCH(bob, ":test\\.example 473 bob #0 :.*");
    irc_send(bob, "JOIN #1");
    IRC_EXPECT_FROM(bob, "bob", "JOIN #1");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* So many nicknames of the past are kept. */
#define PAST 4096

static void nicknames_of_the_past_are_forgotten_in_the_end(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 0; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    char last[40];

    irc_send(alice, "NICK n0"); /* alice is the first that is kept */
    for (int i = 1; i < PAST; i++)
        irc_send(alice, "NICK n%d", i);
    snprintf(last, sizeof(last), ":n%d!.* NICK :n%d", PAST - 2, PAST - 1);
    PEER_SKIP_TO(alice, last);
    irc_send(alice, "WHOWAS alice");
    PEER_EXPECT_MATCH(alice, ":test\\.example 314 n[0-9]+ alice ~alice " HOST " \\* :Real alice");
    PEER_SKIP_TO(alice, ":test\\.example 369 .*");
    irc_send(alice, "NICK last");
    PEER_SKIP_TO(alice, ":n[0-9]+!.* NICK :last");
    irc_send(alice, "WHOWAS alice");
    PEER_EXPECT_LINE(alice, ":test.example 406 last alice :There was no such nickname");
    PEER_SKIP_TO(alice, ":test\\.example 369 .*");
    irc_send(alice, "WHOWAS n0");
    PEER_EXPECT_MATCH(alice, ":test\\.example 314 last n0 .*");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"lines beyond the budget wait and keep their order",
         lines_beyond_the_budget_wait_and_keep_their_order},
        {"past recvq a client is cut off and told why",
         past_recvq_a_client_is_cut_off_and_told_why},
        {"past sendq a client is cut off and told why",
         past_sendq_a_client_is_cut_off_and_told_why},
        {"who does not read is cut off", who_does_not_read_is_cut_off},
        {"strangers are cut off too", strangers_are_cut_off_too},
        {"names that are too long are refused", names_that_are_too_long_are_refused},
        {"texts that are too long are cut", texts_that_are_too_long_are_cut},
        {"what one says of oneself is cut or refused", what_one_says_of_oneself_is_cut_or_refused},
        {"the oldest invitation makes room", the_oldest_invitation_makes_room},
        {"nicknames of the past are forgotten in the end",
         nicknames_of_the_past_are_forgotten_in_the_end},
        {NULL, NULL},
    };

    return models_main(argc, argv, "IRC's limits", tests);
}
