/* SPDX-License-Identifier: MIT */
/* Registered channels outlive the server, whatever happens to it and to its file. */
#include "config.h"

#include "tests/lib/command.h"
#include "tests/lib/folder.h"
#include "tests/lib/models.h"
#include "tests/protocol/chanserv_peers.h"
#include "tests/protocol/irc_history.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTICE(nick, text)            CHANSERV_NOTICE(nick, text)
#define ASK(peer, sent, nick, answer) CHANSERV_ASK(peer, sent, nick, answer)
#define PACELINECTL                   command_program("PACELINECTL")

/* A folder that outlives daemons. */
struct house {
    char *folder;
    char *settings; /* of a daemon that has its state there */
};

static struct house house_new(const char *more)
{
    struct house house = {.folder = folder_new()};

    EXPECT(asprintf(&house.settings,
                    "server: { name = \"test.example\"; state_dir = \"%s\"; control = "
                    "\"@DIR@/control\"; };\nlisteners = ( " IRC_LISTENER " );\n" IRC_OPERS
                    "limits: { flood_rate = 0; };\naccounts: { iterations = 4096; };\n%s",
                    house.folder, more) > 0,
           "no memory");
    return house;
}

static void house_free(struct house *house)
{
    free(house->settings);
    folder_remove(house->folder);
}

/* #a, which is alice's, and has all that there is to be kept. */
static void set_up(struct daemon *daemon)
{
    struct peer *alice = chanserv_make(daemon, "alice");
    struct peer *bob = chanserv_make(daemon, "bob");

    CHANSERV_REGISTER(alice, "alice", "#a");
    irc_send(alice, "TOPIC #a :\002caf\xc3\xa9");
    PEER_SKIP_TO(alice, ":alice!.* TOPIC #a :.*");
    irc_send(alice, "MODE #a +kljWE key 30 5:10 3 4:60");
    PEER_SKIP_TO(alice, ".*MODE #a \\+.*");
    irc_send(alice, "MODE #a +ibeI bad!*@* good!*@* a:bob");
    PEER_SKIP_TO(alice, ".*MODE #a \\+ibeI .*");
    irc_send(alice, "MODE #a -b bad!*@*");
    PEER_SKIP_TO(alice, ".*MODE #a -b .*");
    irc_send(alice, "MODE #a +bb worse!*@* m:mute!*@*");
    PEER_SKIP_TO(alice, ".*MODE #a \\+bb .*");
    ASK(alice, "CS ACCESS #a ADD bob voice", "alice", "bob has access to #a as voice now.");
    ASK(alice, "CS ACCESS #a ADD bob halfop", "alice", "bob has access to #a as halfop now.");
    ASK(alice, "CS SET #a URL https://a.example", "alice", "URL of #a is https://a.example now.");
    ASK(alice, "CS SET #a SUCCESSOR bob", "alice", "SUCCESSOR of #a is bob now.");
    ASK(alice, "CS SET #a MLOCK +nt-m", "alice", "The modes of #a that stay are set.");
    peer_close(alice);
    peer_close(bob);
}

static void look_at_masks(struct peer *alice)
{
    irc_send(alice, "MODE #a b");
    PEER_EXPECT_MATCH(alice, ":test\\.example 367 alice #a worse!\\*@\\* alice [0-9]+");
    PEER_EXPECT_MATCH(alice, ":test\\.example 367 alice #a m:mute!\\*@\\* alice [0-9]+");
    PEER_EXPECT_MATCH(alice, ":test\\.example 368 .*");
    irc_send(alice, "MODE #a e");
    PEER_EXPECT_MATCH(alice, ":test\\.example 348 alice #a good!\\*@\\* alice [0-9]+");
    PEER_EXPECT_MATCH(alice, ":test\\.example 349 .*");
    irc_send(alice, "MODE #a I");
    PEER_EXPECT_MATCH(alice, ":test\\.example 346 alice #a a:bob alice [0-9]+");
    PEER_EXPECT_MATCH(alice, ":test\\.example 347 .*");
}

