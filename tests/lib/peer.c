/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct peer {
    int fd;
    struct peer_layer *layer; /* or NULL */
    bool mute;
    bool broken; /* sending has found the connection reset */
    int ended;   /* 0, or why nothing more comes: -ENODATA or -ECONNRESET */
    char *data;
    size_t begin; /* of what is kept */
    size_t end;
    size_t capacity;
};

static int (*opened)(struct peer *peer);

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
};

/* -- Connecting ---------------------------------------------------------------- */

static int parse_ip(const char *text, unsigned port, union address *address, socklen_t *size)
{
    memset(address, 0, sizeof(*address));
    if (inet_pton(AF_INET, text, &address->in.sin_addr) == 1) {
        address->in.sin_family = AF_INET;
        address->in.sin_port = htons((uint16_t)port);
        *size = sizeof(address->in);
        return 0;
    }
    if (inet_pton(AF_INET6, text, &address->in6.sin6_addr) == 1) {
        address->in6.sin6_family = AF_INET6;
        address->in6.sin6_port = htons((uint16_t)port);
        *size = sizeof(address->in6);
        return 0;
    }
    return -EINVAL;
}

static int find_address(const struct peer_target *target, union address *address, socklen_t *size)
{
    if (!target->path)
        return parse_ip(target->address ? target->address : "127.0.0.1", target->port, address,
                        size);
    memset(address, 0, sizeof(*address));
    if (strlen(target->path) >= sizeof(address->un.sun_path))
        return -ENAMETOOLONG;
    address->un.sun_family = AF_UNIX;
    strcpy(address->un.sun_path, target->path);
    *size = sizeof(address->un);
    return 0;
}

static int prepare_socket(int fd, const struct peer_target *target)
{
    union address from;
    socklen_t size;
    int one = 1;
    int result;

    if (target->receive_buffer > 0 &&
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &target->receive_buffer, sizeof(int)) < 0)
        return -errno;
    if (!target->path && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0)
        return -errno;
    if (!target->from)
        return 0;
    result = parse_ip(target->from, 0, &from, &size);
    if (result)
        return result;
    return bind(fd, &from.any, size) < 0 ? -errno : 0;
}

static int wait_for(int fd, short events, uint64_t deadline)
{
    struct pollfd poller = {.fd = fd, .events = events};
    int count;

    do
        count = poll(&poller, 1, expect_remaining(deadline));
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return -errno;
    return count == 0 ? -ETIMEDOUT : poller.revents;
}

/* A blocking connect would wait for ever where a Unix socket's backlog is full: it is retried. */
static int connect_within(int fd, const union address *address, socklen_t size)
{
    uint64_t deadline = expect_deadline();
    int error;
    socklen_t length = sizeof(error);
    int result;

    while (connect(fd, &address->any, size) < 0) {
        if (errno == EAGAIN && expect_remaining(deadline) > 0) {
            poll(NULL, 0, 1);
            continue;
        }
        if (errno != EINPROGRESS)
            return -errno;
        result = wait_for(fd, POLLOUT, deadline);
        if (result < 0)
            return result;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
            return -errno;
        return -error;
    }
    return 0;
}

int peer_open(const struct peer_target *target, struct peer **peer)
{
    union address address;
    socklen_t size;
    struct peer *new;
    int result = find_address(target, &address, &size);
    int fd;

    if (result)
        return result;
    fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    result = prepare_socket(fd, target);
    if (result == 0)
        result = connect_within(fd, &address, size);
    new = result == 0 ? calloc(1, sizeof(*new)) : NULL;
    if (!new) {
        close(fd);
        return result ? result : -ENOMEM;
    }
    new->fd = fd;
    new->mute = target->mute;
    result = opened ? opened(new) : 0;
    if (result) {
        peer_close(new);
        return result;
    }
    *peer = new;
    return 0;
}

void peer_set_opened(int (*call)(struct peer *peer))
{
    opened = call;
}

void peer_close(struct peer *peer)
{
    if (!peer)
        return;
    if (peer->layer)
        peer->layer->free(peer->layer);
    close(peer->fd);
    free(peer->data);
    free(peer);
}

void peer_reset(struct peer *peer)
{
    struct linger hard = {.l_onoff = 1};

    if (setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)) < 0)
        abort();
    peer_close(peer);
}

int peer_half_close(struct peer *peer)
{
    if (peer->layer)
        return peer->layer->half_close(peer->layer);
    return shutdown(peer->fd, SHUT_WR) < 0 ? -errno : 0;
}

void peer_set_layer(struct peer *peer, struct peer_layer *layer)
{
    peer->layer = layer;
}

