/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/ctl_connection.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

int ctl_open(struct ctl_connection *connection, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct ucred peer;
    socklen_t size = sizeof(peer);

    *connection = (struct ctl_connection){.fd = -1, .daemon = -1};
    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path) + 1);
    connection->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0)
        return -errno;
    if (connect(connection->fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        int error = errno;

        ctl_close(connection);
        return -error;
    }
    /* Who listens there, taken before anything is asked, so that its number is not another's. */
    if (getsockopt(connection->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0)
        connection->daemon = (int)syscall(SYS_pidfd_open, peer.pid, 0);
    return 0;
}

void ctl_close(struct ctl_connection *connection)
{
    if (connection->fd >= 0)
        close(connection->fd);
    if (connection->daemon >= 0)
        close(connection->daemon);
    free(connection->answer);
    *connection = (struct ctl_connection){.fd = -1, .daemon = -1};
}

/* Waits until FD can be read. Returns 0, -ETIMEDOUT or a negative errno. */
static int wait_readable(int fd, uint64_t deadline)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    uint64_t now;
    int count;

    do {
        now = pli_clock_now();
        if (now >= deadline)
            return -ETIMEDOUT;
        count = poll(&poller, 1, (int)((deadline - now) / 1000000 + 1));
    } while (count == 0 || (count < 0 && errno == EINTR));
    return count < 0 ? -errno : 0;
}

static int make_room(struct ctl_connection *connection)
{
    size_t capacity = connection->capacity ? 2 * connection->capacity : 4096;
    char *answer;

    if (connection->length + 1 < connection->capacity)
        return 0;
    answer = realloc(connection->answer, capacity);
    if (!answer)
        return -ENOMEM;
    connection->answer = answer;
    connection->capacity = capacity;
    return 0;
}

/* Whether the last line is there, and is one that ends an answer. */
static bool is_complete(const struct ctl_connection *connection)
{
    const char *text = connection->answer;
    size_t at = connection->length;

    if (at == 0 || text[at - 1] != '\n')
        return false;
    for (at--; at > 0 && text[at - 1] != '\n';)
        at--;
    return strcmp(text + at, "ok\n") == 0 || strncmp(text + at, "error: ", 7) == 0;
}

static int receive(struct ctl_connection *connection, uint64_t deadline)
{
    ssize_t got;
    int rc = make_room(connection);

    if (rc == 0)
        rc = wait_readable(connection->fd, deadline);
    if (rc < 0)
        return rc;
    got = recv(connection->fd, connection->answer + connection->length,
               connection->capacity - connection->length - 1, 0);
    if (got < 0)
        return errno == EINTR ? 0 : -errno;
    if (got == 0)
        return -EPROTO;
    connection->length += (size_t)got;
    connection->answer[connection->length] = '\0';
    return 0;
}

int ctl_ask(struct ctl_connection *connection, const char *command, uint64_t deadline)
{
    char end[] = "\n";
    struct iovec parts[] = {{(void *)(uintptr_t)command, strlen(command)}, {end, 1}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    int rc = 0;

    connection->length = 0;
    /* Whom the daemon turns away finds a closed door, and the reason waiting. */
    if (sendmsg(connection->fd, &message, MSG_NOSIGNAL) < 0 && errno != EPIPE)
        return -errno;
    do
        rc = receive(connection, deadline);
    while (rc == 0 && !is_complete(connection));
    return rc;
}

int ctl_wait_end(struct ctl_connection *connection, uint64_t deadline)
{
    int rc;

    if (connection->daemon >= 0) {
        /* It waits for its clients to hang up, so this one does. */
        close(connection->fd);
        connection->fd = -1;
        return wait_readable(connection->daemon, deadline);
    }
    /* A process that cannot be seen from here: the end of the connection is what is left. */
    do {
        connection->length = 0;
        rc = receive(connection, deadline);
    } while (rc == 0);
    return rc == -EPROTO || rc == -ECONNRESET ? 0 : rc;
}
