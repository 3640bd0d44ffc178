/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "bench/common.h"

#include <err.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

uint64_t now_ns(void)
{
    struct timespec ts;

    if (clock_gettime(CLOCK_MONOTONIC, &ts) != 0)
        err(1, "clock_gettime");
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t parse_number(const char *option, const char *text, uint64_t min, uint64_t max)
{
    char *end;
    unsigned long long value;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < min || value > max)
        errx(2, "%s: %ju..%ju expected, got %s", option, (uintmax_t)min, (uintmax_t)max, text);
    return value;
}

uint64_t parse_seconds(const char *option, const char *text)
{
    char *end;
    double value = strtod(text, &end);

    if (end == text || *end != '\0' || !(value >= 0 && value <= 3600))
        errx(2, "%s: 0..3600 seconds expected, got %s", option, text);
    return (uint64_t)llround(value * (double)NS_PER_S);
}

void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        err(1, "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        err(1, "setrlimit");
}

static sigset_t stop_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

void block_stop_signals(void)
{
    sigset_t set = stop_signals();

    errno = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (errno != 0)
        err(1, "pthread_sigmask");
}

void await_stop_signal(void)
{
    sigset_t set = stop_signals();
    int number;

    errno = sigwait(&set, &number);
    if (errno != 0)
        err(1, "sigwait");
}

int listen_on_loopback(uint16_t port, int reuse)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0)
        err(1, "socket");
    if (setsockopt(fd, SOL_SOCKET, reuse ? SO_REUSEPORT : SO_REUSEADDR, &on, sizeof on) != 0)
        err(1, "setsockopt");
    if (bind(fd, (const struct sockaddr *)&at, sizeof at) != 0)
        err(1, "bind to port %u", port);
    if (listen(fd, SOMAXCONN) != 0)
        err(1, "listen");
    return fd;
}

uint16_t bound_port(int fd)
{
    struct sockaddr_in at;
    socklen_t length = sizeof at;

    if (getsockname(fd, (struct sockaddr *)&at, &length) != 0)
        err(1, "getsockname");
    return ntohs(at.sin_port);
}

void announce_port(uint16_t port)
{
    if (printf("port %u\n", port) < 0 || fflush(stdout) != 0)
        err(1, "standard output");
}

void set_nodelay(int fd)
{
    int on = 1;

    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        err(1, "TCP_NODELAY");
}
