/* SPDX-License-Identifier: MIT */
/*
 * A thread per daemon reads its standard output and error, so that it never waits for the test.
 * What was read is a growing text for each, under the mutex.
 */
#include "config.h"

#include "tests/lib/daemon.h"

#include "base/clock.h"
#include "tests/lib/folder.h"
#include "tests/lib/models.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct stream {
    int fd;
    bool ended;    /* (mutex) */
    char *text;    /* (mutex) */
    size_t length; /* (mutex) */
};

struct daemon {
    char *folder;
    char *file; /* the configuration */
    char *path; /* of daemon_path() */
    char *log;  /* of daemon_log() */
    pid_t pid;
    bool ended;
    size_t log_seen; /* how much of standard error daemon_expect_log() has passed */
    pthread_t reader;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct stream out;
    struct stream err;
};

/* -- Reading what it says ----------------------------------------------------------- */

static void read_stream(struct daemon *daemon, struct stream *stream)
{
    char data[4096];
    ssize_t got = read(stream->fd, data, sizeof(data));

    if (got < 0 && errno == EINTR)
        return;
    pthread_mutex_lock(&daemon->mutex);
    if (got > 0) {
        stream->text = realloc(stream->text, stream->length + (size_t)got + 1);
        if (!stream->text)
            abort();
        memcpy(stream->text + stream->length, data, (size_t)got);
        stream->length += (size_t)got;
        stream->text[stream->length] = '\0';
    } else {
        stream->ended = true;
    }
    pthread_cond_broadcast(&daemon->changed);
    pthread_mutex_unlock(&daemon->mutex);
}

static void *read_streams(void *argument)
{
    struct daemon *daemon = argument;
    struct pollfd pollers[2] = {{.fd = daemon->out.fd, .events = POLLIN},
                                {.fd = daemon->err.fd, .events = POLLIN}};

    while (pollers[0].fd >= 0 || pollers[1].fd >= 0) {
        if (poll(pollers, 2, -1) < 0)
            continue;
        if (pollers[0].revents)
            read_stream(daemon, &daemon->out);
        if (pollers[1].revents)
            read_stream(daemon, &daemon->err);
        if (daemon->out.ended) /* only this thread writes it */
            pollers[0].fd = -1;
        if (daemon->err.ended)
            pollers[1].fd = -1;
    }
    return NULL;
}

/* Mutex held: waits for a change; false after the deadline. */
static bool wait_change(struct daemon *daemon, uint64_t deadline)
{
    struct timespec until = {.tv_sec = (time_t)(deadline / 1000000000),
                             .tv_nsec = (long)(deadline % 1000000000)};

    return pthread_cond_timedwait(&daemon->changed, &daemon->mutex, &until) == 0;
}

/* -- Starting ------------------------------------------------------------------------- */

/* The text up to END, with the folder's name for each @DIR@. */
static void expand(FILE *out, const char *text, const char *end, const char *folder)
{
    const char *mark;

    while ((mark = strstr(text, "@DIR@")) && mark < end) {
        fprintf(out, "%.*s%s", (int)(mark - text), text, folder);
        text = mark + 5;
    }
    fprintf(out, "%.*s", (int)(end - text), text);
}

/* With the model whose turn it is, if the text names none: in its pool group, or one of its own. */
static bool write_configuration(const char *path, const char *text, const char *folder)
{
    static const char pool[] = "pool: {";
    const char *end = text + strlen(text);
    const char *group = strstr(text, pool);
    FILE *file = fopen(path, "w");
    bool failed;

    if (!file)
        return false;
    if (group && models_turn() && !strstr(group, "model = ")) {
        group += strlen(pool);
        expand(file, text, group, folder);
        fprintf(file, " model = \"%s\";", models_turn());
        text = group;
    }
    expand(file, text, end, folder);
    if (!group)
        fputs(models_pool(), file);
    failed = ferror(file);
    return fclose(file) == 0 && !failed;
}

