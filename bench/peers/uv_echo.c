/* SPDX-License-Identifier: MIT */
/*
 * An echo of bytes on libuv, which knows loops of one thread: N of them, each with a listener of its
 * own (SO_REUSEPORT) and the connections that the kernel gave it. What came is written at once
 * (uv_try_write); only what a peer does not take is copied and queued, and nothing is read until it
 * is gone.
 *
 *     uv_echo [--threads N] [--port P]
 *
 * Prints "port N" once it is bound, serves until SIGTERM or SIGINT, and exits 0.
 */
#include "config.h"

#include "bench/common.h"
#include "bench/echo.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <uv.h>

enum { BUFFER = 65536 };

struct loop {
    uv_loop_t uv;
    uv_thread_t thread;
    uv_tcp_t listener;
    uv_async_t stop;
    char buffer[BUFFER]; /* what one read has yielded; used up before the next */
};

struct conn {
    uv_tcp_t tcp;
    uv_write_t write;
    char *rest; /* what the peer has not taken yet, or NULL */
};

static void check(int result, const char *what)
{
    if (result < 0)
        errx(1, "%s: %s", what, uv_strerror(result));
}

static void closed(uv_handle_t *handle)
{
    struct conn *conn = handle->data;

    free(conn->rest);
    free(conn);
}

static void drop(struct conn *conn)
{
    if (!uv_is_closing((uv_handle_t *)&conn->tcp))
        uv_close((uv_handle_t *)&conn->tcp, closed);
}

static void lend_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct loop *loop = handle->loop->data;

    (void)suggested;
    *buf = uv_buf_init(loop->buffer, sizeof loop->buffer);
}

static void got_bytes(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf);

static void rest_written(uv_write_t *write, int status)
{
    struct conn *conn = write->data;

    free(conn->rest);
    conn->rest = NULL;
    if (status < 0 || uv_read_start((uv_stream_t *)&conn->tcp, lend_buffer, got_bytes) < 0)
        drop(conn);
}

static void write_rest(struct conn *conn, const char *bytes, size_t length)
{
    uv_stream_t *stream = (uv_stream_t *)&conn->tcp;
    uv_buf_t rest;

    conn->rest = malloc(length);
    if (conn->rest == NULL)
        err(1, "malloc");
    memcpy(conn->rest, bytes, length);
    rest = uv_buf_init(conn->rest, (unsigned)length);
    conn->write.data = conn;
    uv_read_stop(stream);
    if (uv_write(&conn->write, stream, &rest, 1, rest_written) < 0)
        drop(conn);
}

static void got_bytes(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
    struct conn *conn = stream->data;
    uv_buf_t bytes;
    int sent;

    if (got == 0)
        return;
    if (got < 0) {
        drop(conn);
        return;
    }
    bytes = uv_buf_init(buf->base, (unsigned)got);
    sent = uv_try_write(stream, &bytes, 1);
    if (sent == UV_EAGAIN)
        sent = 0;
    if (sent < 0)
        drop(conn);
    else if (sent < got)
        write_rest(conn, buf->base + sent, (size_t)(got - sent));
}

static void got_connection(uv_stream_t *listener, int status)
{
    struct conn *conn;

    check(status, "listening");
    conn = calloc(1, sizeof *conn);
    if (conn == NULL)
        err(1, "calloc");
    check(uv_tcp_init(listener->loop, &conn->tcp), "uv_tcp_init");
    conn->tcp.data = conn;
    if (uv_accept(listener, (uv_stream_t *)&conn->tcp) < 0 || uv_tcp_nodelay(&conn->tcp, 1) < 0 ||
        uv_read_start((uv_stream_t *)&conn->tcp, lend_buffer, got_bytes) < 0)
        drop(conn);
}

static void close_handle(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, handle->data != NULL ? closed : NULL);
}

/* With its last handle the loop ends. */
static void stop(uv_async_t *async)
{
    uv_walk(async->loop, close_handle, NULL);
}

static void serve(void *arg)
{
    struct loop *loop = arg;

    uv_run(&loop->uv, UV_RUN_DEFAULT);
    check(uv_loop_close(&loop->uv), "uv_loop_close");
}

/* Returns the port that it is bound to. */
static uint16_t open_loop(struct loop *loop, uint16_t port)
{
    int fd = listen_on_loopback(port, 1);

    check(uv_loop_init(&loop->uv), "uv_loop_init");
    loop->uv.data = loop;
    check(uv_async_init(&loop->uv, &loop->stop, stop), "uv_async_init");
    check(uv_tcp_init(&loop->uv, &loop->listener), "uv_tcp_init");
    check(uv_tcp_open(&loop->listener, fd), "uv_tcp_open");
    check(uv_listen((uv_stream_t *)&loop->listener, SOMAXCONN, got_connection), "uv_listen");
    return bound_port(fd);
}

int main(int argc, char **argv)
{
    struct echo_options options;
    struct loop *loops;
    uint16_t port;

    echo_begin(argc, argv, &options);
    port = options.port;
    loops = calloc(options.threads, sizeof *loops);
    if (loops == NULL)
        err(1, "calloc");
    for (unsigned i = 0; i < options.threads; i++)
        port = open_loop(&loops[i], port);
    for (unsigned i = 0; i < options.threads; i++)
        check(uv_thread_create(&loops[i].thread, serve, &loops[i]), "uv_thread_create");
    announce_port(port);
    await_stop_signal();
    for (unsigned i = 0; i < options.threads; i++)
        check(uv_async_send(&loops[i].stop), "uv_async_send");
    for (unsigned i = 0; i < options.threads; i++)
        check(uv_thread_join(&loops[i].thread), "uv_thread_join");
    free(loops);
    return 0;
}
