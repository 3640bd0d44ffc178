/* SPDX-License-Identifier: MIT */
/*
 * The message is in the pipe before the program is there, which a pipe has the room for: so nobody
 * waits for a program that does not read, and none that has ended early is written to. A process is
 * waited for by a descriptor of its own, so that its time is bounded and no other child of this
 * process is touched; it leads a group, so that what it has started ends with it.
 */
#include "config.h"

#include "account/mail.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE_MAX 4096 /* that is what any pipe holds */
#define WORDS_MAX   64
#define NS_PER_MS   UINT64_C(1000000)

/* -- The message -------------------------------------------------------------------------------- */

/* RFC 5322, 3.3, whatever the locale. */
static void print_date(uint64_t seconds, char text[static 40])
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t time = (time_t)seconds;
    struct tm tm;

    if (!gmtime_r(&time, &tm))
        tm = (struct tm){.tm_mday = 1, .tm_year = 70, .tm_wday = 4};
    snprintf(text, 40, "%s, %02d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday,
             months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void print_time(unsigned hours, char text[static 40])
{
    if (hours < 1)
        snprintf(text, 40, "less than an hour");
    else
        snprintf(text, 40, "%u hour%s", hours, hours == 1 ? "" : "s");
}

/* Returns its length, or a negative errno. */
static int print_message(const struct account_mail *mail, char text[static MESSAGE_MAX])
{
    unsigned char id[16];
    char id_text[2 * sizeof id + 1];
    char date[40], time[40];
    int length;

    if (RAND_bytes(id, sizeof id) != 1)
        return -EIO;
    for (size_t i = 0; i < sizeof id; i++)
        snprintf(id_text + 2 * i, 3, "%02x", id[i]);
    print_date(mail->time, date);
    print_time(mail->hours, time);
    length = snprintf(text, MESSAGE_MAX,
                      "From: NickServ <nickserv@%s>\n"
                      "To: %s\n"
                      "Subject: Your account %s\n"
                      "Date: %s\n"
                      "Message-ID: <%s@%s>\n"
                      "MIME-Version: 1.0\n"
                      "Content-Type: text/plain; charset=utf-8\n"
                      "Content-Transfer-Encoding: 8bit\n"
                      "Auto-Submitted: auto-generated\n"
                      "\n"
                      "Somebody, most likely you, has registered the account %s\n"
                      "on %s and given this address. To confirm that, say there\n"
                      "\n"
                      "    /msg NickServ VERIFY %s %s\n"
                      "\n"
                      "The code is %s and holds for %s.\n"
                      "If it was not you, do nothing: the account will go.\n",
                      mail->server, mail->to, mail->account, date, id_text, mail->server,
                      mail->account, mail->network, mail->account, mail->code, mail->code, time);
    return length < MESSAGE_MAX ? length : -EMSGSIZE;
}

/* The end of a pipe from which the whole message can be read. */
static int open_message(const struct account_mail *mail)
{
    char text[MESSAGE_MAX];
    int length = print_message(mail, text);
    int ends[2] = {-1, -1};
    ssize_t put = -1;
    int rc = length < 0 ? length : 0;

    if (rc == 0 && pipe2(ends, O_CLOEXEC) < 0)
        rc = -errno;
    if (rc == 0) {
        put = write(ends[1], text, (size_t)length);
        rc = put == length ? ends[0] : put < 0 ? -errno : -EIO;
        close(ends[1]);
        if (rc < 0)
            close(ends[0]);
    }
    OPENSSL_cleanse(text, sizeof text);
    return rc;
}

/* -- The program -------------------------------------------------------------------------------- */

/* Cuts a copy of the command into words, in place. False: there is none, or there are too many. */
static bool cut_words(char *command, char *words[static WORDS_MAX])
{
    size_t count = 0;
    char *rest = command;
    char *word;

    while ((word = strtok_r(rest, " ", &rest))) {
        if (count == WORDS_MAX - 1)
            return false;
        words[count++] = word;
    }
    words[count] = NULL;
    return count > 0;
}

static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    int rc;

    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    rc = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                  POSIX_SPAWN_SETPGROUP);
    if (rc == 0)
        rc = posix_spawnattr_setsigmask(attributes, &none);
    if (rc == 0)
        rc = posix_spawnattr_setsigdefault(attributes, &all);
    if (rc == 0)
        rc = posix_spawnattr_setpgroup(attributes, 0);
    return rc;
}