void daemon_configure(struct daemon *daemon, const char *configuration)
{
    char *path = folder_path(daemon->folder, "paceline.conf.new");

    EXPECT(path, "no memory");
    EXPECT(write_configuration(path, configuration, daemon->folder), "%s: %s", path,
           strerror(errno));
    /* Renamed, as a reload may be reading the old one. */
    EXPECT(rename(path, daemon->file) == 0, "%s: %s", daemon->file, strerror(errno));
    free(path);
}

static _Noreturn void become(const char *program, const char *file, int out, int err)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
        dup2(err, STDERR_FILENO) < 0)
        _exit(126);
    execl(program, "paceline", "-c", file, "--print-ports", (char *)NULL);
    _exit(127);
}

static void spawn(struct place place, struct daemon *daemon)
{
    const char *program = getenv("PACELINE");
    int out[2], err[2];

    if (!program || access(program, X_OK) < 0)
        expect_fail(place, "PACELINE does not name the daemon's program");
    EXPECT(pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0, "pipe: %s", strerror(errno));
    daemon->pid = fork();
    EXPECT(daemon->pid >= 0, "fork: %s", strerror(errno));
    if (daemon->pid == 0)
        become(program, daemon->file, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    daemon->out.fd = out[0];
    daemon->err.fd = err[0];
    EXPECT(pthread_create(&daemon->reader, NULL, read_streams, daemon) == 0, "pthread_create");
}

static unsigned count_lines(const char *text)
{
    unsigned count = 0;

    for (; text && (text = strchr(text, '\n')); text++)
        count++;
    return count;
}

static void wait_ports(struct place place, struct daemon *daemon, unsigned count)
{
    uint64_t deadline = expect_deadline();
    bool ready;

    pthread_mutex_lock(&daemon->mutex);
    while (count_lines(daemon->out.text) < count && !daemon->out.ended &&
           wait_change(daemon, deadline))
        ;
    ready = count_lines(daemon->out.text) >= count;
    pthread_mutex_unlock(&daemon->mutex);
    if (!ready) /* its last words help more than the missing line */
        expect_fail(place, "the daemon does not start: %s", daemon_log(daemon));
}

struct daemon *daemon_start(struct place place, const char *configuration, unsigned count)
{
    struct daemon *daemon = calloc(1, sizeof(*daemon));
    pthread_condattr_t attributes;

    EXPECT(daemon && (daemon->folder = folder_new()), "no folder: %s", strerror(errno));
    daemon->file = folder_path(daemon->folder, "paceline.conf");
    EXPECT(daemon->file, "no memory");
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&daemon->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&daemon->mutex, NULL);
    daemon_configure(daemon, configuration);
    spawn(place, daemon);
    wait_ports(place, daemon, count);
    return daemon;
}

/* -- Asking --------------------------------------------------------------------------- */

static char *copy_text(struct daemon *daemon, const struct stream *stream)
{
    char *text;

    pthread_mutex_lock(&daemon->mutex);
    text = strdup(stream->text ? stream->text : "");
    pthread_mutex_unlock(&daemon->mutex);
    if (!text)
        abort();
    return text;
}

unsigned daemon_port(struct place place, struct daemon *daemon, const char *service, unsigned index)
{
    char *text = copy_text(daemon, &daemon->out);
    size_t length = strlen(service);
    unsigned port = 0;
    unsigned seen = 0;
    char *line, *rest = NULL;

    for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, service, length) != 0 || line[length] != ' ' || seen++ != index)
            continue;
        port = (unsigned)strtoul(strrchr(line, ' '), NULL, 10);
        break;
    }
    free(text);
    if (port == 0)
        expect_fail(place, "the daemon names no port of listener %u of %s", index, service);
    return port;
}

const char *daemon_folder(const struct daemon *daemon)
{
    return daemon->folder;
}

