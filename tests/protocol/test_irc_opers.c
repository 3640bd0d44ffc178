/* SPDX-License-Identifier: MIT */
/* IRC: operators of the server, how one becomes one, and what they do. */
#include "config.h"

#include "base/password.h"
#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST     "[a-z2-7]{8}\\.[a-z2-7]{8}\\.[a-z2-7]{8}\\.ip"
#define RIGHT    "correct horse"
#define NO_RIGHT "Permission Denied- You're not an IRC operator"

/* An entry of the list of operators; to be freed. */
static char *entry(const char *name, const char *plain, unsigned iterations)
{
    struct pli_password password = {.iterations = iterations, .salt_length = 4, .salt = "salt"};
    char text[PLI_PASSWORD_TEXT];
    char *made;

    EXPECT(pli_password_derive(&password, plain, strlen(plain)) == 0, "no password");
    pli_password_print(&password, text);
    EXPECT(asprintf(&made, "{ name = \"%s\"; password = \"%s\"; }", name, text) > 0, "no memory");
    return made;
}

/* A configuration with two operators, listeners for irc and talk, and SETTINGS besides. */
static char *configuration(const char *settings)
{
    char *root = entry("root", RIGHT, 4096);
    char *slow = entry("slow", RIGHT, 20000);
    char *text;

    EXPECT(asprintf(&text,
                    DAEMON_SERVER "listeners = ( " IRC_LISTENER
                                  ", { service = \"talk\"; port = 0; } );\n"
                                  "opers = ( %s, %s );\n%s",
                    root, slow, settings) > 0,
           "no memory");
    free(root);
    free(slow);
    return text;
}

static struct daemon *start_with(const char *settings)
{
    char *text = configuration(settings);
    struct daemon *daemon = DAEMON_START(text, 2);

    free(text);
    return daemon;
}

static void become_operator(struct peer *peer, const char *nick)
{
    char expected[100];

    irc_send(peer, "OPER root :" RIGHT);
    snprintf(expected, sizeof expected, "MODE %s :+o", nick);
    IRC_EXPECT_FROM(peer, nick, expected);
    snprintf(expected, sizeof expected, ":test.example 381 %s :You are now an IRC operator", nick);
    PEER_EXPECT_LINE(peer, expected);
}

static struct peer *join_operator(struct daemon *daemon, const char *nick)
{
    struct peer *peer = irc_join(daemon, nick, NULL);

    become_operator(peer, nick);
    return peer;
}

