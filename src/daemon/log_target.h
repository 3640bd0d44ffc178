/* SPDX-License-Identifier: MIT */
/*
 * Where log lines go: standard error, a file, syslog or the systemd journal. Writing never waits:
 * what a target cannot take at once is lost, and the caller is told so.
 */
#ifndef DAEMON_LOG_TARGET_H
#define DAEMON_LOG_TARGET_H

#include <paceline/server.h>

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

enum log_target_kind {
    LOG_TARGET_NOWHERE,
    LOG_TARGET_STDERR,         /* "TIME level: text" */
    LOG_TARGET_STDERR_JOURNAL, /* standard error that is the journal's: "<6>text" */
    LOG_TARGET_FILE,           /* as standard error */
    LOG_TARGET_SYSLOG,         /* RFC 3164 datagrams, as syslog(3) sends them */
    LOG_TARGET_JOURNAL,        /* the journal's native protocol */
};

struct log_target {
    enum log_target_kind kind;
    int fd;
    struct sockaddr_un address; /* of syslog or the journal */
};

#define LOG_TARGET_SYSLOG_PATH  "/dev/log"
#define LOG_TARGET_JOURNAL_PATH "/run/systemd/journal/socket"

/* Standard error, in the journal's form if JOURNAL_STREAM says that it ends there. */
void log_target_stderr(struct log_target *target);

/* Drops everything. */
void log_target_nowhere(struct log_target *target);

/* Opens a file for appending. Returns 0 or a negative errno. */
int log_target_file(struct log_target *target, const char *path);

/*
 * A datagram socket, where somebody must be listening. PATH is one of the above but for tests.
 * KIND is LOG_TARGET_SYSLOG or LOG_TARGET_JOURNAL. Returns 0 or a negative errno.
 */
int log_target_socket(struct log_target *target, enum log_target_kind kind, const char *path);

/* Closes it, but for standard error. */
void log_target_close(struct log_target *target);

/*
 * Writes one line; control characters in TEXT become question marks. Returns 0, or -EAGAIN or
 * another negative errno when the line was lost. One thread at a time.
 */
int log_target_write(const struct log_target *target, enum pl_log_level level, const char *text);

/* "error" to "debug"; static. */
const char *log_level_name(enum pl_log_level level);

#endif