static int set_files(posix_spawn_file_actions_t *files, int input)
{
    int rc = posix_spawn_file_actions_adddup2(files, input, STDIN_FILENO);

    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO && rc == 0; fd++)
        rc = posix_spawn_file_actions_addopen(files, fd, "/dev/null", O_WRONLY, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
    return rc;
}

static int spawn(char *const *words, int input, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int rc = posix_spawn_file_actions_init(&files);

    if (rc != 0)
        return -rc;
    rc = posix_spawnattr_init(&attributes);
    if (rc == 0) {
        rc = set_attributes(&attributes);
        if (rc == 0)
            rc = set_files(&files, input);
        if (rc == 0)
            rc = posix_spawnp(pid, words[0], &files, &attributes, words, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return -rc;
}

/* Until the process has ended: 0, or -ETIMEDOUT. */
static int await(int process, uint64_t deadline)
{
    struct pollfd poll_fd = {.fd = process, .events = POLLIN};
    uint64_t now;

    while ((now = pli_clock_now()) < deadline) {
        int ready = poll(&poll_fd, 1, (int)((deadline - now) / NS_PER_MS) + 1);

        if (ready > 0)
            return 0;
        if (ready < 0 && errno != EINTR)
            return -errno;
    }
    return -ETIMEDOUT;
}

/* How it has ended; it has, or is about to. */
static int reap(pid_t pid)
{
    int status;
    pid_t got;

    while ((got = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
        ;
    if (got < 0)
        return -errno;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFEXITED(status))
        pli_log(PL_LOG_ERROR, "accounts: the mail command has ended with status %d",
                WEXITSTATUS(status));
    else
        pli_log(PL_LOG_ERROR, "accounts: the mail command was ended by signal %d",
                WTERMSIG(status));
    return -EIO;
}

/* Its group goes with it; the number is its own until it is reaped. */
static void end_group(pid_t pid)
{
    if (kill(-pid, SIGKILL) < 0)
        kill(pid, SIGKILL);
}

static int wait_for(pid_t pid, unsigned milliseconds)
{
    uint64_t deadline = pli_clock_now() + milliseconds * NS_PER_MS;
    int process = (int)syscall(SYS_pidfd_open, pid, 0);
    int rc = process < 0 ? -errno : await(process, deadline);
    int ended;

    if (process >= 0)
        close(process);
    if (rc < 0) {
        end_group(pid);
        pli_log(PL_LOG_ERROR, "accounts: the mail command was killed: %s",
                rc == -ETIMEDOUT ? "it has taken too long" : strerror(-rc));
    }
    ended = reap(pid);
    return rc < 0 ? rc : ended;
}

int account_mail_send_within(const char *command, const struct account_mail *mail,
                             unsigned milliseconds)
{
    char *words[WORDS_MAX];
    char *copy = strdup(command);
    int input, rc;
    pid_t pid;

    if (!copy)
        return -ENOMEM;
    input = cut_words(copy, words) ? open_message(mail) : -EINVAL;
    rc = input < 0 ? input : spawn(words, input, &pid);
    if (input >= 0)
        close(input);
    if (rc < 0)
        pli_log(PL_LOG_ERROR, "accounts: the mail command cannot be run: %s", strerror(-rc));
    free(copy);
    return rc == 0 ? wait_for(pid, milliseconds) : rc;
}

int account_mail_send(const char *command, const struct account_mail *mail)
{
    return account_mail_send_within(command, mail, ACCOUNT_MAIL_SECONDS * 1000);
}