static void look_at_it(struct daemon *daemon)
{
    struct peer *alice = chanserv_come(daemon, "alice");
    struct peer *bob = chanserv_come(daemon, "bob");
    struct peer *carol = irc_join(daemon, "carol", NULL);

    IRC_ASK(carol, "JOIN #a", "473 carol #a :Cannot join channel (+i)");
    irc_send(bob, "JOIN #a key");
    IRC_EXPECT_FROM(bob, "bob", "JOIN #a");
    PEER_EXPECT_LINE(bob, CHANSERV "MODE #a +h bob");
    PEER_EXPECT_LINE(bob, ":test.example 332 bob #a :\002caf\xc3\xa9");
    PEER_EXPECT_MATCH(bob, ":test\\.example 333 bob #a alice [0-9]+");
    PEER_EXPECT_LINE(bob, ":test.example 353 bob = #a :%bob");
    irc_send(alice, "CS INVITE #a");
    PEER_SKIP_TO(alice, NOTICE("alice", "alice is invited to #a\\."));
    irc_send(alice, "JOIN #a");
    IRC_EXPECT_FROM(alice, "alice", "JOIN #a");
    PEER_EXPECT_LINE(alice, CHANSERV "MODE #a +q alice");
    PEER_SKIP_TO(alice, ":test\\.example 366 .*");
    IRC_ASK(alice, "MODE #a", "324 alice #a +intkljWE key 30 5:10 3 4:60");
    PEER_SKIP_TO(alice, ":test\\.example 329 .*");
    look_at_masks(alice);
    IRC_ASK(alice, "MODE #a +m",
            "742 alice #a m +nt-m :MODE cannot be set due to channel having an active MLOCK "
            "restriction policy");
    irc_send(alice, "CS INFO #a");
    PEER_SKIP_TO(alice, NOTICE("alice", "URL: https://a\\.example"));
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Modes that stay: +nt-m"));
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Settings: KEEPTOPIC "));
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Successor: bob"));
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Accounts with access beside the founder's: 1"));
    peer_close(alice);
    peer_close(bob);
    peer_close(carol);
}

static void all_of_a_channel_outlives_a_restart(void)
{
    struct house house = house_new("");
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *control;

    set_up(daemon);
    DAEMON_STOP(daemon);
    daemon = DAEMON_START(house.settings, 1);
    DAEMON_EXPECT_LOG(daemon, "channels: 1");
    control = PEER_OPEN(.path = daemon_path(daemon, "control"));
    PEER_SEND_TEXT(control, "status\n");
    PEER_SKIP_TO(control, "channels_kept: 1");
    peer_close(control);
    look_at_it(daemon);
    DAEMON_STOP(daemon);
    daemon = DAEMON_START(house.settings, 1);
    look_at_it(daemon);
    DAEMON_STOP(daemon);
    house_free(&house);
}

/* What was said before and after it was registered, and who joins later reads it. */
static void what_was_said_there_outlives_a_restart(void)
{
    struct house house = house_new("");
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *alice = irc_reader(daemon, "alice", "", "#a");
    struct irc_said before, after, later;

    irc_make_account(alice, "alice");
    IRC_SAY(alice, "#a", "before", &before);
    irc_send(alice, "CS REGISTER #a");
    PEER_SKIP_TO(alice, ".*MODE #a \\+q alice");
    IRC_SAY(alice, "#a", "after", &after);
    peer_close(alice);
    DAEMON_STOP(daemon);
    daemon = DAEMON_START(house.settings, 1);
    alice = irc_reader(daemon, "alan", "", "#a");
    IRC_SAY(alice, "#a", "later", &later);
    IRC_EXPECT_BATCH(alice, "chathistory #a", "CHATHISTORY LATEST #a * 10", &before, &after,
                     &later);
    peer_close(alice);
    DAEMON_STOP(daemon);
    house_free(&house);
}

