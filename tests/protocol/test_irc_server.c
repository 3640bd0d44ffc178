/* SPDX-License-Identifier: MIT */
/* IRC: what the server tells of itself. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    PEER_EXPECT_LINE(bob, ":test.example 243 bob O * * root *");
    PEER_EXPECT_LINE(bob, ":test.example 219 bob O :End of /STATS report");
    irc_send(alice, "STATS p");
    PEER_EXPECT_MATCH(alice, ":test\\.example 249 alice :bob \\(~bob@" HOST "\\) Idle: [0-9]+");
    PEER_EXPECT_LINE(alice, ":test.example 249 alice :1 operator");
    PEER_EXPECT_LINE(alice, ":test.example 219 alice p :End of /STATS report");
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
    PEER_SKIP_TO(alice, ":test\\.example 705 alice \\* :Other topics: CMODES FILTERS MASKS UMODES");
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
    irc_send(alice, "WHO b?b %%ci");
    PEER_EXPECT_LINE(alice, ":test.example 315 alice b?b :End of /WHO list");
    IRC_BECOME_OPERATOR(alice, "alice");
    irc_send(alice, "WHO b?b %%ci");
    PEER_EXPECT_LINE(alice, ":test.example 354 alice #a 127.0.0.1");
    PEER_EXPECT_LINE(alice, ":test.example 315 alice b?b :End of /WHO list");
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

/* -- Answers longer than what may be queued ---------------------------------------------------- */

#define CHANNELS 2000
#define PEOPLE   150

static struct daemon *start_narrow(void)
{
    return IRC_START("limits: { flood_rate = 0; channels_per_user = 0; sendq = 32768; "
                     "high_water = 8192; };\n");
}

/* One whose kernel takes little for it. */
static struct peer *join_narrow(struct daemon *daemon, const char *nick)
{
    struct peer *peer = PEER_OPEN(.port = DAEMON_PORT(daemon, "irc", 0),
                                  .receive_buffer = PEER_SMALL_WINDOW, .mute = true);

    irc_send(peer, "CAP REQ :batch labeled-response");
    irc_send(peer, "NICK %s", nick);
    irc_send(peer, "USER narrow 0 * :Narrow");
    irc_send(peer, "CAP END");
    PEER_SKIP_TO(peer, ".* 422 .*");
    return peer;
}

/* With names of sixty bytes, so that the list becomes long. */
static void make_channels(struct peer *alice)
{
    for (int i = 0; i < CHANNELS; i++)
        irc_send(alice, "JOIN #%04d-and-fifty-bytes-more-so-that-the-list-becomes-long", i);
    irc_send(alice, "PING joined");
    PEER_SKIP_TO(alice, ".* PONG .* :joined");
}

/* The lines of a LIST, each with the channel's number behind BEFORE, have each number once. */
static void expect_channels(struct peer *peer, const char *before)
{
    static bool seen[CHANNELS];
    size_t length = strlen(before);
    char *line;

    memset(seen, 0, sizeof(seen));
    for (int i = 0; i < CHANNELS; i++) {
        int number;

        EXPECT_RESULT(peer_next_line(peer, &line), 0);
        EXPECT(strncmp(line, before, length) == 0, "unexpected: %s", line);
        number = atoi(line + length);
        EXPECT(number >= 0 && number < CHANNELS && !seen[number], "twice: %s", line);
        seen[number] = true;
    }
}

