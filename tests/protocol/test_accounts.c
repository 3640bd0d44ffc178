/* SPDX-License-Identifier: MIT */
/* Accounts by pacelinectl, of a real server. */
#include "config.h"

#include "base/password.h"
#include "tests/lib/command.h"
#include "tests/lib/folder.h"
#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PACELINECTL command_program("PACELINECTL")
#define SECRET      "correct horse"

static char *folder; /* of the server's state: it outlives a restart */
static struct daemon *daemon_now;

/* Of a daemon that has its state there, with a listener for SERVICE; to be freed. */
static char *settings_of(const char *service, const char *more)
{
    char *settings;

    EXPECT(asprintf(&settings,
                    "server: { name = \"test.example\"; state_dir = \"%s\"; control = "
                    "\"@DIR@/control\"; };\nlisteners = ( { service = \"%s\"; port = 0; } );\n%s",
                    folder, service, more) > 0,
           "no memory");
    return settings;
}

static void start(const char *more)
{
    char *settings = settings_of("irc", more);

    daemon_now = DAEMON_START(settings, 1);
    free(settings);
}

static void begin(const char *more)
{
    folder = folder_new();
    start(more);
}

static void end(void)
{
    EXPECT(!strstr(daemon_log(daemon_now), SECRET), "the log has the password");
    DAEMON_STOP(daemon_now);
    folder_remove(folder);
}

static void use_input(void *argument)
{
    if (dup2(*(const int *)argument, STDIN_FILENO) < 0)
        _exit(126);
}

/* pacelinectl accounts WHAT NAME, which may be NULL, with INPUT on its standard input. */
static struct command_result run(const char *what, const char *name, const char *input)
{
    struct command command = {.prepare = use_input};
    struct command_result result;
    int pipes[2];

    EXPECT(pipe2(pipes, O_CLOEXEC) == 0 &&
               write(pipes[1], input, strlen(input)) == (ssize_t)strlen(input),
           "pipe: %s", strerror(errno));
    close(pipes[1]);
    command.argument = &pipes[0];
    result = COMMAND_RUN(&command, PACELINECTL, "-s", daemon_path(daemon_now, "control"),
                         "accounts", what, name);
    close(pipes[0]);
    return result;
}

static void expect(struct place place, const char *what, const char *name, const char *input,
                   int status, const char *says)
{
    struct command_result result = run(what, name, input);

    if (result.status != status || !strstr(status == 0 ? result.out : result.err, says))
        expect_fail(place, "accounts %s: %d, %s%s", what, result.status, result.out, result.err);
    command_clear(&result);
}
#define EXPECT_ACCOUNTS(what, name, input, status, says)                                           \
    expect(HERE, what, name, input, status, says)

/* Whether what the server keeps of the account is that password. */
static bool has_password(const char *name, const char *password)
{
    static unsigned count;
    struct command_result result;
    char file[40], start[100], keys[PLI_PASSWORD_TEXT];
    struct pli_password kept;
    char *path, *text = NULL, *at;
    size_t size = 0;
    FILE *out;

    snprintf(file, sizeof file, "out%u", count++);
    path = folder_path(folder, file);
    result =
        COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon_now, "control"), "export", path);
    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    out = fopen(path, "r");
    EXPECT(out && getdelim(&text, &size, '\0', out) > 0, "%s cannot be read", path);
    fclose(out);
    free(path);
    snprintf(start, sizeof start, "\"name\":\"%s\",\"keys\":\"", name);
    at = strstr(text, start);
    EXPECT(at, "%s is not in %s", name, text);
    at += strlen(start);
    snprintf(keys, sizeof keys, "%.*s", (int)strcspn(at, "\""), at);
    free(text);
    EXPECT(pli_password_parse(keys, &kept), "no keys");
    return pli_password_verify(&kept, password, strlen(password)) == 1;
}

static void accounts_are_added_listed_and_dropped(void)
{
    begin("");
    EXPECT_ACCOUNTS("list", NULL, "", 0, "");
    EXPECT_ACCOUNTS("add", "Ann", SECRET "\n", 0, "");
    EXPECT_ACCOUNTS("add", "bob", SECRET, 0, "");
    EXPECT_ACCOUNTS("add", "ANN", "x\n", 1, "pacelinectl: there is an account of that name");
    EXPECT_ACCOUNTS("list", NULL, "", 0, "account: Ann ");
    EXPECT_ACCOUNTS("list", NULL, "", 0, " verified protected *\naccount: bob ");
    CU_ASSERT(has_password("Ann", SECRET));
    DAEMON_EXPECT_LOG(daemon_now, "the account Ann was added on the control socket");
    DAEMON_STOP(daemon_now);
    start("");
    DAEMON_EXPECT_LOG(daemon_now, "accounts: 2");
    EXPECT_ACCOUNTS("drop", "aNN", "", 0, "");
    EXPECT_ACCOUNTS("drop", "aNN", "", 1, "pacelinectl: there is no such account");
    EXPECT_ACCOUNTS("list", NULL, "", 0, "account: bob ");
    end();
}

