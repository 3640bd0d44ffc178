/* SPDX-License-Identifier: MIT */
/* The control socket: its protocol, who may come in, and pacelinectl. */
#include "config.h"

#include "tests/lib/command.h"
#include "tests/lib/daemon.h"
#include "tests/lib/peer.h"
#include "tests/lib/models.h"
#include "tests/protocol/deaf.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PACELINECTL command_program("PACELINECTL")
#define TWO                                                                                        \
    "listeners = ( { service = \"echo\"; port = 0; }, { service = \"echo\"; path = \"@DIR@/e\"; "  \
    "} );\n"

static struct peer *control(struct daemon *daemon)
{
    return PEER_OPEN(.path = daemon_path(daemon, "control"));
}

/* Asks and drops the answer, which must be "ok" in the end. */
static void ask(struct peer *peer, const char *command)
{
    PEER_SEND_TEXT(peer, command);
    PEER_SKIP_TO(peer, "ok");
}

static void status_tells_how_it_stands(void)
{
    struct daemon *daemon = DAEMON_START(DAEMON_SERVER "pool: { threads = 3; };\n" TWO, 2);
    struct peer *client = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));
    struct peer *peer = control(daemon);
    char expected[256];

    PEER_SEND_TEXT(client, "one\ntwo\n");
    PEER_EXPECT(client, "one\ntwo\n");
    PEER_SEND_TEXT(peer, "status\n");
    PEER_EXPECT_LINE(peer, "version: " PACKAGE_VERSION);
    snprintf(expected, sizeof(expected), "pid: %ld", (long)daemon_pid(daemon));
    PEER_EXPECT_LINE(peer, expected);
    PEER_EXPECT_MATCH(peer, "uptime: [0-9]+");
    PEER_EXPECT_LINE(peer, "state: serving");
    PEER_EXPECT_LINE(peer, "defcon: 5");
    PEER_EXPECT_LINE(peer, "turned_away: 0");
    PEER_EXPECT_LINE(peer, "store: none"); /* there is nobody who has anything to keep */
    PEER_EXPECT_MATCH(peer, "config: .*/paceline.conf");
    snprintf(expected, sizeof(expected), "model: %s", models_turn());
    PEER_EXPECT_LINE(peer, expected);
    PEER_EXPECT_MATCH(peer, "threads: [1-9][0-9]*"); /* models have threads of their own, too */
    PEER_EXPECT_LINE(peer, "spare_threads: 0");
    PEER_EXPECT_LINE(peer, "sessions: 2");
    PEER_EXPECT_LINE(peer, "accepted: 2");
    PEER_EXPECT_LINE(peer, "refused: 0");
    PEER_EXPECT_MATCH(peer, "lines: [23]");
    PEER_SKIP_TO(peer, "spares_exhausted: 0");
    PEER_EXPECT_LINE(peer, "limits_hit: 0");
    snprintf(expected, sizeof(expected), "listener: echo 127.0.0.1 %u",
             DAEMON_PORT(daemon, "echo", 0));
    PEER_EXPECT_LINE(peer, expected);
    snprintf(expected, sizeof(expected), "listener: echo %s 0", daemon_path(daemon, "e"));
    PEER_EXPECT_LINE(peer, expected);
    PEER_EXPECT_LINE(peer, "ok");
    peer_close(peer);
    peer_close(client);
    DAEMON_STOP(daemon);
}

