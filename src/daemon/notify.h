/* SPDX-License-Identifier: MIT */
/*
 * What the daemon tells the service manager that started it (sd_notify(3)): one datagram to the
 * socket that NOTIFY_SOCKET names, a path or, after an @, an abstract address.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
    int fd; /* -1: nobody wants to know */
    struct sockaddr_un address;
    socklen_t length;
    unsigned watchdog; /* milliseconds between two signs of life; 0: none are wanted */
};

/*
 * Looks into the environment and takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of it.
 * Returns 0, also when nobody wants to know; -EAFNOSUPPORT, -ENAMETOOLONG or the error of socket()
 * when somebody does and cannot be told; -EINVAL for a WATCHDOG_USEC that is no number. After an
 * error it is usable, and silent.
 */
int notify_init(struct notify *notify);
void notify_deinit(struct notify *notify);

/*
 * Sends assignments, one a line, as "READY=1\nSTATUS=...". It may wait for the manager, for at most
 * a second. Returns 0, also when nobody wants to know, or the error of sendmsg(). Any thread.
 */
int notify_send(const struct notify *notify, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