static void a_list_of_many_channels_waits_for_who_asks(void)
{
    struct daemon *daemon = start_narrow();
    struct peer *alice = irc_join(daemon, "alice", "no-implicit-names");
    struct peer *narrow = join_narrow(daemon, "narrow");

    make_channels(alice);
    irc_send(narrow, "LIST");
    irc_send(narrow, "PING one");
    irc_send(narrow, "@label=x LIST >0");
    irc_send(narrow, "@label=y PING two");
    irc_send(narrow, "LIST #1*,!*7-*");
    PEER_EXPECT_LINE(narrow, ":test.example 321 narrow Channel :Users  Name");
    expect_channels(narrow, ":test.example 322 narrow #");
    PEER_EXPECT_LINE(narrow, ":test.example 323 narrow :End of /LIST");
    PEER_EXPECT_LINE(narrow, ":test.example PONG test.example :one");
    PEER_EXPECT_LINE(narrow, "@label=x :test.example BATCH +1 labeled-response");
    PEER_EXPECT_LINE(narrow, "@batch=1 :test.example 321 narrow Channel :Users  Name");
    expect_channels(narrow, "@batch=1 :test.example 322 narrow #");
    PEER_EXPECT_LINE(narrow, "@batch=1 :test.example 323 narrow :End of /LIST");
    PEER_EXPECT_LINE(narrow, ":test.example BATCH -1");
    PEER_EXPECT_LINE(narrow, "@label=y :test.example PONG test.example :two");
    PEER_EXPECT_LINE(narrow, ":test.example 321 narrow Channel :Users  Name");
    for (int i = 0; i < CHANNELS / 2 - CHANNELS / 20; i++)
        PEER_EXPECT_MATCH(narrow, ":test\\.example 322 narrow #1..[^7]-.*");
    PEER_EXPECT_LINE(narrow, ":test.example 323 narrow :End of /LIST");
    peer_close(narrow);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_who_of_many_people_waits_for_who_asks(void)
{
    struct daemon *daemon = start_narrow();
    struct peer *people[PEOPLE];
    struct peer *narrow;

    for (int i = 0; i < PEOPLE; i++) {
        people[i] = IRC_CONNECT(daemon);
        irc_send(people[i], "NICK a-long-nickname-for-number-%d", i);
        irc_send(people[i], "USER long-user-name 0 * :%0140d", i);
        PEER_SKIP_TO(people[i], ".* 422 .*");
    }
    narrow = join_narrow(daemon, "narrow");
    irc_send(narrow, "@label=x WHO a-*");
    irc_send(narrow, "PING x");
    PEER_EXPECT_LINE(narrow, "@label=x :test.example BATCH +1 labeled-response");
    for (int i = 0; i < PEOPLE; i++)
        PEER_EXPECT_MATCH(narrow, "@batch=1 :test\\.example 352 narrow \\* .*");
    PEER_EXPECT_LINE(narrow, "@batch=1 :test.example 315 narrow a-* :End of /WHO list");
    PEER_EXPECT_LINE(narrow, ":test.example BATCH -1");
    PEER_EXPECT_LINE(narrow, ":test.example PONG test.example :x");
    for (int i = 0; i < PEOPLE; i++) {
        irc_send(people[i], "JOIN #all");
        PEER_SKIP_TO(people[i], ".* 366 .*");
    }
    irc_send(narrow, "WHO #all");
    irc_send(narrow, "PING x");
    for (int i = 0; i < PEOPLE; i++) {
        char line[100];

        snprintf(line, sizeof(line),
                 ":test\\.example 352 narrow #all .* a-long-nickname-for-number-%d .*", i);
        PEER_EXPECT_MATCH(narrow, line);
    }
    PEER_EXPECT_LINE(narrow, ":test.example 315 narrow #all :End of /WHO list");
    PEER_EXPECT_LINE(narrow, ":test.example PONG test.example :x");
    peer_close(narrow);
    for (int i = 0; i < PEOPLE; i++)
        peer_close(people[i]);
    DAEMON_STOP(daemon);
}

/* It ends in the middle, and so does the server. */
static void an_answer_in_parts_may_be_broken_off(void)
{
    struct daemon *daemon = start_narrow();
    struct peer *alice = irc_join(daemon, "alice", "no-implicit-names");
    struct peer *narrow = join_narrow(daemon, "narrow");
    struct peer *other = join_narrow(daemon, "other");

    make_channels(alice);
    irc_send(narrow, "LIST");
    PEER_SKIP_TO(narrow, ".* 322 .*");
    peer_reset(narrow);
    irc_send(other, "LIST\rLIST >1\rQUIT");
    PEER_EXPECT_LINE(other, ":test.example 321 other Channel :Users  Name");
    expect_channels(other, ":test.example 322 other #");
    PEER_EXPECT_LINE(other, ":test.example 323 other :End of /LIST");
    PEER_EXPECT_LINE(other, ":test.example 321 other Channel :Users  Name");
    PEER_EXPECT_LINE(other, ":test.example 323 other :End of /LIST");
    PEER_SKIP_TO(other, "ERROR .*");
    peer_close(other);
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
        TEST(a_list_of_many_channels_waits_for_who_asks),
        TEST(a_who_of_many_people_waits_for_who_asks),
        TEST(an_answer_in_parts_may_be_broken_off),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_server", tests);
}
