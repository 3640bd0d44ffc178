/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/connect.h"

#include "tools/bench/fail.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

enum { SOURCES = 16 };

bool target_split(const char *text, char *host, size_t size, const char **port)
{
    bool bracket = *text == '[';
    const char *end = bracket ? strchr(text, ']') : strrchr(text, ':');
    size_t length;

    text += bracket;
    if (!end || end == text || (bracket && end[1] != ':'))
        return false;
    length = (size_t)(end - text);
    *port = end + 1 + bracket;
    if (!bracket && memchr(text, ':', length))
        return false; /* an IPv6 address needs its brackets */
    if (length >= size || (*port)[0] == '\0' ||
        (*port)[strspn(*port, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")])
        return false;
    memcpy(host, text, length);
    host[length] = '\0';
    return true;
}

static bool is_loopback4(const struct target *target)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)&target->address;

    return in->sin_family == AF_INET && ntohl(in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

static void choose_source(int fd, uint64_t index)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    int on = 1;

    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(index % SOURCES));
    if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) != 0 ||
        bind(fd, (const struct sockaddr *)&from, sizeof(from)) != 0)
        bench_die("binding to a source address");
}

/* Lines are to leave at once, and nothing may last for ever. */
static int make_socket(const struct target *target)
{
    const struct timeval patience = {.tv_sec = (time_t)(target->patience / NS_PER_S),
                                     .tv_usec = (suseconds_t)(target->patience % NS_PER_S / 1000)};
    int fd = socket(target->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0)
        bench_die("making a socket");
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
        bench_die("options of a socket");
    return fd;
}

/* Nobody else has this connection, and an interrupted attempt is not repeated: EINTR fails. */
static int try_to_connect(const struct target *target, int fd)
{
    return connect(fd, (const struct sockaddr *)&target->address, target->length) == 0 ? 0 : -errno;
}

int client_connect(const struct target *target, uint64_t index)
{
    int fd = make_socket(target);
    int rc;

    if (is_loopback4(target))
        choose_source(fd, index);
    rc = try_to_connect(target, fd);
    if (rc < 0) {
        errno = rc == -EINPROGRESS ? ETIMEDOUT : -rc;
        bench_die("connection %ju to %s", (uintmax_t)index, target->text);
    }
    return fd;
}

static struct addrinfo *look_up(const char *host, const char *port)
{
    static const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    int rc = getaddrinfo(host, port, &hints, &found);

    if (rc == EAI_SYSTEM)
        bench_die("%s", host);
    if (rc != 0)
        bench_fail("%s port %s: %s", host, port, gai_strerror(rc));
    return found;
}

void target_find(struct target *target, const char *text, unsigned port, uint64_t patience)
{
    char host[256], fallback[32];
    const char *service;
    struct addrinfo *list;
    int rc = -EADDRNOTAVAIL;

    target->patience = patience;
    target->tls = NULL;
    snprintf(fallback, sizeof(fallback), "127.0.0.1:%u", port);
    snprintf(target->text, sizeof(target->text), "%s", text ? text : fallback);
    if (!target_split(target->text, host, sizeof(host), &service))
        bench_usage("HOST:PORT expected, an IPv6 address in brackets; got %s", target->text);
    list = look_up(host, service);
    for (const struct addrinfo *a = list; a && rc < 0; a = a->ai_next) {
        int fd;

        memcpy(&target->address, a->ai_addr, a->ai_addrlen);
        target->length = a->ai_addrlen;
        fd = make_socket(target);
        rc = try_to_connect(target, fd);
        close(fd);
    }
    freeaddrinfo(list);
    if (rc < 0) {
        errno = rc == -EINPROGRESS ? ETIMEDOUT : -rc;
        bench_die("connecting to %s", target->text);
    }
}

uint64_t raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        bench_die("RLIMIT_NOFILE");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        bench_die("RLIMIT_NOFILE");
    return limit.rlim_cur;
}
