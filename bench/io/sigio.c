/* SPDX-License-Identifier: MIT */
/*
 * Signal-driven I/O: each socket sends a real-time signal when something has changed (O_ASYNC,
 * F_SETSIG), and the signal carries the descriptor. They are not caught but taken from the queue
 * with sigwaitinfo, one call and one signal at a time. As with edges, a socket must be read until it
 * says that there is no more; unlike with epoll, every change queues another signal, and the queue
 * is bounded (RLIMIT_SIGPENDING). What no longer fits becomes a plain SIGIO: then all are asked.
 *
 *     io_sigio [--port P]
 *
 * A signal may be older than its descriptor's last close; the worst that does is to ask in vain.
 */
#include "config.h"

#include "bench/common.h"
#include "bench/echo.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

struct server {
    struct echo_table table;
    int listener;
    bool ask_all; /* signals were lost, or somebody was not done at the end of a turn */
    sigset_t waited;
};

/* Signals that are there already tell of the past: the caller asks once after this. */
static void send_signals(int fd)
{
    if (fcntl(fd, F_SETSIG, SIGRTMIN) != 0 || fcntl(fd, F_SETOWN, getpid()) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK | O_ASYNC) != 0)
        err(1, "fcntl");
}

static void serve(struct server *server, struct echo_conn *conn)
{
    enum echo_next next = echo_exhaust(conn);

    if (next == ECHO_END)
        echo_drop(&server->table, conn);
    else if (next == ECHO_MORE)
        server->ask_all = true;
}

static void accept_all(struct server *server)
{
    struct echo_conn *conn;

    while ((conn = echo_accept(&server->table, server->listener)) != NULL) {
        send_signals(conn->fd);
        serve(server, conn);
    }
}

static void ask_all(struct server *server)
{
    server->ask_all = false;
    accept_all(server);
    for (int fd = 0; fd < server->table.end; fd++) {
        if (server->table.conns[fd] != NULL)
            serve(server, server->table.conns[fd]);
    }
}

static void run(struct server *server)
{
    static const struct timespec at_once = {0};
    siginfo_t info;

    for (;;) {
        int number = sigtimedwait(&server->waited, &info, server->ask_all ? &at_once : NULL);

        if (number < 0 && errno != EAGAIN && errno != EINTR)
            err(1, "sigtimedwait");
        if (number == SIGTERM || number == SIGINT)
            return;
        if (number < 0 || number == SIGIO)
            ask_all(server);
        else if (info.si_fd == server->listener)
            accept_all(server);
        else if (info.si_fd < server->table.end && server->table.conns[info.si_fd] != NULL)
            serve(server, server->table.conns[info.si_fd]);
    }
}

int main(int argc, char **argv)
{
    struct echo_options options;
    struct server server = {0};

    echo_begin(argc, argv, &options);
    echo_table_init(&server.table);
    sigemptyset(&server.waited);
    sigaddset(&server.waited, SIGRTMIN);
    sigaddset(&server.waited, SIGIO);
    sigaddset(&server.waited, SIGTERM);
    sigaddset(&server.waited, SIGINT);
    if ((errno = pthread_sigmask(SIG_BLOCK, &server.waited, NULL)) != 0)
        err(1, "pthread_sigmask");
    server.listener = listen_on_loopback(options.port, 0);
    send_signals(server.listener);
    announce_port(bound_port(server.listener));
    run(&server);
    echo_table_deinit(&server.table);
    close(server.listener);
    return 0;
}
