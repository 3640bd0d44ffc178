/* SPDX-License-Identifier: MIT */
/*
 * Does an echo server behave where a load generator does not look?
 *
 *     probe --port P [--connections 500]
 *
 * One connection sends 20 MB, reads only when it has to, and ends its side (shutdown): it must get
 * all of it, then the end. One sends as much and reads nothing, as long as the server takes any of
 * it; meanwhile another is answered; then it reads, and all must come back. Many are open at once,
 * each is answered, twice, in another order. Many are reset with answers under way, and the server
 * goes on.
 *
 * Says what it is about to do, a line each. Exits 0 when all is as it should be; with a message and 1
 * when not, or not within a minute.
 */
#include "config.h"

#include "bench/common.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    LINE = 64,
    CHUNK = 65536,
    SIP = 512,
    FLOOD = 20 * 1000 * 1000,
    RESETS = 100,
    STUCK_MS = 500, /* a server that takes nothing for so long waits for its peer to read */
    ALL_SECONDS = 60
};

static void give_up(int number)
{
    static const char message[] = "probe: it does not come to an end\n";

    (void)number;
    if (write(STDERR_FILENO, message, sizeof message - 1) < 0)
        _exit(3);
    _exit(1);
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        err(1, "socket");
    if (connect(fd, (const struct sockaddr *)&at, sizeof at) != 0)
        err(1, "connect");
    set_nodelay(fd);
    return fd;
}

/* What stands at an offset of any stream; no two places near each other look alike. */
static char byte_at(size_t offset)
{
    return (char)(offset ^ offset >> 8 ^ offset >> 16);
}

static void fill(char *bytes, size_t length, size_t offset)
{
    for (size_t i = 0; i < length; i++)
        bytes[i] = byte_at(offset + i);
}

struct stream {
    int fd;
    size_t total, sent, got;
    size_t sip; /* how much it receives at once; 0: CHUNK */
};

/* Send as much as the socket takes; false: nothing. */
static bool send_some(struct stream *stream)
{
    char bytes[CHUNK];
    size_t length = stream->total - stream->sent;
    ssize_t sent;

    if (length > sizeof bytes)
        length = sizeof bytes;
    fill(bytes, length, stream->sent);
    sent = send(stream->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EAGAIN)
        return false;
    if (sent < 0)
        err(1, "sending at offset %zu", stream->sent);
    stream->sent += (size_t)sent;
    return true;
}

static void receive_some(struct stream *stream)
{
    char bytes[CHUNK];
    ssize_t got =
        recv(stream->fd, bytes, stream->sip > 0 ? stream->sip : sizeof bytes, MSG_DONTWAIT);

    if (got < 0 && errno == EAGAIN)
        return;
    if (got < 0)
        err(1, "receiving at offset %zu", stream->got);
    if (got == 0)
        errx(1, "the end came after %zu of %zu bytes", stream->got, stream->total);
    for (ssize_t i = 0; i < got; i++) {
        if (bytes[i] != byte_at(stream->got++))
            errx(1, "a wrong byte at offset %zu", stream->got - 1);
    }
    if (stream->got > stream->sent)
        errx(1, "more came back than was sent");
}

/* Wait for an event; false when none has come in that time, -1: for ever. */
static bool wait_for(int fd, short events, int ms)
{
    struct pollfd polled = {.fd = fd, .events = events};
    int n;

    do {
        n = poll(&polled, 1, ms);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        err(1, "poll");
    return n > 0;
}

static void exchange(struct stream *stream)
{
    while (stream->got < stream->total) {
        bool more = stream->sent < stream->total;

        wait_for(stream->fd, more ? POLLIN | POLLOUT : POLLIN, -1);
        if (more)
            send_some(stream);
        receive_some(stream);
    }
}

static void expect_end(int fd)
{
    char byte;
    ssize_t got = recv(fd, &byte, 1, 0);

    if (got < 0)
        err(1, "waiting for the end");
    if (got > 0)
        errx(1, "more came back than was sent");
}

static void say_line(int fd)
{
    struct stream line = {.fd = fd, .total = LINE};

    exchange(&line);
}

static void check_one_line(uint16_t port)
{
    int fd = connect_to(port);

    say_line(fd);
    close(fd);
}

static void check_peer_that_does_not_read(uint16_t port)
{
    struct stream flood = {.fd = connect_to(port), .total = FLOOD};

    while (flood.sent < flood.total && wait_for(flood.fd, POLLOUT, STUCK_MS))
        send_some(&flood);
    if (flood.sent == flood.total)
        warnx("note: the server has taken all that was not read, %d bytes", FLOOD);
    check_one_line(port);
    exchange(&flood);
    close(flood.fd);
}

/* It reads only when it can send no more, and slowly, so that its end comes while the server holds
 * what it has not written yet. */
static void check_half_close(uint16_t port, size_t total)
{
    struct stream stream = {.fd = connect_to(port), .total = total};

    while (stream.sent < stream.total) {
        if (send_some(&stream))
            continue;
        wait_for(stream.fd, POLLIN | POLLOUT, -1);
        receive_some(&stream);
    }
    if (shutdown(stream.fd, SHUT_WR) != 0)
        err(1, "shutdown");
    stream.sip = SIP;
    exchange(&stream);
    expect_end(stream.fd);
    close(stream.fd);
}

static void check_many(uint16_t port, unsigned connections)
{
    int *fds = calloc(connections, sizeof *fds);

    if (fds == NULL)
        err(1, "calloc");
    for (unsigned i = 0; i < connections; i++)
        fds[i] = connect_to(port);
    for (unsigned i = connections; i-- > 0;)
        say_line(fds[i]);
    for (unsigned i = 0; i < connections; i++)
        say_line(fds[i]);
    for (unsigned i = 0; i < connections; i++)
        close(fds[i]);
    free(fds);
}

/* With a linger time of zero a close sends a reset, and drops what is under way. */
static void check_resets(uint16_t port)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    for (unsigned i = 0; i < RESETS; i++) {
        struct stream stream = {.fd = connect_to(port), .total = FLOOD};
        unsigned chunks = i % 2 == 0 ? 1 : 100;

        while (chunks-- > 0 && send_some(&stream))
            continue;
        if (i % 4 < 2)
            wait_for(stream.fd, POLLIN, -1);
        if (setsockopt(stream.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) != 0)
            err(1, "SO_LINGER");
        close(stream.fd);
    }
    check_one_line(port);
}

static void step(const char *what)
{
    if (puts(what) < 0 || fflush(stdout) != 0)
        err(1, "standard output");
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'}, {"connections", required_argument, NULL, 'c'}, {0}};
    static const char usage[] = "usage: probe --port P [--connections N]";
    unsigned connections = 500;
    uint16_t port = 0;
    int c;

    while ((c = getopt_long(argc, argv, "p:c:", options, NULL)) != -1) {
        if (c == 'p')
            port = (uint16_t)parse_number("--port", optarg, 1, 65535);
        else if (c == 'c')
            connections = (unsigned)parse_number("--connections", optarg, 1, 100000);
        else
            errx(2, usage);
    }
    if (port == 0)
        errx(2, usage);
    raise_descriptor_limit();
    signal(SIGALRM, give_up);
    alarm(ALL_SECONDS);
    step("one line");
    check_one_line(port);
    step("half-close");
    check_half_close(port, LINE);
    check_half_close(port, FLOOD);
    step("a peer that does not read");
    check_peer_that_does_not_read(port);
    step("many connections");
    check_many(port, connections);
    step("resets");
    check_resets(port);
    return 0;
}
