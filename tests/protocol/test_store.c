/* SPDX-License-Identifier: MIT */
/* What outlives a restart, and what the server does when its file is not as it should be. */
#include "config.h"

#include "base/clock.h"
#include "tests/lib/command.h"
#include "tests/lib/folder.h"
#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PACELINE    command_program("PACELINE")
#define PACELINECTL command_program("PACELINECTL")

/* -- A folder that outlives daemons -------------------------------------------------------------- */

struct house {
    char *folder;
    char *file;     /* paceline.db in it */
    char *settings; /* of a daemon that has its state there */
};

/* With MORE settings of the test's own. */
static struct house house_new(const char *more)
{
    struct house house = {.folder = folder_new()};

    house.file = folder_path(house.folder, "paceline.db");
    EXPECT(asprintf(&house.settings,
                    "server: { name = \"test.example\"; state_dir = \"%s\"; control = "
                    "\"@DIR@/control\"; };\n"
                    "limits: { flood_rate = 0; };\n" IRC_OPERS "%s",
                    house.folder, more) > 0,
           "no memory");
    return house;
}

#define IRC_LISTENERS "listeners = ( " IRC_LISTENER " );\n"

static void house_free(struct house *house)
{
    free(house->settings);
    free(house->file);
    folder_remove(house->folder);
}

static struct peer *come(struct daemon *daemon, const char *nick)
{
    struct peer *peer = IRC_CONNECT(daemon);

    irc_send(peer, "NICK %s\r\nUSER %s 0 * :Real", nick, nick);
    return peer;
}

