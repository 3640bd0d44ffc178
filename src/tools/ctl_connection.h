/* SPDX-License-Identifier: MIT */
/* The client's end of the daemon's control socket (paceline(8)). */
#ifndef TOOLS_CTL_CONNECTION_H
#define TOOLS_CTL_CONNECTION_H

#include <stddef.h>
#include <stdint.h>

struct ctl_connection {
    int fd;
    int daemon; /* pidfd of the process at the other end; -1: it cannot be told */
    char *answer;
    size_t length;
    size_t capacity;
};

/* Connects. Returns 0 or a negative errno. */
int ctl_open(struct ctl_connection *connection, const char *path);
void ctl_close(struct ctl_connection *connection);

/*
 * Sends COMMAND and waits for the whole answer, until DEADLINE (pli_clock_now()). Returns 0 with
 * the answer as a string in connection->answer, its last line being "ok" or "error: ..."; -EPROTO
 * when the daemon hangs up before the last line, -ETIMEDOUT, -ENOMEM or the error of a system call.
 */
int ctl_ask(struct ctl_connection *connection, const char *command, uint64_t deadline);

/* Waits until the daemon's process has ended. Returns 0, -ETIMEDOUT or a negative errno. */
int ctl_wait_end(struct ctl_connection *connection, uint64_t deadline);

#endif