const char *daemon_path(struct daemon *daemon, const char *name)
{
    free(daemon->path);
    daemon->path = folder_path(daemon->folder, name);
    EXPECT(daemon->path, "no memory");
    return daemon->path;
}

pid_t daemon_pid(const struct daemon *daemon)
{
    return daemon->pid;
}

const char *daemon_log(struct daemon *daemon)
{
    free(daemon->log);
    daemon->log = copy_text(daemon, &daemon->err);
    return daemon->log;
}

void daemon_expect_log(struct place place, struct daemon *daemon, const char *text)
{
    uint64_t deadline = expect_deadline();
    const char *found = NULL;

    pthread_mutex_lock(&daemon->mutex);
    do {
        if (daemon->err.length > daemon->log_seen)
            found = strstr(daemon->err.text + daemon->log_seen, text);
        if (found)
            found = strchr(found, '\n'); /* whole lines only */
    } while (!found && !daemon->err.ended && wait_change(daemon, deadline));
    if (found)
        daemon->log_seen = (size_t)(found + 1 - daemon->err.text);
    pthread_mutex_unlock(&daemon->mutex);
    if (!found)
        expect_fail(place, "\"%s\" expected in the log, which is: %s", text, daemon_log(daemon));
}

/* -- Ending --------------------------------------------------------------------------- */

void daemon_signal(struct daemon *daemon, int signal)
{
    EXPECT(kill(daemon->pid, signal) == 0, "kill: %s", strerror(errno));
}

static int wait_exit(struct place place, struct daemon *daemon)
{
    struct pollfd poller = {.events = POLLIN};
    uint64_t deadline = expect_deadline();
    int status = 0;
    int count;

    poller.fd = (int)syscall(SYS_pidfd_open, daemon->pid, 0);
    EXPECT(poller.fd >= 0, "pidfd_open: %s", strerror(errno));
    do
        count = poll(&poller, 1, expect_remaining(deadline));
    while (count < 0 && errno == EINTR);
    close(poller.fd);
    if (count != 1) {
        kill(daemon->pid, SIGKILL);
        waitpid(daemon->pid, &status, 0);
        expect_fail(place, "the daemon does not end; its log: %s", daemon_log(daemon));
    }
    EXPECT(waitpid(daemon->pid, &status, 0) == daemon->pid, "waitpid: %s", strerror(errno));
    return status;
}

void daemon_expect_exit(struct place place, struct daemon *daemon, int status)
{
    int got = wait_exit(place, daemon);

    pthread_join(daemon->reader, NULL);
    daemon->ended = true;
    if (!WIFEXITED(got))
        expect_fail(place, "the daemon was killed by signal %d; its log: %s", WTERMSIG(got),
                    daemon_log(daemon));
    if (WEXITSTATUS(got) != status)
        expect_fail(place, "exit status %d expected, got %d; the log: %s", status, WEXITSTATUS(got),
                    daemon_log(daemon));
}

void daemon_kill(struct place place, struct daemon *daemon)
{
    int got;

    daemon_signal(daemon, SIGKILL);
    got = wait_exit(place, daemon);
    pthread_join(daemon->reader, NULL);
    daemon->ended = true;
    if (!WIFSIGNALED(got))
        expect_fail(place, "it has ended by itself, with %d", WEXITSTATUS(got));
    daemon_free(daemon);
}

void daemon_stop(struct place place, struct daemon *daemon)
{
    daemon_signal(daemon, SIGTERM);
    daemon_expect_exit(place, daemon, 0);
    daemon_free(daemon);
}

void daemon_free(struct daemon *daemon)
{
    EXPECT(daemon->ended, "daemon_free() of one that runs");
    close(daemon->out.fd);
    close(daemon->err.fd);
    free(daemon->out.text);
    free(daemon->err.text);
    free(daemon->log);
    free(daemon->path);
    free(daemon->file);
    folder_remove(daemon->folder);
    pthread_cond_destroy(&daemon->changed);
    pthread_mutex_destroy(&daemon->mutex);
    free(daemon);
}
