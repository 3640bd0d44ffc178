/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "bench/connect.h"

#include <err.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/time.h>

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

int client_connect(const struct sockaddr_in *server, uint64_t index)
{
    const struct timeval patience = {.tv_sec = PATIENCE / NS_PER_S};
    bool loopback = ntohl(server->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        err(1, "socket");
    if (loopback)
        choose_source(fd, index);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0)
        err(1, "setsockopt");
    set_nodelay(fd);
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        err(1, "connecting");
    return fd;
}