static void help_names_the_commands(void)
{
    struct daemon *daemon = DAEMON_START(DAEMON_SERVER TWO, 2);
    struct peer *peer = control(daemon);

    PEER_SEND_TEXT(peer, "help\n");
    PEER_EXPECT_MATCH(peer, "defcon: .*");
    PEER_EXPECT_MATCH(peer, "status: .*");
    PEER_EXPECT_MATCH(peer, "classes: .*");
    PEER_EXPECT_MATCH(peer, "bans: .*");
    PEER_EXPECT_MATCH(peer, "limits: .*");
    PEER_EXPECT_MATCH(peer, "reload: .*");
    PEER_EXPECT_MATCH(peer, "backup: .*");
    PEER_EXPECT_MATCH(peer, "export: .*");
    PEER_EXPECT_MATCH(peer, "import: .*");
    PEER_EXPECT_MATCH(peer, "accounts: .*");
    PEER_EXPECT_MATCH(peer, "drain: .*");
    PEER_EXPECT_MATCH(peer, "help: .*");
    PEER_EXPECT_LINE(peer, "ok");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void what_is_no_command_is_an_error_and_the_session_goes_on(void)
{
    struct daemon *daemon = DAEMON_START(DAEMON_SERVER TWO, 2);
    struct peer *peer = control(daemon);
    static char line[2001];

    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\n';
    PEER_SEND_TEXT(peer, "dance\n");
    PEER_EXPECT_LINE(peer, "error: no such command, try help");
    PEER_SEND_TEXT(peer, "statu\n");
    PEER_EXPECT_LINE(peer, "error: no such command, try help");
    PEER_SEND_TEXT(peer, "\n");
    PEER_EXPECT_LINE(peer, "error: no such command, try help");
    PEER_SEND(peer, "stat\0us\n", 8);
    PEER_EXPECT_LINE(peer, "error: no such command, try help");
    PEER_SEND(peer, line, sizeof(line));
    PEER_EXPECT_LINE(peer, "error: no such command, try help");
    ask(peer, "help\r\n");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void commands_behind_a_reload_wait_for_its_answer(void)
{
    struct daemon *daemon = DAEMON_START(DAEMON_SERVER TWO, 2);
    struct peer *peer = control(daemon);

    PEER_SEND_TEXT(peer, "reload\nreload\ndance\n");
    PEER_EXPECT_LINE(peer, "ok");
    PEER_EXPECT_LINE(peer, "ok");
    PEER_EXPECT_LINE(peer, "error: no such command, try help");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void hanging_up_during_a_reload_is_harmless(void)
{
    struct daemon *daemon = DAEMON_START(DAEMON_SERVER TWO, 2);
    struct peer *peer;
    int i;

    for (i = 0; i < 20; i++) {
        peer = control(daemon);
        PEER_SEND_TEXT(peer, "reload\n");
        if (i % 2)
            peer_reset(peer);
        else
            peer_close(peer);
        DAEMON_EXPECT_LOG(daemon, "is reloaded");
    }
    peer = control(daemon);
    ask(peer, "status\n");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void the_door_is_open_when_the_house_is_full(void)
{
    struct daemon *daemon = DAEMON_START(DAEMON_SERVER "limits: { connections = 1; };\n" TWO, 2);
    struct peer *client = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));
    struct peer *turned_away;
    struct peer *peer;

    PEER_SEND_TEXT(client, "in\n");
    PEER_EXPECT_LINE(client, "in");
    turned_away = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));
    PEER_DRAIN(turned_away);
    peer = control(daemon);
    ask(peer, "status\n");
    peer_close(peer);
    peer_close(turned_away);
    peer_close(client);
    DAEMON_STOP(daemon);
}

static void without_a_control_socket_there_is_none(void)
{
    struct daemon *daemon =
        DAEMON_START("server: { state_dir = \"@DIR@/state\"; control = \"none\"; };\n"
                     "listeners = ( { service = \"echo\"; port = 0; } );\n",
                     1);

    /* Not even the folder is needed. */
    CU_ASSERT(access(daemon_path(daemon, "state"), F_OK) < 0 && errno == ENOENT);
    DAEMON_STOP(daemon);
}

/* -- pacelinectl ---------------------------------------------------------------------------- */

static void ctl_shows_the_status_as_text_and_as_json(void)
{
    struct daemon *daemon = DAEMON_START(DAEMON_SERVER TWO, 2);
    struct command_result result;
    char expected[256];

    result = COMMAND_RUN(NULL, PACELINECTL, "-c", daemon_path(daemon, "paceline.conf"), "status");
    COMMAND_EXPECT(&result, 0);
    CU_ASSERT(strncmp(result.out, "version: ", 9) == 0);
    snprintf(expected, sizeof(expected), "\nmodel: %s\n", models_turn());
    CU_ASSERT(strstr(result.out, expected) != NULL);
    CU_ASSERT(strstr(result.out, "\nok\n") == NULL);
    command_clear(&result);
    result =
        COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon, "control"), "status", "--json");
    COMMAND_EXPECT(&result, 0);
    CU_ASSERT(strncmp(result.out, "{\n  \"version\": \"" PACKAGE_VERSION "\",\n", 20) == 0);
    CU_ASSERT(strstr(result.out, "\n  \"sessions\": 1,\n") != NULL);
    snprintf(expected, sizeof(expected),
             "  \"listeners\": [\n"
             "    {\"service\": \"echo\", \"address\": \"127.0.0.1\", \"port\": %u},\n"
             "    {\"service\": \"echo\", \"address\": \"%s\", \"port\": 0}\n"
             "  ]\n}\n",
             DAEMON_PORT(daemon, "echo", 0), daemon_path(daemon, "e"));
    CU_ASSERT(strstr(result.out, expected) != NULL);
    command_clear(&result);
    DAEMON_STOP(daemon);
}

static void ctl_drain_waits_for_the_end(void)
{
    struct daemon *daemon = DAEMON_START(DAEMON_SERVER TWO, 2);
    struct command_result result;

    result = COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon, "control"), "drain");
    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    CU_ASSERT(access(daemon_path(daemon, "control"), F_OK) < 0);
    DAEMON_EXPECT_EXIT(daemon, 0);
    daemon_free(daemon);
}

