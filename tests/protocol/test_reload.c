/* SPDX-License-Identifier: MIT */
/* Reloading: all of a new configuration, or nothing of it, while everybody is served. */
#include "config.h"

#include "tests/lib/command.h"
#include "tests/lib/daemon.h"
#include "tests/lib/peer.h"
#include "tests/lib/models.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PACELINECTL command_program("PACELINECTL")

/* Reloads CONFIGURATION, which must work. */
static void reload(struct daemon *daemon, const char *configuration)
{
    daemon_configure(daemon, configuration);
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "the configuration is reloaded");
}

/* Reloads by pacelinectl, which waits for the end of it. */
static void reload_and_wait(struct daemon *daemon)
{
    struct command_result result =
        COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon, "control"), "reload");

    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
}

/* Reloads CONFIGURATION, which must fail with ERROR. */
static void reload_badly(struct daemon *daemon, const char *configuration, const char *error)
{
    daemon_configure(daemon, configuration);
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, error);
    DAEMON_EXPECT_LOG(daemon, "the configuration stays as it was");
}

static void expect_echo(struct peer *peer)
{
    PEER_SEND_TEXT(peer, "still there\n");
    PEER_EXPECT_LINE(peer, "still there");
}

/* Whether echo is served there. */
static void expect_served(const struct peer_target *target)
{
    struct peer *peer = peer_must_open(HERE, target);

    expect_echo(peer);
    peer_close(peer);
}

#define EXPECT_SERVED(...) expect_served(&(struct peer_target){__VA_ARGS__})

/* Waits until nobody answers there: a listener that is closed may take a moment to go. */
static void expect_refused(const struct peer_target *target)
{
    uint64_t deadline = expect_deadline();
    struct peer *peer;
    int rc;

    while ((rc = peer_open(target, &peer)) == 0) {
        peer_close(peer);
        EXPECT(expect_remaining(deadline) > 0, "it is still served");
    }
    EXPECT(rc == -ECONNREFUSED || rc == -ENOENT, "peer_open: %s", strerror(-rc));
}

#define EXPECT_REFUSED(...) expect_refused(&(struct peer_target){__VA_ARGS__})

static unsigned take_port(int *fd)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT(*fd >= 0 && bind(*fd, (struct sockaddr *)&address, length) == 0 && listen(*fd, 1) == 0 &&
               getsockname(*fd, (struct sockaddr *)&address, &length) == 0,
           "no port: %s", strerror(errno));
    return ntohs(address.sin_port);
}

static void listeners_come_and_go_and_sessions_stay(void)
{
    struct daemon *daemon =
        DAEMON_START(DAEMON_SERVER "listeners = ( { service = \"echo\"; port = 0; },\n"
                                   " { service = \"echo\"; path = \"@DIR@/a\"; } );\n",
                     2);
    unsigned port = DAEMON_PORT(daemon, "echo", 0);
    struct peer *old = PEER_OPEN(.path = daemon_path(daemon, "a"));

    expect_echo(old);
    reload(daemon, DAEMON_SERVER "listeners = ( { service = \"echo\"; path = \"@DIR@/b\"; },\n"
                                 " { service = \"echo\"; port = 0; } );\n");
    EXPECT_SERVED(.path = daemon_path(daemon, "b"));
    EXPECT_SERVED(.port = port);
    EXPECT_REFUSED(.path = daemon_path(daemon, "a"));
    CU_ASSERT(access(daemon_path(daemon, "a"), F_OK) < 0);
    expect_echo(old);
    peer_close(old);
    DAEMON_STOP(daemon);
}