static void a_password_is_changed(void)
{
    begin("accounts: { min_password = 5; iterations = 4096; };\n");
    EXPECT_ACCOUNTS("add", "Ann", "x\n", 0, ""); /* whoever runs the server may */
    EXPECT_ACCOUNTS("password", "ann", "abc\n", 1, "That password is too short");
    EXPECT_ACCOUNTS("password", "ann", SECRET "\n", 0, "");
    EXPECT_ACCOUNTS("password", "eve", SECRET "\n", 1, "there is no such account");
    CU_ASSERT(has_password("Ann", SECRET));
    CU_ASSERT(!has_password("Ann", "x"));
    end();
}

static void what_makes_no_account_is_refused(void)
{
    char *longest = malloc(594);

    EXPECT(longest, "no memory");
    memset(longest, 'p', 593);
    longest[593] = '\0';
    begin("");
    EXPECT_ACCOUNTS("add", "Ann", "", 1, "no password was given");
    EXPECT_ACCOUNTS("add", "Ann", "\n", 1, "the password is empty");
    EXPECT_ACCOUNTS("add", "Ann", longest, 1, "the password is longer than 592 bytes");
    EXPECT_ACCOUNTS("add", "Ann", "a\tb\n", 1, "control character");
    EXPECT_ACCOUNTS("add", "1nn", "x\n", 1, "That cannot be the name of an account");
    EXPECT_ACCOUNTS("add", "NickServ", "x\n", 1, "That cannot be the name of an account");
    EXPECT_ACCOUNTS("add", "*", "x\n", 1, "That cannot be the name of an account");
    EXPECT_ACCOUNTS("add", "a b", "x\n", 2, "no name of an account: a b");
    EXPECT_ACCOUNTS("add", "", "x\n", 2, "no name of an account");
    EXPECT_ACCOUNTS("add", NULL, "x\n", 2, "expected behind accounts");
    EXPECT_ACCOUNTS("list", "x", "", 2, "expected behind accounts");
    EXPECT_ACCOUNTS("frob", "x", "", 2, "expected behind accounts");
    longest[592] = '\0';
    EXPECT_ACCOUNTS("add", "Ann", longest, 0, "");
    CU_ASSERT(has_password("Ann", longest));
    free(longest);
    end();
}

static void commands_that_make_no_sense_are_answered(void)
{
    struct peer *peer;

    begin("");
    peer = PEER_OPEN(.path = daemon_path(daemon_now, "control"));
    PEER_SEND_TEXT(peer, "accounts\naccounts frob\naccounts list x\naccounts add\n"
                         "accounts add Ann\naccounts add Ann \naccounts drop\naccounts list\n"
                         "accounts drop \n");
    PEER_EXPECT_LINE(peer, "error: list, add, password or drop expected");
    for (unsigned i = 0; i < 4; i++)
        PEER_EXPECT_LINE(peer, "error: list, add NAME PASSWORD, password NAME PASSWORD or drop "
                               "NAME expected");
    PEER_EXPECT_LINE(peer, "error: That password is too short");
    PEER_EXPECT_LINE(peer, "error: list, add NAME PASSWORD, password NAME PASSWORD or drop NAME "
                           "expected");
    PEER_EXPECT_LINE(peer, "ok");
    PEER_EXPECT_LINE(peer, "error: there is no such account");
    PEER_SEND_TEXT(peer, "accounts add Ann a  b\nstatus\n"); /* a password may have spaces */
    PEER_EXPECT_LINE(peer, "ok");
    PEER_SKIP_TO(peer, "accounts: 1");
    PEER_SKIP_TO(peer, "ok");
    CU_ASSERT(has_password("Ann", "a  b"));
    peer_close(peer);
    end();
}

static void where_nothing_is_kept_there_are_none(void)
{
    begin("store: { backend = \"none\"; };\n");
    EXPECT_ACCOUNTS("add", "Ann", "x\n", 1, "pacelinectl: nothing is kept here");
    EXPECT_ACCOUNTS("list", NULL, "", 1, "pacelinectl: nothing is kept here");
    end();
}

/* -- What the chat makes of them ------------------------------------------------------------------ */

