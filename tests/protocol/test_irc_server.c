/* SPDX-License-Identifier: MIT */
/* IRC: what the server tells of itself. */
#include "config.h"

#include "tests/lib/unit.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>

#define FREE "limits: { flood_rate = 0; };\n"
#define HOST "[a-z2-7]{8}\\.[a-z2-7]{8}\\.[a-z2-7]{8}\\.ip"

/* What LUSERS says: to NICK, so many visible and invisible, and so on. */
struct counts {
    unsigned visible, invisible, operators, strangers, channels, most;
};

static void lusers_are(struct peer *peer, const char *nick, const struct counts *counts)
{
    unsigned users = counts->visible + counts->invisible;
    char line[200];

#define EXPECT_COUNT(...) (snprintf(line, sizeof line, __VA_ARGS__), PEER_EXPECT_LINE(peer, line))
    irc_send(peer, "LUSERS");
    EXPECT_COUNT(":test.example 251 %s :There are %u users and %u invisible on 1 server", nick,
                 counts->visible, counts->invisible);
    EXPECT_COUNT(":test.example 252 %s %u :operators online", nick, counts->operators);
    EXPECT_COUNT(":test.example 253 %s %u :unregistered connections", nick, counts->strangers);
    EXPECT_COUNT(":test.example 254 %s %u :channels formed", nick, counts->channels);
    EXPECT_COUNT(":test.example 255 %s :I have %u clients and 0 servers", nick, users);
    EXPECT_COUNT(":test.example 265 %s %u %u :Current local users %u, max %u", nick, users,
                 counts->most, users, counts->most);
    EXPECT_COUNT(":test.example 266 %s %u %u :Current global users %u, max %u", nick, users,
                 counts->most, users, counts->most);
#undef EXPECT_COUNT
}

static void lusers_counts_everybody_as_what_they_are(void)
{
    struct daemon *daemon = IRC_START(IRC_OPERS FREE);
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = IRC_CONNECT(daemon);
    struct peer *stranger = IRC_CONNECT(daemon);

    irc_send(bob, "PING x");
    PEER_SKIP_TO(bob, ".* PONG .*");
    irc_send(stranger, "NICK stranger");
    irc_send(stranger, "PING x");
    PEER_SKIP_TO(stranger, ".* PONG .*");
    lusers_are(alice, "alice", &(struct counts){.visible = 1, .strangers = 2, .most = 1});
    irc_send(bob, "NICK bob");
    irc_send(bob, "USER bob 0 * :Bob");
    PEER_SKIP_TO(bob, ".* 422 .*");
    irc_send(bob, "MODE bob +i");
    IRC_EXPECT_FROM(bob, "bob", "MODE bob :+i");
    irc_send(stranger, "QUIT");
    PEER_DRAIN(stranger);
    irc_send(alice, "JOIN #a");
    PEER_SKIP_TO(alice, ".* 366 .*");
    IRC_BECOME_OPERATOR(alice, "alice");
    lusers_are(
        bob, "bob",
        &(struct counts){.visible = 1, .invisible = 1, .operators = 1, .channels = 1, .most = 2});
    irc_send(alice, "MODE alice -o");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :-o");
    irc_send(bob, "QUIT");
    PEER_DRAIN(bob);
    lusers_are(alice, "alice", &(struct counts){.visible = 1, .channels = 1, .most = 2});
    irc_send(alice, "LUSERS * other.example");
    PEER_EXPECT_LINE(alice, ":test.example 402 alice other.example :No such server");
    peer_close(alice);
    peer_close(bob);
    peer_close(stranger);
    DAEMON_STOP(daemon);
}

/* COMMAND about another server is refused; about this one, however it is named, it ends with END. */
static void knows_servers(struct peer *alice, const char *command, const char *end)
{
    static const char *const names[] = {"", "test.example", "TEST.*", "alice", "bob"};
    char line[200];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        irc_send(alice, "%s %s", command, names[i]);
        snprintf(line, sizeof line, ":test\\.example %s alice .*", end);
        PEER_SKIP_TO(alice, line);
    }
    irc_send(alice, "%s other.example", command);
    PEER_SKIP_TO(alice, ":test\\.example 402 alice other.example :No such server");
    irc_send(alice, "%s *other*", command);
    PEER_EXPECT_LINE(alice, ":test.example 402 alice *other* :No such server");
}