static void a_configuration_with_errors_changes_nothing(void)
{
    struct daemon *daemon =
        DAEMON_START(DAEMON_SERVER "listeners = ( { service = \"echo\"; port = 0; },\n"
                                   " { service = \"echo\"; path = \"@DIR@/a\"; } );\n",
                     2);
    struct command_result result;

    reload_badly(daemon, DAEMON_SERVER "listeners = ( );\nlimits: { recvq = 3; };\n",
                 "paceline.conf:3: limits.recvq: ");
    EXPECT_SERVED(.port = DAEMON_PORT(daemon, "echo", 0));
    EXPECT_SERVED(.path = daemon_path(daemon, "a"));

    result = COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon, "control"), "reload");
    COMMAND_EXPECT(&result, 1);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    CU_ASSERT(strstr(result.err, "paceline.conf:3: limits.recvq: ") != NULL);
    CU_ASSERT(strstr(result.err, "pacelinectl: the configuration stays as it was\n") != NULL);
    command_clear(&result);

    EXPECT(unlink(daemon_path(daemon, "paceline.conf")) == 0, "unlink: %s", strerror(errno));
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "the configuration stays as it was");
    EXPECT_SERVED(.path = daemon_path(daemon, "a"));
    DAEMON_STOP(daemon);
}

static void a_port_in_use_changes_nothing(void)
{
    struct daemon *daemon =
        DAEMON_START(DAEMON_SERVER "listeners = ( { service = \"echo\"; path = \"@DIR@/a\"; },\n"
                                   " { service = \"echo\"; path = \"@DIR@/b\"; } );\n",
                     2);
    char configuration[512];
    char error[128];
    int fd;
    unsigned port = take_port(&fd);

    /* a goes, b changes its service, c comes, and then there is the port. */
    snprintf(configuration, sizeof(configuration),
             DAEMON_SERVER "listeners = (\n"
                           " { service = \"talk\"; path = \"@DIR@/b\"; },\n"
                           " { service = \"echo\"; path = \"@DIR@/c\"; },\n"
                           " { service = \"echo\"; port = %u; } );\n",
             port);
    snprintf(error, sizeof(error),
             "paceline.conf:5: listeners[2].port: cannot listen on address "
             "127.0.0.1, port %u: Address already in use",
             port);
    reload_badly(daemon, configuration, error);
    EXPECT_SERVED(.path = daemon_path(daemon, "a"));
    EXPECT_SERVED(.path = daemon_path(daemon, "b"));
    EXPECT_REFUSED(.path = daemon_path(daemon, "c"));

    /* And when the port is free it all works. */
    close(fd);
    reload(daemon, configuration);
    EXPECT_SERVED(.path = daemon_path(daemon, "c"));
    EXPECT_SERVED(.port = port);
    EXPECT_REFUSED(.path = daemon_path(daemon, "a"));
    DAEMON_STOP(daemon);
}

static void an_address_can_get_another_service(void)
{
    struct daemon *daemon =
        DAEMON_START(DAEMON_SERVER "listeners = ( { service = \"echo\"; port = 0; } );\n", 1);
    unsigned port = DAEMON_PORT(daemon, "echo", 0);
    struct peer *old = PEER_CONNECT(port);
    struct peer *person;
    char configuration[256];
    int i;

    expect_echo(old);
    /* The port that was found free is now asked for by its number. */
    snprintf(configuration, sizeof(configuration),
             DAEMON_SERVER "listeners = ( { service = \"echo\"; port = %u; } );\n", port);
    reload(daemon, configuration);
    EXPECT_SERVED(.port = port);
    snprintf(configuration, sizeof(configuration),
             DAEMON_SERVER "listeners = ( { service = \"talk\"; port = %u; } );\n", port);
    reload(daemon, configuration);
    /* Again and again, lest both serve it now. */
    for (i = 0; i < 30; i++) {
        person = PEER_CONNECT(port);
        PEER_SEND_TEXT(person, "ada\n/who\n");
        PEER_SKIP_TO(person, ".*ada.*");
        PEER_SEND_TEXT(person, "/quit\n");
        PEER_DRAIN(person);
        peer_close(person);
    }
    expect_echo(old);
    peer_close(old);
    DAEMON_STOP(daemon);
}

