/* SPDX-License-Identifier: MIT */
/*
 * The practical limit: an echo of bytes that does as little as an epoll server can. Each thread has
 * a listener of its own (SO_REUSEPORT), an epoll set of its own and the connections that the kernel
 * gave to its listener, for life. Connections are registered once, level-triggered; a line costs
 * one read and one write, and its share of an epoll_wait. Only a peer that does not read costs
 * more: its rest is kept, and nothing is read from it until that is gone.
 *
 *     raw_epoll [--threads N] [--port P]
 *
 * Prints "port N" once it is bound, serves until SIGTERM or SIGINT, and exits 0.
 */
#include "config.h"

#include "bench/common.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 64, BUFFER = 65536 };

struct conn {
    int fd;
    struct conn *next, **link; /* in its loop's list */
    char *rest;                /* what the peer has not taken yet, or NULL */
    size_t length, offset;
};

struct loop {
    pthread_t thread;
    int epoll, listener;
    struct conn *conns;
    char buffer[BUFFER];
};

static void watch(int epoll, int op, int fd, uint32_t events, void *ptr)
{
    struct epoll_event event = {.events = events, .data.ptr = ptr};

    if (epoll_ctl(epoll, op, fd, &event) != 0)
        err(1, "epoll_ctl");
}

static void accept_one(struct loop *loop)
{
    struct conn *conn;
    /* cppcheck-suppress nullPointer ; the peer's address is not wanted */
    int fd = accept4(loop->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED))
        return;
    if (fd < 0)
        err(1, "accept");
    conn = calloc(1, sizeof *conn);
    if (conn == NULL)
        err(1, "calloc");
    set_nodelay(fd);
    conn->fd = fd;
    conn->next = loop->conns;
    conn->link = &loop->conns;
    if (conn->next != NULL)
        conn->next->link = &conn->next;
    loop->conns = conn;
    watch(loop->epoll, EPOLL_CTL_ADD, fd, EPOLLIN, conn);
}

static void drop(struct conn *conn)
{
    *conn->link = conn->next;
    if (conn->next != NULL)
        conn->next->link = conn->link;
    close(conn->fd);
    free(conn->rest);
    free(conn);
}

static void keep_rest(struct loop *loop, struct conn *conn, const char *bytes, size_t length)
{
    conn->rest = malloc(length);
    if (conn->rest == NULL)
        err(1, "malloc");
    memcpy(conn->rest, bytes, length);
    conn->length = length;
    conn->offset = 0;
    watch(loop->epoll, EPOLL_CTL_MOD, conn->fd, EPOLLOUT, conn);
}

static void echo(struct loop *loop, struct conn *conn)
{
    ssize_t got = read(conn->fd, loop->buffer, sizeof loop->buffer);
    ssize_t sent;

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        drop(conn);
        return;
    }
    sent = write(conn->fd, loop->buffer, (size_t)got);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        sent = 0;
    if (sent < 0)
        drop(conn);
    else if (sent < got)
        keep_rest(loop, conn, loop->buffer + sent, (size_t)(got - sent));
}

static void write_rest(struct loop *loop, struct conn *conn)
{
    ssize_t sent = write(conn->fd, conn->rest + conn->offset, conn->length - conn->offset);

    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (sent < 0) {
        drop(conn);
        return;
    }
    conn->offset += (size_t)sent;
    if (conn->offset < conn->length)
        return;
    free(conn->rest);
    conn->rest = NULL;
    watch(loop->epoll, EPOLL_CTL_MOD, conn->fd, EPOLLIN, conn);
}

/* The listener is known by the loop's own address, the stop event by a null pointer. */
static void *serve(void *arg)
{
    struct loop *loop = arg;
    struct epoll_event events[EVENTS];

    for (;;) {
        int n = epoll_wait(loop->epoll, events, EVENTS, -1);

        if (n < 0 && errno != EINTR)
            err(1, "epoll_wait");
        for (int i = 0; i < n; i++) {
            void *ptr = events[i].data.ptr;

            if (ptr == NULL)
                return NULL;
            if (ptr == loop)
                accept_one(loop);
            else if (((struct conn *)ptr)->rest != NULL)
                write_rest(loop, ptr);
            else
                echo(loop, ptr);
        }
    }
}

/* All are bound before the first of them serves, so that the kernel spreads over all of them. */
static void open_loops(struct loop *loops, unsigned threads, uint16_t port, int stop)
{
    for (unsigned i = 0; i < threads; i++) {
        struct loop *loop = &loops[i];

        loop->listener = listen_on_loopback(port, 1);
        port = bound_port(loop->listener);
        loop->epoll = epoll_create1(EPOLL_CLOEXEC);
        if (loop->epoll < 0)
            err(1, "epoll_create1");
        watch(loop->epoll, EPOLL_CTL_ADD, loop->listener, EPOLLIN, loop);
        watch(loop->epoll, EPOLL_CTL_ADD, stop, EPOLLIN, NULL);
    }
}

static void close_loop(struct loop *loop)
{
    while (loop->conns != NULL)
        drop(loop->conns);
    close(loop->listener);
    close(loop->epoll);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"threads", required_argument, NULL, 't'}, {"port", required_argument, NULL, 'p'}, {0}};
    unsigned threads = 1;
    uint16_t port = 0;
    struct loop *loops;
    int stop, c;

    while ((c = getopt_long(argc, argv, "t:p:", options, NULL)) != -1) {
        if (c == 't')
            threads = (unsigned)parse_number("--threads", optarg, 1, 1024);
        else if (c == 'p')
            port = (uint16_t)parse_number("--port", optarg, 0, 65535);
        else
            errx(2, "usage: raw_epoll [--threads N] [--port P]");
    }
    raise_descriptor_limit();
    block_stop_signals();
    signal(SIGPIPE, SIG_IGN);
    stop = eventfd(0, EFD_CLOEXEC);
    loops = calloc(threads, sizeof *loops);
    if (stop < 0 || loops == NULL)
        err(1, "starting");
    open_loops(loops, threads, port, stop);
    for (unsigned i = 0; i < threads; i++) {
        if ((errno = pthread_create(&loops[i].thread, NULL, serve, &loops[i])) != 0)
            err(1, "pthread_create");
    }
    announce_port(bound_port(loops[0].listener));
    await_stop_signal();
    if (eventfd_write(stop, 1) != 0)
        err(1, "eventfd_write");
    for (unsigned i = 0; i < threads; i++) {
        if ((errno = pthread_join(loops[i].thread, NULL)) != 0)
            err(1, "pthread_join");
        close_loop(&loops[i]);
    }
    close(stop);
    free(loops);
    return 0;
}
