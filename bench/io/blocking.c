/* SPDX-License-Identifier: MIT */
/*
 * Blocking I/O: a thread for each connection, which reads, writes, and sleeps in either call until
 * there is something to be done. Two system calls and one wake-up a line, however many connections
 * there are; what grows with them is threads, each with its stack and its place in the scheduler.
 *
 *     io_blocking [--port P]
 *
 * A connection for which no thread can be had is closed at once. --threads is accepted, and means
 * nothing here.
 */
#include "config.h"

#include "bench/common.h"
#include "bench/echo.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 65536, STACK = 4 * BUFFER };

struct server {
    int listener;
    pthread_attr_t attr;
    pthread_mutex_t lock;
    pthread_cond_t gone;
    struct conn *conns; /* (lock) */
};

struct conn {
    struct server *server;
    int fd;
    struct conn *next, **link; /* (server.lock) */
};

static void end(struct conn *conn)
{
    struct server *server = conn->server;

    pthread_mutex_lock(&server->lock);
    *conn->link = conn->next;
    if (conn->next != NULL)
        conn->next->link = conn->link;
    close(conn->fd);
    pthread_cond_signal(&server->gone);
    pthread_mutex_unlock(&server->lock);
    free(conn);
}

static bool write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = write(fd, bytes, length);

        if (sent < 0)
            return false;
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

static void *serve(void *arg)
{
    struct conn *conn = arg;
    char buffer[BUFFER];
    ssize_t got;

    do {
        got = read(conn->fd, buffer, sizeof buffer);
    } while (got > 0 && write_all(conn->fd, buffer, (size_t)got));
    end(conn);
    return NULL;
}

/* The new thread may end its connection before this returns. */
static void begin(struct server *server, int fd)
{
    struct conn *conn = calloc(1, sizeof *conn);
    pthread_t thread;

    if (conn == NULL)
        err(1, "calloc");
    set_nodelay(fd);
    conn->server = server;
    conn->fd = fd;
    conn->link = &server->conns;
    pthread_mutex_lock(&server->lock);
    conn->next = server->conns;
    if (conn->next != NULL)
        conn->next->link = &conn->next;
    server->conns = conn;
    pthread_mutex_unlock(&server->lock);
    if ((errno = pthread_create(&thread, &server->attr, serve, conn)) != 0) {
        warn("a connection is refused: pthread_create");
        end(conn);
    }
}

static void *accept_all(void *arg)
{
    struct server *server = arg;

    for (;;) {
        /* cppcheck-suppress nullPointer ; the peer's address is not wanted */
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);

        if (fd >= 0)
            begin(server, fd);
        else if (errno == EINVAL) /* shut down */
            return NULL;
        else if (errno != ECONNABORTED && errno != EINTR)
            err(1, "accept");
    }
}

static void start(struct server *server, uint16_t port)
{
    server->listener = listen_on_loopback(port, 0);
    if (fcntl(server->listener, F_SETFL, 0) != 0)
        err(1, "fcntl");
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->gone, NULL);
    pthread_attr_init(&server->attr);
    if ((errno = pthread_attr_setstacksize(&server->attr, STACK)) != 0 ||
        (errno = pthread_attr_setdetachstate(&server->attr, PTHREAD_CREATE_DETACHED)) != 0)
        err(1, "pthread_attr");
}

/* What wakes a thread that sleeps in a call is the end of its connection. */
static void stop(struct server *server, pthread_t acceptor)
{
    shutdown(server->listener, SHUT_RDWR);
    if ((errno = pthread_join(acceptor, NULL)) != 0)
        err(1, "pthread_join");
    pthread_mutex_lock(&server->lock);
    for (struct conn *conn = server->conns; conn != NULL; conn = conn->next)
        shutdown(conn->fd, SHUT_RDWR);
    while (server->conns != NULL)
        pthread_cond_wait(&server->gone, &server->lock);
    pthread_mutex_unlock(&server->lock);
    close(server->listener);
    pthread_attr_destroy(&server->attr);
}

int main(int argc, char **argv)
{
    struct echo_options options;
    struct server server = {0};
    pthread_t acceptor;

    echo_begin(argc, argv, &options);
    start(&server, options.port);
    if ((errno = pthread_create(&acceptor, NULL, accept_all, &server)) != 0)
        err(1, "pthread_create");
    announce_port(bound_port(server.listener));
    await_stop_signal();
    stop(&server, acceptor);
    return 0;
}