static void an_address_can_become_every_address(void)
{
    struct daemon *daemon =
        DAEMON_START(DAEMON_SERVER "listeners = ( { service = \"echo\"; port = 0; } );\n", 1);
    unsigned port = DAEMON_PORT(daemon, "echo", 0);
    char configuration[256];

    EXPECT_REFUSED(.address = "127.0.0.2", .port = port);
    snprintf(configuration, sizeof(configuration),
             DAEMON_SERVER "listeners = ( { service = \"echo\"; address = \"*\"; port = %u; } );\n",
             port);
    reload(daemon, configuration);
    EXPECT_SERVED(.port = port);
    EXPECT_SERVED(.address = "127.0.0.2", .port = port);
    snprintf(configuration, sizeof(configuration),
             DAEMON_SERVER "listeners = ( { service = \"echo\"; port = %u; } );\n", port);
    reload(daemon, configuration);
    EXPECT_SERVED(.port = port);
    EXPECT_REFUSED(.address = "127.0.0.2", .port = port);
    DAEMON_STOP(daemon);
}

static void who_made_way_for_nothing_is_back(void)
{
    struct daemon *daemon =
        DAEMON_START(DAEMON_SERVER "listeners = ( { service = \"echo\"; port = 0; } );\n", 1);
    unsigned port = DAEMON_PORT(daemon, "echo", 0);
    char configuration[512];
    int fd;
    unsigned taken = take_port(&fd);

    snprintf(configuration, sizeof(configuration),
             DAEMON_SERVER "listeners = (\n"
                           " { service = \"echo\"; address = \"*\"; port = %u; },\n"
                           " { service = \"echo\"; port = %u; } );\n",
             port, taken);
    reload_badly(daemon, configuration, "paceline.conf:4: listeners[1].port: ");
    EXPECT_SERVED(.port = port);
    EXPECT_REFUSED(.address = "127.0.0.2", .port = port);
    close(fd);
    reload(daemon, configuration);
    EXPECT_SERVED(.port = port);
    EXPECT_SERVED(.address = "127.0.0.2", .port = port);
    DAEMON_STOP(daemon);
}

static void a_unix_socket_can_get_another_mode(void)
{
    struct daemon *daemon = DAEMON_START(
        DAEMON_SERVER "listeners = ( { service = \"echo\"; path = \"@DIR@/a\"; } );\n", 1);
    struct stat before;
    struct stat after;

    EXPECT(stat(daemon_path(daemon, "a"), &before) == 0, "stat: %s", strerror(errno));
    CU_ASSERT_EQUAL(before.st_mode & 0777, 0660);
    daemon_configure(daemon, DAEMON_SERVER "listeners = ( { service = \"echo\"; mode = \"0600\";\n"
                                           " path = \"@DIR@/a\"; backlog = 7; } );\n");
    reload_and_wait(daemon);
    EXPECT(stat(daemon_path(daemon, "a"), &after) == 0, "stat: %s", strerror(errno));
    CU_ASSERT_EQUAL(after.st_mode & 0777, 0600);
    /* It is the same socket: nobody was refused meanwhile. */
    CU_ASSERT_EQUAL(after.st_ino, before.st_ino);
    EXPECT_SERVED(.path = daemon_path(daemon, "a"));
    DAEMON_STOP(daemon);
}

