/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "transport/address.h"

#define IN_USE_NS 200000000u /* how long a port or path that is in use is tried again */
#define AGAIN_MS  5

static int fail(int fd)
{
    int error = -errno;

    close(fd);
    return error;
}

static int enable(int fd, int level, int option)
{
    int on = 1;

    return setsockopt(fd, level, option, &on, sizeof(on));
}

/* The port a socket is bound to; 0 for a Unix socket. */
static int bound_port(int fd, unsigned *port)
{
    struct sockaddr_storage name;
    socklen_t length = sizeof(name);
    struct pli_address address;

    if (getsockname(fd, (struct sockaddr *)&name, &length) < 0)
        return -errno;
    pli_address_set(&address, &name, length);
    *port = address.port;
    return 0;
}

/* Accepted sockets inherit TCP_NODELAY: lines go out when they are written. */
static int listen_tcp(const struct sockaddr_storage *address, socklen_t length, bool dual,
                      unsigned backlog)
{
    int only6 = !dual;
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    if (enable(fd, SOL_SOCKET, SO_REUSEADDR) < 0 || enable(fd, IPPROTO_TCP, TCP_NODELAY) < 0)
        return fail(fd);
    if (address->ss_family == AF_INET6 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only6, sizeof(only6)) < 0)
        return fail(fd);
    if (bind(fd, (const struct sockaddr *)address, length) < 0 || listen(fd, (int)backlog) < 0)
        return fail(fd);
    return fd;
}

static int listen_inet(const struct pl_listener_options *options)
{
    struct sockaddr_storage address;
    socklen_t length;
    bool dual;
    int rc = pli_address_parse(options->address ? options->address : "127.0.0.1", options->port,
                               &address, &length, &dual);

    if (rc < 0)
        return rc;
    rc = listen_tcp(&address, length, dual, options->backlog);
    if (!dual || rc != -EAFNOSUPPORT)
        return rc;
    /* A machine without IPv6: every address is every IPv4 address. */
    rc = pli_address_parse("0.0.0.0", options->port, &address, &length, &dual);
    return rc < 0 ? rc : listen_tcp(&address, length, false, options->backlog);
}

/* Removes the socket that a server which is gone has left. Returns 0 if the path is free now. */
static int remove_stale(const struct sockaddr_un *address)
{
    struct stat status;
    int fd;
    int rc;

    if (lstat(address->sun_path, &status) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(status.st_mode))
        return -EEXIST;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    rc = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? errno : 0;
    close(fd);
    if (rc != ECONNREFUSED)
        return -EADDRINUSE; /* somebody answers, or might */
    return unlink(address->sun_path) < 0 ? -errno : 0;
}

static int listen_unix(const struct pl_listener_options *options)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int rc;
    int fd;

    if (!*options->path)
        return -EINVAL; /* bind would take it for a name without a file (unix(7), abstract) */
    if (strlen(options->path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    strcpy(address.sun_path, options->path);
    rc = remove_stale(&address);
    if (rc < 0)
        return rc;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return fail(fd);
    if ((options->path_mode && chmod(options->path, options->path_mode) < 0) ||
        listen(fd, (int)options->backlog) < 0) {
        rc = fail(fd);
        unlink(options->path);
        return rc;
    }
    return fd;
}

/* A socket that somebody else has bound: it listens, and from now on does not block. */
static int take_over(int fd)
{
    int listening = 0;
    socklen_t length = sizeof(listening);
    int flags;

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) < 0)
        return -errno;
    if (!listening)
        return -EINVAL;
    flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -errno;
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    enable(fd, IPPROTO_TCP, TCP_NODELAY); /* fails on a Unix socket, which has no need of it */
    return fd;
}

/*
 * The kernel closes the sockets of a process that was killed a few milliseconds after its end if
 * io_uring still had to do with them: who follows it waits for that.
 */
static int listen_in_turn(const struct pl_listener_options *options)
{
    uint64_t until = pli_clock_now() + IN_USE_NS;
    int fd;

    do {
        fd = options->path ? listen_unix(options) : listen_inet(options);
    } while (fd == -EADDRINUSE && pli_clock_now() < until && poll(NULL, 0, AGAIN_MS) == 0);
    return fd;
}

int pli_socket_listen(const struct pl_listener_options *options, unsigned *port)
{
    bool taken = options->fd >= 0;
    int fd = taken ? take_over(options->fd) : listen_in_turn(options);
    int rc;

    if (fd < 0)
        return fd;
    rc = bound_port(fd, port);
    if (rc < 0 && !taken)
        close(fd);
    return rc < 0 ? rc : fd;
}
