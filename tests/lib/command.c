/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A stream of the program's, and what came out of it. */
struct outlet {
    int fd; /* -1: at its end */
    char *text;
    size_t length;
};

static _Noreturn void become(const struct command *command, const char *const *arguments, int out,
                             int err)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
        dup2(err, STDERR_FILENO) < 0)
        _exit(126);
    if (command && command->prepare)
        command->prepare(command->argument);
    execv(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
}

static void take(struct outlet *outlet)
{
    char data[4096];
    ssize_t got = read(outlet->fd, data, sizeof(data));

    if (got < 0 && errno == EINTR)
        return;
    if (got <= 0) {
        close(outlet->fd);
        outlet->fd = -1;
        return;
    }
    outlet->text = realloc(outlet->text, outlet->length + (size_t)got + 1);
    if (!outlet->text)
        abort();
    memcpy(outlet->text + outlet->length, data, (size_t)got);
    outlet->length += (size_t)got;
    outlet->text[outlet->length] = '\0';
}

/* Reads both to their ends; false after the deadline. */
static bool read_all(struct outlet outlets[2], uint64_t deadline)
{
    while (outlets[0].fd >= 0 || outlets[1].fd >= 0) {
        struct pollfd pollers[2] = {{.fd = outlets[0].fd, .events = POLLIN},
                                    {.fd = outlets[1].fd, .events = POLLIN}};
        int count = poll(pollers, 2, expect_remaining(deadline));
        int i;

        if (count == 0)
            return false;
        for (i = 0; count > 0 && i < 2; i++)
            if (pollers[i].revents)
                take(&outlets[i]);
    }
    return true;
}

static bool wait_end(pid_t pid, uint64_t deadline)
{
    struct pollfd poller = {.events = POLLIN};
    int count;

    poller.fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (poller.fd < 0)
        return false;
    do
        count = poll(&poller, 1, expect_remaining(deadline));
    while (count < 0 && errno == EINTR);
    close(poller.fd);
    return count == 1;
}

struct command_result command_run(struct place place, const struct command *command,
                                  const char *const *arguments)
{
    struct outlet outlets[2] = {{.fd = -1}, {.fd = -1}};
    uint64_t deadline = expect_deadline();
    int out[2], err[2];
    int status = 0;
    bool ended;
    pid_t pid;

    EXPECT(pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0, "pipe: %s", strerror(errno));
    fflush(NULL);
    pid = fork();
    EXPECT(pid >= 0, "fork: %s", strerror(errno));
    if (pid == 0)
        become(command, arguments, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    outlets[0].fd = out[0];
    outlets[1].fd = err[0];
    ended = read_all(outlets, deadline) && wait_end(pid, deadline);
    if (!ended)
        kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    if (!ended)
        expect_fail(place, "%s does not end; it wrote: %s%s", arguments[0],
                    outlets[0].text ? outlets[0].text : "", outlets[1].text ? outlets[1].text : "");
    return (struct command_result){
        .status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
        .out = outlets[0].text ? outlets[0].text : strdup(""),
        .err = outlets[1].text ? outlets[1].text : strdup(""),
    };
}

void command_expect(struct place place, const struct command_result *result, int status)
{
    if (result->status != status)
        expect_fail(place, "exit status %d expected, got %d; it wrote: %s%s", status,
                    result->status, result->out, result->err);
}

void command_clear(struct command_result *result)
{
    free(result->out);
    free(result->err);
    *result = (struct command_result){0};
}

const char *command_program(const char *variable)
{
    const char *program = getenv(variable);

    EXPECT(program && access(program, X_OK) == 0, "%s does not name a program", variable);
    return program;
}
