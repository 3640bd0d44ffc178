/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/child.h"

#include "base/clock.h"
#include "tools/bench/fail.h"
#include "tools/bench/options.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define GRACE (5 * NS_PER_S)

/* The tool's own thread alone uses these; what exits is either that or has no children. */
static struct child *running[CHILDREN];
static sigset_t stop_signals;
static int signals = -1;
static int signal_seen;
static pid_t owner;

/* -- Signals --------------------------------------------------------------------------------- */

/* As it exits, in whatever way; a process that was forked off has none of these children. */
static void kill_running(void)
{
    for (unsigned i = 0; i < CHILDREN && getpid() == owner; i++)
        if (running[i]) {
            kill(-running[i]->pid, SIGKILL);
            waitpid(running[i]->pid, NULL, 0);
        }
}

void children_init(void)
{
    owner = getpid();
    sigemptyset(&stop_signals);
    sigaddset(&stop_signals, SIGINT);
    sigaddset(&stop_signals, SIGTERM);
    sigaddset(&stop_signals, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &stop_signals, NULL) != 0 || atexit(kill_running) != 0)
        bench_die("blocking signals");
    signals = signalfd(-1, &stop_signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0)
        bench_die("signalfd");
}

int children_signal(void)
{
    return signal_seen;
}

static bool take_signal(void)
{
    struct signalfd_siginfo info;

    if (read(signals, &info, sizeof(info)) != sizeof(info))
        return false;
    signal_seen = (int)info.ssi_signo;
    return true;
}

/* Waits for the descriptor, -1 for none, or a signal. */
static int await(int fd, uint64_t deadline)
{
    for (;;) {
        struct pollfd polled[2] = {{.fd = signals, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
        uint64_t now = pli_clock_now(), left = now < deadline ? deadline - now : 0;
        uint64_t ms = (left + NS_PER_MS - 1) / NS_PER_MS;
        int n = poll(polled, 2, ms < 60000 ? (int)ms : 60000);

        if (n < 0 && errno != EINTR)
            bench_die("poll");
        if (n > 0 && polled[0].revents && take_signal())
            return -EINTR;
        if (n > 0 && polled[1].revents)
            return 0;
        if (left == 0)
            return -ETIMEDOUT;
    }
}

int children_pause(uint64_t ns)
{
    int rc = await(-1, pli_clock_now() + ns);

    return rc == -ETIMEDOUT ? 0 : rc;
}

/* -- Starting -------------------------------------------------------------------------------- */

static void note(struct child *child, pid_t pid, const int *pipes)
{
    close(pipes[1]);
    child->pid = pid;
    child->out = pipes[0];
    child->watch = (int)syscall(SYS_pidfd_open, pid, 0);
    for (unsigned i = 0; i < CHILDREN; i++)
        if (!running[i]) {
            running[i] = child;
            break;
        }
    if (child->watch < 0)
        bench_die("watching process %d", pid);
}

/* A process of its own group, which ends when the tool does. Returns as fork(2) does. */
static pid_t split_off(int *pipes)
{
    pid_t pid;

    if (pipe2(pipes, O_CLOEXEC) != 0)
        bench_die("pipe");
    fflush(NULL);
    pid = fork();
    if (pid < 0)
        bench_die("starting a process");
    if (pid > 0) {
        (void)setpgid(pid, pid); /* whoever comes first; the child's own is what counts */
        return pid;
    }
    if (setpgid(0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != owner)
        _exit(126);
    sigprocmask(SIG_UNBLOCK, &stop_signals, NULL);
    return 0;
}

/* OUT: where standard output goes, or -1 for the log. */
_Noreturn static void become(char *const *words, const char *log, const char *folder, int out)
{
    int errors = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (errors < 0 || nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
        dup2(out < 0 ? errors : out, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0 ||
        setenv("STATE_DIRECTORY", folder, 1) != 0)
        _exit(126);
    execvp(words[0], words);
    fprintf(stderr, "%s: %m\n", words[0]);
    _exit(127);
}

void child_start(struct child *child, char *const *words, const char *log, bool all,
                 const char *folder)
{
    int pipes[2];
    pid_t pid = split_off(pipes);

    if (pid == 0)
        become(words, log, folder, all ? -1 : pipes[1]);
    note(child, pid, pipes);
}

void child_fork(struct child *child, int (*body)(void *argument, int out), void *argument)
{
    int pipes[2];
    pid_t pid = split_off(pipes);

    if (pid == 0) {
        close(pipes[0]);
        exit(body(argument, pipes[1]));
    }
    note(child, pid, pipes);
}

/* -- Waiting --------------------------------------------------------------------------------- */

int child_await_output(const struct child *child, uint64_t deadline)
{
    return await(child->out, deadline);
}

int child_await_end(const struct child *child, uint64_t deadline)
{
    return await(child->watch, deadline);
}

bool child_ended(const struct child *child)
{
    struct pollfd polled = {.fd = child->watch, .events = POLLIN};

    return poll(&polled, 1, 0) == 1;
}

int child_read_line(const struct child *child, char *line, size_t size, uint64_t deadline)
{
    for (size_t used = 0; used + 1 < size; used++) {
        int rc = await(child->out, deadline);
        ssize_t got;

        if (rc < 0)
            return rc;
        got = read(child->out, line + used, 1);
        if (got <= 0)
            return -EPIPE;
        if (line[used] == '\n') {
            line[used] = '\0';
            return 0;
        }
    }
    return -EPIPE;
}

/* -- Ending ---------------------------------------------------------------------------------- */

static void forget(struct child *child)
{
    close(child->out);
    close(child->watch);
    for (unsigned i = 0; i < CHILDREN; i++)
        if (running[i] == child)
            running[i] = NULL;
    child->pid = 0;
}

int child_end(struct child *child)
{
    int status = 0;

    if (child->pid == 0)
        return 0;
    if (!child_ended(child)) {
        kill(-child->pid, SIGTERM);
        if (await(child->watch, pli_clock_now() + GRACE) < 0)
            kill(-child->pid, SIGKILL);
    }
    while (await(child->watch, UINT64_MAX) < 0)
        ;
    kill(-child->pid, SIGKILL); /* what it has left behind; its number is not free yet */
    if (waitpid(child->pid, &status, 0) != child->pid)
        bench_die("waiting for process %d", child->pid);
    forget(child);
    return status;
}
