/* SPDX-License-Identifier: MIT */
/* A daemon that root starts and that gives its privileges up. Left out when root does not run it. */
#include "config.h"

#include "daemon/privileges.h"
#include "tests/lib/command.h"
#include "tests/lib/daemon.h"
#include "tests/lib/folder.h"
#include "tests/lib/peer.h"
#include "tests/lib/models.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PACELINE    command_program("PACELINE")
#define PACELINECTL command_program("PACELINECTL")
#define ONE_PATH    "{ service = \"echo\"; path = \"echo\"; }"
#define ONE_ECHO    "listeners = ( { service = \"echo\"; port = 0; } );\n"

/* A daemon in the background, in a folder that others may enter. */
struct setup {
    char *folder;
    char *file;
    char *pidfile;
    pid_t pid;
};

static pid_t running; /* not to be left behind when a test fails */

static void kill_running(void)
{
    if (running > 0)
        kill(running, SIGKILL);
}

/* The ids of that user, without the name. */
static struct privileges find_nobody(void)
{
    struct privileges nobody;
    int rc = privileges_find(&nobody, "nobody");
    struct privileges ids = {.uid = nobody.uid, .gid = nobody.gid};

    EXPECT(rc == 0, "nobody: %s", strerror(-rc));
    privileges_deinit(&nobody);
    return ids;
}

static bool nobody_can_enter(const char *folder)
{
    const struct privileges nobody = find_nobody();
    pid_t child;
    int status;

    fflush(NULL);
    child = fork();
    EXPECT(child >= 0, "fork: %s", strerror(errno));
    if (child == 0)
        _exit(setgroups(0, NULL) == 0 && setgid(nobody.gid) == 0 && setuid(nobody.uid) == 0 &&
                      access(folder, X_OK) == 0
                  ? 0
                  : 1);
    EXPECT(waitpid(child, &status, 0) == child, "waitpid: %s", strerror(errno));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Writes its configuration, with these listeners. */
static void configure(const struct setup *setup, const char *listeners)
{
    FILE *file = fopen(setup->file, "w");

    EXPECT(file, "%s: %s", setup->file, strerror(errno));
    fprintf(file,
            "server: { state_dir = \"%s/state\"; user = \"nobody\"; };\n"
            "log: { target = \"test.log\"; };\n"
            "listeners = ( %s );\n%s",
            setup->folder, listeners, models_pool());
    EXPECT(fclose(file) == 0, "%s: %s", setup->file, strerror(errno));
}

/* Starts it; false, and nothing started, where that cannot be tried. */
static bool start(struct setup *setup, const char *listeners)
{
    struct command_result result;
    FILE *file;

    if (geteuid() != 0) {
        puts("  (left out: only root has something to give up)");
        return false;
    }
    setup->folder = folder_new();
    EXPECT(setup->folder && chmod(setup->folder, 0755) == 0, "no folder: %s", strerror(errno));
    if (!nobody_can_enter(setup->folder)) {
        puts("  (left out: others cannot enter the folder for temporary files)");
        folder_remove(setup->folder);
        return false;
    }
    setup->file = folder_path(setup->folder, "paceline.conf");
    setup->pidfile = folder_path(setup->folder, "pid");
    configure(setup, listeners);
    result =
        COMMAND_RUN(NULL, PACELINE, "-c", setup->file, "--daemon", "--pidfile", setup->pidfile);
    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    file = fopen(setup->pidfile, "r");
    EXPECT(file && fscanf(file, "%d", &setup->pid) == 1, "no process id in %s", setup->pidfile);
    fclose(file);
    running = setup->pid;
    return true;
}

static void finish(struct setup *setup)
{
    struct command_result result = COMMAND_RUN(NULL, PACELINECTL, "-c", setup->file, "drain");

    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    running = 0;
}

static void forget(struct setup *setup)
{
    free(setup->pidfile);
    free(setup->file);
    folder_remove(setup->folder);
}

/* The rest of the line of /proc/PID/status that begins with NAME. */
static const char *status_of(pid_t pid, const char *name)
{
    static char line[512];
    char path[64];
    FILE *file;
    bool found = false;

    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    file = fopen(path, "r");
    EXPECT(file, "%s: %s", path, strerror(errno));
    while (!found && fgets(line, sizeof(line), file))
        found = strncmp(line, name, strlen(name)) == 0;
    fclose(file);
    EXPECT(found, "no %s in %s", name, path);
    line[strcspn(line, "\n")] = '\0';
    return line + strlen(name);
}

static void nothing_of_root_is_left(void)
{
    const struct privileges nobody = find_nobody();
    static const char *const sets[] = {"CapInh:\t", "CapPrm:\t", "CapEff:\t", "CapBnd:\t",
                                       "CapAmb:\t"};
    char expected[64];
    struct setup setup;
    size_t i;

    if (!start(&setup, ONE_PATH))
        return;
    snprintf(expected, sizeof(expected), "%u\t%u\t%u\t%u", nobody.uid, nobody.uid, nobody.uid,
             nobody.uid);
    CU_ASSERT_STRING_EQUAL(status_of(setup.pid, "Uid:\t"), expected);
    snprintf(expected, sizeof(expected), "%u\t%u\t%u\t%u", nobody.gid, nobody.gid, nobody.gid,
             nobody.gid);
    CU_ASSERT_STRING_EQUAL(status_of(setup.pid, "Gid:\t"), expected);
    snprintf(expected, sizeof(expected), "%u ", nobody.gid);
    CU_ASSERT_STRING_EQUAL(status_of(setup.pid, "Groups:\t"), expected);
    CU_ASSERT_STRING_EQUAL(status_of(setup.pid, "NoNewPrivs:\t"), "1");
    for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
        CU_ASSERT_STRING_EQUAL(status_of(setup.pid, sets[i]), "0000000000000000");
    finish(&setup);
    forget(&setup);
}

static void what_it_made_is_its_own(void)
{
    const struct privileges nobody = find_nobody();
    static const char *const names[] = {"state", "state/test.log"};
    struct setup setup;
    struct stat st;
    size_t i;

    if (!start(&setup, ONE_PATH))
        return;
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = folder_path(setup.folder, names[i]);

        EXPECT(stat(path, &st) == 0, "%s: %s", path, strerror(errno));
        CU_ASSERT_EQUAL(st.st_uid, nobody.uid);
        CU_ASSERT_EQUAL(st.st_mode & 077, 0);
        free(path);
    }
    finish(&setup);
    forget(&setup);
}