/* More than is written in one go, of which the last is not waited for. */
static void a_long_list_outlives_a_stop_right_behind_it(void)
{
    struct house house = house_new("");
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *alice = chanserv_make(daemon, "alice");

    CHANSERV_REGISTER(alice, "alice", "#a");
    for (int i = 0; i < 100; i += 5)
        irc_send(alice, "MODE #a +bbbbb n%d n%d n%d n%d n%d", i, i + 1, i + 2, i + 3, i + 4);
    PEER_SKIP_TO(alice, ".*MODE #a \\+bbbbb .* n99!\\*@\\*");
    peer_close(alice);
    DAEMON_STOP(daemon);
    daemon = DAEMON_START(house.settings, 1);
    alice = chanserv_come(daemon, "alice");
    irc_send(alice, "MODE #a b");
    for (int i = 0; i < 100; i++)
        PEER_EXPECT_MATCH(alice, ":test\\.example 367 alice #a n[0-9]+!\\*@\\* .*");
    PEER_EXPECT_MATCH(alice, ":test\\.example 368 .*");
    peer_close(alice);
    DAEMON_STOP(daemon);
    house_free(&house);
}

/* The last answer of ChanServ's came after the commit, with all that was changed before it. */
static void what_chanserv_has_acknowledged_outlives_a_kill(void)
{
    struct house house = house_new("");
    struct daemon *daemon = DAEMON_START(house.settings, 1);

    set_up(daemon);
    DAEMON_KILL(daemon);
    daemon = DAEMON_START(house.settings, 1);
    look_at_it(daemon);
    DAEMON_STOP(daemon);
    house_free(&house);
}

static void what_is_given_up_is_gone_after_a_restart(void)
{
    struct house house = house_new("");
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *alice = chanserv_make(daemon, "alice");

    CHANSERV_REGISTER(alice, "alice", "#a");
    CHANSERV_REGISTER(alice, "alice", "#b");
    irc_send(alice, "RENAME #b #c");
    PEER_SKIP_TO(alice, ".* 366 alice #c .*");
    irc_send(alice, "TOPIC #c :kept no longer");
    PEER_SKIP_TO(alice, ":alice!.* TOPIC #c :.*");
    ASK(alice, "CS SET #c KEEPTOPIC off", "alice", "KEEPTOPIC is off for #c now.");
    ASK(alice, "CS DROP #a #a", "alice", "#a is nobody's channel any more.");
    peer_close(alice);
    DAEMON_STOP(daemon);
    daemon = DAEMON_START(house.settings, 1);
    DAEMON_EXPECT_LOG(daemon, "channels: 1");
    alice = chanserv_come(daemon, "alice");
    ASK(alice, "CS INFO #a", "alice", "There is no such channel.");
    ASK(alice, "CS INFO #b", "alice", "There is no such channel.");
    irc_send(alice, "JOIN #c");
    IRC_EXPECT_FROM(alice, "alice", "JOIN #c");
    PEER_EXPECT_LINE(alice, CHANSERV "MODE #c +q alice");
    PEER_EXPECT_LINE(alice, ":test.example 353 alice = #c :~alice");
    peer_close(alice);
    DAEMON_STOP(daemon);
    house_free(&house);
}