static sqlite3 *lock_file(const struct house *house)
{
    sqlite3 *db;

    EXPECT_RESULT(sqlite3_open(house->file, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    EXPECT_RESULT(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return db;
}

static struct peer *control(struct daemon *daemon)
{
    return PEER_OPEN(.path = daemon_path(daemon, "control"));
}

/* -- Bans ---------------------------------------------------------------------------------------- */

static void bans_outlive_a_restart(void)
{
    struct house house = house_new(IRC_LISTENERS);
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *root = IRC_JOIN_TOLD(daemon, "x");
    struct peer *peer;

    irc_send(root, "KLINE ~bobby@*.example :no \x02"
                   "bold\x02 reason, caf\xc3\xa9");
    PEER_SKIP_TO(root, ".*The K line on ~bobby@\\*\\.example is set for ever; hit: 0");
    irc_send(root, "KLINE 1d ~evelyn*@127.0.0.0/8 :away with you");
    PEER_SKIP_TO(root, ".*The K line on ~evelyn\\*@127\\.0\\.0\\.0/8 is set .*");
    irc_send(root, "DLINE 192.0.2.0/24 :bad network");
    PEER_SKIP_TO(root, ".*The D line on 192\\.0\\.2\\.0/24 is set .*");
    irc_send(root, "CBAN #evil* :not here");
    PEER_SKIP_TO(root, ".*The channel ban on #evil\\* is set .*");
    irc_send(root, "CBAN #good :a mistake");
    PEER_SKIP_TO(root, ".*The channel ban on #good is set .*");
    irc_send(root, "UNCBAN #GOOD");
    PEER_SKIP_TO(root, ".*The channel ban on #GOOD is lifted");
    peer_close(root);
    DAEMON_STOP(daemon);

    daemon = DAEMON_START(house.settings, 1);
    DAEMON_EXPECT_LOG(daemon, "paceline.db; bans: 4");
    peer = come(daemon, "evelyn");
    PEER_EXPECT_MATCH(peer,
                      ":test\\.example 465 evelyn :You are banned from this server: away with you");
    peer_close(peer);
    root = IRC_JOIN_TOLD(daemon, "x");
    irc_send(root, "STATS k");
    PEER_SKIP_TO(root, ":test\\.example 216 root k 127\\.0\\.0\\.0/8 \\* ~evelyn\\* :away with you "
                       "\\(by root, for 8[0-9]{4} seconds\\)");
    irc_send(root, "STATS K");
    PEER_SKIP_TO(root, ":test\\.example 216 root K \\*\\.example \\* ~bobby :no \x02"
                       "bold\x02 reason, "
                       "caf\xc3\xa9 \\(by root.*");
    irc_send(root, "JOIN #evil-place");
    PEER_SKIP_TO(root, ".* #evil-place :.*not here.*");
    irc_send(root, "JOIN #good");
    PEER_SKIP_TO(root, ":root!.* JOIN #good");
    irc_send(root, "UNDLINE 192.0.2.0/24");
    PEER_SKIP_TO(root, ".*The D line on 192\\.0\\.2\\.0/24 is lifted");
    peer_close(root);
    DAEMON_STOP(daemon);

    daemon = DAEMON_START(house.settings, 1);
    DAEMON_EXPECT_LOG(daemon, "paceline.db; bans: 3");
    DAEMON_STOP(daemon);
    house_free(&house);
}

static void what_is_over_meanwhile_is_not_in_force_again(void)
{
    struct house house = house_new(IRC_LISTENERS);
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *root = IRC_JOIN_TOLD(daemon, "x");
    uint64_t over;

    irc_send(root, "KLINE 1s ~bobby@* :for a moment");
    PEER_SKIP_TO(root, ".*The K line on ~bobby@\\* is set .*");
    over = pli_clock_wall_ms() + 1000;
    peer_close(root);
    DAEMON_STOP(daemon);
    while (pli_clock_wall_ms() <= over)
        usleep(10000);
    daemon = DAEMON_START(house.settings, 1);
    DAEMON_EXPECT_LOG(daemon, "the K line on ~bobby@* is over");
    peer_close(irc_join(daemon, "bobby", NULL));
    DAEMON_STOP(daemon);
    daemon = DAEMON_START(house.settings, 1);
    DAEMON_EXPECT_LOG(daemon, "paceline.db; bans: 0");
    DAEMON_STOP(daemon);
    house_free(&house);
}

static void a_ban_that_was_kept_outlives_a_kill(void)
{
    struct house house = house_new(IRC_LISTENERS);
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *root = IRC_JOIN_TOLD(daemon, "x");
    uint64_t deadline = expect_deadline();
    bool kept = false;

    irc_send(root, "KLINE ~bobby@* :why");
    PEER_SKIP_TO(root, ".*The K line on ~bobby@\\* is set .*");
    while (!kept) { /* status tells of it */
        struct command_result result =
            COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon, "control"), "status");

        EXPECT(expect_remaining(deadline) > 0, "it is not kept: %s", result.out);
        kept = strstr(result.out, "store_changes: 1\n");
        command_clear(&result);
    }
    DAEMON_KILL(daemon);
    peer_close(root);
    daemon = DAEMON_START(house.settings, 1);
    DAEMON_EXPECT_LOG(daemon, "paceline.db; bans: 1");
    DAEMON_STOP(daemon);
    house_free(&house);
}

static void with_none_bans_end_with_the_server(void)
{
    struct house house = house_new(IRC_LISTENERS "store: { backend = \"none\"; };\n");
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *root = IRC_JOIN_TOLD(daemon, "x");
    struct peer *peer = control(daemon);

    irc_send(root, "KLINE ~bobby@* :why");
    PEER_SKIP_TO(root, ".*The K line on ~bobby@\\* is set .*");
    PEER_SEND_TEXT(peer, "status\n");
    PEER_SKIP_TO(peer, "store: none");
    PEER_EXPECT_MATCH(peer, "config: .*");
    peer_close(peer);
    peer_close(root);
    DAEMON_STOP(daemon);
    EXPECT(access(house.file, F_OK) < 0, "there is a file");
    daemon = DAEMON_START(house.settings, 1);
    peer_close(irc_join(daemon, "bobby", NULL));
    DAEMON_STOP(daemon);
    house_free(&house);
}

/* -- Files that are not as they should be -------------------------------------------------------- */

/* A start with the settings ends with STATUS, and with TEXT on standard error. */
static void expect_no_start(struct place place, const struct house *house, int status,
                            const char *text)
{
    char *path = folder_path(house->folder, "test.conf");
    FILE *file = fopen(path, "w");
    const char *rest = strchr(house->settings, '\n') + 1;
    struct command_result result;

    fprintf(file, "server: { state_dir = \"%s\"; control = \"none\"; };\n%s", house->folder, rest);
    EXPECT(fclose(file) == 0, "cannot write");
    result = command_run(place, NULL, (const char *const[]){PACELINE, "-c", path, NULL});
    if (result.status != status || !strstr(result.err, text))
        expect_fail(place, "status %d: %s", result.status, result.err);
    command_clear(&result);
    free(path);
}
#define EXPECT_NO_START(house, status, text) expect_no_start(HERE, house, status, text)

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    EXPECT(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s cannot be written", path);
}

static void a_damaged_file_keeps_the_server_from_starting(void)
{
    static const char text[] =
        "This is no database, but it is long enough to be one, as long as one "
        "does not look at it: a hundred bytes.\n";
    struct house house = house_new(IRC_LISTENERS);
    char found[200];
    FILE *file;

    write_file(house.file, text);
    EXPECT_NO_START(&house, 1, "/paceline.db: the file is damaged");
    file = fopen(house.file, "r");
    EXPECT(fgets(found, sizeof(found), file) && strcmp(found, text) == 0, "it has changed");
    fclose(file);
    house_free(&house);
}

static void a_file_of_a_later_version_keeps_the_server_from_starting(void)
{
    struct house house = house_new(IRC_LISTENERS);
    sqlite3 *db;

    DAEMON_STOP(DAEMON_START(house.settings, 1));
    EXPECT_RESULT(sqlite3_open(house.file, &db), SQLITE_OK);
    EXPECT_RESULT(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
    EXPECT_RESULT(sqlite3_close(db), SQLITE_OK);
    EXPECT_NO_START(&house, 1, "/paceline.db: it was written by a later paceline (version 99; ");
    house_free(&house);
}

static void a_path_that_cannot_be_is_an_error_of_the_configuration(void)
{
    struct house house = house_new(IRC_LISTENERS "store: { path = \"/nonexistent/x.db\"; };\n");

    EXPECT_NO_START(&house, 3, "store.path: /nonexistent/x.db: No such file or directory");
    house_free(&house);
    house = house_new(IRC_LISTENERS);
    EXPECT_RESULT(mkdir(house.file, 0700), 0);
    EXPECT_NO_START(&house, 3, "/paceline.db: ");
    house_free(&house);
}

static void a_locked_file_stops_nothing_but_keeping(void)
{
    struct house house = house_new(IRC_LISTENERS "store: { busy_timeout = 0; };\n");
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *root = IRC_JOIN_TOLD(daemon, "x");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");
    struct peer *peer = control(daemon);
    uint64_t deadline = expect_deadline();
    sqlite3 *db = lock_file(&house);
    bool over = false;

    irc_send(root, "KLINE ~evelyn@* :why");
    PEER_SKIP_TO(root,
                 ".*The K line on ~evelyn@\\* is in force, but a restart will lose it: another "
                 "program has locked the file");
    DAEMON_EXPECT_LOG(daemon, "warning: The K line on ~evelyn@* is in force");
    PEER_SEND_TEXT(peer, "status\n");
    PEER_SKIP_TO(peer, "store_state: another program has locked the file");
    PEER_SKIP_TO(peer, "ok");
    irc_send(root, "UNKLINE ~evelyn@*");
    PEER_SKIP_TO(root,
                 ".*The K line on ~evelyn@\\* is lifted, but a restart will bring it back: .*");
    irc_send(bob, "PRIVMSG bob :hello");
    PEER_SKIP_TO(bob, ":bob!.* PRIVMSG bob :hello");
    EXPECT_RESULT(sqlite3_close(db), SQLITE_OK);
    while (!over) {
        struct command_result result =
            COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon, "control"), "status");

        EXPECT(expect_remaining(deadline) > 0, "it stays as it is: %s", result.out);
        over = strstr(result.out, "store_state: writable\n");
        command_clear(&result);
    }
    irc_send(root, "KLINE ~evelyn@* :why");
    PEER_SKIP_TO(root, ".*The K line on ~evelyn@\\* is set .*");
    peer_close(peer);
    peer_close(bob);
    peer_close(root);
    DAEMON_STOP(daemon);
    daemon = DAEMON_START(house.settings, 1);
    DAEMON_EXPECT_LOG(daemon, "paceline.db; bans: 1");
    DAEMON_STOP(daemon);
    house_free(&house);
}

