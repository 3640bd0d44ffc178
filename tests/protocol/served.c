/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/protocol/served.h"

#include <netinet/in.h>
#include <paceline.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *model;

int served_main(int argc, char **argv, const char *name, const struct unit_test *tests)
{
    const char *const *models = pl_models();
    char title[100];
    int status = 0;

    if (argc == 2 && strcmp(argv[1], "-l") == 0)
        return unit_main(argc, argv, name, tests);
    for (; *models; models++) {
        model = *models;
        snprintf(title, sizeof(title), "%s [%s]", name, model);
        status |= unit_main(argc, argv, title, tests);
    }
    return status;
}

struct daemon *served_start(struct place place, const char *rest, unsigned count)
{
    char configuration[4096];
    int length = snprintf(configuration, sizeof(configuration),
                          DAEMON_SERVER "pool: { model = \"%s\"; threads = 2; };\n%s", model, rest);

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