static void the_server_may_be_named_in_any_way(void)
{
    struct daemon *daemon = IRC_START(FREE);
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);

    knows_servers(alice, "ADMIN", "258");
    knows_servers(alice, "INFO", "374");
    knows_servers(alice, "MOTD", "422");
    knows_servers(alice, "TIME", "391");
    knows_servers(alice, "VERSION", "005");
    IRC_EXPECT_NOTHING(alice);
    knows_servers(alice, "STATS u", "219");
    knows_servers(alice, "LUSERS *", "266");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void links_are_for_operators(void)
{
    struct daemon *daemon = IRC_START(IRC_OPERS FREE);
    struct peer *alice = irc_join(daemon, "alice", NULL);

    irc_send(alice, "LINKS");
    PEER_EXPECT_LINE(alice, ":test.example 365 alice * :End of /LINKS list");
    irc_send(alice, "LINKS test.*");
    PEER_EXPECT_LINE(alice, ":test.example 365 alice test.* :End of /LINKS list");
    IRC_BECOME_OPERATOR(alice, "alice");
    irc_send(alice, "LINKS");
    PEER_EXPECT_LINE(alice, ":test.example 364 alice test.example test.example "
                            ":0 A paceline server");
    PEER_EXPECT_LINE(alice, ":test.example 365 alice * :End of /LINKS list");
    irc_send(alice, "LINKS test.example *.org");
    PEER_EXPECT_LINE(alice, ":test.example 365 alice *.org :End of /LINKS list");
    irc_send(alice, "LINKS other.example *");
    PEER_EXPECT_LINE(alice, ":test.example 402 alice other.example :No such server");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void stats_tell_figures_by_letters(void)
{
    struct daemon *daemon = IRC_START(IRC_OPERS FREE);
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);

    irc_send(alice, "STATS u");
    PEER_EXPECT_MATCH(alice, ":test\\.example 242 alice :Server Up 0 days 0:[0-9]{2}:[0-9]{2}");
    PEER_EXPECT_LINE(alice, ":test.example 219 alice u :End of /STATS report");
    irc_send(alice, "STATS p");
    PEER_EXPECT_LINE(alice, ":test.example 249 alice :0 operators");
    PEER_EXPECT_LINE(alice, ":test.example 219 alice p :End of /STATS report");
    irc_send(alice, "STATS o");
    PEER_EXPECT_LINE(alice,
                     ":test.example 481 alice :Permission Denied- You're not an IRC operator");
    PEER_EXPECT_LINE(alice, ":test.example 219 alice o :End of /STATS report");
    IRC_BECOME_OPERATOR(bob, "bob");
    irc_send(bob, "STATS O");
    PEER_EXPECT_LINE(bob, ":test.example 243 bob O * * root");
    PEER_EXPECT_LINE(bob, ":test.example 219 bob O :End of /STATS report");
    irc_send(alice, "STATS P");
    PEER_EXPECT_MATCH(alice, ":test\\.example 249 alice :bob \\(~bob@" HOST "\\) Idle: [0-9]+");
    PEER_EXPECT_LINE(alice, ":test.example 249 alice :1 operator");
    PEER_EXPECT_LINE(alice, ":test.example 219 alice P :End of /STATS report");
    irc_send(alice, "STATS ?");
    PEER_EXPECT_LINE(alice, ":test.example 219 alice ? :End of /STATS report");
    irc_send(alice, "STATS uptime");
    PEER_EXPECT_LINE(alice, ":test.example 219 alice uptime :End of /STATS report");
    irc_send(alice, "STATS :");
    PEER_EXPECT_LINE(alice, ":test.example 219 alice * :End of /STATS report");
    irc_send(alice, "STATS");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice STATS :Not enough parameters");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void help_has_topics(void)
{
    struct daemon *daemon = IRC_START(FREE);
    struct peer *alice = irc_join(daemon, "alice", NULL);

    irc_send(alice, "HELPOP umodes");
    PEER_EXPECT_LINE(alice, ":test.example 704 alice UMODES :Modes of users");
    PEER_EXPECT_MATCH(alice, ":test\\.example 705 alice UMODES :B bot, .*");
    PEER_EXPECT_MATCH(alice, ":test\\.example 705 alice UMODES :.*");
    PEER_EXPECT_LINE(alice, ":test.example 706 alice UMODES :End of /HELP");
    irc_send(alice, "HELP :");
    PEER_EXPECT_MATCH(alice, ":test\\.example 704 alice \\* :.*");
    PEER_SKIP_TO(alice, ":test\\.example 705 alice \\* :Other topics: CMODES MASKS UMODES");
    PEER_EXPECT_LINE(alice, ":test.example 706 alice * :End of /HELP");
    irc_send(alice, "HELP umode");
    PEER_EXPECT_LINE(alice, ":test.example 524 alice umode :No help available on this topic");
    irc_send(alice, "USERS anything");
    PEER_EXPECT_LINE(alice, ":test.example 446 alice :USERS has been disabled");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void operators_see_addresses_and_everybody(void)
{
    struct daemon *daemon = IRC_START(IRC_OPERS FREE);
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");

    irc_send(bob, "MODE #a +s");
    IRC_EXPECT_FROM(bob, "bob", "MODE #a +s");
    irc_send(bob, "MODE bob +i");
    IRC_EXPECT_FROM(bob, "bob", "MODE bob :+i");
    irc_send(alice, "WHO b* %%ci");
    PEER_EXPECT_LINE(alice, ":test.example 315 alice b* :End of /WHO list");
    IRC_BECOME_OPERATOR(alice, "alice");
    irc_send(alice, "WHO b* %%ci");
    PEER_EXPECT_LINE(alice, ":test.example 354 alice #a 127.0.0.1");
    PEER_EXPECT_LINE(alice, ":test.example 315 alice b* :End of /WHO list");
    irc_send(alice, "WHO * o%%nf");
    PEER_EXPECT_LINE(alice, ":test.example 354 alice alice H*");
    PEER_EXPECT_LINE(alice, ":test.example 315 alice * :End of /WHO list");
    irc_send(alice, "WHOIS bob");
    PEER_EXPECT_MATCH(alice, ".* 311 .*");
    PEER_EXPECT_LINE(alice, ":test.example 319 alice bob :@#a");
    PEER_EXPECT_MATCH(alice, ".* 312 .*");
    PEER_EXPECT_LINE(alice, ":test.example 338 alice bob ~bob@127.0.0.1 127.0.0.1 "
                            ":is actually using host");
    PEER_SKIP_TO(alice, ".* 318 .*");
    irc_send(bob, "WHOIS alice");
    PEER_EXPECT_MATCH(bob, ".* 311 .*");
    PEER_EXPECT_MATCH(bob, ".* 312 .*");
    PEER_EXPECT_LINE(bob, ":test.example 313 bob alice :is an IRC operator");
    PEER_SKIP_TO(bob, ".* 318 .*");
    irc_send(bob, "USERHOST alice");
    PEER_EXPECT_MATCH(bob, ":test\\.example 302 bob :alice\\*=\\+~alice@" HOST);
    irc_send(bob, "NICK robert");
    IRC_EXPECT_FROM(bob, "bob", "NICK :robert");
    irc_send(alice, "WHOWAS bob");
    PEER_EXPECT_MATCH(alice, ".* 314 .*");
    PEER_EXPECT_LINE(alice, ":test.example 338 alice bob ~bob@127.0.0.1 127.0.0.1 "
                            ":is actually using host");
    PEER_SKIP_TO(alice, ".* 369 .*");
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
        TEST(lusers_counts_everybody_as_what_they_are),
        TEST(the_server_may_be_named_in_any_way),
        TEST(links_are_for_operators),
        TEST(stats_tell_figures_by_letters),
        TEST(help_has_topics),
        TEST(operators_see_addresses_and_everybody),
        {NULL, NULL},
    };

    return unit_main(argc, argv, "irc_server", tests);
}