/* -- Reloads ------------------------------------------------------------------------------------- */

#define TALK_LISTENERS "listeners = ( { service = \"talk\"; port = 0; } );\n"
#define ECHO_LISTENERS "listeners = ( { service = \"echo\"; port = 0; } );\n"

static void reload(struct daemon *daemon, const struct house *house)
{
    struct peer *peer = control(daemon);

    daemon_configure(daemon, house->settings);
    PEER_SEND_TEXT(peer, "reload\n");
    PEER_SKIP_TO(peer, "ok");
    peer_close(peer);
}

static void a_reload_leaves_the_store_as_it_is(void)
{
    struct house house = house_new(IRC_LISTENERS);
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *root = IRC_JOIN_TOLD(daemon, "x");
    struct peer *peer = control(daemon);
    char *other;

    EXPECT(asprintf(&other, "%sstore: { path = \"other.db\"; };\n", house.settings) > 0,
           "no memory");
    daemon_configure(daemon, other);
    PEER_SEND_TEXT(peer, "reload\n");
    PEER_SKIP_TO(peer, "message: .*store.path: takes effect at the next start");
    PEER_SKIP_TO(peer, "ok");
    irc_send(root, "KLINE ~evelyn@* :why");
    PEER_SKIP_TO(root, ".*The K line on ~evelyn@\\* is set .*");
    peer_close(peer);
    peer_close(root);
    DAEMON_STOP(daemon);
    free(other);
    daemon = DAEMON_START(house.settings, 1);
    DAEMON_EXPECT_LOG(daemon, "paceline.db; bans: 1");
    DAEMON_STOP(daemon);
    house_free(&house);
}

