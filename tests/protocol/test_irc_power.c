/* SPDX-License-Identifier: MIT */
/* IRC: what operators have others do, messages to all, hosts, figures, and the server's end. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>
#include <string.h>

#define HOST     "[a-z2-7]{8}\\.[a-z2-7]{8}\\.[a-z2-7]{8}\\.ip"
#define NO_RIGHT "Permission Denied- You're not an IRC operator"
#define BOTH                                                                                       \
    DAEMON_SERVER "listeners = ( " IRC_LISTENER ", { service = \"talk\"; port = 0; } );\n"         \
                  "limits: { flood_rate = 0; };\n" IRC_OPERS

static struct peer *join_operator(struct daemon *daemon, const char *nick)
{
    struct peer *peer = irc_join(daemon, nick, NULL);

    IRC_BECOME_OPERATOR(peer, nick);
    return peer;
}

static void who_is_no_operator_has_no_power(void)
{
    static const char *const commands[] = {
        "SAJOIN bob #a",        "SAPART bob #a",    "SAMODE #a +i", "SANICK bob ted",
        "CHGHOST bob a.b",      "PRIVMSG $$* :x",   "STATS m",      "STATS P",
        "RESTART test.example", "DIE test.example",
    };
    struct daemon *daemon = DAEMON_START(BOTH, 2);
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");

    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        irc_send(bob, "%s", commands[i]);
        PEER_EXPECT_LINE(bob, ":test.example 481 bob :" NO_RIGHT);
        if (strncmp(commands[i], "STATS", 5) == 0)
            PEER_SKIP_TO(bob, ".* 219 .*");
    }
    irc_send(bob, "NOTICE $$* :x");
    IRC_EXPECT_NOTHING(bob);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void others_are_made_to_join_and_leave(void)
{
    struct daemon *daemon = DAEMON_START(BOTH, 2);
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob = irc_join(daemon, "bob", NULL);
    struct peer *carol = irc_join_channel(daemon, "carol", "#closed");

    irc_send(carol, "MODE #closed +i");
    IRC_EXPECT_FROM(carol, "carol", "MODE #closed +i");
    irc_send(alice, "MODE alice +s o");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :+s");
    PEER_EXPECT_LINE(alice, ":test.example 008 alice +o :Server notice mask");
    irc_send(alice, "SAJOIN bob #closed");
    IRC_EXPECT_FROM(bob, "bob", "JOIN #closed");
    PEER_EXPECT_LINE(bob, ":test.example 353 bob = #closed :@carol bob");
    PEER_EXPECT_LINE(bob, ":test.example 366 bob #closed :End of /NAMES list");
    IRC_EXPECT_FROM(carol, "bob", "JOIN #closed");
    PEER_EXPECT_LINE(alice,
                     ":test.example NOTICE alice :*** alice (root) has had bob join #closed");
    DAEMON_EXPECT_LOG(daemon, "alice (root) has had bob join #closed");
    irc_send(alice, "SAJOIN bob #closed");
    PEER_EXPECT_LINE(alice, ":test.example 443 alice bob #closed :is already on channel");
    irc_send(alice, "SAJOIN nobody #closed");
    PEER_EXPECT_LINE(alice, ":test.example 401 alice nobody :No such nick/channel");
    irc_send(alice, "SAJOIN bob closed");
    PEER_EXPECT_LINE(alice, ":test.example 403 alice closed :No such channel");
    irc_send(alice, "SAJOIN bob");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice SAJOIN :Not enough parameters");
    irc_send(alice, "SAPART bob #closed,#none :go home");
    IRC_EXPECT_FROM(bob, "bob", "PART #closed :go home");
    IRC_EXPECT_FROM(carol, "bob", "PART #closed :go home");
    PEER_EXPECT_LINE(alice, ":test.example NOTICE alice :*** alice (root) has had bob leave "
                            "#closed: go home");
    PEER_EXPECT_LINE(alice, ":test.example 403 alice #none :No such channel");
    irc_send(alice, "SAPART bob #closed");
    PEER_EXPECT_LINE(alice, ":test.example 441 alice bob #closed :They aren't on that channel");
    irc_send(alice, "SANICK bob robert");
    IRC_EXPECT_FROM(bob, "bob", "NICK :robert");
    PEER_EXPECT_LINE(alice,
                     ":test.example NOTICE alice :*** alice (root) has renamed bob to robert");
    irc_send(bob, "PING 1");
    PEER_EXPECT_LINE(bob, ":test.example PONG test.example :1");
    irc_send(bob, "MODE robert");
    PEER_EXPECT_LINE(bob, ":test.example 221 robert +");
    irc_send(alice, "SANICK robert carol");
    PEER_EXPECT_LINE(alice, ":test.example 433 alice carol :Nickname is already in use");
    irc_send(alice, "SANICK robert 1x");
    PEER_EXPECT_LINE(alice, ":test.example 432 alice 1x :Erroneous nickname");
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void modes_are_changed_from_outside(void)
{
    struct daemon *daemon = DAEMON_START(BOTH, 2);
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");

    irc_send(alice, "SAMODE #a -o+imk bob secret");
    IRC_EXPECT_FROM(bob, "alice", "MODE #a -o+imk bob secret");
    DAEMON_EXPECT_LOG(daemon, "alice (root) has changed the modes of #a");
    irc_send(alice, "SAMODE #a +q bob");
    IRC_EXPECT_FROM(bob, "alice", "MODE #a +q bob");
    irc_send(alice, "SAMODE #a +o nobody");
    PEER_EXPECT_LINE(alice, ":test.example 401 alice nobody :No such nick/channel");
    irc_send(alice, "SAMODE #none +i");
    PEER_EXPECT_LINE(alice, ":test.example 403 alice #none :No such channel");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void all_are_spoken_to(void)
{
    struct daemon *daemon = DAEMON_START(BOTH, 2);
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob = irc_join(daemon, "bob", NULL);
    struct peer *carol = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));

    PEER_SEND_TEXT(carol, "carol\n");
    PEER_SKIP_TO(carol, "1 person in #lobby: carol");
    irc_send(alice, "PRIVMSG $$*.example :hello all");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG $$*.example :hello all");
    PEER_EXPECT_MATCH(carol, "\\[..:..\\] \\$\\$\\*\\.example <alice> hello all");
    DAEMON_EXPECT_LOG(daemon, "alice (root) speaks to all ($$*.example)");
    irc_send(alice, "NOTICE $$* :and this");
    IRC_EXPECT_FROM(bob, "alice", "NOTICE $$* :and this");
    IRC_EXPECT_NOTHING(alice);
    irc_send(alice, "PRIVMSG $$other :x");
    PEER_EXPECT_LINE(alice, ":test.example 402 alice $$other :No such server");
    CU_ASSERT_PTR_NULL(strstr(daemon_log(daemon), "hello all"));
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void hosts_are_changed(void)
{
    struct daemon *daemon = DAEMON_START(BOTH, 2);
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");
    struct peer *carol = irc_join(daemon, "carol", "chghost");

    irc_send(carol, "JOIN #a");
    PEER_SKIP_TO(carol, ".* 366 .*");
    irc_send(alice, "CHGHOST bob staff.example.org");
    PEER_EXPECT_MATCH(carol, ":bob!~bob@" HOST " CHGHOST ~bob staff\\.example\\.org");
    DAEMON_EXPECT_LOG(daemon, "alice (root) has changed the host of bob to ~bob@staff.example.org");
    irc_send(alice, "CHGHOST bob robert a/b:c");
    PEER_EXPECT_LINE(carol, ":bob!~bob@staff.example.org CHGHOST robert a/b:c");
    irc_send(alice, "CHGHOST bob bad*host");
    PEER_EXPECT_LINE(alice, ":test.example 400 alice CHGHOST :That is no host, or no user name");
    irc_send(alice, "CHGHOST bob u@v good.host");
    PEER_EXPECT_LINE(alice, ":test.example 400 alice CHGHOST :That is no host, or no user name");
    irc_send(alice, "CHGHOST nobody good.host");
    PEER_EXPECT_LINE(alice, ":test.example 401 alice nobody :No such nick/channel");
    irc_send(alice, "CHGHOST bob");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice CHGHOST :Not enough parameters");
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void operators_see_figures(void)
{
    struct daemon *daemon = DAEMON_START(BOTH, 2);
    struct peer *alice = join_operator(daemon, "alice");

    irc_send(alice, "PING 1");
    PEER_EXPECT_LINE(alice, ":test.example PONG test.example :1");
    irc_send(alice, "STATS m");
    PEER_EXPECT_LINE(alice, ":test.example 212 alice NICK 1 10 0");
    PEER_EXPECT_MATCH(alice, ":test\\.example 212 alice OPER 1 16 0");
    PEER_EXPECT_LINE(alice, ":test.example 212 alice PING 1 6 0");
    PEER_EXPECT_LINE(alice, ":test.example 212 alice STATS 1 7 0");
    PEER_EXPECT_MATCH(alice, ":test\\.example 212 alice USER 1 [0-9]+ 0");
    PEER_EXPECT_LINE(alice, ":test.example 219 alice m :End of /STATS report");
    irc_send(alice, "STATS P");
    PEER_EXPECT_MATCH(alice, ":test\\.example 220 alice :irc 127\\.0\\.0\\.1 [0-9]+");
    PEER_EXPECT_MATCH(alice, ":test\\.example 220 alice :talk 127\\.0\\.0\\.1 [0-9]+");
    PEER_EXPECT_LINE(alice, ":test.example 219 alice P :End of /STATS report");
    irc_send(alice, "STATS t");
    PEER_EXPECT_MATCH(alice, ":test\\.example 249 alice :threads: [0-9]+");
    PEER_SKIP_TO(alice, ":test\\.example 249 alice :bytes_in: [0-9]+");
    PEER_SKIP_TO(alice, ":test\\.example 219 alice t :End of /STATS report");
    irc_send(alice, "STATS z");
    PEER_EXPECT_MATCH(alice, ":test\\.example 249 alice :from the system: [0-9]+");
    PEER_SKIP_TO(alice, ":test\\.example 219 alice z :End of /STATS report");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void an_operator_stops_the_server(void)
{
    struct daemon *daemon = DAEMON_START(BOTH, 2);
    struct peer *alice = join_operator(daemon, "alice");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    irc_send(alice, "DIE");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice DIE :Not enough parameters");
    irc_send(alice, "DIE other.example");
    PEER_EXPECT_LINE(alice, ":test.example 402 alice other.example :No such server");
    irc_send(alice, "DIE test.example :new kernel");
    PEER_EXPECT_LINE(bob,
                     ":test.example NOTICE bob :*** The server is stopped by alice: new kernel");
    PEER_EXPECT_MATCH(bob, "ERROR :Closing link: " HOST " \\(Server is stopping\\)");
    PEER_EXPECT_END(bob);
    DAEMON_EXPECT_LOG(daemon, "alice (root) stops the server: new kernel");
    DAEMON_EXPECT_EXIT(daemon, 0);
    peer_close(bob);
    peer_close(alice);
    daemon_free(daemon);
}

/* The port is another one then, which is why the log is waited for. */
static void an_operator_starts_the_server_again(void)
{
    struct daemon *daemon = DAEMON_START(BOTH, 2);
    struct peer *alice = join_operator(daemon, "alice");
    const char *log;
    const char *at;
    unsigned port;

    irc_send(alice, "RESTART test.example :upgrade");
    PEER_EXPECT_LINE(alice,
                     ":test.example NOTICE alice :*** The server is restarted by alice: upgrade");
    PEER_SKIP_TO(alice, "ERROR :Closing link: " HOST " \\(Server is stopping\\)");
    PEER_EXPECT_END(alice);
    peer_close(alice);
    DAEMON_EXPECT_LOG(daemon, "alice (root) restarts the server: upgrade");
    DAEMON_EXPECT_LOG(daemon, "stopped");
    DAEMON_EXPECT_LOG(daemon, "irc listens on address 127.0.0.1, port ");
    DAEMON_EXPECT_LOG(daemon, "serves, configured by");
    log = daemon_log(daemon);
    at = strstr(strstr(log, "info: stopped"), "irc listens on address 127.0.0.1, port ");
    EXPECT(at && sscanf(at, "irc listens on address 127.0.0.1, port %u", &port) == 1, "no port");
    alice = PEER_CONNECT(port);
    irc_send(alice, "PING again");
    PEER_EXPECT_LINE(alice, ":test.example PONG test.example :again");
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
        TEST(who_is_no_operator_has_no_power),
        TEST(others_are_made_to_join_and_leave),
        TEST(modes_are_changed_from_outside),
        TEST(all_are_spoken_to),
        TEST(hosts_are_changed),
        TEST(operators_see_figures),
        TEST(an_operator_stops_the_server),
        TEST(an_operator_starts_the_server_again),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_power", tests);
}