static void change_file(const struct house *house, const char *sql)
{
    char *path = folder_path(house->folder, "paceline.db");
    sqlite3 *db;

    EXPECT_RESULT(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    EXPECT_RESULT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    EXPECT_RESULT(sqlite3_close(db), SQLITE_OK);
    free(path);
}

static void founders_who_have_gone_meanwhile_are_succeeded(void)
{
    struct house house = house_new("");
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *alice = chanserv_make(daemon, "alice");
    struct peer *bob = chanserv_make(daemon, "bob");

    CHANSERV_REGISTER(alice, "alice", "#a");
    CHANSERV_REGISTER(alice, "alice", "#b");
    ASK(alice, "CS SET #b SUCCESSOR bob", "alice", "SUCCESSOR of #b is bob now.");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
    change_file(&house, "DELETE FROM accounts WHERE folded = 'alice'");
    daemon = DAEMON_START(house.settings, 1);
    bob = chanserv_come(daemon, "bob");
    ASK(bob, "CS INFO #a", "bob", "There is no such channel.");
    irc_send(bob, "CS INFO #b");
    PEER_EXPECT_MATCH(bob, NOTICE("bob", "#b is the channel of bob, registered on .*"));
    peer_close(bob);
    DAEMON_STOP(daemon);
    daemon = DAEMON_START(house.settings, 1);
    DAEMON_EXPECT_LOG(daemon, "channels: 1");
    DAEMON_STOP(daemon);
    house_free(&house);
}

/* Names that are none, modes and levels that there are not, masks that are not normal, names twice. */
static void what_makes_no_sense_in_a_file_is_left_out(void)
{
    struct house house = house_new("");
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *alice = chanserv_make(daemon, "alice");

    peer_close(alice);
    DAEMON_STOP(daemon);
    change_file(&house,
                "INSERT INTO channels VALUES"
                " (1, '#a', 'alice', '', '', '', 'ntk? key', '+n?-', '', '', 1, 2, 3, 255, 0, 0),"
                " (2, '#A', 'alice', '', '', '', '', '', '', '', 1, 3, 3, 0, 0, 0),"
                " (3, 'a b', 'alice', '', '', '', '', '', '', '', 1, 3, 3, 0, 0, 0);"
                "INSERT INTO channel_access VALUES (1, 'bob', '', 3, 0), (1, 'carol', '', 16, 0),"
                " (1, 'dave', '', 4, 0);"
                "INSERT INTO channel_masks (channel, kind, mask, setter, made) VALUES"
                " (1, 0, 'a b', '', 0), (1, 0, 'ok', '', 0);");
    daemon = DAEMON_START(house.settings, 1);
    DAEMON_EXPECT_LOG(daemon, "#a: not all of its modes are known");
    DAEMON_EXPECT_LOG(daemon, "the channel #A is left out: there is another one of that name");
    DAEMON_EXPECT_LOG(daemon, "the channel a b is left out: that is no name");
    alice = chanserv_come(daemon, "alice");
    irc_send(alice, "CS ACCESS #a LIST");
    PEER_EXPECT_MATCH(alice, NOTICE("alice", "dave: op, by  on .*"));
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Accounts with access beside the founder's: 1"));
    irc_send(alice, "MODE #a b");
    PEER_EXPECT_MATCH(alice, ":test\\.example 367 alice #a ok!\\*@\\* .*");
    PEER_EXPECT_MATCH(alice, ":test\\.example 368 .*");
    peer_close(alice);
    DAEMON_STOP(daemon);
    daemon = DAEMON_START(house.settings, 1);
    DAEMON_EXPECT_LOG(daemon, "channels: 1");
    DAEMON_STOP(daemon);
    house_free(&house);
}

static sqlite3 *lock_file(const struct house *house)
{
    char *path = folder_path(house->folder, "paceline.db");
    sqlite3 *db;

    EXPECT_RESULT(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    EXPECT_RESULT(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    free(path);
    return db;
}

static void while_the_file_cannot_be_written_it_is_said_and_made_up_for(void)
{
    struct house house = house_new("store: { busy_timeout = 0; };\n");
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *alice = chanserv_make(daemon, "alice");
    struct peer *root = IRC_JOIN_TOLD(daemon, "s");
    sqlite3 *db;

    CHANSERV_REGISTER(alice, "alice", "#a");
    chanserv_join(alice, "#b");
    db = lock_file(&house);
    irc_send(alice, "CS SET #a URL https://lost.example");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "URL of #a is https://lost.example now."));
    PEER_EXPECT_LINE(alice, NOTICE("alice", "It cannot be kept just now, a restart would lose it: "
                                            "another program has locked the file."));
    PEER_SKIP_TO(root, ".*Channels cannot be kept just now, a restart would lose changes: another "
                       "program has locked the file");
    ASK(alice, "CS REGISTER #b", "alice",
        "Channels cannot be kept just now: another program has locked the file.");
    ASK(alice, "CS DROP #a #a", "alice",
        "Channels cannot be kept just now: another program has locked the file.");
    irc_send(alice, "MODE #a +m");
    IRC_EXPECT_FROM(alice, "alice", "MODE #a +m");
    EXPECT_RESULT(sqlite3_close(db), SQLITE_OK);
    PEER_SKIP_TO(root, ".*Channels are kept again");
    peer_close(alice);
    peer_close(root);
    DAEMON_KILL(daemon);
    daemon = DAEMON_START(house.settings, 1);
    alice = chanserv_come(daemon, "alice");
    IRC_ASK(alice, "MODE #a", "324 alice #a +mnt");
    PEER_SKIP_TO(alice, ":test\\.example 329 .*");
    irc_send(alice, "CS INFO #a");
    PEER_SKIP_TO(alice, NOTICE("alice", "URL: https://lost\\.example"));
    peer_close(alice);
    DAEMON_STOP(daemon);
    house_free(&house);
}

/* A command of pacelinectl with a file in the folder. */
static void transfer(struct daemon *daemon, const struct house *house, const char *command,
                     const char *says)
{
    char *path = folder_path(house->folder, "records.json");
    struct command_result result =
        COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon, "control"), command, path);

    EXPECT(result.status == 0 && strstr(result.err, says), "%s: %d, %s%s", command, result.status,
           result.out, result.err);
    command_clear(&result);
    free(path);
}

