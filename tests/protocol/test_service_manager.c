/* SPDX-License-Identifier: MIT */
/* What a service manager sees: notifications, the watchdog, and sockets that it has opened. */
#include "config.h"

#include "tests/lib/command.h"
#include "tests/lib/daemon.h"
#include "tests/lib/folder.h"
#include "tests/lib/peer.h"
#include "tests/lib/models.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PACELINE    command_program("PACELINE")
#define PACELINECTL command_program("PACELINECTL")
#define ONE_ECHO    "listeners = ( { service = \"echo\"; port = 0; } );\n"

/* -- Notifications -------------------------------------------------------------------------- */

struct manager {
    char *folder;
    char *path;
    int fd;
};

/* Begins to listen; daemons that are started now will find it. */
static struct manager manager_open(void)
{
    struct manager manager = {.folder = folder_new()};
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    manager.path = folder_path(manager.folder, "notify");
    manager.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    EXPECT(manager.fd >= 0 && strlen(manager.path) < sizeof(address.sun_path), "socket");
    strcpy(address.sun_path, manager.path);
    EXPECT(bind(manager.fd, (struct sockaddr *)&address, sizeof(address)) == 0, "bind: %s",
           strerror(errno));
    setenv("NOTIFY_SOCKET", manager.path, 1);
    return manager;
}

static void manager_close(struct manager *manager)
{
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    close(manager->fd);
    free(manager->path);
    folder_remove(manager->folder);
}

/* The next notification; waits for it. */
static const char *manager_read(const struct manager *manager)
{
    struct pollfd poller = {.fd = manager->fd, .events = POLLIN};
    static char text[1024];
    ssize_t got;

    EXPECT(poll(&poller, 1, expect_remaining(expect_deadline())) == 1, "no notification");
    got = recv(manager->fd, text, sizeof(text) - 1, 0);
    EXPECT(got >= 0, "recv: %s", strerror(errno));
    text[got] = '\0';
    return text;
}

static void expect_notification(const struct manager *manager, const char *begin)
{
    const char *text = manager_read(manager);

    EXPECT(strncmp(text, begin, strlen(begin)) == 0, "%s expected, got %s", begin, text);
}

static void ready_reloading_and_stopping_are_told(void)
{
    struct manager manager = manager_open();
    struct daemon *daemon = DAEMON_START(DAEMON_SERVER ONE_ECHO, 1);
    const char *text;

    expect_notification(&manager, "READY=1\n");
    daemon_signal(daemon, SIGHUP);
    text = manager_read(&manager);
    EXPECT(strncmp(text, "RELOADING=1\n", 12) == 0, "got %s", text);
    EXPECT(strstr(text, "\nMONOTONIC_USEC="), "got %s", text);
    expect_notification(&manager, "READY=1\n");
    daemon_configure(daemon, "listeners = 3;\n");
    daemon_signal(daemon, SIGHUP);
    expect_notification(&manager, "RELOADING=1\n");
    text = manager_read(&manager);
    EXPECT(strncmp(text, "READY=1\n", 8) == 0 && strstr(text, "failed"), "got %s", text);
    daemon_signal(daemon, SIGTERM);
    expect_notification(&manager, "STOPPING=1\n");
    DAEMON_EXPECT_EXIT(daemon, 0);
    daemon_free(daemon);
    manager_close(&manager);
}

static void the_watchdog_is_fed(void)
{
    struct manager manager = manager_open();
    struct daemon *daemon;
    int i;

    setenv("WATCHDOG_USEC", "100000", 1);
    daemon = DAEMON_START(DAEMON_SERVER ONE_ECHO, 1);
    expect_notification(&manager, "READY=1\n");
    for (i = 0; i < 5; i++)
        expect_notification(&manager, "WATCHDOG=1");
    daemon_signal(daemon, SIGTERM);
    while (strncmp(manager_read(&manager), "STOPPING=1", 10) != 0)
        ;
    DAEMON_EXPECT_EXIT(daemon, 0);
    daemon_free(daemon);
    manager_close(&manager);
}

