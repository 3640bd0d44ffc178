/* SPDX-License-Identifier: MIT */
/*
 * What TLS costs at least: an echo over OpenSSL as one writes it by its manual, one thread, one epoll
 * set, each connection registered once, level-triggered. OpenSSL reads and writes the socket itself
 * (SSL_set_fd()), and is left as it comes: TLS 1.2 and 1.3, session tickets, no client certificates.
 *
 * A connection costs an SSL, and with --release-buffers (SSL_MODE_RELEASE_BUFFERS) no buffers while it
 * is idle, which takes a little time of each line. Only a peer that does not read costs more: its rest
 * is kept, and nothing is read from it until that is gone.
 *
 *     tls_epoll --cert FILE --key FILE [--release-buffers] [--threads 1] [--port P]
 *
 * Prints "port N" once it is bound, serves until SIGTERM or SIGINT, and exits 0.
 */
#include "config.h"

#include "bench/common.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* A record is at most 16 KiB, and never left half read. */
enum { EVENTS = 64, BUFFER = 16384 };

struct conn {
    int fd;
    SSL *ssl;
    struct conn *next, **link; /* in the loop's list */
    char *rest;                /* what the peer has not taken yet, or NULL */
    size_t length;
    bool writes; /* EPOLLOUT is wanted */
};

struct loop {
    int epoll, listener, signals;
    SSL_CTX *tls;
    struct conn *conns;
    char buffer[BUFFER];
};

struct options {
    const char *certificate, *key;
    bool release_buffers;
    uint16_t port;
};

static void watch(const struct loop *loop, int op, int fd, uint32_t events, void *ptr)
{
    struct epoll_event event = {.events = events, .data.ptr = ptr};

    if (epoll_ctl(loop->epoll, op, fd, &event) != 0)
        err(1, "epoll_ctl");
}

static void want(const struct loop *loop, struct conn *conn, bool writes)
{
    if (conn->writes == writes)
        return;
    conn->writes = writes;
    watch(loop, EPOLL_CTL_MOD, conn->fd, writes ? EPOLLOUT : EPOLLIN, conn);
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
    conn->ssl = SSL_new(loop->tls);
    if (conn->ssl == NULL || SSL_set_fd(conn->ssl, fd) != 1)
        errx(1, "SSL_new");
    SSL_set_accept_state(conn->ssl);
    conn->next = loop->conns;
    conn->link = &loop->conns;
    if (conn->next != NULL)
        conn->next->link = &conn->next;
    loop->conns = conn;
    watch(loop, EPOLL_CTL_ADD, fd, EPOLLIN, conn);
}

static void drop(struct conn *conn)
{
    *conn->link = conn->next;
    if (conn->next != NULL)
        conn->next->link = conn->link;
    SSL_free(conn->ssl);
    close(conn->fd);
    free(conn->rest);
    free(conn);
}

/* What a call that failed waits for; false: the connection is over. */
static bool await(const struct loop *loop, struct conn *conn, int rc)
{
    switch (SSL_get_error(conn->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
        want(loop, conn, false);
        return true;
    case SSL_ERROR_WANT_WRITE:
        want(loop, conn, true);
        return true;
    case SSL_ERROR_ZERO_RETURN:
        SSL_shutdown(conn->ssl);
        return false;
    default:
        return false;
    }
}

/* Writes all of it, or keeps it; false: the connection is over. */
static bool answer(const struct loop *loop, struct conn *conn, const char *bytes, size_t length)
{
    int rc = SSL_write(conn->ssl, bytes, (int)length);

    if (rc > 0) {
        want(loop, conn, false);
        return true;
    }
    if (!await(loop, conn, rc))
        return false;
    if (conn->rest != NULL)
        return true;
    conn->rest = malloc(length);
    if (conn->rest == NULL)
        err(1, "malloc");
    memcpy(conn->rest, bytes, length);
    conn->length = length;
    return true;
}

static bool write_rest(const struct loop *loop, struct conn *conn)
{
    if (!answer(loop, conn, conn->rest, conn->length))
        return false;
    if (!conn->writes) {
        free(conn->rest);
        conn->rest = NULL;
    }
    return true;
}

static bool echo(struct loop *loop, struct conn *conn)
{
    int got = SSL_read(conn->ssl, loop->buffer, sizeof loop->buffer);

    if (got <= 0)
        return await(loop, conn, got);
    return answer(loop, conn, loop->buffer, (size_t)got);
}

static void serve(struct loop *loop)
{
    struct epoll_event events[EVENTS];

    for (;;) {
        int n = epoll_wait(loop->epoll, events, EVENTS, -1);

        if (n < 0 && errno != EINTR)
            err(1, "epoll_wait");
        for (int i = 0; i < n; i++) {
            struct conn *conn = events[i].data.ptr;

            if (conn == NULL)
                return;
            ERR_clear_error();
            if ((void *)conn == loop)
                accept_one(loop);
            else if (conn->rest != NULL ? !write_rest(loop, conn) : !echo(loop, conn))
                drop(conn);
        }
    }
}

static SSL_CTX *make_tls(const struct options *options)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

    if (tls == NULL)
        errx(1, "SSL_CTX_new");
    if (SSL_CTX_use_certificate_chain_file(tls, options->certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls, options->key, SSL_FILETYPE_PEM) != 1) {
        ERR_print_errors_fp(stderr);
        exit(1);
    }
    SSL_CTX_set_mode(tls, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (options->release_buffers)
        SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    return tls;
}

static int open_signals(void)
{
    sigset_t set;
    int fd;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    fd = signalfd(-1, &set, SFD_CLOEXEC);
    if (fd < 0)
        err(1, "signalfd");
    return fd;
}

static void parse(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"cert", required_argument, NULL, 'c'},      {"key", required_argument, NULL, 'k'},
        {"release-buffers", no_argument, NULL, 'r'}, {"threads", required_argument, NULL, 't'},
        {"port", required_argument, NULL, 'p'},      {0}};
    int c;

    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (c == 'c')
            options->certificate = optarg;
        else if (c == 'k')
            options->key = optarg;
        else if (c == 'r')
            options->release_buffers = true;
        else if (c == 't')
            (void)parse_number("--threads", optarg, 1, 1);
        else if (c == 'p')
            options->port = (uint16_t)parse_number("--port", optarg, 0, 65535);
        else
            options->certificate = NULL;
    }
    if (options->certificate == NULL || options->key == NULL || optind != argc)
        errx(2, "usage: tls_epoll --cert FILE --key FILE [--release-buffers] [--threads 1] "
                "[--port P]");
}

int main(int argc, char **argv)
{
    static struct loop loop;
    struct options options = {0};

    parse(argc, argv, &options);
    raise_descriptor_limit();
    block_stop_signals();
    signal(SIGPIPE, SIG_IGN);
    loop.tls = make_tls(&options);
    loop.listener = listen_on_loopback(options.port, 0);
    loop.signals = open_signals();
    loop.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop.epoll < 0)
        err(1, "epoll_create1");
    watch(&loop, EPOLL_CTL_ADD, loop.listener, EPOLLIN, &loop);
    watch(&loop, EPOLL_CTL_ADD, loop.signals, EPOLLIN, NULL);
    announce_port(bound_port(loop.listener));
    serve(&loop);
    while (loop.conns != NULL)
        drop(loop.conns);
    close(loop.listener);
    close(loop.signals);
    close(loop.epoll);
    SSL_CTX_free(loop.tls);
    return 0;
}