struct peer_layer *peer_layer(const struct peer *peer)
{
    return peer->layer;
}

int peer_descriptor(const struct peer *peer)
{
    return peer->fd;
}

unsigned peer_local_port(const struct peer *peer)
{
    union address address;
    socklen_t size = sizeof(address);

    if (getsockname(peer->fd, &address.any, &size) < 0)
        return 0;
    if (address.any.sa_family == AF_INET)
        return ntohs(address.in.sin_port);
    return address.any.sa_family == AF_INET6 ? ntohs(address.in6.sin6_port) : 0;
}

/* -- Receiving ----------------------------------------------------------------- */

static int make_room(struct peer *peer)
{
    size_t kept = peer->end - peer->begin;
    char *data;

    if (peer->begin > 0) {
        memmove(peer->data, peer->data + peer->begin, kept);
        peer->begin = 0;
        peer->end = kept;
    }
    if (peer->capacity - peer->end >= 65536)
        return 0;
    data = realloc(peer->data, peer->capacity + kept + 65536);
    if (!data)
        return -ENOMEM;
    peer->data = data;
    peer->capacity += kept + 65536;
    return 0;
}

static ssize_t receive_some(struct peer *peer, void *data, size_t size)
{
    return peer->layer ? peer->layer->receive(peer->layer, data, size)
                       : recv(peer->fd, data, size, 0);
}

static ssize_t send_some(struct peer *peer, const void *data, size_t size)
{
    return peer->layer ? peer->layer->send(peer->layer, data, size)
                       : send(peer->fd, data, size, MSG_NOSIGNAL);
}

int peer_receive_now(struct peer *peer)
{
    ssize_t got;

    if (peer->ended)
        return peer->ended;
    if (make_room(peer) < 0)
        return -ENOMEM;
    do
        got = receive_some(peer, peer->data + peer->end, peer->capacity - peer->end - 1);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        peer->end += (size_t)got;
        return 0;
    }
    if (got < 0 && errno == EAGAIN)
        return -EAGAIN;
    if (got == 0)
        peer->ended = peer->broken ? -ECONNRESET : -ENODATA;
    else
        peer->ended = -errno;
    return peer->ended;
}

static int receive_until(struct peer *peer, uint64_t deadline)
{
    int result;

    while ((result = peer_receive_now(peer)) == -EAGAIN) {
        result = wait_for(peer->fd, POLLIN, deadline);
        if (result < 0)
            return result;
    }
    return result;
}

int peer_receive(struct peer *peer, size_t size)
{
    uint64_t deadline = expect_deadline();
    int result = 0;

    while (result == 0 && peer->end - peer->begin < size)
        result = receive_until(peer, deadline);
    return result;
}

int peer_receive_end(struct peer *peer)
{
    uint64_t deadline = expect_deadline();
    int result;

    do
        result = receive_until(peer, deadline);
    while (result == 0);
    return result == -ENODATA ? 0 : result;
}

size_t peer_kept(const struct peer *peer, const char **data)
{
    *data = peer->data ? peer->data + peer->begin : "";
    return peer->end - peer->begin;
}

void peer_drop(struct peer *peer, size_t size)
{
    peer->begin += size;
}

int peer_next_line(struct peer *peer, char **line)
{
    uint64_t deadline = expect_deadline();
    size_t seen = 0;
    char *start, *end;
    int result;

    for (;;) {
        if (peer->end - peer->begin > seen) { /* or else there may be no data at all yet */
            start = peer->data + peer->begin;
            end = memchr(start + seen, '\n', peer->end - peer->begin - seen);
            if (end)
                break;
        }
        seen = peer->end - peer->begin;
        result = receive_until(peer, deadline);
        if (result < 0)
            return result;
    }
    peer->begin += (size_t)(end - start) + 1;
    *end = '\0';
    if (end > start && end[-1] == '\r')
        end[-1] = '\0';
    *line = start;
    return 0;
}

/* -- Sending ------------------------------------------------------------------- */

int peer_send(struct peer *peer, const void *data, size_t size)
{
    uint64_t deadline = expect_deadline();
    const char *next = data;
    ssize_t sent;
    int events;

    while (size > 0) {
        sent = send_some(peer, next, size);
        if (sent >= 0) {
            next += sent;
            size -= (size_t)sent;
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN) {
            peer->broken = errno == ECONNRESET || errno == EPIPE;
            return -errno;
        }
        events = wait_for(peer->fd, (short)(POLLOUT | (peer->mute || peer->ended ? 0 : POLLIN)),
                          deadline);
        if (events < 0)
            return events;
        if ((events & POLLIN) && peer_receive_now(peer) == -ENOMEM)
            return -ENOMEM;
    }
    return 0;
}