static void a_manager_that_is_gone_is_not_waited_for(void)
{
    struct daemon *daemon;

    setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
    daemon = DAEMON_START(DAEMON_SERVER ONE_ECHO, 1);
    unsetenv("NOTIFY_SOCKET");
    DAEMON_EXPECT_LOG(daemon, "warning: the service manager cannot be told: No such file");
    DAEMON_STOP(daemon);
}

/* -- Sockets -------------------------------------------------------------------------------- */

/* Sockets on their way to a daemon. */
struct passed {
    int fds[4];
    int count;
    const char *names;
};

static int listen_inet(unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(fd >= 0 && bind(fd, (struct sockaddr *)&address, length) == 0 && listen(fd, 5) == 0 &&
               getsockname(fd, (struct sockaddr *)&address, &length) == 0,
           "socket: %s", strerror(errno));
    *port = ntohs(address.sin_port);
    return fd;
}

static int listen_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    EXPECT(fd >= 0 && strlen(path) < sizeof(address.sun_path), "socket: %s", strerror(errno));
    strcpy(address.sun_path, path);
    EXPECT(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 5) == 0,
           "%s: %s", path, strerror(errno));
    return fd;
}

/* As the service manager does between fork and exec. */
static void pass(void *argument)
{
    const struct passed *passed = argument;
    char number[16];
    int high[4];
    int i;

    for (i = 0; i < passed->count; i++)
        if ((high[i] = fcntl(passed->fds[i], F_DUPFD, 100)) < 0)
            _exit(125);
    for (i = 0; i < passed->count; i++)
        if (dup2(high[i], 3 + i) < 0 || close(high[i]) < 0)
            _exit(125);
    snprintf(number, sizeof(number), "%d", passed->count);
    setenv("LISTEN_FDS", number, 1);
    snprintf(number, sizeof(number), "%ld", (long)getpid());
    setenv("LISTEN_PID", number, 1);
    if (passed->names)
        setenv("LISTEN_FDNAMES", passed->names, 1);
}

/* A folder with a configuration, to which the folder's state_dir is added. */
static char *write_config(const char *folder, const char *text)
{
    char *path = folder_path(folder, "paceline.conf");
    FILE *file = fopen(path, "w");

    EXPECT(file, "%s: %s", path, strerror(errno));
    fprintf(file, "server: { state_dir = \"%s\"; };\n%s%s", folder, text, models_pool());
    EXPECT(fclose(file) == 0, "%s: %s", path, strerror(errno));
    return path;
}

static char *running; /* the configuration of a daemon not to be left behind */

static void stop_running(void)
{
    struct command_result result;

    if (!running)
        return;
    result = COMMAND_RUN(NULL, PACELINECTL, "-c", running, "drain");
    free(running);
    running = NULL;
    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
}

static void expect_echo(const struct peer_target *target)
{
    struct peer *peer = peer_must_open(HERE, target);

    PEER_SEND_TEXT(peer, "hello\n");
    PEER_EXPECT_LINE(peer, "hello");
    peer_close(peer);
}