static void channels_are_taken_from_one_server_to_another(void)
{
    struct house house = house_new("");
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *bob;
    char *path;

    set_up(daemon);
    transfer(daemon, &house, "export", "records: 8");
    transfer(daemon, &house, "import", "added: 0; there already: 8;");
    DAEMON_STOP(daemon);
    path = folder_path(house.folder, "paceline.db");
    EXPECT_RESULT(remove(path), 0);
    free(path);
    daemon = DAEMON_START(house.settings, 1);
    bob = irc_join_channel(daemon, "dave", "#b");
    transfer(daemon, &house, "import", "added: 8; there already: 0;");
    peer_close(bob);
    look_at_it(daemon);
    DAEMON_STOP(daemon);
    daemon = DAEMON_START(house.settings, 1);
    look_at_it(daemon);
    DAEMON_STOP(daemon);
    house_free(&house);
}

static void an_import_leaves_channels_that_are_there_as_they_are(void)
{
    struct house house = house_new("");
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *alice;

    set_up(daemon);
    transfer(daemon, &house, "export", "records: 8");
    alice = chanserv_come(daemon, "alice");
    ASK(alice, "CS ACCESS #a DEL bob", "alice", "bob has no access to #a any more.");
    ASK(alice, "CS SET #a URL", "alice", "URL of #a is nothing now.");
    transfer(daemon, &house, "import", "added: 0; there already: 8;");
    ASK(alice, "CS ACCESS #a LIST", "alice", "Accounts with access beside the founder's: 0");
    peer_close(alice);
    DAEMON_STOP(daemon);
    daemon = DAEMON_START(house.settings, 1);
    alice = chanserv_come(daemon, "alice");
    ASK(alice, "CS ACCESS #a LIST", "alice", "Accounts with access beside the founder's: 0");
    irc_send(alice, "CS INFO #a");
    PEER_SKIP_TO(alice, NOTICE("alice", "It was made on .*"));
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Modes that stay: +nt-m"));
    peer_close(alice);
    DAEMON_STOP(daemon);
    house_free(&house);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(all_of_a_channel_outlives_a_restart),
        TEST(what_was_said_there_outlives_a_restart),
        TEST(a_long_list_outlives_a_stop_right_behind_it),
        TEST(what_chanserv_has_acknowledged_outlives_a_kill),
        TEST(what_is_given_up_is_gone_after_a_restart),
        TEST(founders_who_have_gone_meanwhile_are_succeeded),
        TEST(what_makes_no_sense_in_a_file_is_left_out),
        TEST(while_the_file_cannot_be_written_it_is_said_and_made_up_for),
        TEST(channels_are_taken_from_one_server_to_another),
        TEST(an_import_leaves_channels_that_are_there_as_they_are),
        {NULL, NULL},
    };

    return models_main(argc, argv, "channels_kept", tests);
}