static void it_serves_reloads_and_cleans_up_without_them(void)
{
    static const char *const names[] = {"state/echo", "state/control.sock"};
    struct command_result result;
    struct setup setup;
    struct peer *peer;
    struct stat st;
    char *path;
    size_t i;

    if (!start(&setup, ONE_PATH))
        return;
    path = folder_path(setup.folder, "state/echo");
    peer = PEER_OPEN(.path = path);
    free(path);
    PEER_SEND_TEXT(peer, "hello\n");
    PEER_EXPECT_LINE(peer, "hello");
    peer_close(peer);
    result = COMMAND_RUN(NULL, PACELINECTL, "-c", setup.file, "reload");
    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    finish(&setup);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        path = folder_path(setup.folder, names[i]);
        CU_ASSERT(access(path, F_OK) < 0);
        free(path);
    }
    /* The folder of the pid file is root's, so the file stays, but says nothing. */
    CU_ASSERT(stat(setup.pidfile, &st) == 0 && st.st_size == 0);
    forget(&setup);
}

/* A port that only root can bind, and nobody has. */
static unsigned find_low_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    unsigned port;

    address.sin_addr.s_addr = htonl(INADDR_ANY);
    for (port = 1023; port > 600; port--) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int rc;

        EXPECT(fd >= 0, "socket: %s", strerror(errno));
        address.sin_port = htons((uint16_t)port);
        rc = bind(fd, (struct sockaddr *)&address, sizeof(address));
        close(fd);
        if (rc == 0)
            return port;
    }
    expect_fail(HERE, "no low port is free");
}

static void ports_of_root_are_not_lost_in_a_reload(void)
{
    struct command_result result;
    char listeners[128];
    struct setup setup;
    struct peer *peer;
    unsigned port;

    if (geteuid() != 0) {
        puts("  (left out: only root can bind such ports)");
        return;
    }
    port = find_low_port();
    snprintf(listeners, sizeof(listeners), "{ service = \"echo\"; port = %u; }", port);
    if (!start(&setup, listeners))
        return;
    snprintf(listeners, sizeof(listeners), "{ service = \"talk\"; port = %u; }", port);
    configure(&setup, listeners);
    result = COMMAND_RUN(NULL, PACELINECTL, "-c", setup.file, "reload");
    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    /* Nobody may open this one now, and the other one must not be closed for it. */
    snprintf(listeners, sizeof(listeners), "{ service = \"talk\"; address = \"*\"; port = %u; }",
             port);
    configure(&setup, listeners);
    result = COMMAND_RUN(NULL, PACELINECTL, "-c", setup.file, "reload");
    COMMAND_EXPECT(&result, 1);
    CU_ASSERT(strstr(result.err, "listeners[0].port: ") != NULL);
    CU_ASSERT(strstr(result.err, strerror(EACCES)) != NULL);
    command_clear(&result);
    peer = PEER_CONNECT(port);
    PEER_SEND_TEXT(peer, "ada\n/who\n");
    PEER_SKIP_TO(peer, ".*ada.*");
    peer_close(peer);
    finish(&setup);
    forget(&setup);
}

static void running_as_root_is_warned_of(void)
{
    struct daemon *daemon;

    if (geteuid() != 0) {
        puts("  (left out: this is not root)");
        return;
    }
    daemon = DAEMON_START(DAEMON_SERVER ONE_ECHO, 1);
    DAEMON_EXPECT_LOG(daemon, "warning: running as root");
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"nothing of root is left", nothing_of_root_is_left},
        {"what it made is its own", what_it_made_is_its_own},
        {"it serves, reloads and cleans up without them",
         it_serves_reloads_and_cleans_up_without_them},
        {"ports of root are not lost in a reload", ports_of_root_are_not_lost_in_a_reload},
        {"running as root is warned of", running_as_root_is_warned_of},
        {NULL, NULL},
    };

    atexit(kill_running);
    return models_main(argc, argv, "privileges", tests);
}