static void the_first_listener_for_people_brings_the_store(void)
{
    struct house house = house_new(ECHO_LISTENERS);
    struct daemon *daemon = DAEMON_START(house.settings, 1);

    EXPECT(access(house.file, F_OK) < 0, "there is a file");
    free(house.settings);
    EXPECT(asprintf(&house.settings,
                    "server: { name = \"test.example\"; state_dir = \"%s\"; control = "
                    "\"@DIR@/control\"; };\n" TALK_LISTENERS,
                    house.folder) > 0,
           "no memory");
    reload(daemon, &house);
    EXPECT(access(house.file, F_OK) == 0, "there is no file");
    DAEMON_EXPECT_LOG(daemon, "paceline.db; bans: 0");
    reload(daemon, &house);
    DAEMON_STOP(daemon);
    house_free(&house);
}

/* -- Copies, and records as text ----------------------------------------------------------------- */

/* Runs pacelinectl in the house's folder, and looks at how it ends. */
static void go_there(void *argument)
{
    if (chdir(argument) < 0)
        _exit(126);
}

static void expect_command(struct place place, const struct house *house, struct daemon *daemon,
                           const char *command, const char *file, int status, const char *text)
{
    struct command there = {.prepare = go_there, .argument = house->folder};
    struct command_result result =
        command_run(place, &there,
                    (const char *const[]){PACELINECTL, "-s", daemon_path(daemon, "control"),
                                          command, file, NULL});

    if (result.status != status || !strstr(result.err, text))
        expect_fail(place, "%s: status %d: %s", command, result.status, result.err);
    command_clear(&result);
}
#define EXPECT_COMMAND(command, file, status, text)                                                \
    expect_command(HERE, &house, daemon, command, file, status, text)