static void new_limits_hold_for_new_connections(void)
{
    struct daemon *daemon = DAEMON_START(
        DAEMON_SERVER "listeners = ( { service = \"echo\"; port = 0; max_line = 16; } );\n", 1);
    struct peer *old = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));
    struct peer *peer;

    PEER_SEND_TEXT(old, "0123456789012345678901234567890\n");
    PEER_EXPECT_MATCH(old, "ERROR .*too long.*");
    reload(daemon,
           DAEMON_SERVER "limits: { connections = 2; };\n"
                         "listeners = ( { service = \"echo\"; port = 0; max_line = 64; } );\n");
    peer = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));
    PEER_SEND_TEXT(peer, "0123456789012345678901234567890\n");
    PEER_EXPECT_LINE(peer, "0123456789012345678901234567890");
    PEER_SEND_TEXT(old, "0123456789012345678901234567890\n");
    PEER_EXPECT_MATCH(old, "ERROR .*too long.*");
    /* Two are there, so that is all. */
    {
        struct peer *third = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));

        PEER_EXPECT_MATCH(third, "ERROR .*");
        PEER_DRAIN(third);
        peer_close(third);
    }
    peer_close(peer);
    peer_close(old);
    DAEMON_STOP(daemon);
}

static void write_file(struct daemon *daemon, const char *name, const char *text)
{
    FILE *file = fopen(daemon_path(daemon, name), "w");

    EXPECT(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s: %s", name, strerror(errno));
}

#define MOTD                                                                                       \
    "server: { name = \"test.example\"; state_dir = \"@DIR@\"; control = \"@DIR@/control\";\n"     \
    " motd = \"motd\"; };\n"                                                                       \
    "listeners = ( { service = \"talk\"; port = 0; } );\n"

static void files_that_it_names_are_read_again(void)
{
    struct daemon *daemon =
        DAEMON_START(DAEMON_SERVER "listeners = ( { service = \"talk\"; port = 0; } );\n", 1);
    struct peer *peer;

    reload_badly(daemon, MOTD, "paceline.conf:2: server.motd: ");
    write_file(daemon, "motd", "Mind the gap.\n");
    reload(daemon, MOTD);
    write_file(daemon, "motd", "Mind the step.\n");
    peer = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));
    PEER_SEND_TEXT(peer, "ada\n");
    PEER_SKIP_TO(peer, ".*Mind the gap\\..*");
    peer_close(peer);
    reload(daemon, MOTD);
    peer = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));
    PEER_SEND_TEXT(peer, "bob\n");
    PEER_SKIP_TO(peer, ".*Mind the step\\..*");
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void expect_in_file(struct daemon *daemon, const char *name, const char *text, bool there)
{
    char contents[8192];
    FILE *file = fopen(daemon_path(daemon, name), "r");
    size_t got;

    EXPECT(file, "%s: %s", name, strerror(errno));
    got = fread(contents, 1, sizeof(contents) - 1, file);
    contents[got] = '\0';
    fclose(file);
    EXPECT((strstr(contents, text) != NULL) == there, "\"%s\" is %s in %s: %s", text,
           there ? "not" : "still", name, contents);
}

#define ECHO_PORT "listeners = ( { service = \"echo\"; port = 0; } );\n"

static void the_log_changes_and_is_opened_again(void)
{
    struct daemon *daemon = DAEMON_START(DAEMON_SERVER ECHO_PORT, 1);
    char *moved;

    daemon_configure(daemon, DAEMON_SERVER ECHO_PORT "log: { target = \"@DIR@/log\"; };\n");
    reload_and_wait(daemon);
    expect_in_file(daemon, "log", "is reloaded", true);
    moved = strdup(daemon_path(daemon, "log.1"));
    EXPECT(moved && rename(daemon_path(daemon, "log"), moved) == 0, "rename: %s", strerror(errno));
    free(moved);
    reload_and_wait(daemon);
    expect_in_file(daemon, "log", "is reloaded", true);

    /* The level holds as well: what is said about the reload is information. */
    EXPECT(unlink(daemon_path(daemon, "log")) == 0, "unlink: %s", strerror(errno));
    daemon_configure(daemon, DAEMON_SERVER ECHO_PORT
                     "log: { target = \"@DIR@/log\"; level = \"error\"; };\n");
    reload_and_wait(daemon);
    expect_in_file(daemon, "log", "is reloaded", false);

    daemon_configure(daemon, DAEMON_SERVER ECHO_PORT "log: { target = \"@DIR@/no/log\"; };\n");
    {
        struct command_result result =
            COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon, "control"), "reload");

        COMMAND_EXPECT(&result, 1);
        CU_ASSERT(strstr(result.err, "log.target: ") != NULL);
        command_clear(&result);
    }
    expect_in_file(daemon, "log", "log.target: ", true);
    DAEMON_STOP(daemon);
}