static void expect_told(struct place place, const char *command, const char *text)
{
    struct command_result result =
        COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon_now, "control"), command);

    if (result.status != 0 || !strstr(result.out, text))
        expect_fail(place, "%s: %d, %s%s", command, result.status, result.out, result.err);
    command_clear(&result);
}
#define EXPECT_TOLD(command, text) expect_told(HERE, command, text)

/* A channel that only accounts join; whether somebody without one may is what their JOIN yields. */
static void expect_join(const char *nick, const char *answer)
{
    struct peer *peer = irc_join(daemon_now, nick, NULL);

    irc_send(peer, "JOIN #r");
    PEER_SKIP_TO(peer, answer);
    peer_close(peer);
}

static void modes_ask_for_accounts_where_there_can_be_some(void)
{
    struct peer *alice;

    begin("");
    alice = irc_join_channel(daemon_now, "alice", "#r");
    irc_send(alice, "MODE #r +R");
    PEER_SKIP_TO(alice, ".* MODE #r :?\\+R");
    expect_join("bob", ".* 477 bob #r .*");
    EXPECT_TOLD("reload", "");
    expect_join("carl", ".* 477 carl #r .*");
    peer_close(alice);
    end();
}

static void modes_that_ask_for_accounts_mean_nothing_without(void)
{
    struct peer *alice;

    begin("store: { backend = \"none\"; };\n");
    alice = irc_join_channel(daemon_now, "alice", "#r");
    irc_send(alice, "MODE #r +R");
    PEER_SKIP_TO(alice, ".* MODE #r :?\\+R");
    expect_join("bob", ":bob!.* JOIN .*");
    EXPECT_TOLD("reload", "");
    expect_join("carl", ":carl!.* JOIN .*");
    peer_close(alice);
    end();
}

/* Whoever has been imported is there at once, and their name taken. */
static void what_is_imported_is_known_at_once(void)
{
    static const char text[] =
        "{\"type\":\"paceline\",\"version\":1}\n"
        "{\"type\":\"account\",\"folded\":\"ann\",\"name\":\"Ann\",\"keys\":\"\",\"email\":\"\","
        "\"code\":\"\",\"created\":1,\"flags\":0,\"sent\":0}\n";
    struct command_result result;
    char *path;
    FILE *file;

    begin("");
    path = folder_path(folder, "in");
    file = fopen(path, "w");
    EXPECT(file && fputs(text, file) >= 0 && fclose(file) == 0, "cannot write %s", path);
    result =
        COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon_now, "control"), "import", path);
    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    EXPECT_TOLD("status", "\naccounts: 1\n");
    EXPECT_ACCOUNTS("add", "ANN", "x\n", 1, "there is an account of that name already");
    EXPECT_ACCOUNTS("password", "ann", SECRET "\n", 0, "");
    CU_ASSERT(has_password("Ann", SECRET));
    free(path);
    end();
}

/* The store comes with the first listener for people, and the accounts with it. */
static void a_reload_may_bring_them(void)
{
    char *settings;

    folder = folder_new();
    settings = settings_of("echo", "");
    daemon_now = DAEMON_START(settings, 1);
    free(settings);
    EXPECT_ACCOUNTS("add", "Ann", "x\n", 1, "nothing is kept here");
    settings = settings_of("irc", "");
    daemon_configure(daemon_now, settings);
    EXPECT_TOLD("reload", "");
    EXPECT_ACCOUNTS("add", "Ann", "x\n", 0, "");
    EXPECT_TOLD("status", "\naccounts: 1\n");
    free(settings);
    end();
}

/* The daemon is told the whole path, however long it is. */
static void a_path_may_be_long(void)
{
    struct command_result result;
    char name[200];
    char *path;

    begin("");
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    path = folder_path(folder, name);
    result =
        COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon_now, "control"), "backup", path);
    COMMAND_EXPECT(&result, 0);
    CU_ASSERT_EQUAL(access(path, R_OK), 0);
    command_clear(&result);
    free(path);
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"accounts are added, listed and dropped", accounts_are_added_listed_and_dropped},
        {"a password is changed", a_password_is_changed},
        {"what makes no account is refused", what_makes_no_account_is_refused},
        {"commands that make no sense are answered", commands_that_make_no_sense_are_answered},
        {"where nothing is kept there are none", where_nothing_is_kept_there_are_none},
        {"modes ask for accounts where there can be some",
         modes_ask_for_accounts_where_there_can_be_some},
        {"modes that ask for accounts mean nothing without",
         modes_that_ask_for_accounts_mean_nothing_without},
        {"what is imported is known at once", what_is_imported_is_known_at_once},
        {"a reload may bring them", a_reload_may_bring_them},
        {"a path may be long", a_path_may_be_long},
        {NULL, NULL},
    };

    return models_main(argc, argv, "accounts", tests);
}
