/* SPDX-License-Identifier: MIT */
/* How the daemon starts and stops: signals, the drain, the background, who may be there twice. */
#include "config.h"

#include "tests/lib/command.h"
#include "tests/lib/daemon.h"
#include "tests/lib/folder.h"
#include "tests/lib/peer.h"
#include "tests/lib/models.h"
#include "tests/protocol/deaf.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/socket.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define PACELINE    command_program("PACELINE")
#define PACELINECTL command_program("PACELINECTL")
#define ONE_ECHO    "listeners = ( { service = \"echo\"; port = 0; } );\n"

/* -- Stopping ------------------------------------------------------------------------------- */

static void stops_cleanly_on(int signal)
{
    struct daemon *daemon = DAEMON_START(DAEMON_SERVER ONE_ECHO, 1);
    struct peer *peer = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));

    PEER_SEND_TEXT(peer, "one\n");
    PEER_EXPECT_LINE(peer, "one");
    EXPECT(access(daemon_path(daemon, "control"), F_OK) == 0, "there is no control socket");
    daemon_signal(daemon, signal);
    PEER_DRAIN(peer);
    peer_close(peer);
    DAEMON_EXPECT_EXIT(daemon, 0);
    DAEMON_EXPECT_LOG(daemon, "info: stopped");
    CU_ASSERT(access(daemon_path(daemon, "control"), F_OK) < 0 && errno == ENOENT);
    daemon_free(daemon);
}

static void term_and_int_stop_it_cleanly(void)
{
    stops_cleanly_on(SIGTERM);
    stops_cleanly_on(SIGINT);
}

#define ONE_DEAF "listeners = ( " DEAF_ECHO " );\n"

static void a_drain_ends_when_its_time_is_over(void)
{
    struct daemon *daemon =
        DAEMON_START(DAEMON_SERVER ONE_DEAF "limits: { drain_timeout = 1; };\n", 1);
    unsigned long lines;
    struct peer *peer = deaf_connect(daemon, &lines);

    daemon_signal(daemon, SIGTERM);
    DAEMON_EXPECT_LOG(daemon, "clients have 1 seconds");
    DAEMON_EXPECT_EXIT(daemon, 0);
    peer_close(peer);
    daemon_free(daemon);
}

/* Longer than anybody waits for the daemon's end. */
#define LONG_DRAIN "limits: { drain_timeout = 3600; write_timeout = 3600; };\n"

static void a_second_signal_ends_the_drain_at_once(void)
{
    struct daemon *daemon = DAEMON_START(DAEMON_SERVER ONE_DEAF LONG_DRAIN, 1);
    unsigned long lines;
    struct peer *peer = deaf_connect(daemon, &lines);

    daemon_signal(daemon, SIGTERM);
    DAEMON_EXPECT_LOG(daemon, "clients have 3600 seconds");
    daemon_signal(daemon, SIGTERM);
    DAEMON_EXPECT_LOG(daemon, "asked to stop again, at once");
    DAEMON_EXPECT_EXIT(daemon, 0);
    CU_ASSERT(access(daemon_path(daemon, "control"), F_OK) < 0 && errno == ENOENT);
    CU_ASSERT(access(daemon_path(daemon, "e"), F_OK) < 0 && errno == ENOENT);
    peer_close(peer);
    daemon_free(daemon);
}

