/* SPDX-License-Identifier: MIT */
/* One connection that blocks: how every connection begins, and all that idle and churn need. */
#include "config.h"

#include "bench/common.h"
#include "bench/load.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { SOURCES = 16 };

static void choose_source(int fd, uint64_t index)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    int on = 1;

    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(index % SOURCES));
    if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) != 0 ||
        bind(fd, (const struct sockaddr *)&from, sizeof from) != 0)
        err(1, "binding to a source address");
}

int client_connect(const struct load_options *options, uint64_t index)
{
    const struct timeval patience = {.tv_sec = PATIENCE / NS_PER_S};
    bool loopback = ntohl(options->server.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        err(1, "socket");
    if (loopback)
        choose_source(fd, index);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0)
        err(1, "setsockopt");
    set_nodelay(fd);
    if (connect(fd, (const struct sockaddr *)&options->server, sizeof options->server) != 0)
        err(1, "connecting");
    return fd;
}

void client_send(const struct load_options *options, int fd, uint32_t conn, uint64_t number)
{
    char line[LINE_MAX];
    size_t done = 0;

    line_build(&options->shape, conn, number, line);
    while (done < options->shape.size) {
        ssize_t sent = send(fd, line + done, options->shape.size - done, MSG_NOSIGNAL);

        if (sent < 0 && errno != EINTR)
            err(1, "sending on connection %u", conn);
        if (sent > 0)
            done += (size_t)sent;
    }
}

void client_receive(const struct load_options *options, int fd, uint32_t conn, uint64_t number)
{
    char line[LINE_MAX], answer[LINE_MAX];
    size_t done = 0;

    while (done < options->shape.size) {
        ssize_t got = recv(fd, answer + done, options->shape.size - done, 0);

        if (got < 0 && errno != EINTR)
            err(1, "receiving on connection %u", conn);
        if (got == 0)
            errx(1, "connection %u was closed instead of an answer", conn);
        if (got > 0)
            done += (size_t)got;
    }
    line_build(&options->shape, conn, number, line);
    /* cppcheck-suppress uninitvar ; all of it has been received */
    if (memcmp(line, answer, done) != 0)
        errx(1, "connection %u, line %ju: the answer is not what was sent", conn,
             (uintmax_t)number);
}
