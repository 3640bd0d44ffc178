/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/clients/program.h"

#include "tests/lib/folder.h"

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

#define TERM_MILLISECONDS 10000 /* for it to end when told to */

struct program {
    char *name;
    char *output; /* path */
    pid_t pid;
    int handle; /* of pidfd_open(); -1: it has ended */
};

/* What a login would have set, and none of what belongs to the terminal that the test runs in. */
static bool settle(const char *home)
{
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && setenv("HOME", home, 1) == 0 &&
           setenv("LC_ALL", "C.UTF-8", 1) == 0 && setenv("TERM", "dumb", 1) == 0 &&
           unsetenv("TMUX") == 0 && chdir(home) == 0;
}

static _Noreturn void become(const char *home, const char *output, const char *const *arguments)
{
    int null = open("/dev/null", O_RDONLY);
    int out = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (null < 0 || out < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
        dup2(out, STDERR_FILENO) < 0 || !settle(home))
        _exit(126);
    execvp(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
}

struct program *program_start(struct place place, const char *home, const char *const *arguments)
{
    struct program *program = calloc(1, sizeof(*program));

    EXPECT(program, "no memory");
    program->name = strdup(arguments[0]);
    program->output = folder_path(home, "output");
    EXPECT(program->name && program->output, "no memory");
    fflush(NULL);
    program->pid = fork();
    if (program->pid == 0)
        become(home, program->output, arguments);
    if (program->pid < 0)
        expect_fail(place, "fork: %s", strerror(errno));
    program->handle = (int)syscall(SYS_pidfd_open, program->pid, 0);
    if (program->handle < 0)
        expect_fail(place, "pidfd_open: %s", strerror(errno));
    return program;
}

/* Returns whether it has ended. */
static bool wait_end(struct program *program, int milliseconds)
{
    struct pollfd poller = {.fd = program->handle, .events = POLLIN};
    int count;

    if (program->handle < 0)
        return true;
    do
        count = poll(&poller, 1, milliseconds);
    while (count < 0 && errno == EINTR);
    if (count != 1)
        return false;
    (void)waitpid(program->pid, NULL, 0);
    close(program->handle);
    program->handle = -1;
    return true;
}

void program_expect_end(struct place place, struct program *program)
{
    if (!wait_end(program, expect_remaining(expect_deadline())))
        expect_fail(place, "%s does not end", program->name);
}

void program_stop(struct program *program)
{
    if (!program)
        return;
    if (!wait_end(program, 0)) {
        kill(program->pid, SIGTERM);
        if (!wait_end(program, TERM_MILLISECONDS)) {
            kill(program->pid, SIGKILL);
            (void)wait_end(program, -1);
        }
    }
    free(program->name);
    free(program->output);
    free(program);
}

static bool is_in_path(const char *name)
{
    const char *path = getenv("PATH");
    char *folders = strdup(path ? path : "");
    bool found = false;
    char *rest = NULL;

    if (!folders)
        abort();
    for (char *folder = strtok_r(folders, ":", &rest); folder && !found;
         folder = strtok_r(NULL, ":", &rest)) {
        char *file = folder_path(folder, name);

        found = file && access(file, X_OK) == 0;
        free(file);
    }
    free(folders);
    return found;
}

const char *program_lacking(const char *const *names, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (!is_in_path(names[i]))
            return names[i];
    return NULL;
}

int program_missing(const char *name)
{
    printf("%s is not installed\n", name);
    return getenv("SKIP_NOTHING") || getenv("CI") ? 1 : 77;
}