static void settings_that_need_a_start_are_named(void)
{
    struct daemon *daemon = DAEMON_START(DAEMON_SERVER ECHO_PORT, 1);
    struct command_result result;

    reload(daemon, DAEMON_SERVER ECHO_PORT "limits: { line = 600; };\n");
    CU_ASSERT(strstr(daemon_log(daemon), "next start") == NULL);
    daemon_configure(daemon, DAEMON_SERVER ECHO_PORT "pool: { threads = 2;\n batch = 3; };\n");
    result = COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon, "control"), "reload");
    COMMAND_EXPECT(&result, 0);
    CU_ASSERT(strstr(result.err, "paceline.conf:3: pool.threads: takes effect at the next start") !=
              NULL);
    CU_ASSERT(strstr(result.err, "paceline.conf:4: pool.batch: takes effect at the next start") !=
              NULL);
    command_clear(&result);
    DAEMON_EXPECT_LOG(daemon, "pool.threads: takes effect at the next start");
    DAEMON_STOP(daemon);
}

static void a_storm_of_reloads_disturbs_nobody(void)
{
    static const char *const configurations[] = {
        DAEMON_SERVER "listeners = ( { service = \"echo\"; port = 0; },\n"
                      " { service = \"echo\"; path = \"@DIR@/a\"; } );\n",
        DAEMON_SERVER "listeners = ( { service = \"talk\"; path = \"@DIR@/a\"; },\n"
                      " { service = \"echo\"; port = 0; } );\n",
        DAEMON_SERVER "listeners = ( { service = \"echo\"; port = 0; } );\n",
        DAEMON_SERVER "listeners = ( { service = \"echo\"; port = -1; } );\n",
    };
    struct daemon *daemon = DAEMON_START(configurations[0], 2);
    struct peer *peer = PEER_CONNECT(DAEMON_PORT(daemon, "echo", 0));
    struct peer *status = PEER_OPEN(.path = daemon_path(daemon, "control"));
    int i;

    for (i = 0; i < 100; i++) {
        daemon_configure(daemon, configurations[i % 4]);
        daemon_signal(daemon, SIGHUP);
        PEER_SEND_TEXT(status, "status\n");
        expect_echo(peer);
        PEER_SKIP_TO(status, "ok");
    }
    reload(daemon, configurations[2]);
    EXPECT_SERVED(.port = DAEMON_PORT(daemon, "echo", 0));
    peer_close(status);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"listeners come and go and sessions stay", listeners_come_and_go_and_sessions_stay},
        {"a configuration with errors changes nothing",
         a_configuration_with_errors_changes_nothing},
        {"a port in use changes nothing", a_port_in_use_changes_nothing},
        {"an address can get another service", an_address_can_get_another_service},
        {"an address can become every address", an_address_can_become_every_address},
        {"who made way for nothing is back", who_made_way_for_nothing_is_back},
        {"a Unix socket can get another mode", a_unix_socket_can_get_another_mode},
        {"new limits hold for new connections", new_limits_hold_for_new_connections},
        {"files that it names are read again", files_that_it_names_are_read_again},
        {"the log changes and is opened again", the_log_changes_and_is_opened_again},
        {"settings that need a start are named", settings_that_need_a_start_are_named},
        {"a storm of reloads disturbs nobody", a_storm_of_reloads_disturbs_nobody},
        {NULL, NULL},
    };

    return models_main(argc, argv, "reload", tests);
}