static char *read_file(const struct house *house, const char *name)
{
    char *path = folder_path(house->folder, name);
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;

    EXPECT(file && getdelim(&text, &size, '\0', file) > 0, "%s cannot be read", path);
    fclose(file);
    free(path);
    return text;
}

static void what_is_exported_is_imported_elsewhere(void)
{
    struct house house = house_new(IRC_LISTENERS);
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *root = IRC_JOIN_TOLD(daemon, "x");
    struct stat status;
    char *text, *path;

    irc_send(root, "KLINE ~bobby@* :no \x02way");
    PEER_SKIP_TO(root, ".*The K line on ~bobby@\\* is set .*");
    irc_send(root, "CBAN #evil :not here");
    PEER_SKIP_TO(root, ".*The channel ban on #evil is set .*");
    EXPECT_COMMAND("export", "out.json", 0, "records: 2\n");
    EXPECT_COMMAND("export", "out.json", 1, "/out.json: there is something of that name already\n");
    text = read_file(&house, "out.json");
    EXPECT(strstr(text,
                  "{\"type\":\"paceline\",\"version\":1}\n{\"type\":\"ban\",\"mask\":\"~bobby@*"
                  "\",\"reason\":\"no \\u0002way\",\"by\":\"root\",\"kind\":\"user\","),
           "the file is %s", text);
    free(text);
    path = folder_path(house.folder, "out.json");
    EXPECT(stat(path, &status) == 0 && (status.st_mode & 0777) == 0600, "others can read it");
    free(path);
    EXPECT_COMMAND("import", "out.json", 0, "added: 0; there already: 2; ");
    irc_send(root, "UNKLINE ~bobby@*");
    PEER_SKIP_TO(root, ".*The K line on ~bobby@\\* is lifted");
    EXPECT_COMMAND("import", "out.json", 0, "added: 1; there already: 1; ");
    irc_send(root, "STATS K");
    PEER_SKIP_TO(root, ".* 216 root K \\* \\* ~bobby :no \x02way .*");
    peer_close(root);
    DAEMON_STOP(daemon);
    daemon = DAEMON_START(house.settings, 1);
    DAEMON_EXPECT_LOG(daemon, "paceline.db; bans: 2");
    DAEMON_STOP(daemon);
    house_free(&house);
}

#define HEAD "{\"type\":\"paceline\",\"version\":1}\n"
#define ACCOUNT(name)                                                                              \
    "{\"type\":\"account\",\"folded\":\"" name "\",\"name\":\"" name                               \
    "\",\"keys\":\"k\",\"email\":\"\",\"code\":\"\",\"created\":1,\"flags\":0,\"sent\":0}\n"
#define CERTIFICATE(print, name)                                                                   \
    "{\"type\":\"certificate\",\"fingerprint\":\"" print "\",\"account\":\"" name                  \
    "\",\"added\":1}\n"
#define BAN(mask, expires)                                                                         \
    "{\"type\":\"ban\",\"mask\":\"" mask                                                           \
    "\",\"reason\":\"r\",\"by\":\"root\",\"kind\":\"user\",\""                                     \
    "set\":1,\"expires\":" expires "}\n"

static void an_import_takes_all_or_says_where_it_is_wrong(void)
{
    struct house house = house_new(IRC_LISTENERS "store: { queue = 1; };\n");
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    char *path = folder_path(house.folder, "in.json");
    char *text;

    EXPECT_COMMAND("import", "in.json", 1, "/in.json: No such file or directory");
    EXPECT_COMMAND("import", ".", 1, "/.: Invalid argument");
    write_file(path, "");
    EXPECT_COMMAND("import", "in.json", 1, "/in.json: it is empty");
    write_file(path, ACCOUNT("ann"));
    EXPECT_COMMAND("import", "in.json", 1, "/in.json:1: type: \"paceline\" expected");
    write_file(path, HEAD ACCOUNT("ann") "{\"type\":\"dog\"}\n");
    EXPECT_COMMAND("import", "in.json", 1, "/in.json:3: type: the name of a kind");
    EXPECT_COMMAND("export", "none.json", 0, "records: 0\n");
    write_file(path, HEAD ACCOUNT("ann") ACCOUNT("bob") ACCOUNT("ann") CERTIFICATE("f1", "ann")
                         CERTIFICATE("f2", "nobody") BAN("~evelyn@*.example", "0")
                             BAN("~bobby@*.example", "5") BAN("a b", "0"));
    EXPECT_COMMAND("import", "in.json", 0,
                   "added: 4; there already: 1; bans that are over: 1, that cannot be set: 1; "
                   "what belongs to nothing: 1\n");
    EXPECT_COMMAND("export", "all.json", 0, "records: 4\n");
    text = read_file(&house, "all.json");
    CU_ASSERT_STRING_EQUAL(text, HEAD ACCOUNT("ann") ACCOUNT("bob") CERTIFICATE("f1", "ann")
                                     BAN("~evelyn@*.example", "0"));
    free(text);
    free(path);
    DAEMON_STOP(daemon);
    house_free(&house);
}

