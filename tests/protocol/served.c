/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/protocol/served.h"

#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct daemon *served_start(struct place place, const char *rest, unsigned count)
{
    char configuration[4096];
    int length = snprintf(configuration, sizeof(configuration),
                          DAEMON_SERVER "pool: { threads = 2; };\n%s", rest);

    if (length < 0 || (size_t)length >= sizeof(configuration))
        expect_fail(place, "the configuration is too long");
    return daemon_start(place, configuration, count);
}

void served_ping(struct place place, struct peer *peer)
{
    peer_must_send_text(place, peer, "ping\n");
    peer_must_receive_text(place, peer, "ping\n");
}

bool served_ipv6(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool there = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

    if (fd >= 0)
        close(fd);
    if (!there)
        fputs("(no IPv6 here) ", stderr);
    return there;
}
