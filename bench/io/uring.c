/* SPDX-License-Identifier: MIT */
/*
 * io_uring in its simplest form: one request for each accept, receive and send, told by one
 * completion each. The kernel does the work itself, when the socket is ready; requests are handed
 * over and completions awaited in the same system call, so that its cost is shared by all that
 * happens meanwhile. A connection has one request under way at a time.
 *
 *     io_uring [--port P]
 *
 * raw_uring shows what there is to be gained beyond this.
 */
#include "config.h"

#include "bench/common.h"
#include "bench/echo.h"

#include <err.h>
#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ENTRIES = 1024, COMPLETIONS = 32768, BUFFER = 16384 };

struct conn {
    int fd;
    size_t length, offset; /* of what is being sent; length 0: receiving */
    struct conn *next, **link;
    char buffer[BUFFER];
};

/* A request's user data is its connection's address, or of the server one of these. */
struct server {
    struct io_uring ring;
    int listener, stop;
    struct conn *conns;
};

static struct io_uring_sqe *request(struct server *server)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&server->ring);
    int submitted;

    if (sqe != NULL)
        return sqe;
    submitted = io_uring_submit(&server->ring);
    if (submitted < 0)
        errx(1, "io_uring_submit: %s", strerror(-submitted));
    sqe = io_uring_get_sqe(&server->ring);
    if (sqe == NULL)
        errx(1, "the submission queue stays full");
    return sqe;
}

static void accept_next(struct server *server)
{
    struct io_uring_sqe *sqe = request(server);

    io_uring_prep_accept(sqe, server->listener, NULL, NULL, SOCK_CLOEXEC);
    io_uring_sqe_set_data(sqe, &server->listener);
}

static void transfer(struct server *server, struct conn *conn)
{
    struct io_uring_sqe *sqe = request(server);

    if (conn->length == 0)
        io_uring_prep_recv(sqe, conn->fd, conn->buffer, sizeof conn->buffer, 0);
    else
        io_uring_prep_send(sqe, conn->fd, conn->buffer + conn->offset, conn->length - conn->offset,
                           MSG_NOSIGNAL);
    io_uring_sqe_set_data(sqe, conn);
}

static void begin(struct server *server, int fd)
{
    struct conn *conn = calloc(1, sizeof *conn);

    if (conn == NULL)
        err(1, "calloc");
    set_nodelay(fd);
    conn->fd = fd;
    conn->next = server->conns;
    conn->link = &server->conns;
    if (conn->next != NULL)
        conn->next->link = &conn->next;
    server->conns = conn;
    transfer(server, conn);
}

static void drop(struct conn *conn)
{
    *conn->link = conn->next;
    if (conn->next != NULL)
        conn->next->link = conn->link;
    close(conn->fd);
    free(conn);
}

static void transferred(struct server *server, struct conn *conn, int result)
{
    if (result <= 0 && result != -EINTR && result != -EAGAIN) {
        drop(conn);
        return;
    }
    if (result > 0 && conn->length == 0) {
        conn->length = (size_t)result;
        conn->offset = 0;
    } else if (result > 0) {
        conn->offset += (size_t)result;
        if (conn->offset == conn->length)
            conn->length = 0;
    }
    transfer(server, conn);
}

static void accepted(struct server *server, int result)
{
    if (result >= 0)
        begin(server, result);
    else if (result != -EINTR && result != -ECONNABORTED && result != -EAGAIN)
        errx(1, "accept: %s", strerror(-result));
    accept_next(server);
}

static void run(struct server *server)
{
    for (;;) {
        struct io_uring_cqe *cqe;
        unsigned head, count = 0;
        int submitted = io_uring_submit_and_wait(&server->ring, 1);

        if (submitted < 0 && submitted != -EINTR)
            errx(1, "io_uring_submit_and_wait: %s", strerror(-submitted));
        io_uring_for_each_cqe(&server->ring, head, cqe)
        {
            void *data = io_uring_cqe_get_data(cqe);

            count++;
            if (data == &server->stop)
                return;
            if (data == &server->listener)
                accepted(server, cqe->res);
            else
                transferred(server, data, cqe->res);
        }
        io_uring_cq_advance(&server->ring, count);
    }
}

static void start(struct server *server, uint16_t port)
{
    struct io_uring_params params = {.flags = IORING_SETUP_CQSIZE, .cq_entries = COMPLETIONS};
    struct io_uring_sqe *sqe;
    int error = io_uring_queue_init_params(ENTRIES, &server->ring, &params);

    if (error != 0)
        errx(1, "io_uring_queue_init: %s", strerror(-error));
    server->listener = listen_on_loopback(port, 0);
    server->stop = echo_stop_signal();
    accept_next(server);
    sqe = request(server);
    io_uring_prep_poll_add(sqe, server->stop, POLLIN);
    io_uring_sqe_set_data(sqe, &server->stop);
}

int main(int argc, char **argv)
{
    struct echo_options options;
    struct server server = {0};

    echo_begin(argc, argv, &options);
    start(&server, options.port);
    announce_port(bound_port(server.listener));
    run(&server);
    io_uring_queue_exit(&server.ring);
    while (server.conns != NULL)
        drop(server.conns);
    close(server.listener);
    close(server.stop);
    return 0;
}
