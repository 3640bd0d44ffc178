/* SPDX-License-Identifier: MIT */
/* Nicknames that are somebody's: who bears one is told so, and loses it in time. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/lib/unit.h"
#include "tests/protocol/irc_peers.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define GRACE(seconds)                                                                             \
    "limits: { flood_rate = 0; };\n"                                                               \
    "accounts: { iterations = 4096; nick_grace = " seconds "; };\n"

#define NOTICE(nick, text) ":NickServ!NickServ@test\\.example NOTICE " nick " :" text
#define WARNING(nick, time)                                                                        \
    NOTICE(nick, "The nickname " nick " is registered\\. Log in to its account within " time       \
                 ", or take another one; else you are given one\\.")

/* NICK, whose account that is, has been here and is called something else. */
static struct peer *owner_of(struct daemon *daemon, const char *nick)
{
    char expected[100];
    struct peer *peer = irc_join(daemon, nick, NULL);

    irc_send(peer, "NS REGISTER secret\r\nNICK owner");
    snprintf(expected, sizeof(expected), ":%s!.* NICK :owner", nick);
    PEER_SKIP_TO(peer, expected);
    return peer;
}

static void who_comes_under_it_is_told_and_renamed(void)
{
    struct daemon *daemon = IRC_START(GRACE("1"));
    struct peer *owner = owner_of(daemon, "alice");
    struct peer *other = irc_join(daemon, "alice", NULL);

    PEER_EXPECT_MATCH(other, WARNING("alice", "1 second"));
    PEER_EXPECT_MATCH(other, ":alice!~alice@[^ ]* NICK :Guest[0-9]{5}");
    irc_send(other, "PING 1");
    PEER_EXPECT_LINE(other, ":test.example PONG test.example :1");
    irc_send(owner, "NICK alice");
    IRC_EXPECT_FROM(owner, "owner", "NICK :alice");
    IRC_EXPECT_NOTHING(owner);
    peer_close(owner);
    peer_close(other);
    DAEMON_STOP(daemon);
}

static void who_takes_it_is_told_and_renamed_and_others_see_it(void)
{
    struct daemon *daemon = IRC_START(GRACE("1"));
    struct peer *owner = owner_of(daemon, "alice");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");
    struct peer *carol = irc_join_channel(daemon, "carol", "#a");

    PEER_EXPECT_MATCH(bob, ":carol!.* JOIN #a");
    irc_send(carol, "NICK Alice");
    IRC_EXPECT_FROM(carol, "carol", "NICK :Alice");
    PEER_EXPECT_MATCH(carol, WARNING("Alice", "1 second"));
    PEER_EXPECT_MATCH(carol, ":Alice!~carol@[^ ]* NICK :Guest[0-9]{5}");
    IRC_EXPECT_FROM(bob, "carol", "NICK :Alice");
    PEER_EXPECT_MATCH(bob, ":Alice!~carol@[^ ]* NICK :Guest[0-9]{5}");
    peer_close(owner);
    peer_close(bob);
    peer_close(carol);
    DAEMON_STOP(daemon);
}

/* What must not happen would have come before what comes for somebody else later. */
static void the_owner_keeps_it_and_who_gives_it_up_is_left_alone(void)
{
    struct daemon *daemon = IRC_START(GRACE("1"));
    struct peer *owner = owner_of(daemon, "alice");
    struct peer *login = irc_join(daemon, "alice", NULL);
    struct peer *later;

    PEER_EXPECT_MATCH(login, WARNING("alice", "1 second"));
    irc_send(login, "NS IDENTIFY secret");
    PEER_SKIP_TO(login, NOTICE("alice", "You are logged in as alice\\."));
    irc_send(owner, "NS LOGOUT\r\nNS REGISTER secret"); /* owner is an account, too */
    PEER_SKIP_TO(owner, NOTICE("owner", "Account created: owner\\. You are logged in to it\\."));
    irc_send(owner, "NICK x");
    IRC_EXPECT_FROM(owner, "owner", "NICK :x");
    later = irc_join(daemon, "owner", NULL);
    PEER_EXPECT_MATCH(later, WARNING("owner", "1 second"));
    PEER_EXPECT_MATCH(later, ":owner!~owner@[^ ]* NICK :Guest[0-9]{5}");
    IRC_EXPECT_NOTHING(login);
    irc_send(login, "NS LOGOUT");
    PEER_EXPECT_MATCH(login, WARNING("alice", "1 second"));
    PEER_SKIP_TO(login, ":alice!~alice@[^ ]* NICK :Guest[0-9]{5}");
    peer_close(owner);
    peer_close(login);
    peer_close(later);
    DAEMON_STOP(daemon);
}

static void people_who_talk_are_bound_alike(void)
{
    struct daemon *daemon =
        DAEMON_START(DAEMON_SERVER "listeners = ( " IRC_LISTENER ",\n"
                                   "{ service = \"talk\"; port = 0; } );\n" GRACE("1"),
                     2);
    struct peer *owner = owner_of(daemon, "alice");
    struct peer *talker = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));

    PEER_SEND_TEXT(talker, "alice\n");
    PEER_SKIP_TO(talker, ".*The nickname alice is registered\\. Log in to its account within 1 "
                         "second.*");
    PEER_SKIP_TO(talker, ".*Guest[0-9]{5}.*");
    peer_close(owner);
    peer_close(talker);
    DAEMON_STOP(daemon);
}

