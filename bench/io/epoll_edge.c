/* SPDX-License-Identifier: MIT */
/*
 * epoll, edge-triggered: a connection is registered once, for both directions, and the kernel tells
 * of changes alone. So everything has to be read, until the socket says that there is no more: a
 * read in vain for each line, where the level-triggered set would have been asked again. In return
 * the set never changes, not even for a peer that does not read.
 *
 *     io_epoll_edge [--port P]
 */
#include "config.h"

#include "bench/common.h"
#include "bench/echo.h"

#include <err.h>
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS = 64 };

static const uint32_t BOTH = EPOLLIN | EPOLLOUT | EPOLLET;

struct server {
    struct echo_table table;
    int epoll, listener, stop;
};

static void watch(const struct server *server, int op, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    if (epoll_ctl(server->epoll, op, fd, &event) != 0)
        err(1, "epoll_ctl");
}

static void accept_all(struct server *server)
{
    const struct echo_conn *conn;

    while ((conn = echo_accept(&server->table, server->listener)) != NULL)
        watch(server, EPOLL_CTL_ADD, conn->fd, BOTH);
}

/* One that has had its turn and is not done goes to the set's end: setting what it is registered for
 * makes the kernel look again, and tell. */
static void serve(struct server *server, int fd)
{
    struct echo_conn *conn = server->table.conns[fd];
    enum echo_next next = echo_exhaust(conn);

    if (next == ECHO_END)
        echo_drop(&server->table, conn);
    else if (next == ECHO_MORE)
        watch(server, EPOLL_CTL_MOD, fd, BOTH);
}

static void run(struct server *server)
{
    struct epoll_event events[EVENTS];

    for (;;) {
        int n = epoll_wait(server->epoll, events, EVENTS, -1);

        if (n < 0 && errno != EINTR)
            err(1, "epoll_wait");
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;

            if (fd == server->stop)
                return;
            if (fd == server->listener)
                accept_all(server);
            else
                serve(server, fd);
        }
    }
}

int main(int argc, char **argv)
{
    struct echo_options options;
    struct server server;

    echo_begin(argc, argv, &options);
    echo_table_init(&server.table);
    server.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (server.epoll < 0)
        err(1, "epoll_create1");
    server.listener = listen_on_loopback(options.port, 0);
    server.stop = echo_stop_signal();
    watch(&server, EPOLL_CTL_ADD, server.listener, EPOLLIN);
    watch(&server, EPOLL_CTL_ADD, server.stop, EPOLLIN);
    announce_port(bound_port(server.listener));
    run(&server);
    echo_table_deinit(&server.table);
    close(server.listener);
    close(server.stop);
    close(server.epoll);
    return 0;
}