static void ctl_gives_up_waiting_for_a_drain_that_takes_too_long(void)
{
    struct daemon *daemon =
        DAEMON_START(DAEMON_SERVER "limits: { drain_timeout = 3600; write_timeout = 3600; };\n"
                                   "listeners = ( " DEAF_ECHO " );\n",
                     1);
    struct command_result result;
    unsigned long lines;
    struct peer *peer = deaf_connect(daemon, &lines);

    result =
        COMMAND_RUN(NULL, PACELINECTL, "-t", "1", "-s", daemon_path(daemon, "control"), "drain");
    COMMAND_EXPECT(&result, 1);
    CU_ASSERT(strstr(result.err, "the daemon has not ended") != NULL);
    command_clear(&result);
    daemon_signal(daemon, SIGTERM);
    DAEMON_EXPECT_LOG(daemon, "asked to stop by signal");
    daemon_signal(daemon, SIGTERM);
    DAEMON_EXPECT_EXIT(daemon, 0);
    peer_close(peer);
    daemon_free(daemon);
}

static void ctl_tells_its_failures_apart(void)
{
    static const struct {
        const char *arguments[5];
        int status;
    } cases[] = {
        {{NULL}, 2},
        {{"dance"}, 2},
        {{"status", "now"}, 2},
        {{"reload", "--json"}, 2},
        {{"-t", "0", "status"}, 2},
        {{"-t", "soon", "status"}, 2},
        {{"-s", "/nonexistent/s", "-c", "/dev/null", "status"}, 2},
        {{"--frobnicate"}, 2},
        {{"-c", "/nonexistent/conf", "status"}, 3},
        {{"-s", "/nonexistent/socket", "status"}, 4},
        {{"--help"}, 0},
        {{"--version"}, 0},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *arguments[8] = {PACELINECTL};
        struct command_result result;
        int j;

        for (j = 0; j < 5 && cases[i].arguments[j]; j++)
            arguments[j + 1] = cases[i].arguments[j];
        result = command_run(HERE, NULL, arguments);
        EXPECT(result.status == cases[i].status, "case %zu ends with %d: %s", i, result.status,
               result.err);
        CU_ASSERT((cases[i].status == 0) == (result.err[0] == '\0'));
        CU_ASSERT((cases[i].status == 0) == (result.out[0] != '\0'));
        command_clear(&result);
    }
}

/* -- Who may come in ------------------------------------------------------------------------ */

static void become_stranger(void *argument)
{
    (void)argument;
    if (setgroups(0, NULL) < 0 || setresgid(12345, 12345, 12345) < 0 ||
        setresuid(12345, 12345, 12345) < 0)
        _exit(125);
}

static void strangers_are_told_and_turned_away(void)
{
    const struct command stranger = {.prepare = become_stranger};
    struct command_result result;
    struct daemon *daemon;

    if (geteuid() != 0) {
        puts("  (left out: only root can be somebody else)");
        return;
    }
    daemon = DAEMON_START(DAEMON_SERVER TWO, 2);
    EXPECT(chmod(daemon_folder(daemon), 0755) == 0, "chmod: %s", strerror(errno));
    /* The program itself may stand where strangers cannot go. */
    result = COMMAND_RUN(&stranger, PACELINECTL, "--version");
    if (result.status == 0) {
        command_clear(&result);
        result =
            COMMAND_RUN(&stranger, PACELINECTL, "-s", daemon_path(daemon, "control"), "status");
        COMMAND_EXPECT(&result, 1);
        CU_ASSERT_STRING_EQUAL(result.out, "");
        CU_ASSERT(strstr(result.err, "Permission denied") != NULL);
        DAEMON_EXPECT_LOG(daemon, "warning: user 12345 was turned away");
    } else {
        puts("  (left out: the program cannot be reached by others)");
    }
    command_clear(&result);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"status tells how it stands", status_tells_how_it_stands},
        {"help names the commands", help_names_the_commands},
        {"what is no command is an error and the session goes on",
         what_is_no_command_is_an_error_and_the_session_goes_on},
        {"commands behind a reload wait for its answer",
         commands_behind_a_reload_wait_for_its_answer},
        {"hanging up during a reload is harmless", hanging_up_during_a_reload_is_harmless},
        {"the door is open when the house is full", the_door_is_open_when_the_house_is_full},
        {"without a control socket there is none", without_a_control_socket_there_is_none},
        {"pacelinectl shows the status as text and as JSON",
         ctl_shows_the_status_as_text_and_as_json},
        {"pacelinectl drain waits for the end", ctl_drain_waits_for_the_end},
        {"pacelinectl gives up waiting for a drain that takes too long",
         ctl_gives_up_waiting_for_a_drain_that_takes_too_long},
        {"pacelinectl tells its failures apart", ctl_tells_its_failures_apart},
        {"strangers are told and turned away", strangers_are_told_and_turned_away},
        {NULL, NULL},
    };

    return models_main(argc, argv, "control", tests);
}
