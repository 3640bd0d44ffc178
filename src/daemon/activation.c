/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/activation.h"

#include "config/snapshot.h"
#include "daemon/address.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_FD 3
#define FDS_MAX  1024

static const struct config_place environment = {.file = "environment"};

static int parse_number(const char *text, long most, long *value)
{
    char *end;

    if (*text < '0' || *text > '9')
        return -EINVAL;
    errno = 0;
    *value = strtol(text, &end, 10);
    return errno || *end || *value > most ? -EINVAL : 0;
}

/* How many descriptors there are for this process, or a negative number after an error. */
static long count_sockets(struct config_errors *errors)
{
    const char *pid_text = getenv("LISTEN_PID");
    const char *fds_text = getenv("LISTEN_FDS");
    long pid;
    long fds;

    if (!pid_text || !fds_text)
        return 0;
    if (parse_number(pid_text, INT32_MAX, &pid) < 0) {
        config_errors_add(errors, environment, "LISTEN_PID", "a process id expected");
        return -1;
    }
    if (pid != (long)getpid())
        return 0; /* meant for somebody else */
    if (parse_number(fds_text, FDS_MAX, &fds) < 0) {
        config_errors_add(errors, environment, "LISTEN_FDS", "a number up to %d expected", FDS_MAX);
        return -1;
    }
    return fds;
}

/* What is wrong with a descriptor as a listening stream socket; NULL: nothing. */
static const char *inspect(struct activation_socket *passed)
{
    socklen_t length = sizeof(passed->address);
    socklen_t size = sizeof(int);
    int type;
    int listening;

    if (fcntl(passed->fd, F_SETFD, FD_CLOEXEC) < 0)
        return strerror(errno);
    if (getsockopt(passed->fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
        return strerror(errno);
    size = sizeof(int);
    if (getsockopt(passed->fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) < 0)
        return strerror(errno);
    if (type != SOCK_STREAM || !listening)
        return "it is not a stream socket that listens (ListenStream=, Accept=no)";
    memset(&passed->address, 0, sizeof(passed->address));
    if (getsockname(passed->fd, (struct sockaddr *)&passed->address, &length) < 0)
        return strerror(errno);
    return NULL;
}

/* Takes the next name, up to a colon, out of *NAMES, which may be NULL. */
static char *next_name(const char **names)
{
    const char *begin = *names;
    size_t length;

    if (!begin)
        return strdup("");
    length = strcspn(begin, ":");
    *names = begin[length] ? begin + length + 1 : NULL;
    return strndup(begin, length);
}

static int take_over(struct activation *activation, size_t count, struct config_errors *errors)
{
    const char *names = getenv("LISTEN_FDNAMES");
    int rc = 0;

    activation->sockets = calloc(count, sizeof(*activation->sockets));
    if (!activation->sockets)
        return -ENOMEM;
    for (; activation->count < count; activation->count++) {
        struct activation_socket *passed = &activation->sockets[activation->count];
        const char *wrong;

        passed->fd = FIRST_FD + (int)activation->count;
        passed->name = next_name(&names);
        if (!passed->name)
            return -ENOMEM;
        wrong = inspect(passed);
        if (!wrong)
            continue;
        config_errors_add(errors, environment, "LISTEN_FDS", "descriptor %d (\"%s\"): %s",
                          passed->fd, passed->name, wrong);
        rc = CONFIG_INVALID;
    }
    return rc;
}

int activation_init(struct activation *activation, struct config_errors *errors)
{
    long count = count_sockets(errors);
    int rc = count < 0 ? CONFIG_INVALID : 0;

    *activation = (struct activation){0};
    if (count > 0)
        rc = take_over(activation, (size_t)count, errors);
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return rc;
}

void activation_deinit(struct activation *activation)
{
    size_t i;

    for (i = 0; i < activation->count; i++) {
        if (activation->sockets[i].fd >= 0)
            close(activation->sockets[i].fd);
        free(activation->sockets[i].name);
    }
    free(activation->sockets);
    *activation = (struct activation){0};
}

static int take(struct activation_socket *passed)
{
    int fd = passed->fd;

    passed->fd = -1;
    return fd;
}

int activation_take_address(struct activation *activation, const char *address, unsigned port)
{
    size_t i;

    for (i = 0; i < activation->count; i++) {
        struct activation_socket *passed = &activation->sockets[i];

        if (passed->fd >= 0 && address_is(&passed->address, address, port))
            return take(passed);
    }
    return -1;
}

int activation_take_path(struct activation *activation, const char *path)
{
    size_t i;

    for (i = 0; i < activation->count; i++) {
        struct activation_socket *passed = &activation->sockets[i];
        const struct sockaddr_un *unix_address = (const struct sockaddr_un *)&passed->address;

        if (passed->fd >= 0 && unix_address->sun_family == AF_UNIX &&
            strncmp(unix_address->sun_path, path, sizeof(unix_address->sun_path)) == 0)
            return take(passed);
    }
    return -1;
}

int activation_take_name(struct activation *activation, const char *name)
{
    size_t i;

    for (i = 0; i < activation->count; i++) {
        struct activation_socket *passed = &activation->sockets[i];

        if (passed->fd >= 0 && strcmp(passed->name, name) == 0)
            return take(passed);
    }
    return -1;
}

int activation_check_taken(const struct activation *activation, struct config_errors *errors)
{
    char text[ADDRESS_TEXT];
    int rc = 0;
    size_t i;

    for (i = 0; i < activation->count; i++) {
        const struct activation_socket *passed = &activation->sockets[i];

        if (passed->fd < 0)
            continue;
        config_errors_add(errors, environment, "LISTEN_FDS",
                          "descriptor %d (\"%s\", %s) is no listener's of the configuration",
                          passed->fd, passed->name, address_text(&passed->address, text));
        rc = CONFIG_INVALID;
    }
    return rc;
}