static void who_knows_the_password_becomes_operator(void)
{
    struct daemon *daemon = start_with("");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);

    become_operator(alice, "alice");
    DAEMON_EXPECT_LOG(daemon, "alice from 127.0.0.1 is now operator \"root\"");
    irc_send(alice, "MODE alice");
    PEER_EXPECT_LINE(alice, ":test.example 221 alice +o");
    irc_send(bob, "WHOIS alice");
    PEER_SKIP_TO(bob, ":test\\.example 313 bob alice :is an IRC operator");
    PEER_SKIP_TO(bob, ".* 318 .*");
    irc_send(bob, "LUSERS");
    PEER_SKIP_TO(bob, ":test\\.example 252 bob 1 :operators online");
    irc_send(alice, "OPER root wrong");
    PEER_EXPECT_LINE(alice, ":test.example 381 alice :You are now an IRC operator");
    irc_send(alice, "MODE alice -o");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :-o");
    irc_send(alice, "WALLOPS :hello");
    PEER_EXPECT_LINE(alice, ":test.example 481 alice :" NO_RIGHT);
    irc_send(alice, "OPER slow :" RIGHT);
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :+o");
    PEER_EXPECT_LINE(alice, ":test.example 381 alice :You are now an IRC operator");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void an_unknown_name_is_answered_as_a_wrong_password_is(void)
{
    struct daemon *daemon = start_with("limits: { flood_rate = 0; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);

    irc_send(alice, "OPER root secret-1");
    PEER_EXPECT_LINE(alice, ":test.example 464 alice :Password incorrect");
    DAEMON_EXPECT_LOG(daemon, "alice from 127.0.0.1 has failed to become operator \"root\"");
    irc_send(alice, "OPER \033nobody :" RIGHT);
    PEER_EXPECT_LINE(alice, ":test.example 464 alice :Password incorrect");
    DAEMON_EXPECT_LOG(daemon, "alice from 127.0.0.1 has failed to become operator \"?nobody\"");
    irc_send(alice, "OPER ROOT :" RIGHT);
    PEER_EXPECT_LINE(alice, ":test.example 464 alice :Password incorrect");
    irc_send(alice, "OPER root :");
    PEER_EXPECT_LINE(alice, ":test.example 464 alice :Password incorrect");
    irc_send(alice, "OPER root");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice OPER :Not enough parameters");
    IRC_EXPECT_NOTHING(alice);
    CU_ASSERT_PTR_NULL(strstr(daemon_log(daemon), "secret-1"));
    CU_ASSERT_PTR_NULL(strstr(daemon_log(daemon), RIGHT));
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void without_operators_nobody_becomes_one(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *early = IRC_CONNECT(daemon);

    irc_send(alice, "OPER root :" RIGHT);
    PEER_EXPECT_LINE(alice, ":test.example 491 alice :No operators are allowed from your host");
    DAEMON_EXPECT_LOG(daemon, "alice from 127.0.0.1 has failed to become operator \"root\"");
    irc_send(early, "OPER root :" RIGHT);
    PEER_EXPECT_LINE(early, ":test.example 451 * :You have not registered");
    peer_close(early);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* Also those that a CR alone separates from it. */
static void lines_behind_an_oper_wait_for_its_answer(void)
{
    struct daemon *daemon = start_with("limits: { flood_rate = 0; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);

    PEER_SEND_TEXT(alice, "OPER slow wrong\r\nPING 1\r\n"
                          "OPER root wrong\rPING 2\rOPER root wrong\rPING 3\r\n"
                          "PING 4\r\nOPER slow wrong\r\nPING 5\r\n");
    PEER_EXPECT_LINE(alice, ":test.example 464 alice :Password incorrect");
    PEER_EXPECT_LINE(alice, ":test.example PONG test.example :1");
    PEER_EXPECT_LINE(alice, ":test.example 464 alice :Password incorrect");
    PEER_EXPECT_LINE(alice, ":test.example PONG test.example :2");
    PEER_EXPECT_LINE(alice, ":test.example 464 alice :Password incorrect");
    PEER_EXPECT_LINE(alice, ":test.example PONG test.example :3");
    PEER_EXPECT_LINE(alice, ":test.example PONG test.example :4");
    PEER_EXPECT_LINE(alice, ":test.example 464 alice :Password incorrect");
    PEER_EXPECT_LINE(alice, ":test.example PONG test.example :5");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void answers_that_come_later_have_their_label(void)
{
    struct daemon *daemon = start_with("limits: { flood_rate = 0; };\n");
    struct peer *alice = irc_join(daemon, "alice", "batch labeled-response");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    irc_send(alice, "@label=a OPER root wrong\r\n@label=b PING 1");
    PEER_EXPECT_LINE(alice, "@label=a :test.example 464 alice :Password incorrect");
    PEER_EXPECT_LINE(alice, "@label=b :test.example PONG test.example :1");
    irc_send(alice, "@label=c OPER root :" RIGHT);
    irc_send(alice, "PING 2");
    PEER_EXPECT_LINE(alice, "@label=c :test.example BATCH +1 labeled-response");
    PEER_EXPECT_MATCH(alice, "@batch=1 :alice!~alice@" HOST " MODE alice :\\+o");
    PEER_EXPECT_LINE(alice, "@batch=1 :test.example 381 alice :You are now an IRC operator");
    PEER_EXPECT_LINE(alice, ":test.example BATCH -1");
    PEER_EXPECT_LINE(alice, ":test.example PONG test.example :2");
    irc_send(alice, "@label=d KILL bob");
    PEER_EXPECT_LINE(alice, "@label=d :test.example ACK");
    irc_send(alice, "@label=e WALLOPS :nobody listens");
    PEER_EXPECT_LINE(alice, "@label=e :test.example ACK");
    irc_send(alice, "@label=f REHASH");
    PEER_EXPECT_LINE(alice, "@label=f :test.example 382 alice paceline.conf :Rehashing");
    irc_send(alice, "@label=g KILL alice");
    PEER_EXPECT_LINE(alice, "@label=g :test.example BATCH +1 labeled-response");
    PEER_EXPECT_MATCH(alice, "@batch=1 :alice!~alice@" HOST " KILL alice :No reason given");
    PEER_EXPECT_MATCH(alice, "@batch=1 ERROR :Closing link: " HOST
                             " \\(Killed \\(alice \\(No reason given\\)\\)\\)");
    PEER_EXPECT_LINE(alice, ":test.example BATCH -1");
    PEER_EXPECT_END(alice);
    PEER_DRAIN(bob);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void one_may_go_while_the_password_is_checked(void)
{
    struct daemon *daemon = start_with("");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    for (int i = 0; i < 12; i++) {
        struct peer *alice = irc_join_channel(daemon, "alice", "#a");

        irc_send(bob, "JOIN #a");
        PEER_SKIP_TO(bob, ".* 366 .*");
        irc_send(alice, "OPER slow :" RIGHT);
        irc_send(alice, "QUIT");
        if (i % 3 == 0)
            peer_reset(alice);
        else
            peer_close(alice);
        PEER_SKIP_TO(bob, ":alice!\\S* QUIT .*");
        irc_send(bob, "PART #a");
        PEER_SKIP_TO(bob, ":bob!\\S* PART #a");
    }
    irc_send(bob, "LUSERS");
    PEER_SKIP_TO(bob, ":test\\.example 252 bob 0 :operators online");
    PEER_SKIP_TO(bob, ":test\\.example 255 bob :I have 1 clients and 0 servers");
    peer_close(bob);
    DAEMON_STOP(daemon);
}

/* What follows would be worked off at once, had the attempt been a good one. */
static void failures_cost_much(void)
{
    static const char settings[] = "limits: { flood_rate = 1; flood_burst = 70; recvq = 512; };\n";
    struct daemon *daemon = start_with(settings);
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);
    static char token[400];

    memset(token, 'x', sizeof token - 1);
    irc_send(alice, "OPER root wrong");
    PEER_EXPECT_LINE(alice, ":test.example 464 alice :Password incorrect");
    become_operator(bob, "bob");
    for (int i = 0; i < 40; i++) {
        irc_send(bob, "PING %s", token);
        if (i < 30)
            (void)peer_send(alice, token, sizeof token - 1);
        if (i < 30)
            (void)peer_send(alice, "\r\nPING 1\r\n", 10);
    }
    for (int i = 0; i < 40; i++)
        PEER_SKIP_TO(bob, ":test\\.example PONG .*");
    PEER_SKIP_TO(alice, "ERROR :Closing link: " HOST " \\(Excess flood\\)");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void operators_end_sessions(void)
{
    struct daemon *daemon = start_with("");
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");
    struct peer *carol = irc_join_channel(daemon, "carol", "#a");

    PEER_SKIP_TO(bob, ":carol!.* JOIN #a");
    irc_send(bob, "KILL carol :no");
    PEER_EXPECT_LINE(bob, ":test.example 481 bob :" NO_RIGHT);
    irc_send(bob, "KILL nobody");
    PEER_EXPECT_LINE(bob, ":test.example 481 bob :" NO_RIGHT);
    irc_send(alice, "KILL");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice KILL :Not enough parameters");
    irc_send(alice, "KILL nobody :why");
    PEER_EXPECT_LINE(alice, ":test.example 401 alice nobody :No such nick/channel");
    irc_send(alice, "KILL test.example");
    PEER_EXPECT_LINE(alice, ":test.example 483 alice :You can't kill a server!");
    irc_send(alice, "KILL CAROL :too (loud)");
    IRC_EXPECT_FROM(carol, "alice", "KILL carol :too (loud)");
    PEER_EXPECT_MATCH(carol, "ERROR :Closing link: " HOST
                             " \\(Killed \\(alice \\(too \\(loud\\)\\)\\)\\)");
    PEER_EXPECT_END(carol);
    IRC_EXPECT_FROM(bob, "carol", "QUIT :Killed (alice (too (loud)))");
    irc_send(alice, "KILL bob");
    IRC_EXPECT_FROM(bob, "alice", "KILL bob :No reason given");
    PEER_EXPECT_MATCH(bob, "ERROR :Closing link: " HOST
                           " \\(Killed \\(alice \\(No reason given\\)\\)\\)");
    PEER_EXPECT_END(bob);
    IRC_EXPECT_NOTHING(alice);
    irc_send(alice, "KILL alice :enough");
    IRC_EXPECT_FROM(alice, "alice", "KILL alice :enough");
    PEER_EXPECT_MATCH(alice, "ERROR :Closing link: " HOST " \\(Killed \\(alice \\(enough\\)\\)\\)");
    PEER_EXPECT_END(alice);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* All of a line fits although the reason is as long as a line can be. */
static void a_long_reason_is_cut(void)
{
    struct daemon *daemon = start_with("");
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");
    struct peer *carol = irc_join_channel(daemon, "carol", "#a");
    char reason[460];

    memset(reason, 'x', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    irc_send(alice, "KILL carol :%s", reason);
    PEER_EXPECT_MATCH(carol, ":alice!~alice@" HOST " KILL carol :x+");
    PEER_EXPECT_MATCH(carol, "ERROR :Closing link: " HOST " \\(Killed \\(alice \\(x+\\)\\)\\)");
    PEER_EXPECT_END(carol);
    PEER_SKIP_TO(bob, ":carol!~carol@" HOST " JOIN #a");
    PEER_EXPECT_MATCH(bob, ":carol!~carol@" HOST " QUIT :Killed \\(alice \\(x+");
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void operators_speak_to_those_who_listen(void)
{
    struct daemon *daemon = start_with("");
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob = irc_join(daemon, "bob", NULL);
    struct peer *carol = irc_join(daemon, "carol", NULL);

    irc_send(bob, "MODE bob +w");
    IRC_EXPECT_FROM(bob, "bob", "MODE bob :+w");
    irc_send(alice, "WALLOPS :the server restarts");
    IRC_EXPECT_FROM(bob, "alice", "WALLOPS :the server restarts");
    IRC_EXPECT_NOTHING(alice);
    IRC_EXPECT_NOTHING(carol);
    irc_send(alice, "MODE alice +w");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :+w");
    irc_send(alice, "WALLOPS again");
    IRC_EXPECT_FROM(alice, "alice", "WALLOPS :again");
    IRC_EXPECT_FROM(bob, "alice", "WALLOPS :again");
    irc_send(bob, "WALLOPS :me too");
    PEER_EXPECT_LINE(bob, ":test.example 481 bob :" NO_RIGHT);
    irc_send(alice, "WALLOPS :");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice WALLOPS :Not enough parameters");
    IRC_EXPECT_NOTHING(alice);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* Who talks through the other service is one like all. */
static void people_who_talk_are_told_in_words(void)
{
    struct daemon *daemon = start_with("");
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));

    PEER_SEND_TEXT(bob, "bob\n");
    PEER_SKIP_TO(bob, ".*you have joined #lobby");
    PEER_SKIP_TO(bob, "1 person in #lobby: bob");
    irc_send(alice, "JOIN #lobby");
    PEER_SKIP_TO(alice, ":test\\.example 366 .*");
    PEER_EXPECT_MATCH(bob, "\\[..:..\\] \\* alice has joined #lobby");
    irc_send(alice, "USERHOST bob");
    PEER_EXPECT_MATCH(alice, ":test\\.example 302 alice :bob=\\+~bob@" HOST);
    irc_send(alice, "WALLOPS :the server restarts");
    PEER_EXPECT_MATCH(bob, "\\[..:..\\] \\* alice tells all: the server restarts");
    irc_send(alice, "KILL bob :no spam");
    PEER_EXPECT_MATCH(bob, "\\[..:..\\] \\* alice has ended your session \\(no spam\\)");
    PEER_EXPECT_END(bob);
    IRC_EXPECT_FROM(alice, "bob", "QUIT :Killed (alice (no spam))");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void rehash_reads_the_configuration_again(void)
{
    struct daemon *daemon = start_with("");
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob = irc_join(daemon, "bob", NULL);
    char *text;

    irc_send(bob, "REHASH");
    PEER_EXPECT_LINE(bob, ":test.example 481 bob :" NO_RIGHT);
    text = configuration("talk: { lobby = \"#hall\"; };\nlimits: { nick_length = 9; };\n"
                         "pool: { batch = 17; };\n");
    daemon_configure(daemon, text);
    free(text);
    irc_send(alice, "REHASH");
    PEER_EXPECT_MATCH(alice,
                      ":test\\.example NOTICE alice :.*/paceline\\.conf:[0-9]+: pool\\.batch:"
                      " takes effect at the next start");
    PEER_EXPECT_LINE(alice, ":test.example 382 alice paceline.conf :Rehashing");
    irc_send(alice, "NICK more-than-nine");
    PEER_EXPECT_LINE(alice, ":test.example 432 alice more-than-nine :Erroneous nickname");
    text = configuration("limits: { nick_length = 0; };\npool: { model = \"none\"; };\n");
    daemon_configure(daemon, text);
    free(text);
    irc_send(alice, "REHASH");
    PEER_EXPECT_MATCH(alice, ":test\\.example NOTICE alice :.*/paceline\\.conf:[0-9]+: "
                             "limits\\.nick_length: 1\\.\\.64 expected, got 0");
    PEER_EXPECT_MATCH(alice, ":test\\.example NOTICE alice :.*/paceline\\.conf:[0-9]+: "
                             "pool\\.model: .*");
    PEER_EXPECT_LINE(alice, ":test.example 400 alice REHASH :The configuration stays as it was");
    irc_send(alice, "NICK more-than-nine");
    PEER_EXPECT_LINE(alice, ":test.example 432 alice more-than-nine :Erroneous nickname");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* Those who are operators remain so. */
static void a_reload_brings_other_operators(void)
{
    struct daemon *daemon = start_with("");
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob = irc_join(daemon, "bob", NULL);
    char *root = entry("root", "another", 4096);
    char *text;

    EXPECT(asprintf(&text,
                    DAEMON_SERVER "listeners = ( " IRC_LISTENER
                                  ", { service = \"talk\"; port = 0; } );\nopers = ( %s );\n",
                    root) > 0,
           "no memory");
    daemon_configure(daemon, text);
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "the configuration is reloaded");
    irc_send(bob, "OPER root another");
    IRC_EXPECT_FROM(bob, "bob", "MODE bob :+o");
    PEER_EXPECT_LINE(bob, ":test.example 381 bob :You are now an IRC operator");
    irc_send(alice, "WALLOPS :still here");
    IRC_EXPECT_NOTHING(alice);
    irc_send(alice, "MODE alice -o");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :-o");
    irc_send(alice, "OPER root :" RIGHT);
    PEER_EXPECT_LINE(alice, ":test.example 464 alice :Password incorrect");
    free(text);
    free(root);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void operators_see_the_audience(void)
{
    struct daemon *daemon = start_with("");
    struct peer *bob = irc_join_channel(daemon, "bob", "#hall");
    struct peer *carol, *alice;

    irc_send(bob, "MODE #hall +u");
    IRC_EXPECT_FROM(bob, "bob", "MODE #hall +u");
    carol = irc_join_channel(daemon, "carol", "#hall");
    alice = irc_join(daemon, "alice", NULL);
    irc_send(alice, "NAMES #hall");
    PEER_EXPECT_LINE(alice, ":test.example 353 alice = #hall :@bob");
    PEER_EXPECT_LINE(alice, ":test.example 366 alice #hall :End of /NAMES list");
    become_operator(alice, "alice");
    irc_send(alice, "NAMES #hall");
    PEER_EXPECT_LINE(alice, ":test.example 353 alice = #hall :@bob carol");
    PEER_EXPECT_LINE(alice, ":test.example 366 alice #hall :End of /NAMES list");
    irc_send(alice, "WHOIS carol");
    PEER_SKIP_TO(alice, ":test\\.example 319 alice carol :#hall ?");
    peer_close(alice);
    peer_close(carol);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void operators_see_what_is_hidden(void)
{
    struct daemon *daemon = start_with("");
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob = irc_join_channel(daemon, "bob", "#secret");
    struct peer *carol = irc_join(daemon, "carol", NULL);

    irc_send(bob, "MODE bob +i");
    IRC_EXPECT_FROM(bob, "bob", "MODE bob :+i");
    irc_send(bob, "MODE #secret +s");
    IRC_EXPECT_FROM(bob, "bob", "MODE #secret +s");
    irc_send(carol, "LIST");
    PEER_SKIP_TO(carol, ":test\\.example 323 .*");
    irc_send(carol, "NAMES #secret");
    PEER_EXPECT_LINE(carol, ":test.example 366 carol #secret :End of /NAMES list");
    irc_send(alice, "LIST");
    PEER_SKIP_TO(alice, ":test\\.example 322 alice #secret 1 :.*");
    PEER_SKIP_TO(alice, ":test\\.example 323 .*");
    irc_send(alice, "NAMES #secret");
    PEER_EXPECT_LINE(alice, ":test.example 353 alice @ #secret :@bob");
    PEER_EXPECT_LINE(alice, ":test.example 366 alice #secret :End of /NAMES list");
    irc_send(alice, "WHO #secret");
    PEER_EXPECT_MATCH(alice, ":test\\.example 352 alice #secret ~bob " HOST " test\\.example bob "
                             "H@ :0 Real bob");
    PEER_EXPECT_LINE(alice, ":test.example 315 alice #secret :End of /WHO list");
    irc_send(alice, "WHOIS bob");
    PEER_SKIP_TO(alice, ":test\\.example 319 alice bob :@#secret ?");
    PEER_SKIP_TO(alice, ":test\\.example 318 .*");
    irc_send(carol, "WHOIS bob");
    PEER_EXPECT_MATCH(carol, ":test\\.example 311 carol bob .*");
    PEER_EXPECT_MATCH(carol, ":test\\.example 312 carol bob .*");
    PEER_EXPECT_MATCH(carol, ":test\\.example 317 carol bob .*");
    peer_close(carol);
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
        TEST(who_knows_the_password_becomes_operator),
        TEST(an_unknown_name_is_answered_as_a_wrong_password_is),
        TEST(without_operators_nobody_becomes_one),
        TEST(lines_behind_an_oper_wait_for_its_answer),
        TEST(answers_that_come_later_have_their_label),
        TEST(one_may_go_while_the_password_is_checked),
        TEST(failures_cost_much),
        TEST(operators_end_sessions),
        TEST(a_long_reason_is_cut),
        TEST(operators_speak_to_those_who_listen),
        TEST(people_who_talk_are_told_in_words),
        TEST(rehash_reads_the_configuration_again),
        TEST(a_reload_brings_other_operators),
        TEST(operators_see_the_audience),
        TEST(operators_see_what_is_hidden),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_opers", tests);
}