static void a_backup_is_a_store_of_its_own(void)
{
    struct house house = house_new(IRC_LISTENERS);
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *root = IRC_JOIN_TOLD(daemon, "x");
    char *copy = folder_path(house.folder, "copy.db");

    irc_send(root, "KLINE ~bobby@*.example :why");
    PEER_SKIP_TO(root, ".*The K line on .* is set .*");
    EXPECT_COMMAND("export", "flush.json", 0, "records: 1\n"); /* it has been kept */
    EXPECT_COMMAND("backup", copy, 0, "");
    EXPECT_COMMAND("backup", "copy.db", 1, "/copy.db: there is something of that name already");
    irc_send(root, "UNKLINE ~bobby@*.example");
    PEER_SKIP_TO(root, ".*The K line on .* is lifted");
    peer_close(root);
    DAEMON_STOP(daemon);
    EXPECT_RESULT(rename(copy, house.file), 0);
    daemon = DAEMON_START(house.settings, 1);
    DAEMON_EXPECT_LOG(daemon, "paceline.db; bans: 1");
    DAEMON_STOP(daemon);
    free(copy);
    house_free(&house);
}

static void there_is_nothing_to_copy_where_nothing_is_kept(void)
{
    struct house house = house_new(IRC_LISTENERS "store: { backend = \"none\"; };\n");
    struct daemon *daemon = DAEMON_START(house.settings, 1);
    struct peer *peer = control(daemon);

    EXPECT_COMMAND("backup", "x", 1, "pacelinectl: nothing is kept here\n");
    EXPECT_COMMAND("export", "x", 1, "pacelinectl: nothing is kept here\n");
    EXPECT_COMMAND("import", "x", 1, "pacelinectl: nothing is kept here\n");
    EXPECT_COMMAND("import", NULL, 2, "a file is missing: import");
    PEER_SEND_TEXT(peer, "backup\nexport x\n");
    PEER_EXPECT_LINE(peer, "error: an absolute path expected");
    PEER_EXPECT_LINE(peer, "error: nothing is kept here");
    peer_close(peer);
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
        TEST(bans_outlive_a_restart),
        TEST(what_is_over_meanwhile_is_not_in_force_again),
        TEST(a_ban_that_was_kept_outlives_a_kill),
        TEST(with_none_bans_end_with_the_server),
        TEST(a_damaged_file_keeps_the_server_from_starting),
        TEST(a_file_of_a_later_version_keeps_the_server_from_starting),
        TEST(a_path_that_cannot_be_is_an_error_of_the_configuration),
        TEST(a_locked_file_stops_nothing_but_keeping),
        TEST(a_reload_leaves_the_store_as_it_is),
        TEST(the_first_listener_for_people_brings_the_store),
        TEST(what_is_exported_is_imported_elsewhere),
        TEST(an_import_takes_all_or_says_where_it_is_wrong),
        TEST(a_backup_is_a_store_of_its_own),
        TEST(there_is_nothing_to_copy_where_nothing_is_kept),
        {NULL, NULL},
    };

    return models_main(argc, argv, "store", tests);
}
