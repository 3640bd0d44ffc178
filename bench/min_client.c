/* SPDX-License-Identifier: MIT */
/*
 * The yardstick for load generators: how many lines a second can be driven through an echo server by
 * a client that does nothing else? Each connection has one line of 64 bytes under way, and sends the
 * next when the answer is whole; nothing is verified, no time is taken.
 *
 *     min_client --port P [--connections 50] [--seconds 3] [--threads 1]
 *
 * Prints lines=N and lines_per_second=N; exits 0.
 */
#include "config.h"

#include "bench/common.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE = 64, EVENTS = 64, STEP_MS = 10 };

struct conn {
    int fd;
    unsigned got;
};

struct client {
    pthread_t thread;
    int epoll;
    uint64_t until, lines;
};

static char line[LINE];

static void send_line(const struct conn *conn)
{
    if (write(conn->fd, line, LINE) != LINE)
        err(1, "sending");
}

static void add(const struct client *client, struct conn *conn, uint16_t port)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = conn};

    conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (conn->fd < 0 || connect(conn->fd, (const struct sockaddr *)&at, sizeof at) != 0)
        err(1, "connecting to port %u", port);
    set_nodelay(conn->fd);
    if (fcntl(conn->fd, F_SETFL, O_NONBLOCK) != 0 ||
        epoll_ctl(client->epoll, EPOLL_CTL_ADD, conn->fd, &event) != 0)
        err(1, "epoll_ctl");
}

static void receive(struct client *client, struct conn *conn)
{
    char buffer[LINE];
    ssize_t got = read(conn->fd, buffer, sizeof buffer);

    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0)
        err(1, "receiving");
    conn->got += (unsigned)got;
    if (conn->got < LINE)
        return;
    conn->got -= LINE;
    client->lines++;
    send_line(conn);
}

/* The clock is looked at once for what an epoll_wait has found. */
static void *drive(void *arg)
{
    struct client *client = arg;
    struct epoll_event events[EVENTS];

    while (now_ns() < client->until) {
        int n = epoll_wait(client->epoll, events, EVENTS, STEP_MS);

        if (n < 0 && errno != EINTR)
            err(1, "epoll_wait");
        for (int i = 0; i < n; i++)
            receive(client, events[i].data.ptr);
    }
    return NULL;
}

static void run(uint16_t port, unsigned connections, unsigned threads, uint64_t duration)
{
    struct client *clients = calloc(threads, sizeof *clients);
    struct conn *conns = calloc(connections, sizeof *conns);
    uint64_t start, lines = 0;

    if (clients == NULL || conns == NULL)
        err(1, "calloc");
    for (unsigned i = 0; i < threads; i++) {
        clients[i].epoll = epoll_create1(EPOLL_CLOEXEC);
        if (clients[i].epoll < 0)
            err(1, "epoll_create1");
    }
    for (unsigned i = 0; i < connections; i++)
        add(&clients[i % threads], &conns[i], port);
    start = now_ns();
    for (unsigned i = 0; i < connections; i++)
        send_line(&conns[i]);
    for (unsigned i = 0; i < threads; i++) {
        clients[i].until = start + duration;
        if ((errno = pthread_create(&clients[i].thread, NULL, drive, &clients[i])) != 0)
            err(1, "pthread_create");
    }
    for (unsigned i = 0; i < threads; i++) {
        if ((errno = pthread_join(clients[i].thread, NULL)) != 0)
            err(1, "pthread_join");
        lines += clients[i].lines;
    }
    printf("lines=%ju\nlines_per_second=%.0f\n", (uintmax_t)lines,
           (double)lines * (double)NS_PER_S / (double)(now_ns() - start));
    free(conns);
    free(clients);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"port", required_argument, NULL, 'p'},
                                            {"connections", required_argument, NULL, 'c'},
                                            {"seconds", required_argument, NULL, 's'},
                                            {"threads", required_argument, NULL, 't'},
                                            {0}};
    unsigned connections = 50, threads = 1;
    uint64_t duration = 3 * NS_PER_S;
    uint16_t port = 0;
    int c;

    while ((c = getopt_long(argc, argv, "p:c:s:t:", options, NULL)) != -1) {
        if (c == 'p')
            port = (uint16_t)parse_number("--port", optarg, 1, 65535);
        else if (c == 'c')
            connections = (unsigned)parse_number("--connections", optarg, 1, 100000);
        else if (c == 's')
            duration = parse_seconds("--seconds", optarg);
        else if (c == 't')
            threads = (unsigned)parse_number("--threads", optarg, 1, 1024);
        else
            errx(2, "usage: min_client --port P [--connections C] [--seconds S] [--threads N]");
    }
    if (port == 0)
        errx(2, "--port is needed");
    raise_descriptor_limit();
    signal(SIGPIPE, SIG_IGN);
    memset(line, '.', LINE - 1);
    line[LINE - 1] = '\n';
    run(port, connections, threads, duration);
    return 0;
}
