/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static int parse_number(const char *text, unsigned long long *value)
{
    char *end;

    if (*text < '0' || *text > '9')
        return -EINVAL;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return errno || *end ? -EINVAL : 0;
}

/* Half of what the manager allows, so that one sign of life may be late. */
static int read_watchdog(unsigned *milliseconds)
{
    const char *usec_text = getenv("WATCHDOG_USEC");
    const char *pid_text = getenv("WATCHDOG_PID");
    unsigned long long usec;
    unsigned long long pid;

    *milliseconds = 0;
    if (!usec_text)
        return 0;
    if (pid_text && (parse_number(pid_text, &pid) < 0 || pid != (unsigned long long)getpid()))
        return 0; /* meant for somebody else */
    if (parse_number(usec_text, &usec) < 0 || usec == 0)
        return -EINVAL;
    usec /= 2000;
    *milliseconds = usec == 0 ? 1 : usec > 86400000 ? 86400000 : (unsigned)usec;
    return 0;
}

static int read_address(struct notify *notify, const char *name)
{
    size_t length = strlen(name);

    if (name[0] != '/' && name[0] != '@')
        return -EAFNOSUPPORT;
    if (length >= sizeof(notify->address.sun_path))
        return -ENAMETOOLONG;
    notify->address.sun_family = AF_UNIX;
    memcpy(notify->address.sun_path, name, length + 1);
    notify->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    if (name[0] == '@')
        notify->address.sun_path[0] = '\0';
    else
        notify->length++; /* a path counts its NUL, an abstract address has none */
    return 0;
}

static int open_socket(struct notify *notify)
{
    const struct timeval second = {.tv_sec = 1};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof(second)) < 0) {
        int error = errno;

        close(fd);
        return -error;
    }
    notify->fd = fd;
    return 0;
}

int notify_init(struct notify *notify)
{
    const char *name = getenv("NOTIFY_SOCKET");
    unsigned watchdog = 0;
    int rc = 0;

    *notify = (struct notify){.fd = -1};
    if (name)
        rc = read_address(notify, name);
    if (name && rc == 0)
        rc = read_watchdog(&watchdog);
    if (name && rc == 0)
        rc = open_socket(notify);
    if (rc == 0)
        notify->watchdog = watchdog;
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return rc;
}

void notify_deinit(struct notify *notify)
{
    if (notify->fd >= 0)
        close(notify->fd);
    notify->fd = -1;
}

int notify_send(const struct notify *notify, const char *format, ...)
{
    char text[512];
    va_list arguments;
    ssize_t sent;
    int length;

    if (notify->fd < 0)
        return 0;
    va_start(arguments, format);
    length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof(text))
        return -EMSGSIZE;
    do
        sent = sendto(notify->fd, text, (size_t)length, MSG_NOSIGNAL,
                      (const struct sockaddr *)&notify->address, notify->length);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}
