/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/protocol/bench_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS = 30 };

const char *bench_program(const char *name)
{
    static char path[4096];

    snprintf(path, sizeof(path), "%s/%s", command_program("BENCH_PROGRAMS"), name);
    return path;
}

/* The number at the end of its first line. */
static unsigned read_port(int fd)
{
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    uint64_t deadline = expect_deadline();
    char line[64] = "";
    size_t used = 0;

    while (!strchr(line, '\n') && used + 1 < sizeof(line)) {
        ssize_t got = poll(&polled, 1, expect_remaining(deadline)) == 1
                          ? read(fd, line + used, sizeof(line) - 1 - used)
                          : -1;

        EXPECT(got > 0, "the server does not start");
        used += (size_t)got;
    }
    return (unsigned)strtoul(line + strlen("port "), NULL, 10);
}

struct bench_server bench_server_at(pid_t pid, unsigned port)
{
    struct bench_server server = {.pid = pid};

    snprintf(server.pid_text, sizeof(server.pid_text), "%d", pid);
    snprintf(server.address, sizeof(server.address), "127.0.0.1:%u", port);
    return server;
}

struct bench_server bench_server_start(const char *program, const char *argument)
{
    const char *path = bench_program(program);
    struct bench_server server;
    int pipes[2];
    pid_t pid;

    EXPECT(pipe2(pipes, O_CLOEXEC) == 0, "pipe: %s", strerror(errno));
    pid = fork();
    EXPECT(pid >= 0, "fork: %s", strerror(errno));
    if (pid == 0) {
        if (dup2(pipes[1], STDOUT_FILENO) >= 0)
            execl(path, path, argument, (char *)NULL);
        _exit(126);
    }
    close(pipes[1]);
    server = bench_server_at(pid, read_port(pipes[0]));
    close(pipes[0]);
    return server;
}

void bench_server_stop(const struct bench_server *server)
{
    EXPECT(kill(server->pid, SIGTERM) == 0, "kill: %s", strerror(errno));
    EXPECT(waitpid(server->pid, NULL, 0) == server->pid, "waitpid: %s", strerror(errno));
}

struct command_result bench_run(struct place place, const struct bench_server *server,
                                const char *const *arguments)
{
    const char *all[ARGUMENTS] = {command_program("PACELINE_BENCH")};
    unsigned count = 1;

    for (; *arguments; arguments++) {
        EXPECT(count + 2 < ARGUMENTS, "too many arguments");
        all[count++] = *arguments;
    }
    if (server)
        all[count++] = server->address;
    return command_run(place, NULL, all);
}

double bench_value(const struct command_result *result, const char *key)
{
    char member[80];
    const char *at;

    snprintf(member, sizeof(member), "\n  \"%s\": ", key);
    at = strstr(result->out, member);
    EXPECT(at, "no %s in: %s", key, result->out);
    return strtod(at + strlen(member), NULL);
}
