/* SPDX-License-Identifier: MIT */
/*
 * An echo of bytes on libevent's bufferevents: N event bases, one for each thread, each with a
 * listener of its own (SO_REUSEPORT) and the connections that the kernel gave it. What came moves
 * from the input to the output without a copy. While more than HIGH_WATER bytes wait for the peer
 * nothing is read from it.
 *
 *     event_echo [--threads N] [--port P]
 *
 * Prints "port N" once it is bound, serves until SIGTERM or SIGINT, and exits 0.
 */
#include "config.h"

#include "bench/common.h"
#include "bench/echo.h"

#include <err.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { HIGH_WATER = 65536 };

struct loop {
    pthread_t thread;
    struct event_base *base;
    struct evconnlistener *listener;
    struct event *stop;
    struct conn *conns;
};

struct conn {
    struct bufferevent *event;
    bool ended; /* the peer has said all: goes with the last byte of the output */
    struct conn *next, **link;
};

static void drop(struct conn *conn)
{
    *conn->link = conn->next;
    if (conn->next != NULL)
        conn->next->link = conn->link;
    bufferevent_free(conn->event);
    free(conn);
}

static size_t waiting(const struct conn *conn)
{
    return evbuffer_get_length(bufferevent_get_output(conn->event));
}

static void got_bytes(struct bufferevent *event, void *arg)
{
    struct conn *conn = arg;

    if (bufferevent_write_buffer(event, bufferevent_get_input(event)) != 0)
        drop(conn);
    else if (waiting(conn) > HIGH_WATER)
        bufferevent_disable(event, EV_READ);
}

/* The output has been written out. */
static void all_written(struct bufferevent *event, void *arg)
{
    struct conn *conn = arg;

    if (conn->ended)
        drop(conn);
    else if ((bufferevent_get_enabled(event) & EV_READ) == 0)
        bufferevent_enable(event, EV_READ);
}

static void ended(struct bufferevent *event, short what, void *arg)
{
    struct conn *conn = arg;

    (void)event;
    conn->ended = true;
    if ((what & BEV_EVENT_ERROR) != 0 || waiting(conn) == 0)
        drop(conn);
}

static void got_connection(struct evconnlistener *listener, evutil_socket_t fd,
                           struct sockaddr *address, int length, void *arg)
{
    struct loop *loop = arg;
    struct conn *conn = calloc(1, sizeof *conn);

    (void)listener;
    (void)address;
    (void)length;
    if (conn == NULL)
        err(1, "calloc");
    set_nodelay(fd);
    conn->event = bufferevent_socket_new(loop->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (conn->event == NULL)
        errx(1, "bufferevent_socket_new");
    conn->next = loop->conns;
    conn->link = &loop->conns;
    if (conn->next != NULL)
        conn->next->link = &conn->next;
    loop->conns = conn;
    bufferevent_setcb(conn->event, got_bytes, all_written, ended, conn);
    if (bufferevent_enable(conn->event, EV_READ | EV_WRITE) != 0)
        drop(conn);
}

static void accept_failed(struct evconnlistener *listener, void *arg)
{
    (void)listener;
    (void)arg;
    err(1, "accept");
}

static void stop(evutil_socket_t fd, short what, void *arg)
{
    struct loop *loop = arg;

    (void)fd;
    (void)what;
    event_base_loopbreak(loop->base);
}

static void *serve(void *arg)
{
    struct loop *loop = arg;

    if (event_base_dispatch(loop->base) != 0)
        errx(1, "event_base_dispatch");
    return NULL;
}

/* Returns the port that it is bound to. */
static uint16_t open_loop(struct loop *loop, uint16_t port, int stop_fd)
{
    int fd = listen_on_loopback(port, 1);

    loop->base = event_base_new();
    if (loop->base == NULL)
        errx(1, "event_base_new");
    loop->listener = evconnlistener_new(loop->base, got_connection, loop,
                                        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    loop->stop = event_new(loop->base, stop_fd, EV_READ, stop, loop);
    if (loop->listener == NULL || loop->stop == NULL || event_add(loop->stop, NULL) != 0)
        errx(1, "listening");
    evconnlistener_set_error_cb(loop->listener, accept_failed);
    return bound_port(fd);
}

static void close_loop(struct loop *loop)
{
    while (loop->conns != NULL)
        drop(loop->conns);
    event_free(loop->stop);
    evconnlistener_free(loop->listener);
    event_base_free(loop->base);
}

int main(int argc, char **argv)
{
    struct echo_options options;
    struct loop *loops;
    uint16_t port;
    int stop_fd;

    echo_begin(argc, argv, &options);
    port = options.port;
    stop_fd = eventfd(0, EFD_CLOEXEC);
    loops = calloc(options.threads, sizeof *loops);
    if (stop_fd < 0 || loops == NULL)
        err(1, "starting");
    for (unsigned i = 0; i < options.threads; i++)
        port = open_loop(&loops[i], port, stop_fd);
    for (unsigned i = 0; i < options.threads; i++) {
        if ((errno = pthread_create(&loops[i].thread, NULL, serve, &loops[i])) != 0)
            err(1, "pthread_create");
    }
    announce_port(port);
    await_stop_signal();
    if (eventfd_write(stop_fd, 1) != 0)
        err(1, "eventfd_write");
    for (unsigned i = 0; i < options.threads; i++) {
        if ((errno = pthread_join(loops[i].thread, NULL)) != 0)
            err(1, "pthread_join");
        close_loop(&loops[i]);
    }
    close(stop_fd);
    free(loops);
    return 0;
}
