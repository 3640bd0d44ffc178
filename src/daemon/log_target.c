/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/log_target.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/* The longest text of a line; lines are cut before (base/log.h). */
#define TEXT_MAX 1024

static const struct {
    const char *name;
    int priority; /* of syslog(3) */
} levels[] = {
    [PL_LOG_ERROR] = {"error", LOG_ERR},
    [PL_LOG_WARNING] = {"warning", LOG_WARNING},
    [PL_LOG_INFO] = {"info", LOG_INFO},
    [PL_LOG_DEBUG] = {"debug", LOG_DEBUG},
};

const char *log_level_name(enum pl_log_level level)
{
    return levels[level].name;
}

/* Whether the journal has made our standard error, and nobody has redirected it since. */
static bool stderr_is_journal(void)
{
    const char *text = getenv("JOURNAL_STREAM");
    unsigned long long device;
    unsigned long long inode;
    struct stat st;
    char more;

    return text && sscanf(text, "%llu:%llu%c", &device, &inode, &more) == 2 &&
           fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void log_target_stderr(struct log_target *target)
{
    *target = (struct log_target){
        .kind = stderr_is_journal() ? LOG_TARGET_STDERR_JOURNAL : LOG_TARGET_STDERR,
        .fd = STDERR_FILENO,
    };
}

void log_target_nowhere(struct log_target *target)
{
    *target = (struct log_target){.kind = LOG_TARGET_NOWHERE, .fd = -1};
}

int log_target_file(struct log_target *target, const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);

    if (fd < 0)
        return -errno;
    *target = (struct log_target){.kind = LOG_TARGET_FILE, .fd = fd};
    return 0;
}

/* Whether somebody receives what is sent to ADDRESS. Returns 0 or a negative errno. */
static int probe(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int rc = 0;

    if (fd < 0)
        return -errno;
    if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
        rc = -errno;
    close(fd);
    return rc;
}

int log_target_socket(struct log_target *target, enum log_target_kind kind, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int rc;
    int fd;

    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path) + 1);
    rc = probe(&address);
    if (rc < 0)
        return rc;
    /* Not connected: a log service that starts anew gets the lines too. */
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    *target = (struct log_target){.kind = kind, .fd = fd, .address = address};
    return 0;
}

void log_target_close(struct log_target *target)
{
    if (target->fd > STDERR_FILENO)
        close(target->fd);
    log_target_nowhere(target);
}

/* The time in UTC, to the millisecond, as RFC 3339 has it. */
static size_t put_time(char *buffer, size_t size)
{
    uint64_t now = pli_clock_wall_ms();
    time_t seconds = (time_t)(now / 1000);
    struct tm tm;
    size_t length = strftime(buffer, size, "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &tm));
    int rest = snprintf(buffer + length, size - length, ".%03uZ ", (unsigned)(now % 1000));

    return length + (size_t)rest;
}

/* What stands before the text; returns its length. */
static size_t put_head(const struct log_target *target, enum pl_log_level level, char *buffer,
                       size_t size)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int priority = levels[level].priority;
    size_t length = 0;
    struct tm tm;
    time_t now;

    switch (target->kind) {
    case LOG_TARGET_STDERR_JOURNAL:
        return (size_t)snprintf(buffer, size, "<%d>", priority);
    case LOG_TARGET_JOURNAL:
        return (size_t)snprintf(buffer, size,
                                "PRIORITY=%d\nSYSLOG_IDENTIFIER=paceline\nMESSAGE=", priority);
    case LOG_TARGET_SYSLOG:
        now = time(NULL);
        localtime_r(&now, &tm); /* as RFC 3164 wants it */
        return (size_t)snprintf(
            buffer, size, "<%d>%s %2d %02d:%02d:%02d paceline[%ld]: ", LOG_DAEMON | priority,
            months[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (long)getpid());
    default:
        length = put_time(buffer, size);
        return length +
               (size_t)snprintf(buffer + length, size - length, "%s: ", levels[level].name);
    }
}

/* TEXT without control characters, so that nobody can forge lines or talk to a terminal. */
static size_t put_text(char *buffer, size_t size, const char *text)
{
    size_t length;

    for (length = 0; length < size && text[length]; length++) {
        unsigned char byte = (unsigned char)text[length];

        buffer[length] = byte < 0x20 || byte == 0x7f ? '?' : text[length];
    }
    return length;
}

static int send_datagram(const struct log_target *target, const char *line, size_t length)
{
    ssize_t sent = sendto(target->fd, line, length, MSG_NOSIGNAL | MSG_DONTWAIT,
                          (const struct sockaddr *)&target->address, sizeof(target->address));

    return sent < 0 ? -errno : 0;
}

/* Up to PIPE_BUF bytes go into a pipe or terminal that is ready without waiting. */
static int write_line(int fd, const char *line, size_t length)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    ssize_t written;

    if (poll(&ready, 1, 0) < 0)
        return -errno;
    if (ready.revents & POLLNVAL)
        return -EBADF;
    if (!(ready.revents & POLLOUT))
        return ready.revents & (POLLERR | POLLHUP) ? -EPIPE : -EAGAIN;
    written = write(fd, line, length);
    if (written < 0)
        return -errno;
    return (size_t)written < length ? -ENOSPC : 0;
}

int log_target_write(const struct log_target *target, enum pl_log_level level, const char *text)
{
    char line[TEXT_MAX + 128];
    size_t length;

    if (target->kind == LOG_TARGET_NOWHERE)
        return 0;
    length = put_head(target, level, line, sizeof(line) - TEXT_MAX);
    length += put_text(line + length, TEXT_MAX - 1, text);
    if (target->kind == LOG_TARGET_SYSLOG)
        return send_datagram(target, line, length);
    line[length++] = '\n';
    if (target->kind == LOG_TARGET_JOURNAL)
        return send_datagram(target, line, length);
    return write_line(target->fd, line, length);
}