static void who_comes_during_a_drain_is_refused(void)
{
    struct daemon *daemon =
        DAEMON_START(DAEMON_SERVER LONG_DRAIN
                     "listeners = ( { service = \"echo\"; port = 0; },\n" DEAF_ECHO " );\n",
                     2);
    unsigned port = DAEMON_PORT(daemon, "echo", 0);
    uint64_t deadline = expect_deadline();
    unsigned long lines;
    struct peer *deaf = deaf_connect(daemon, &lines);
    struct peer *peer;
    int rc;

    daemon_signal(daemon, SIGTERM);
    DAEMON_EXPECT_LOG(daemon, "stopping");
    /* The library's share of the listeners closes as events of their own, with who waits there. */
    do {
        rc = peer_open(&(struct peer_target){.port = port}, &peer);
        if (rc == 0)
            peer_close(peer);
        EXPECT(expect_remaining(deadline) > 0, "it still listens");
    } while (rc == 0 || rc == -ECONNRESET);
    EXPECT(rc == -ECONNREFUSED, "peer_open: %s", strerror(-rc));
    rc = peer_open(&(struct peer_target){.path = daemon_path(daemon, "e")}, &peer);
    EXPECT(rc == -ENOENT, "peer_open: %s", strerror(-rc));
    daemon_signal(daemon, SIGTERM);
    DAEMON_EXPECT_EXIT(daemon, 0);
    peer_close(deaf);
    daemon_free(daemon);
}

static void a_stop_delivers_what_was_answered(void)
{
    struct daemon *daemon = DAEMON_START(DAEMON_SERVER ONE_DEAF LONG_DRAIN, 1);
    unsigned long lines;
    struct peer *peer = deaf_connect(daemon, &lines);

    CU_ASSERT(lines > 64);
    daemon_signal(daemon, SIGTERM);
    DAEMON_EXPECT_LOG(daemon, "stopping");
    deaf_take(peer, lines);
    peer_close(peer);
    DAEMON_EXPECT_EXIT(daemon, 0);
    daemon_free(daemon);
}

/* -- Twice ---------------------------------------------------------------------------------- */

static void there_is_one_daemon_a_state_folder(void)
{
    struct daemon *daemon = DAEMON_START("server: { state_dir = \"@DIR@\"; };\n" ONE_ECHO, 1);
    char *file = folder_path(daemon_folder(daemon), "paceline.conf");
    struct command_result result = COMMAND_RUN(NULL, PACELINE, "-c", file, "--print-ports");

    COMMAND_EXPECT(&result, 3);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    CU_ASSERT(strncmp(result.err, file, strlen(file)) == 0);
    CU_ASSERT(strstr(result.err, ":1: server.state_dir: ") != NULL);
    CU_ASSERT(strstr(result.err, "another paceline's") != NULL);
    command_clear(&result);
    free(file);
    DAEMON_STOP(daemon);
}

static void a_control_socket_that_answers_is_another_daemons(void)
{
    struct daemon *daemon = DAEMON_START(DAEMON_SERVER ONE_ECHO, 1);
    struct command_result result;
    char *file = folder_path(daemon_folder(daemon), "other.conf");
    FILE *out = fopen(file, "w");

    EXPECT(out, "%s: %s", file, strerror(errno));
    fprintf(out, "server: {\n state_dir = \"%s/other\";\n control = \"%s/control\"; };\n" ONE_ECHO,
            daemon_folder(daemon), daemon_folder(daemon));
    EXPECT(fclose(out) == 0, "%s", file);
    result = COMMAND_RUN(NULL, PACELINE, "-c", file, "--print-ports");
    COMMAND_EXPECT(&result, 3);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    CU_ASSERT(strstr(result.err, "other.conf:3: server.control: ") != NULL);
    CU_ASSERT(strstr(result.err, "a daemon that runs answers there") != NULL);
    command_clear(&result);
    result = COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon, "control"), "status");
    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    free(file);
    DAEMON_STOP(daemon);
}

/* A socket that nobody listens at, as a daemon leaves it that was killed. */
static void leave_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    EXPECT(fd >= 0 && strlen(path) < sizeof(address.sun_path), "socket: %s", strerror(errno));
    strcpy(address.sun_path, path);
    EXPECT(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "%s: %s", path,
           strerror(errno));
    close(fd);
}

/* -- In the background ---------------------------------------------------------------------- */

/* A configuration for daemons that are not this process's children. */
static char *write_config(const char *folder, const char *text)
{
    char *path = folder_path(folder, "paceline.conf");
    FILE *file = fopen(path, "w");

    EXPECT(file, "%s: %s", path, strerror(errno));
    fprintf(file, "server: { state_dir = \"%s\"; };\n%s%s", folder, text, models_pool());
    EXPECT(fclose(file) == 0, "%s: %s", path, strerror(errno));
    return path;
}

