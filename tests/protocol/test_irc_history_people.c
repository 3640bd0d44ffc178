/* SPDX-License-Identifier: MIT */
/* IRC: what people have told each other, what is found by its words, and a history that has trouble. */
#include "config.h"

#include "tests/lib/command.h"
#include "tests/lib/folder.h"
#include "tests/lib/models.h"
#include "tests/lib/unit.h"
#include "tests/protocol/irc_history.h"

#include <stdarg.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PACELINECTL command_program("PACELINECTL")
#define PEOPLE                                                                                     \
    "limits: { flood_rate = 0; };\n"                                                               \
    "accounts: { iterations = 4096; plain_text = true; registrations_per_hour = 0; };\n"
#define UNREAD ":Messages could not be retrieved"

static char text[400];

static const char *with(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *with(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return text;
}

/* -- Conversations -------------------------------------------------------------------------------- */

static void both_read_what_they_have_told_each_other(void)
{
    struct daemon *daemon = IRC_START(PEOPLE);
    struct peer *alice = irc_reader(daemon, "alice", "", NULL);
    struct peer *bob = irc_reader(daemon, "bob", "", NULL);
    struct peer *carol = irc_reader(daemon, "carol", "", NULL);
    struct irc_said said[3];

    IRC_SAY(alice, "bob", "too early", &said[0]);
    irc_make_account(alice, "alice");
    IRC_SAY(alice, "bob", "still too early", &said[0]);
    irc_make_account(bob, "bob");
    IRC_SAY(alice, "bob", "hello", &said[0]);
    IRC_SAY(bob, "alice", "hello alice", &said[1]);
    irc_make_account(carol, "carol");
    irc_quiet(alice);
    IRC_EXPECT_BATCH(alice, "chathistory bob", "CHATHISTORY LATEST bob * 9", &said[0], &said[1]);
    IRC_EXPECT_BATCH(bob, "chathistory ALICE", "CHATHISTORY LATEST ALICE * 9", &said[0], &said[1]);
    IRC_EXPECT_EMPTY(carol, "chathistory bob", "CHATHISTORY LATEST bob * 9");
    irc_send(carol, "CHATHISTORY LATEST nobody * 9");
    PEER_EXPECT_LINE(carol, ":test.example FAIL CHATHISTORY INVALID_TARGET LATEST nobody " UNREAD);
    irc_send(bob, "NICK robert");
    PEER_SKIP_TO(bob, ".* NICK :robert");
    IRC_EXPECT_BATCH(alice, "chathistory robert", "CHATHISTORY LATEST robert * 9", &said[0],
                     &said[1]);
    IRC_EXPECT_BATCH(alice, "chathistory bob", "CHATHISTORY LATEST bob * 9", &said[0], &said[1]);
    peer_close(bob);
    IRC_EXPECT_BATCH(alice, "chathistory bob", "CHATHISTORY LATEST bob * 1", &said[1]);
    irc_send(alice, "NS LOGOUT");
    PEER_SKIP_TO(alice, ".* 901 .*");
    irc_quiet(alice);
    irc_send(alice, "CHATHISTORY LATEST bob * 9");
    PEER_EXPECT_LINE(alice, ":test.example FAIL CHATHISTORY INVALID_TARGET LATEST bob " UNREAD);
    peer_close(carol);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* Who takes the name of an account that is gone is somebody else. */
static void an_account_goes_with_what_it_was_told(void)
{
    struct daemon *daemon = IRC_START(PEOPLE);
    struct peer *alice = irc_reader(daemon, "alice", "", NULL);
    struct peer *bob = irc_reader(daemon, "bob", "", NULL);
    struct irc_said said;

    irc_make_account(alice, "alice");
    irc_make_account(bob, "bob");
    IRC_SAY(alice, "bob", "a secret", &said);
    irc_send(bob, "NS DROP secret-of-theirs");
    PEER_SKIP_TO(bob, ".* 901 .*");
    irc_make_account(bob, "bob");
    IRC_EXPECT_EMPTY(bob, "chathistory alice", "CHATHISTORY LATEST alice * 9");
    irc_quiet(alice);
    IRC_EXPECT_EMPTY(alice, "chathistory bob", "CHATHISTORY LATEST bob * 9");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void an_account_can_do_without(void)
{
    struct daemon *daemon = IRC_START(PEOPLE);
    struct peer *alice = irc_reader(daemon, "alice", "", "#a");
    struct peer *bob = irc_reader(daemon, "bob", "", "#a");
    struct irc_said said, other;

    irc_make_account(alice, "alice");
    irc_make_account(bob, "bob");
    irc_send(bob, "NS SET HISTORY off");
    PEER_EXPECT_MATCH(bob, ".* :Nothing that you say is kept in the history from now on\\.");
    IRC_SAY(bob, "#a", "of bob", &other);
    IRC_SAY(alice, "#a", "of alice", &said);
    IRC_SAY(alice, "bob", "to bob", &other);
    irc_quiet(bob);
    IRC_EXPECT_BATCH(bob, "chathistory #a", "CHATHISTORY LATEST #a * 9", &said);
    IRC_EXPECT_EMPTY(bob, "chathistory alice", "CHATHISTORY LATEST alice * 9");
    irc_send(bob, "NS SET HISTORY on");
    PEER_EXPECT_MATCH(bob, ".* :What you say may be kept in the history\\.");
    IRC_SAY(bob, "alice", "to alice", &other);
    IRC_EXPECT_BATCH(bob, "chathistory alice", "CHATHISTORY LATEST alice * 9", &other);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void conversations_outlive_a_restart(void)
{
    char *folder = folder_new();
    char settings[700];
    struct irc_said said[2];
    struct daemon *daemon;
    struct peer *alice, *bob;

    snprintf(settings, sizeof settings,
             "server: { name = \"test.example\"; state_dir = \"%s\"; control = \"none\"; };\n"
             "listeners = ( " IRC_LISTENER " );\n" PEOPLE,
             folder);
    daemon = DAEMON_START(settings, 1);
    alice = irc_reader(daemon, "alice", "", NULL);
    bob = irc_reader(daemon, "bob", "", NULL);
    irc_make_account(alice, "alice");
    irc_make_account(bob, "bob");
    IRC_SAY(alice, "bob", "before", &said[0]);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
    daemon = DAEMON_START(settings, 1);
    alice = irc_reader(daemon, "alice", "", NULL);
    irc_send(alice, "NS IDENTIFY secret-of-theirs");
    PEER_SKIP_TO(alice, ".* 900 .*");
    irc_quiet(alice);
    IRC_EXPECT_BATCH(alice, "chathistory bob", "CHATHISTORY LATEST bob * 9", &said[0]);
    IRC_EXPECT_EMPTY(alice, "chathistory bob",
                     with("CHATHISTORY AFTER bob msgid=%s 9", said[0].id));
    IRC_SAY(alice, "alice", "to myself", &said[1]);
    CU_ASSERT(strcmp(said[1].id, said[0].id) > 0);
    peer_close(alice);
    DAEMON_STOP(daemon);
    folder_remove(folder);
}

static void targets_are_told_by_their_latest_message(void)
{
    struct daemon *daemon = IRC_START(PEOPLE);
    struct peer *alice = irc_reader(daemon, "alice", "", "#a");
    struct peer *bob = irc_reader(daemon, "bob", "", NULL);
    struct irc_said a, b, c;
    char lines[3][100];

    irc_make_account(alice, "alice");
    irc_make_account(bob, "bob");
    irc_send(alice, "JOIN #empty");
    PEER_SKIP_TO(alice, ".* 366 .*");
    IRC_SAY(alice, "#a", "one", &a);
    do
        IRC_SAY(alice, "bob", "two", &b);
    while (strcmp(a.time, b.time) == 0);
    irc_send(alice, "JOIN #c");
    PEER_SKIP_TO(alice, ".* 366 .*");
    do
        IRC_SAY(alice, "#c", "three", &c);
    while (strcmp(b.time, c.time) == 0);
    snprintf(lines[0], 100, "@batch=2 :test.example CHATHISTORY TARGETS #a %s", a.time);
    snprintf(lines[1], 100, "@batch=2 :test.example CHATHISTORY TARGETS bob %s", b.time);
    snprintf(lines[2], 100, "@batch=2 :test.example CHATHISTORY TARGETS #c %s", c.time);
    irc_send(alice, "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z "
                    "timestamp=2100-01-01T00:00:00.000Z 10");
    PEER_EXPECT_LINE(alice, ":test.example BATCH +2 draft/chathistory-targets");
    for (int i = 0; i < 3; i++)
        PEER_EXPECT_LINE(alice, lines[i]);
    PEER_EXPECT_LINE(alice, ":test.example BATCH -2");
    irc_send(alice, "CHATHISTORY TARGETS timestamp=2100-01-01T00:00:00.000Z "
                    "timestamp=2000-01-01T00:00:00.000Z 2");
    PEER_EXPECT_LINE(alice, ":test.example BATCH +2 draft/chathistory-targets");
    PEER_EXPECT_LINE(alice, lines[1]);
    PEER_EXPECT_LINE(alice, lines[2]);
    PEER_EXPECT_LINE(alice, ":test.example BATCH -2");
    irc_send(alice, "%s", with("CHATHISTORY TARGETS timestamp=%s timestamp=%s 9", a.time, c.time));
    PEER_EXPECT_LINE(alice, ":test.example BATCH +2 draft/chathistory-targets");
    PEER_EXPECT_LINE(alice, lines[1]);
    PEER_EXPECT_LINE(alice, ":test.example BATCH -2");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* -- Words ---------------------------------------------------------------------------------------- */

#define FOUND "soju.im/search"

static void words_are_searched_where_one_may_read(void)
{
    struct daemon *daemon = IRC_START(PEOPLE);
    struct peer *alice = irc_reader(daemon, "alice", FOUND, "#a");
    struct peer *bob = irc_reader(daemon, "bob", FOUND, "#b");
    struct irc_said a[3], b, c;

    irc_make_account(alice, "alice");
    irc_make_account(bob, "bob");
    IRC_SAY(alice, "#a", "the quick brown fox", &a[0]);
    IRC_SAY(alice, "#a", "jumps; over", &a[1]);
    IRC_SAY(alice, "#a", "a Quick dog", &a[2]);
    IRC_SAY(bob, "#b", "quick elsewhere", &b);
    IRC_SAY(bob, "alice", "quick and secret", &c);
    irc_quiet(alice);
    IRC_EXPECT_BATCH(alice, FOUND, "SEARCH text=quick;in=#a", &a[0], &a[2]);
    IRC_EXPECT_BATCH(alice, FOUND, "SEARCH text=quick;in=#a;limit=1", &a[2]);
    IRC_EXPECT_BATCH(alice, FOUND, "SEARCH text=fox\\squick", &a[0]);
    IRC_EXPECT_BATCH(alice, FOUND, "SEARCH text=quick", &a[0], &a[2], &c);
    IRC_EXPECT_BATCH(alice, FOUND, "SEARCH text=quick;from=BOB", &c);
    IRC_EXPECT_BATCH(alice, FOUND, "SEARCH in=bob;from=bob", &c);
    IRC_EXPECT_BATCH(bob, FOUND, "SEARCH text=quick", &b, &c);
    IRC_EXPECT_BATCH(alice, FOUND, "SEARCH in=#a;after=2000-01-01T00:00:00.000Z;limit=2", &a[0],
                     &a[1]);
    IRC_EXPECT_EMPTY(alice, FOUND, "SEARCH text=quick;before=2000-01-01T00:00:00.000Z");
    IRC_EXPECT_EMPTY(alice, FOUND, "SEARCH text=cat");
    IRC_EXPECT_EMPTY(alice, FOUND, "SEARCH text=%22OR\\\\squick");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_search_that_makes_no_sense_is_told(void)
{
    struct daemon *daemon = IRC_START(PEOPLE);
    struct peer *alice = irc_reader(daemon, "alice", FOUND, "#a");
    struct peer *bob = irc_reader(daemon, "bob", "", "#b");

    IRC_ASK(alice, "SEARCH", "FAIL SEARCH INVALID_PARAMS :Nothing to search for");
    IRC_ASK(alice, "SEARCH limit=3", "FAIL SEARCH INVALID_PARAMS :Nothing to search for");
    IRC_ASK(alice, "SEARCH text=a;what=b", "FAIL SEARCH INVALID_PARAMS what :Invalid parameters");
    IRC_ASK(alice, "SEARCH text=a;limit=0", "FAIL SEARCH INVALID_PARAMS limit :Invalid parameters");
    IRC_ASK(alice, "SEARCH after=now", "FAIL SEARCH INVALID_PARAMS after :Invalid parameters");
    IRC_ASK(alice, "SEARCH text=", "FAIL SEARCH INVALID_PARAMS text :Invalid parameters");
    IRC_ASK(alice, "SEARCH text=a;in=#b", "FAIL SEARCH INVALID_TARGET #b :You cannot search there");
    IRC_ASK(bob, "SEARCH text=a", "421 bob SEARCH :Unknown command");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void what_is_taken_back_is_not_found(void)
{
    struct daemon *daemon = IRC_START(PEOPLE);
    struct peer *alice = irc_reader(daemon, "alice", FOUND " draft/message-redaction", "#a");
    struct irc_said said[2];

    IRC_SAY(alice, "#a", "secret one", &said[0]);
    IRC_SAY(alice, "#a", "secret two", &said[1]);
    IRC_EXPECT_BATCH(alice, FOUND, "SEARCH text=secret", &said[0], &said[1]);
    irc_send(alice, "REDACT #a %s", said[0].id);
    PEER_SKIP_TO(alice, ".* REDACT .*");
    IRC_EXPECT_BATCH(alice, FOUND, "SEARCH text=secret", &said[1]);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* -- Trouble -------------------------------------------------------------------------------------- */

static void a_history_that_cannot_be_had_does_not_keep_the_server_from_serving(void)
{
    char *folder = folder_new();
    char *path = folder_path(folder, "history.db");
    FILE *file = fopen(path, "w");
    char settings[700];
    struct command_result result;
    struct daemon *daemon;
    struct peer *peer;
    struct stat st;

    EXPECT(file, "no file");
    fputs("this is no history but a text that is long enough to be looked at in earnest", file);
    fclose(file);
    snprintf(settings, sizeof settings,
             "server: { name = \"test.example\"; state_dir = \"%s\"; control = \"@DIR@/control\"; "
             "};\nlisteners = ( " IRC_LISTENER " );\n" PEOPLE,
             folder);
    daemon = DAEMON_START(settings, 1);
    DAEMON_EXPECT_LOG(daemon, "there is no history, as ");
    peer = IRC_CONNECT(daemon);
    irc_send(peer, "CAP LS 302");
    PEER_EXPECT_MATCH(peer, ":test\\.example CAP \\* LS .*batch.*draft/channel-rename "
                            "draft/extended-isupport.*");
    irc_send(peer, "CAP REQ draft/chathistory");
    PEER_SKIP_TO(peer, ".* NAK .*");
    result = COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon, "control"), "status");
    EXPECT(strstr(result.out, "history: the file is damaged\n"), "%s", result.out);
    command_clear(&result);
    peer_close(peer);
    DAEMON_STOP(daemon);
    EXPECT_RESULT(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_size, 77 - 1);
    free(path);
    folder_remove(folder);
}

static void figures_are_told(void)
{
    struct daemon *daemon = IRC_START(PEOPLE IRC_OPERS "history: { events = false; };\n");
    struct peer *root = irc_join(daemon, "root", NULL);
    struct command_result result;
    struct peer *alice = irc_reader(daemon, "alice", "", "#a");
    struct irc_said said;

    IRC_SAY(alice, "#a", "hello", &said);
    IRC_EXPECT_BATCH(alice, "chathistory #a", "CHATHISTORY LATEST #a * 9", &said);
    result = COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon, "control"), "status");
    EXPECT(strstr(result.out, "\nhistory: writable\n") &&
               strstr(result.out, "\nhistory_waiting: 0\n") &&
               strstr(result.out, "\nhistory_kept: 1\n") &&
               strstr(result.out, "\nhistory_commits: 1\n") &&
               strstr(result.out, "\nhistory_lost_full: 0\n") &&
               strstr(result.out, "\nhistory_lost_failed: 0\n"),
           "%s", result.out);
    command_clear(&result);
    IRC_BECOME_OPERATOR(root, "root");
    irc_send(root, "STATS t");
    PEER_SKIP_TO(root, ":test\\.example 249 root :history_kept: 1");
    PEER_SKIP_TO(root, ":test\\.example 249 root :history_lost_full: 0");
    PEER_SKIP_TO(root, ".* 219 root t .*");
    peer_close(root);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* Whether the page around the message does not have it (yet). */
static bool irc_finds_nothing(struct peer *peer, const char *id)
{
    bool found = false;
    char *line;

    irc_send(peer, "CHATHISTORY AROUND #a msgid=%s 1", id);
    do {
        EXPECT_RESULT(peer_next_line(peer, &line), 0);
        found |= strstr(line, " PRIVMSG ") != NULL;
    } while (!strstr(line, "BATCH -2"));
    return !found;
}

static unsigned long figure(const char *status, const char *name)
{
    const char *at = strstr(status, name);

    EXPECT(at, "no %s in %s", name, status);
    return strtoul(at + strlen(name), NULL, 10);
}

/* Another program holds the file, and the writer waits for it: chat does not. */
static void chat_goes_on_when_lines_cannot_be_written_so_fast(void)
{
    struct daemon *daemon =
        IRC_START(PEOPLE "history: { events = false; queue = 8; commit_interval = 1; };\n"
                         "store: { busy_timeout = 60; };\n");
    struct peer *alice = irc_reader(daemon, "alice", "", "#a");
    struct command_result result;
    struct irc_said said;
    unsigned long lost;
    sqlite3 *db;

    EXPECT_RESULT(sqlite3_open(daemon_path(daemon, "history.db"), &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    EXPECT_RESULT(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    for (int i = 0; i < 100; i++)
        IRC_SAY(alice, "#a", "word", &said);
    result = COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon, "control"), "status");
    lost = figure(result.out, "\nhistory_lost_full: ");
    EXPECT(lost >= 100 - 2 * 8 && figure(result.out, "\nhistory_waiting: ") <= 8, "%s", result.out);
    command_clear(&result);
    sqlite3_close(db);
    do
        IRC_SAY(alice, "#a", "word again", &said);
    while (irc_finds_nothing(alice, said.id));
    IRC_EXPECT_BATCH(alice, "chathistory #a", "CHATHISTORY LATEST #a * 1", &said);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void nothing_is_kept_where_none_is_wanted(void)
{
    struct daemon *daemon = IRC_START(PEOPLE "history: { enabled = false; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct stat st;

    irc_send(alice, "CAP REQ draft/chathistory");
    PEER_SKIP_TO(alice, ".* NAK .*");
    EXPECT(stat(daemon_path(daemon, "history.db"), &st) < 0, "there is a file");
    irc_send(alice, "VERSION");
    PEER_SKIP_TO(alice, ".* CHANTYPES=# ELIST=.*");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"both read what they have told each other", both_read_what_they_have_told_each_other},
        {"an account goes with what it was told", an_account_goes_with_what_it_was_told},
        {"an account can do without", an_account_can_do_without},
        {"conversations outlive a restart", conversations_outlive_a_restart},
        {"targets are told by their latest message", targets_are_told_by_their_latest_message},
        {"words are searched where one may read", words_are_searched_where_one_may_read},
        {"a search that makes no sense is told", a_search_that_makes_no_sense_is_told},
        {"what is taken back is not found", what_is_taken_back_is_not_found},
        {"a history that cannot be had does not keep the server from serving",
         a_history_that_cannot_be_had_does_not_keep_the_server_from_serving},
        {"figures are told", figures_are_told},
        {"chat goes on when lines cannot be written so fast",
         chat_goes_on_when_lines_cannot_be_written_so_fast},
        {"nothing is kept where none is wanted", nothing_is_kept_where_none_is_wanted},
        {NULL, NULL},
    };

    return models_main(argc, argv, "IRC, history of people", tests);
}
