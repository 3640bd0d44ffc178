/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/server.h"

#include "base/clock.h"
#include "tools/bench/fail.h"
#include "tools/bench/words.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_PATIENCE (30 * NS_PER_S)

/* FOLDER/NAME. */
static void path_of(const struct contest *contest, const char *name, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", contest->folder, name);
}

/* -- What is started ------------------------------------------------------------------------- */

static void write_config(const struct contestant *contestant, const struct point *point,
                         const char *path)
{
    FILE *file = fopen(path, "we");

    if (!file)
        bench_die("%s", path);
    fprintf(file,
            "pool: { model = \"%s\"; threads = %ju; connection_threads = 0; };\n"
            "listeners = ( { service = \"%s\"; address = \"127.0.0.1\"; port = 0; } );\n"
            "limits: { flood_rate = 0; };\n",
            contestant->model, (uintmax_t)point->threads, bench_cases[point->kind].service);
    if (fclose(file) != 0)
        bench_die("%s", path);
}

/* Some port that is free now. */
static unsigned pick_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &length) != 0)
        bench_die("looking for a free port");
    close(fd);
    return ntohs(at.sin_port);
}

/* The words of a command, whose port, if it is told one, is in the server. */
static char **split_command(struct server *server, const char *command,
                            const struct contestant *contestant, const struct point *point)
{
    char port[16], threads[24], connections[24];
    const struct word_place places[] = {
        {"port", port},
        {"threads", threads},
        {"connections", connections},
        {contestant->model ? "model" : NULL, contestant->model},
        {NULL, NULL},
    };
    char **words;

    if (words_have(command, "port"))
        server->port = pick_port();
    snprintf(port, sizeof(port), "%u", server->port);
    snprintf(threads, sizeof(threads), "%ju", (uintmax_t)point->threads);
    snprintf(connections, sizeof(connections), "%ju", (uintmax_t)point->connections);
    words = words_split(command, places);
    if (!words)
        bench_usage("%s: this is no command, or a quote has no end: %s", contestant->label,
                    command);
    return words;
}

static void start_command(struct server *server, const struct contest *contest,
                          const struct contestant *contestant, const struct point *point,
                          const char *command)
{
    char log[300], state[300];
    char **words = split_command(server, command, contestant, point);

    path_of(contest, "log", log, sizeof(log));
    path_of(contest, "state", state, sizeof(state));
    child_start(&server->child, words, log, server->port != 0, state);
    words_free(words);
}

static void start_daemon(struct server *server, const struct contest *contest,
                         const struct contestant *contestant, const struct point *point)
{
    char config[300], log[300], state[300];
    char daemon_option[] = "-c", ports_option[] = "--print-ports";
    char *words[] = {contest->daemon, daemon_option, config, ports_option, NULL};

    path_of(contest, "paceline.conf", config, sizeof(config));
    path_of(contest, "log", log, sizeof(log));
    path_of(contest, "state", state, sizeof(state));
    write_config(contestant, point, config);
    child_start(&server->child, words, log, false, state);
}

/* -- Whether it serves ----------------------------------------------------------------------- */

/* The last line of the server's log, where it says why it ended. */
static void read_trouble(struct server *server, const struct contest *contest)
{
    char path[300], line[300];
    FILE *file;

    path_of(contest, "log", path, sizeof(path));
    file = fopen(path, "re");
    while (file && fgets(line, sizeof(line), file))
        if (line[0] != '\n')
            snprintf(server->trouble, sizeof(server->trouble), "%.*s", (int)strcspn(line, "\n"),
                     line);
    if (file)
        fclose(file);
}

/* "port N", or "service address N". */
static int read_port(struct server *server, uint64_t deadline)
{
    char line[256];
    int rc = child_read_line(&server->child, line, sizeof(line), deadline);
    const char *last = strrchr(line, ' ');

    if (rc < 0)
        return rc;
    server->port = (unsigned)strtoul(last ? last : line, NULL, 10);
    return server->port > 0 && server->port < 65536 ? 0 : -EPROTO;
}

static bool accepts(unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool well;

    if (fd < 0)
        bench_die("making a socket");
    well = connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0;
    close(fd);
    return well;
}

static int await_port(const struct server *server, uint64_t deadline)
{
    while (!accepts(server->port)) {
        int rc = children_pause(10 * NS_PER_MS);

        if (rc < 0)
            return rc;
        if (child_ended(&server->child))
            return -EPIPE;
        if (pli_clock_now() >= deadline)
            return -ETIMEDOUT;
    }
    return 0;
}

static const char *text_of(int rc)
{
    switch (rc) {
    case -EPROTO:
        return "its first line names no port";
    case -ETIMEDOUT:
        return "it is not ready in time";
    default:
        return "it has ended";
    }
}

int server_start(struct server *server, const struct contest *contest,
                 const struct contestant *contestant, const struct point *point)
{
    uint64_t deadline = pli_clock_now() + START_PATIENCE;
    const char *command = contestant->command;
    char log[300];
    int rc;

    *server = (struct server){0};
    path_of(contest, "log", log, sizeof(log));
    unlink(log);
    if (contestant->model && point->kind == CASE_MIXED)
        command = contest->options->mixed_server;
    if (command)
        start_command(server, contest, contestant, point, command);
    else
        start_daemon(server, contest, contestant, point);
    rc = server->port != 0 ? await_port(server, deadline) : read_port(server, deadline);
    if (rc == 0 || rc == -EINTR)
        return rc;
    snprintf(server->trouble, sizeof(server->trouble), "%s", text_of(rc));
    if (rc == -EPIPE)
        read_trouble(server, contest);
    return 1;
}

int server_end(struct server *server, const struct contest *contest)
{
    bool ended = server->child.pid != 0 && child_ended(&server->child);
    int status = child_end(&server->child);

    if (!ended)
        return 0;
    if (WIFSIGNALED(status))
        snprintf(server->trouble, sizeof(server->trouble), "it was killed by signal %d",
                 WTERMSIG(status));
    else
        snprintf(server->trouble, sizeof(server->trouble), "it ended with status %d",
                 WEXITSTATUS(status));
    read_trouble(server, contest);
    return 1;
}