static pid_t background; /* not to be left behind when a test fails */

static void kill_background(void)
{
    if (background > 0)
        kill(background, SIGKILL);
}

static pid_t read_pid(const char *path)
{
    FILE *file = fopen(path, "r");
    long pid = 0;

    EXPECT(file, "%s: %s", path, strerror(errno));
    EXPECT(fscanf(file, "%ld", &pid) == 1 && pid > 0, "%s holds no process id", path);
    fclose(file);
    return (pid_t)pid;
}

/* Whether the process has ended, or ends within so many milliseconds. */
static bool ends_within(pid_t pid, int milliseconds)
{
    struct pollfd poller = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    int count;

    if (poller.fd < 0)
        return errno == ESRCH; /* and its parent has noticed */
    count = poll(&poller, 1, milliseconds);
    close(poller.fd);
    return count == 1;
}

static bool has_ended(pid_t pid)
{
    return ends_within(pid, 0);
}

static void enter_folder(void *argument)
{
    if (chdir(argument) < 0)
        _exit(125);
}

static void it_goes_into_the_background_when_it_is_ready(void)
{
    char *folder = folder_new();
    char *file =
        write_config(folder, "log: { target = \"test.log\"; };\n"
                             "listeners = ( { service = \"echo\"; path = \"echo\"; } );\n");
    char *pidfile = folder_path(folder, "pid");
    char *socket_path = folder_path(folder, "echo");
    char *control = folder_path(folder, "control.sock");
    char *log = folder_path(folder, "test.log");
    struct command inside = {.prepare = enter_folder, .argument = folder};
    struct command_result result;
    struct peer *peer;

    leave_socket(control); /* stale ones are in nobody's way */
    leave_socket(socket_path);
    result = COMMAND_RUN(&inside, PACELINE, "-c", "paceline.conf", "--daemon", "--pidfile", "pid",
                         "--print-ports");
    COMMAND_EXPECT(&result, 0);
    background = read_pid(pidfile);
    EXPECT(strncmp(result.out, "echo ", 5) == 0, "the ports are: %s", result.out);
    CU_ASSERT(getsid(background) == background);
    command_clear(&result);

    peer = PEER_OPEN(.path = socket_path);
    PEER_SEND_TEXT(peer, "hello\n");
    PEER_EXPECT_LINE(peer, "hello");
    peer_close(peer);
    CU_ASSERT(access(log, F_OK) == 0);

    result = COMMAND_RUN(&inside, PACELINE, "-c", "paceline.conf", "--pidfile", "pid");
    COMMAND_EXPECT(&result, 1);
    CU_ASSERT(strstr(result.err, "pid: held by a process that runs") != NULL);
    command_clear(&result);

    /* The relative path of the configuration still holds, though the daemon has left the folder. */
    result = COMMAND_RUN(NULL, PACELINECTL, "-c", file, "reload");
    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    result = COMMAND_RUN(NULL, PACELINECTL, "-c", file, "drain");
    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    CU_ASSERT(has_ended(background));
    background = 0;
    CU_ASSERT(access(pidfile, F_OK) < 0 && access(control, F_OK) < 0);
    CU_ASSERT(access(socket_path, F_OK) < 0);
    free(log);
    free(control);
    free(socket_path);
    free(pidfile);
    free(file);
    folder_remove(folder);
}

static void in_the_background_failures_still_have_their_status(void)
{
    char *folder = folder_new();
    char *file =
        write_config(folder, "listeners = ( { service = \"echo\"; path = \"no/folder\"; } );\n");
    struct command_result result = COMMAND_RUN(NULL, PACELINE, "-c", file, "--daemon");

    COMMAND_EXPECT(&result, 3);
    CU_ASSERT(strstr(result.err, "listeners[0].path: ") != NULL);
    command_clear(&result);
    free(file);
    folder_remove(folder);
}