static void passed_sockets_are_served(void)
{
    char *folder = folder_new();
    char *path = folder_path(folder, "echo.sock");
    unsigned ports[2];
    struct passed passed = {.count = 3, .names = "x:echo:y"};
    struct command prepare = {.prepare = pass, .argument = &passed};
    struct command_result result;
    struct peer *waiting;
    char expected[256];
    char text[512];

    passed.fds[0] = listen_inet(&ports[0]);
    passed.fds[1] = listen_inet(&ports[1]);
    passed.fds[2] = listen_unix(path);
    /* The first is found by its port, the second by its name, the third by its path. */
    snprintf(text, sizeof(text),
             "listeners = ( { service = \"echo\"; port = 0; },\n"
             " { service = \"echo\"; port = %u; },\n"
             " { service = \"echo\"; path = \"echo.sock\"; },\n"
             " { service = \"echo\"; path = \"own.sock\"; } );\n",
             ports[0]);
    running = write_config(folder, text);
    waiting = PEER_CONNECT(ports[1]); /* before anybody is there */
    PEER_SEND_TEXT(waiting, "early\n");
    result = COMMAND_RUN(&prepare, PACELINE, "-c", running, "--daemon", "--print-ports");
    COMMAND_EXPECT(&result, 0);
    snprintf(expected, sizeof(expected),
             "echo 127.0.0.1 %u\necho 127.0.0.1 %u\necho %s 0\necho %s/own.sock 0\n", ports[1],
             ports[0], path, folder);
    CU_ASSERT_STRING_EQUAL(result.out, expected);
    command_clear(&result);
    PEER_EXPECT_LINE(waiting, "early");
    peer_close(waiting);
    expect_echo(&(struct peer_target){.port = ports[0]});
    expect_echo(&(struct peer_target){.path = path});
    stop_running();
    /* It is the manager's, so it stays. */
    CU_ASSERT(access(path, F_OK) == 0);
    close(passed.fds[0]);
    close(passed.fds[1]);
    close(passed.fds[2]);
    free(path);
    folder_remove(folder);
}

static void a_passed_socket_can_get_another_service(void)
{
    char *folder = folder_new();
    struct passed passed = {.count = 1};
    struct command prepare = {.prepare = pass, .argument = &passed};
    struct command_result result;
    struct peer *person;
    char text[256];
    unsigned port;

    passed.fds[0] = listen_inet(&port);
    snprintf(text, sizeof(text), "listeners = ( { service = \"echo\"; port = %u; } );\n", port);
    running = write_config(folder, text);
    result = COMMAND_RUN(&prepare, PACELINE, "-c", running, "--daemon");
    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    expect_echo(&(struct peer_target){.port = port});
    snprintf(text, sizeof(text), "listeners = ( { service = \"talk\"; port = %u; } );\n", port);
    free(write_config(folder, text));
    result = COMMAND_RUN(NULL, PACELINECTL, "-c", running, "reload");
    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    person = PEER_CONNECT(port);
    PEER_SEND_TEXT(person, "ada\n/who\n");
    PEER_SKIP_TO(person, ".*ada.*");
    peer_close(person);
    stop_running();
    close(passed.fds[0]);
    folder_remove(folder);
}

static void a_socket_that_belongs_nowhere_is_an_error(void)
{
    char *folder = folder_new();
    char *file = write_config(folder, ONE_ECHO);
    struct passed passed = {.count = 2, .names = "echo:talk"};
    struct command prepare = {.prepare = pass, .argument = &passed};
    struct command_result result;
    char expected[128];
    unsigned ports[2];

    passed.fds[0] = listen_inet(&ports[0]);
    passed.fds[1] = listen_inet(&ports[1]);
    result = COMMAND_RUN(&prepare, PACELINE, "-c", file, "--print-ports");
    COMMAND_EXPECT(&result, 3);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    snprintf(expected, sizeof(expected),
             "environment: LISTEN_FDS: descriptor 4 (\"talk\", 127.0.0.1 port %u)", ports[1]);
    CU_ASSERT(strstr(result.err, expected) != NULL);
    command_clear(&result);
    close(passed.fds[0]);
    close(passed.fds[1]);
    free(file);
    folder_remove(folder);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"ready, reloading and stopping are told", ready_reloading_and_stopping_are_told},
        {"the watchdog is fed", the_watchdog_is_fed},
        {"a manager that is gone is not waited for", a_manager_that_is_gone_is_not_waited_for},
        {"passed sockets are served", passed_sockets_are_served},
        {"a passed socket can get another service", a_passed_socket_can_get_another_service},
        {"a socket that belongs nowhere is an error", a_socket_that_belongs_nowhere_is_an_error},
        {NULL, NULL},
    };
    int status = models_main(argc, argv, "service manager", tests);

    stop_running();
    return status;
}
