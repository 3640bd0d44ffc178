/* SPDX-License-Identifier: MIT */
/* IRC: registration, capabilities, what the server says of itself. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST "[a-z2-7]{8}\\.[a-z2-7]{8}\\.[a-z2-7]{8}\\.ip"

/* -- Registration ---------------------------------------------------------------------------- */

static void who_registers_is_welcomed(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peer = IRC_CONNECT(daemon);

    PEER_SEND_TEXT(peer, "NICK alice\r\nUSER al 0 * :Alice A.\r\n");
    PEER_EXPECT_MATCH(peer, ":test\\.example 001 alice :Welcome to the Paceline network, "
                            "alice!~al@" HOST);
    PEER_EXPECT_MATCH(peer, ":test\\.example 002 alice :Your host is test\\.example, running "
                            "version paceline-[0-9.]+");
    PEER_EXPECT_MATCH(peer, ":test\\.example 003 alice :This server was started .*");
    PEER_EXPECT_MATCH(peer, ":test\\.example 004 alice test\\.example paceline-[0-9.]+ .+ .+");
    PEER_EXPECT_MATCH(peer, ":test\\.example 005 alice .*CASEMAPPING=ascii .*"
                            ":are supported by this server");
    PEER_SKIP_TO(peer, ":test\\.example 251 alice :There are 1 users and 0 invisible on 1 server");
    PEER_EXPECT_LINE(peer, ":test.example 252 alice 0 :operators online");
    PEER_EXPECT_LINE(peer, ":test.example 253 alice 0 :unregistered connections");
    PEER_EXPECT_LINE(peer, ":test.example 254 alice 0 :channels formed");
    PEER_EXPECT_LINE(peer, ":test.example 255 alice :I have 1 clients and 0 servers");
    PEER_EXPECT_LINE(peer, ":test.example 265 alice 1 1 :Current local users 1, max 1");
    PEER_EXPECT_LINE(peer, ":test.example 266 alice 1 1 :Current global users 1, max 1");
    PEER_EXPECT_LINE(peer, ":test.example 422 alice :MOTD File is missing");
    IRC_EXPECT_NOTHING(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void isupport_lines_have_thirteen_tokens_and_no_second_equals_sign(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peer = irc_join(daemon, "alice", NULL);
    char *line;

    irc_send(peer, "VERSION");
    PEER_EXPECT_MATCH(peer, ":test\\.example 351 alice paceline-[0-9.]+ test\\.example :.*");
    irc_send(peer, "PING end");
    for (;;) {
        unsigned tokens = 0;
        char *rest;
        char *token;

        EXPECT_RESULT(peer_next_line(peer, &line), 0);
        if (strstr(line, "PONG"))
            break;
        CU_ASSERT(strncmp(line, ":test.example 005 alice ", 24) == 0);
        *strstr(line, " :") = '\0';
        for (token = strtok_r(line + 24, " ", &rest); token; token = strtok_r(NULL, " ", &rest)) {
            char *equals = strchr(token, '=');

            tokens++;
            CU_ASSERT(!equals || !strchr(equals + 1, '='));
        }
        CU_ASSERT(tokens >= 1 && tokens <= 13);
    }
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void before_the_registration_little_is_allowed(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peer = IRC_CONNECT(daemon);

    PEER_SEND_TEXT(peer, "\r\n   \r\nJOIN #a\r\nnonsense\r\nPING one\r\nNICK\r\nNICK 1a\r\n"
                         "USER a\r\nNOTICE a :b\r\nPRIVMSG\r\nCAP\r\nCAP X\r\n");
    PEER_EXPECT_LINE(peer, ":test.example 451 * :You have not registered");
    PEER_EXPECT_LINE(peer, ":test.example 421 * nonsense :Unknown command");
    PEER_EXPECT_LINE(peer, ":test.example PONG test.example :one");
    PEER_EXPECT_LINE(peer, ":test.example 431 * :No nickname given");
    PEER_EXPECT_LINE(peer, ":test.example 432 * 1a :Erroneous nickname");
    PEER_EXPECT_LINE(peer, ":test.example 461 * USER :Not enough parameters");
    PEER_EXPECT_LINE(peer, ":test.example 451 * :You have not registered");
    PEER_EXPECT_LINE(peer, ":test.example 461 * CAP :Not enough parameters");
    PEER_EXPECT_LINE(peer, ":test.example 410 * X :Invalid CAP command");
    irc_send(peer, "QUIT :no, thanks");
    PEER_EXPECT_MATCH(peer, "ERROR :Closing link: " HOST " \\(Quit: no, thanks\\)");
    PEER_EXPECT_END(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void who_one_is_may_be_said_in_any_order(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = IRC_CONNECT(daemon);
    struct peer *carol = IRC_CONNECT(daemon);

    PEER_SEND_TEXT(bob, "USER :\r\nUSER b 0 *\r\nUSER b 0 * :\r\nUSER : 0 * :b\r\nNICK :\r\n"
                        "NICK *\r\nNICK Alice\r\nUSER \xf0\x9f\x98\x83 0 * :B. B.\r\n"
                        "USER b 0 * :b\r\nnick bob\r\n");
    for (int i = 0; i < 4; i++)
        PEER_EXPECT_LINE(bob, ":test.example 461 * USER :Not enough parameters");
    PEER_EXPECT_LINE(bob, ":test.example 431 * :No nickname given");
    PEER_EXPECT_LINE(bob, ":test.example 432 * * :Erroneous nickname");
    PEER_EXPECT_LINE(bob, ":test.example 433 * Alice :Nickname is already in use");
    PEER_EXPECT_LINE(bob, ":test.example 462 * :You may not reregister");
    PEER_EXPECT_MATCH(bob, ":test\\.example 001 bob :.* bob!~u@" HOST);
    /* Two say that they are one: the first to register is. */
    PEER_SEND_TEXT(carol, "NICK carol\r\nPING x\r\n");
    PEER_EXPECT_LINE(carol, ":test.example PONG test.example :x");
    irc_send(alice, "NICK Carol");
    IRC_EXPECT_FROM(alice, "alice", "NICK :Carol");
    irc_send(carol, "USER c 0 * :c");
    PEER_EXPECT_LINE(carol, ":test.example 433 * carol :Nickname is already in use");
    irc_send(alice, "NICK alice");
    IRC_EXPECT_FROM(alice, "Carol", "NICK :alice");
    irc_send(carol, "NICK carol");
    PEER_EXPECT_MATCH(carol, ":test\\.example 001 carol :.*");
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_nick_belongs_to_one_at_a_time(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *other = IRC_CONNECT(daemon);

    PEER_SEND_TEXT(other, "USER o 0 * :o\r\nNICK ALICE\r\n");
    PEER_EXPECT_LINE(other, ":test.example 433 * ALICE :Nickname is already in use");
    irc_send(other, "NICK bob");
    PEER_EXPECT_MATCH(other, ":test\\.example 001 bob .*");
    PEER_SKIP_TO(other, ".* 422 .*");
    irc_send(other, "NICK Alice");
    PEER_EXPECT_LINE(other, ":test.example 433 bob Alice :Nickname is already in use");
    irc_send(other, "NICK bob");
    irc_send(other, "NICK :Bob");
    IRC_EXPECT_FROM(other, "bob", "NICK :Bob");
    irc_send(other, "NICK x,y");
    PEER_EXPECT_LINE(other, ":test.example 432 Bob x,y :Erroneous nickname");
    irc_send(other, "USER again 0 * :x");
    PEER_EXPECT_LINE(other, ":test.example 462 Bob :You may not reregister");
    irc_send(other, "PASS x");
    PEER_EXPECT_LINE(other, ":test.example 462 Bob :You may not reregister");
    peer_close(other);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void the_password_is_asked_for(void)
{
    struct daemon *daemon =
        DAEMON_START("server: { name = \"test.example\"; state_dir = \"@DIR@\"; "
                     "control = \"none\"; password = \"open sesame\"; };\n"
                     "listeners = ( " IRC_LISTENER " );\n",
                     1);
    struct peer *peer = IRC_CONNECT(daemon);

    PEER_SEND_TEXT(peer, "PASS :open sesam\r\nNICK a\r\nUSER a 0 * :a\r\n");
    PEER_EXPECT_LINE(peer, ":test.example 464 a :Password incorrect");
    PEER_EXPECT_MATCH(peer, "ERROR :Closing link: " HOST " \\(Password incorrect\\)");
    PEER_EXPECT_END(peer);
    peer_close(peer);
    peer = IRC_CONNECT(daemon);
    PEER_SEND_TEXT(peer, "PASS :wrong\r\nPASS :open sesame\r\nNICK a\r\nUSER a 0 * :a\r\n");
    PEER_EXPECT_MATCH(peer, ":test\\.example 001 a .*");
    peer_close(peer);
    peer = IRC_CONNECT(daemon);
    PEER_SEND_TEXT(peer, "PASS\r\nUSER a 0 * :a\r\nNICK b\r\nPASS :open sesame\r\n");
    PEER_EXPECT_LINE(peer, ":test.example 461 * PASS :Not enough parameters");
    PEER_EXPECT_LINE(peer, ":test.example 464 b :Password incorrect");
    PEER_EXPECT_MATCH(peer, "ERROR :Closing link: " HOST " \\(Password incorrect\\)");
    PEER_EXPECT_END(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void who_does_not_register_goes(void)
{
    struct daemon *daemon = IRC_START("limits: { registration_timeout = 1; };\n");
    struct peer *peer = IRC_CONNECT(daemon);

    irc_send(peer, "NICK a");
    PEER_EXPECT_MATCH(peer, "ERROR :Closing link: " HOST " \\(Registration timed out\\)");
    PEER_EXPECT_END(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void who_is_silent_is_pinged_and_goes(void)
{
    struct daemon *daemon = IRC_START("limits: { ping_interval = 1; };\n");
    struct peer *peer = irc_join(daemon, "alice", NULL);

    PEER_EXPECT_LINE(peer, "PING :test.example");
    irc_send(peer, "PONG :test.example");
    PEER_EXPECT_LINE(peer, "PING :test.example");
    PEER_EXPECT_MATCH(peer, "ERROR :Closing link: " HOST " \\(Ping timeout\\)");
    PEER_EXPECT_END(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void a_stop_is_told(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peer = irc_join(daemon, "alice", NULL);

    daemon_signal(daemon, SIGTERM);
    PEER_EXPECT_MATCH(peer, "ERROR :Closing link: " HOST " \\(Server is stopping\\)");
    PEER_EXPECT_END(peer);
    peer_close(peer);
    DAEMON_EXPECT_EXIT(daemon, 0);
    daemon_free(daemon);
}

/* -- Floods ---------------------------------------------------------------------------------- */

static void who_floods_is_slowed_and_then_cut_off(void)
{
    struct daemon *daemon =
        IRC_START("limits: { flood_rate = 1; flood_burst = 5; recvq = 1024; };\n");
    struct peer *peer = irc_join(daemon, "alice", NULL);
    int rc = 0;

    for (int i = 0; i < 2000 && rc == 0; i++)
        rc = peer_send(peer, "PING :xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n", 48);
    PEER_DRAIN(peer);
    peer_close(peer);
    peer = irc_join(daemon, "alice", NULL);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

/* -- Capabilities ---------------------------------------------------------------------------- */

static void negotiating_holds_the_registration_up(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peer = IRC_CONNECT(daemon);

    PEER_SEND_TEXT(peer, "CAP LS\r\nNICK a\r\nUSER a 0 * :a\r\nCAP LIST\r\n");
    PEER_EXPECT_MATCH(peer, ":test\\.example CAP \\* LS :.*batch .*echo-message .*");
    PEER_EXPECT_LINE(peer, ":test.example CAP a LIST :");
    irc_send(peer, "CAP REQ :batch nonsense");
    PEER_EXPECT_LINE(peer, ":test.example CAP a NAK :batch nonsense");
    irc_send(peer, "CAP REQ :batch  server-time ");
    PEER_EXPECT_LINE(peer, ":test.example CAP a ACK :batch server-time");
    irc_send(peer, "CAP REQ :-batch message-tags");
    PEER_EXPECT_LINE(peer, ":test.example CAP a ACK :-batch message-tags");
    irc_send(peer, "CAP LIST");
    PEER_EXPECT_LINE(peer, ":test.example CAP a LIST :message-tags server-time");
    irc_send(peer, "CAP END");
    PEER_EXPECT_MATCH(peer, ":test\\.example 001 a .*");
    PEER_SKIP_TO(peer, ".* 422 .*");
    irc_send(peer, "CAP REQ -server-time");
    PEER_EXPECT_LINE(peer, ":test.example CAP a ACK :-server-time");
    irc_send(peer, "CAP END");
    IRC_EXPECT_NOTHING(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void version_302_brings_cap_notify_for_good(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peer = IRC_CONNECT(daemon);

    irc_send(peer, "CAP LS 302");
    PEER_EXPECT_MATCH(peer, ":test\\.example CAP \\* LS (\\* )?:.*cap-notify.*");
    irc_send(peer, "CAP LIST");
    PEER_SKIP_TO(peer, ":test\\.example CAP \\* LIST :cap-notify");
    irc_send(peer, "CAP REQ -cap-notify");
    PEER_EXPECT_LINE(peer, ":test.example CAP * NAK :-cap-notify");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void a_label_is_answered_once(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peer = irc_join(daemon, "alice", "batch labeled-response echo-message");

    irc_send(peer, "@label=a;x=y PING 1");
    PEER_EXPECT_LINE(peer, "@label=a :test.example PONG test.example :1");
    irc_send(peer, "@label=b PONG 1");
    PEER_EXPECT_LINE(peer, "@label=b :test.example ACK");
    irc_send(peer, "@label=c NOSUCH");
    PEER_EXPECT_LINE(peer, "@label=c :test.example 421 alice NOSUCH :Unknown command");
    irc_send(peer, "@label=d TIME somewhere.else");
    PEER_EXPECT_LINE(peer, "@label=d :test.example 402 alice somewhere.else :No such server");
    irc_send(peer, "@label=e MAP");
    PEER_EXPECT_LINE(peer, "@label=e :test.example BATCH +1 labeled-response");
    PEER_EXPECT_LINE(peer, "@batch=1 :test.example 015 alice :test.example (A paceline server)");
    PEER_EXPECT_LINE(peer, "@batch=1 :test.example 017 alice :End of /MAP");
    PEER_EXPECT_LINE(peer, ":test.example BATCH -1");
    irc_send(peer, "@label=f NICK alicia");
    PEER_EXPECT_MATCH(peer, "@label=f :alice!~alice@" HOST " NICK :alicia");
    irc_send(peer, "@label=g QUIT");
    PEER_EXPECT_MATCH(peer, "@label=g ERROR :Closing link: " HOST " \\(Quit\\)");
    PEER_EXPECT_END(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void without_batch_there_are_no_labels(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peer = irc_join(daemon, "alice", "labeled-response");

    irc_send(peer, "@label=a PING 1");
    PEER_EXPECT_LINE(peer, ":test.example PONG test.example :1");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

/* -- What the server says of itself ----------------------------------------------------------- */

static void the_server_answers_questions_about_itself(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peer = irc_join(daemon, "alice", NULL);

    irc_send(peer, "ADMIN");
    PEER_EXPECT_LINE(peer, ":test.example 256 alice test.example :Administrative info");
    PEER_EXPECT_LINE(peer, ":test.example 257 alice :Paceline");
    PEER_EXPECT_LINE(peer, ":test.example 258 alice :A paceline server");
    irc_send(peer, "TIME test.example");
    PEER_EXPECT_MATCH(peer, ":test\\.example 391 alice test\\.example :[-0-9]+ [:0-9]+ [-+0-9]+");
    irc_send(peer, "INFO *.example");
    PEER_EXPECT_MATCH(peer, ":test\\.example 371 alice :.*");
    PEER_SKIP_TO(peer, ":test\\.example 374 alice :End of /INFO list");
    irc_send(peer, "LINKS");
    PEER_EXPECT_LINE(peer, ":test.example 365 alice * :End of /LINKS list");
    irc_send(peer, "USERS");
    PEER_EXPECT_LINE(peer, ":test.example 446 alice :USERS has been disabled");
    irc_send(peer, "MOTD other");
    PEER_EXPECT_LINE(peer, ":test.example 402 alice other :No such server");
    irc_send(peer, "HELP join");
    PEER_EXPECT_MATCH(peer, ":test\\.example 704 alice JOIN :JOIN .*");
    PEER_EXPECT_MATCH(peer, ":test\\.example 705 alice JOIN :.*");
    PEER_EXPECT_LINE(peer, ":test.example 706 alice JOIN :End of /HELP");
    irc_send(peer, "HELPOP nothing");
    PEER_EXPECT_LINE(peer, ":test.example 524 alice nothing :No help available on this topic");
    irc_send(peer, "HELP");
    PEER_EXPECT_MATCH(peer, ":test\\.example 704 alice \\* :.*");
    PEER_SKIP_TO(peer, ":test\\.example 706 alice \\* :End of /HELP");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void a_reload_changes_the_message_of_the_day_and_the_contact(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peer = irc_join(daemon, "alice", NULL);
    FILE *file = fopen(daemon_path(daemon, "motd"), "w");

    EXPECT(file && fputs("Hello\n\nthere\r\n", file) >= 0 && fclose(file) == 0, "no file");
    daemon_configure(daemon, "server: { name = \"test.example\"; state_dir = \"@DIR@\"; "
                             "control = \"@DIR@/control\"; motd = \"motd\"; "
                             "contact = \"root@test.example\"; };\n"
                             "listeners = ( " IRC_LISTENER " );\n");
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "reload");
    irc_send(peer, "MOTD");
    PEER_EXPECT_LINE(peer, ":test.example 375 alice :- test.example Message of the day -");
    PEER_EXPECT_LINE(peer, ":test.example 372 alice :- Hello");
    PEER_EXPECT_LINE(peer, ":test.example 372 alice :- ");
    PEER_EXPECT_LINE(peer, ":test.example 372 alice :- there");
    PEER_EXPECT_LINE(peer, ":test.example 376 alice :End of /MOTD command");
    irc_send(peer, "ADMIN");
    PEER_SKIP_TO(peer, ":test\\.example 258 alice :.*");
    PEER_EXPECT_LINE(peer, ":test.example 259 alice :root@test.example");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(who_registers_is_welcomed),
        TEST(isupport_lines_have_thirteen_tokens_and_no_second_equals_sign),
        TEST(before_the_registration_little_is_allowed),
        TEST(who_one_is_may_be_said_in_any_order),
        TEST(a_nick_belongs_to_one_at_a_time),
        TEST(the_password_is_asked_for),
        TEST(who_does_not_register_goes),
        TEST(who_is_silent_is_pinged_and_goes),
        TEST(a_stop_is_told),
        TEST(who_floods_is_slowed_and_then_cut_off),
        TEST(negotiating_holds_the_registration_up),
        TEST(version_302_brings_cap_notify_for_good),
        TEST(a_label_is_answered_once),
        TEST(without_batch_there_are_no_labels),
        TEST(the_server_answers_questions_about_itself),
        TEST(a_reload_changes_the_message_of_the_day_and_the_contact),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_connection", tests);
}
