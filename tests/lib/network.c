/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int bring_up(int fd)
{
    struct ifreq request = {.ifr_name = "lo"};

    if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
        return -errno;
    request.ifr_flags |= IFF_UP;
    return ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

static int add_address(int fd, const char *alias, const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct ifreq request = {.ifr_flags = 0};

    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", alias);
    if (inet_pton(AF_INET, text, &address.sin_addr) != 1)
        return -EINVAL;
    memcpy(&request.ifr_addr, &address, sizeof(address));
    return ioctl(fd, SIOCSIFADDR, &request) < 0 ? -errno : 0;
}

int network_add_ipv6(const char *text)
{
    /* struct in6_ifreq of <linux/ipv6.h>, which does not go together with <netinet/in.h> */
    struct {
        struct in6_addr address;
        uint32_t length;
        int interface;
    } request = {.length = 128, .interface = (int)if_nametoindex("lo")};
    int result = 0;
    int fd;

    if (inet_pton(AF_INET6, text, &request.address) != 1)
        return -EINVAL;
    fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (ioctl(fd, SIOCSIFADDR, &request) < 0)
        result = -errno;
    close(fd);
    return result;
}

int network_enter(void)
{
    int result, fd;

    if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        return -errno;
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    result = bring_up(fd);
    if (result == 0)
        result = add_address(fd, "lo:1", NETWORK_ADDRESS);
    if (result == 0)
        result = add_address(fd, "lo:2", NETWORK_OTHER_ADDRESS);
    close(fd);
    return result;
}
