/* SPDX-License-Identifier: MIT */
/*
 * Multiplexing with poll: an array in place of select's sets, without their limit; but all of it is
 * still handed to the kernel, looked through and searched at each call.
 *
 *     io_poll [--port P]
 */
#include "config.h"

#include "bench/common.h"
#include "bench/echo.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { STOP, LISTENER, FIRST };

struct server {
    struct echo_table table;
    struct pollfd *polled; /* one for each descriptor that there can be */
    nfds_t used;
};

static void accept_all(struct server *server)
{
    struct echo_conn *conn;

    while ((conn = echo_accept(&server->table, server->polled[LISTENER].fd)) != NULL)
        server->polled[server->used++] = (struct pollfd){.fd = conn->fd, .events = POLLIN};
}

static void serve(struct server *server, nfds_t i)
{
    struct echo_conn *conn = server->table.conns[server->polled[i].fd];
    enum echo_next next = echo_step(conn);

    if (next == ECHO_END) {
        echo_drop(&server->table, conn);
        server->polled[i] = server->polled[--server->used];
        return;
    }
    server->polled[i].events = next == ECHO_WRITE ? POLLOUT : POLLIN;
}

/* From the end, so that what takes the place of one that has gone was looked at before. */
static void run(struct server *server)
{
    for (;;) {
        if (poll(server->polled, server->used, -1) < 0) {
            if (errno == EINTR)
                continue;
            err(1, "poll");
        }
        if (server->polled[STOP].revents != 0)
            return;
        for (nfds_t i = server->used - 1; i >= FIRST; i--) {
            if (server->polled[i].revents != 0)
                serve(server, i);
        }
        if (server->polled[LISTENER].revents != 0)
            accept_all(server);
    }
}

int main(int argc, char **argv)
{
    struct echo_options options;
    struct server server = {.used = FIRST};
    int listener;

    echo_begin(argc, argv, &options);
    echo_table_init(&server.table);
    server.polled = calloc((size_t)server.table.size, sizeof *server.polled);
    if (server.polled == NULL)
        err(1, "calloc");
    listener = listen_on_loopback(options.port, 0);
    server.polled[STOP] = (struct pollfd){.fd = echo_stop_signal(), .events = POLLIN};
    server.polled[LISTENER] = (struct pollfd){.fd = listener, .events = POLLIN};
    announce_port(bound_port(listener));
    run(&server);
    echo_table_deinit(&server.table);
    close(listener);
    close(server.polled[STOP].fd);
    free(server.polled);
    return 0;
}