static void what_the_owner_does_not_want_is_not_kept(void)
{
    struct daemon *daemon = IRC_START(GRACE("60"));
    struct peer *owner = owner_of(daemon, "alice");
    struct peer *other;

    irc_send(owner, "NS SET PROTECT off");
    PEER_SKIP_TO(owner, NOTICE("owner", "Anybody may bear your account's name\\."));
    other = irc_join(daemon, "alice", NULL);
    IRC_EXPECT_NOTHING(other);
    irc_send(owner, "NS SET PROTECT on");
    PEER_SKIP_TO(owner, NOTICE("owner", "The nickname is kept for your account\\."));
    PEER_EXPECT_MATCH(other, WARNING("alice", "60 seconds"));
    irc_send(owner, "NS DROP secret");
    PEER_SKIP_TO(owner, NOTICE("owner", "The account alice is dropped\\."));
    irc_send(other, "NICK bob");
    IRC_EXPECT_FROM(other, "alice", "NICK :bob");
    irc_send(other, "NICK alice");
    IRC_EXPECT_FROM(other, "bob", "NICK :alice");
    IRC_EXPECT_NOTHING(other);
    peer_close(owner);
    peer_close(other);
    DAEMON_STOP(daemon);
}

static void who_runs_the_server_makes_it_somebodys(void)
{
    struct daemon *daemon = IRC_START(GRACE("1"));
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *control = PEER_OPEN(.path = daemon_path(daemon, "control"));

    PEER_SEND_TEXT(control, "accounts add alice secret\n");
    PEER_EXPECT_MATCH(alice, WARNING("alice", "1 second"));
    PEER_EXPECT_MATCH(alice, ":alice!~alice@[^ ]* NICK :Guest[0-9]{5}");
    irc_send(alice, "NS IDENTIFY alice secret");
    PEER_SKIP_TO(alice, ":NickServ!.* :You are logged in as alice\\.");
    PEER_SEND_TEXT(control, "accounts drop alice\n");
    PEER_EXPECT_MATCH(alice, ":test\\.example 901 Guest[0-9]{5} .* :You are now logged out");
    peer_close(control);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void an_import_makes_it_somebodys(void)
{
    static const char text[] = "{\"type\":\"paceline\",\"version\":1}\n"
                               "{\"type\":\"account\",\"folded\":\"alice\",\"name\":\"alice\","
                               "\"keys\":\"\",\"email\":\"\","
                               "\"code\":\"\",\"created\":1,\"flags\":0,\"sent\":0}\n";
    struct daemon *daemon = IRC_START(GRACE("1"));
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *control = PEER_OPEN(.path = daemon_path(daemon, "control"));
    FILE *file = fopen(daemon_path(daemon, "in.json"), "we");
    char command[1000];

    EXPECT(file && fputs(text, file) >= 0 && fclose(file) == 0, "the file cannot be written");
    snprintf(command, sizeof command, "import %s\n", daemon_path(daemon, "in.json"));
    PEER_SEND_TEXT(control, command);
    PEER_EXPECT_MATCH(alice, WARNING("alice", "1 second"));
    PEER_EXPECT_MATCH(alice, ":alice!~alice@[^ ]* NICK :Guest[0-9]{5}");
    PEER_EXPECT_MATCH(control, "message: added: 1; .*");
    peer_close(control);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_reload_changes_the_time(void)
{
    struct daemon *daemon = IRC_START(GRACE("0"));
    struct peer *owner = owner_of(daemon, "alice");
    struct peer *other = irc_join(daemon, "alice", NULL);

    IRC_EXPECT_NOTHING(other);
    daemon_configure(daemon, IRC_ONLY GRACE("1"));
    daemon_signal(daemon, SIGHUP);
    PEER_EXPECT_MATCH(other, WARNING("alice", "1 second"));
    PEER_EXPECT_MATCH(other, ":alice!~alice@[^ ]* NICK :Guest[0-9]{5}");
    peer_close(owner);
    peer_close(other);
    DAEMON_STOP(daemon);
}

static void it_outlives_a_restart(void)
{
    struct daemon *daemon = IRC_START(GRACE("0"));
    char path[1000], configuration[3000];
    struct peer *owner = owner_of(daemon, "alice");
    struct daemon *next;
    struct peer *other;

    snprintf(path, sizeof(path), "%s", daemon_path(daemon, "paceline.db"));
    peer_close(owner);
    daemon_signal(daemon, SIGTERM);
    DAEMON_EXPECT_EXIT(daemon, 0);
    snprintf(configuration, sizeof(configuration),
             IRC_ONLY GRACE("1") "store: { path = \"%s\"; };\n", path);
    next = DAEMON_START(configuration, 1);
    other = irc_join(next, "alice", NULL);
    PEER_EXPECT_MATCH(other, WARNING("alice", "1 second"));
    PEER_EXPECT_MATCH(other, ":alice!~alice@[^ ]* NICK :Guest[0-9]{5}");
    peer_close(other);
    DAEMON_STOP(next);
    daemon_free(daemon);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(who_comes_under_it_is_told_and_renamed),
        TEST(who_takes_it_is_told_and_renamed_and_others_see_it),
        TEST(the_owner_keeps_it_and_who_gives_it_up_is_left_alone),
        TEST(people_who_talk_are_bound_alike),
        TEST(what_the_owner_does_not_want_is_not_kept),
        TEST(who_runs_the_server_makes_it_somebodys),
        TEST(an_import_makes_it_somebodys),
        TEST(a_reload_changes_the_time),
        TEST(it_outlives_a_restart),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_nick_owner", tests);
}
