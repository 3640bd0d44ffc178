/* SPDX-License-Identifier: MIT */
/*
 * Multiplexing with select: the sets are told anew at each call, the kernel looks at every member,
 * and so do we at every answer. Descriptors from FD_SETSIZE (1024) on have no place in a set: such
 * connections are closed at once, which is said when it first happens.
 *
 *     io_select [--port P]
 */
#include "config.h"

#include "bench/common.h"
#include "bench/echo.h"

#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/select.h>
#include <unistd.h>

struct server {
    struct echo_table table;
    fd_set reads, writes;
    int listener, stop;
    bool told;
};

static void accept_all(struct server *server)
{
    struct echo_conn *conn;

    while ((conn = echo_accept(&server->table, server->listener)) != NULL) {
        if (conn->fd < FD_SETSIZE) {
            FD_SET(conn->fd, &server->reads);
            continue;
        }
        if (!server->told)
            warnx("select takes no descriptor beyond %d: further connections are refused",
                  FD_SETSIZE - 1);
        server->told = true;
        echo_drop(&server->table, conn);
    }
}

static void serve(struct server *server, int fd)
{
    struct echo_conn *conn = server->table.conns[fd];
    enum echo_next next = echo_step(conn);

    FD_CLR(fd, &server->reads);
    FD_CLR(fd, &server->writes);
    if (next == ECHO_END)
        echo_drop(&server->table, conn);
    else
        FD_SET(fd, next == ECHO_WRITE ? &server->writes : &server->reads);
}

static void run(struct server *server)
{
    int sockets = server->stop > server->listener ? server->stop : server->listener;

    for (;;) {
        fd_set reads = server->reads, writes = server->writes;
        int end = server->table.end > sockets ? server->table.end : sockets + 1;

        if (end > FD_SETSIZE)
            end = FD_SETSIZE;
        if (select(end, &reads, &writes, NULL, NULL) < 0) {
            if (errno == EINTR)
                continue;
            err(1, "select");
        }
        if (FD_ISSET(server->stop, &reads))
            return;
        for (int fd = 0; fd < end; fd++) {
            if (!FD_ISSET(fd, &reads) && !FD_ISSET(fd, &writes))
                continue;
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
    struct server server = {0};

    echo_begin(argc, argv, &options);
    echo_table_init(&server.table);
    server.listener = listen_on_loopback(options.port, 0);
    server.stop = echo_stop_signal();
    FD_SET(server.listener, &server.reads);
    FD_SET(server.stop, &server.reads);
    announce_port(bound_port(server.listener));
    run(&server);
    echo_table_deinit(&server.table);
    close(server.listener);
    close(server.stop);
    return 0;
}