static void a_killed_daemon_leaves_nothing_in_the_way(void)
{
    char *folder = folder_new();
    char *file =
        write_config(folder, "listeners = ( { service = \"echo\"; path = \"echo\"; } );\n");
    char *pidfile = folder_path(folder, "pid");
    struct command_result result;
    int i;

    for (i = 0; i < 2; i++) {
        result = COMMAND_RUN(NULL, PACELINE, "-c", file, "--daemon", "--pidfile", pidfile);
        COMMAND_EXPECT(&result, 0);
        command_clear(&result);
        background = read_pid(pidfile);
        EXPECT(kill(background, SIGKILL) == 0, "kill: %s", strerror(errno));
        EXPECT(ends_within(background, expect_remaining(expect_deadline())), "it does not end");
        background = 0;
        CU_ASSERT(access(pidfile, F_OK) == 0);
    }
    free(pidfile);
    free(file);
    folder_remove(folder);
}

/* -- What it makes of its process ----------------------------------------------------------- */

/* The values of a limit in /proc/PID/limits. */
static void read_limit(pid_t pid, const char *name, unsigned long long *soft,
                       unsigned long long *hard)
{
    char path[64];
    char line[256];
    bool found = false;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%ld/limits", (long)pid);
    file = fopen(path, "r");
    EXPECT(file, "%s: %s", path, strerror(errno));
    while (!found && fgets(line, sizeof(line), file))
        found = strncmp(line, name, strlen(name)) == 0 &&
                sscanf(line + strlen(name), "%llu %llu", soft, hard) == 2;
    fclose(file);
    EXPECT(found, "no %s in %s", name, path);
}

static void it_allows_itself_all_descriptors_and_keeps_its_files(void)
{
    struct rlimit limit;
    struct rlimit less;
    struct daemon *daemon;
    unsigned long long soft = 0;
    unsigned long long hard = 1;
    struct stat st;

    EXPECT(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit: %s", strerror(errno));
    less = limit;
    less.rlim_cur = limit.rlim_max < 200 ? limit.rlim_max : 200;
    EXPECT(setrlimit(RLIMIT_NOFILE, &less) == 0, "setrlimit: %s", strerror(errno));
    daemon = DAEMON_START("server: { state_dir = \"@DIR@/a/b\"; };\n" ONE_ECHO, 1);
    EXPECT(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit: %s", strerror(errno));
    read_limit(daemon_pid(daemon), "Max open files", &soft, &hard);
    CU_ASSERT_EQUAL(soft, hard);
    CU_ASSERT(stat(daemon_path(daemon, "a/b"), &st) == 0 && (st.st_mode & 0777) == 0700);
    CU_ASSERT(stat(daemon_path(daemon, "a/b/control.sock"), &st) == 0 && S_ISSOCK(st.st_mode));
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"TERM and INT stop it cleanly", term_and_int_stop_it_cleanly},
        {"a drain ends when its time is over", a_drain_ends_when_its_time_is_over},
        {"a second signal ends the drain at once", a_second_signal_ends_the_drain_at_once},
        {"who comes during a drain is refused", who_comes_during_a_drain_is_refused},
        {"a stop delivers what was answered", a_stop_delivers_what_was_answered},
        {"there is one daemon a state folder", there_is_one_daemon_a_state_folder},
        {"a control socket that answers is another daemon's",
         a_control_socket_that_answers_is_another_daemons},
        {"it goes into the background when it is ready",
         it_goes_into_the_background_when_it_is_ready},
        {"in the background failures still have their status",
         in_the_background_failures_still_have_their_status},
        {"a killed daemon leaves nothing in the way", a_killed_daemon_leaves_nothing_in_the_way},
        {"it allows itself all descriptors and keeps its files",
         it_allows_itself_all_descriptors_and_keeps_its_files},
        {NULL, NULL},
    };

    atexit(kill_background);
    return models_main(argc, argv, "life", tests);
}
