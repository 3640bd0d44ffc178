/* SPDX-License-Identifier: MIT */
/*
 * POSIX asynchronous I/O: aio_read and aio_write run on their own, and tell their end by a
 * real-time signal that carries the connection, taken with sigwaitinfo. A proactor in form; but with
 * glibc a request is carried out by a thread that makes the blocking call, so that every connection
 * that waits for input holds a thread. By default there are 20: the connections after them starve
 * until one of those says something. Here there may be as many as there are descriptors (aio_init, a
 * GNU extension), which shows the model for what it is: a thread per connection, and two hand-offs
 * for each call.
 *
 *     io_aio [--port P]
 *
 * There is no aio_accept: the listener tells of connections by SIGIO, which is pending once at most.
 * A real-time signal that finds the queue full is lost, and its connection with it: where
 * RLIMIT_SIGPENDING allows fewer signals than there are connections, further ones are closed at
 * once, which is said when it first happens.
 */
#include "config.h"

#include "bench/common.h"
#include "bench/echo.h"

#include <aio.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 16384, SPARE_SIGNALS = 16 };

struct conn {
    struct aiocb request;
    bool writing;
    size_t length, offset;
    struct conn *next, **link;
    char buffer[BUFFER];
};

struct server {
    int listener, completes; /* the signal */
    struct conn *conns;
    rlim_t count, most;
    bool told;
    sigset_t waited;
};

static void drop(struct server *server, struct conn *conn)
{
    *conn->link = conn->next;
    if (conn->next != NULL)
        conn->next->link = conn->link;
    close(conn->request.aio_fildes);
    free(conn);
    server->count--;
}

static int submit(struct conn *conn)
{
    struct aiocb *request = &conn->request;

    request->aio_buf = conn->buffer + conn->offset;
    request->aio_nbytes = conn->writing ? conn->length - conn->offset : sizeof conn->buffer;
    return conn->writing ? aio_write(request) : aio_read(request);
}

/* One request of a connection is over: the next one, or its end. */
static void complete(struct server *server, struct conn *conn)
{
    int error = aio_error(&conn->request);
    ssize_t moved = aio_return(&conn->request);

    if (error == EINPROGRESS)
        errx(1, "a signal came before its request's end");
    if (error != 0 || moved <= 0) {
        drop(server, conn);
        return;
    }
    if (!conn->writing) {
        conn->writing = true;
        conn->length = (size_t)moved;
    } else {
        conn->offset += (size_t)moved;
        if (conn->offset == conn->length) {
            conn->writing = false;
            conn->offset = 0;
        }
    }
    if (submit(conn) != 0) {
        warn("a connection is closed: aio");
        drop(server, conn);
    }
}

static void begin(struct server *server, int fd)
{
    struct conn *conn = calloc(1, sizeof *conn);

    if (conn == NULL)
        err(1, "calloc");
    set_nodelay(fd);
    conn->request.aio_fildes = fd;
    conn->request.aio_sigevent.sigev_notify = SIGEV_SIGNAL;
    conn->request.aio_sigevent.sigev_signo = server->completes;
    conn->request.aio_sigevent.sigev_value.sival_ptr = conn;
    conn->next = server->conns;
    conn->link = &server->conns;
    if (conn->next != NULL)
        conn->next->link = &conn->next;
    server->conns = conn;
    server->count++;
    if (submit(conn) != 0) {
        warn("a connection is refused: aio_read");
        drop(server, conn);
    }
}

static void accept_all(struct server *server)
{
    for (;;) {
        /* cppcheck-suppress nullPointer ; the peer's address is not wanted */
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);

        if (fd < 0 && errno == EAGAIN)
            return;
        if (fd < 0 && errno != EINTR && errno != ECONNABORTED)
            err(1, "accept");
        if (fd >= 0 && server->count < server->most) {
            begin(server, fd);
        } else if (fd >= 0) {
            if (!server->told)
                warnx("no more than %ju signals: further connections are refused",
                      (uintmax_t)server->most);
            server->told = true;
            close(fd);
        }
    }
}

static void run(struct server *server)
{
    siginfo_t info;

    for (;;) {
        int number = sigwaitinfo(&server->waited, &info);

        if (number < 0 && errno != EINTR)
            err(1, "sigwaitinfo");
        if (number == SIGTERM || number == SIGINT)
            return;
        if (number == server->completes && info.si_code == SI_ASYNCIO)
            complete(server, info.si_value.sival_ptr);
        else if (number == SIGIO)
            accept_all(server);
    }
}

static void set_limits(struct server *server)
{
    struct rlimit limit;
    struct aioinit init = {.aio_num = 1024, .aio_idle_time = 1};

    if (getrlimit(RLIMIT_SIGPENDING, &limit) != 0)
        err(1, "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_SIGPENDING, &limit) != 0)
        err(1, "setrlimit");
    if (limit.rlim_cur <= SPARE_SIGNALS)
        errx(1, "too few signals are allowed");
    server->most = limit.rlim_cur - SPARE_SIGNALS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        err(1, "getrlimit");
    init.aio_threads = limit.rlim_cur < INT16_MAX ? (int)limit.rlim_cur : INT16_MAX;
    aio_init(&init);
}

int main(int argc, char **argv)
{
    struct echo_options options;
    struct server server = {.completes = SIGRTMIN};

    echo_begin(argc, argv, &options);
    set_limits(&server);
    sigemptyset(&server.waited);
    sigaddset(&server.waited, server.completes);
    sigaddset(&server.waited, SIGIO);
    sigaddset(&server.waited, SIGTERM);
    sigaddset(&server.waited, SIGINT);
    if ((errno = pthread_sigmask(SIG_BLOCK, &server.waited, NULL)) != 0)
        err(1, "pthread_sigmask");
    server.listener = listen_on_loopback(options.port, 0);
    if (fcntl(server.listener, F_SETOWN, getpid()) != 0 ||
        fcntl(server.listener, F_SETFL, O_NONBLOCK | O_ASYNC) != 0)
        err(1, "fcntl");
    announce_port(bound_port(server.listener));
    run(&server);
    return 0; /* and with the process go the requests under way */
}
