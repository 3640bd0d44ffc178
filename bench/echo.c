/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "bench/echo.h"

#include "bench/common.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 65536, STEPS = 32, MOST_DESCRIPTORS = 1 << 20 };

static void parse_options(int argc, char **argv, struct echo_options *options)
{
    static const struct option known[] = {
        {"threads", required_argument, NULL, 't'}, {"port", required_argument, NULL, 'p'}, {0}};
    int c;

    while ((c = getopt_long(argc, argv, "t:p:", known, NULL)) != -1) {
        if (c == 't')
            options->threads = (unsigned)parse_number("--threads", optarg, 1, 1024);
        else if (c == 'p')
            options->port = (uint16_t)parse_number("--port", optarg, 0, 65535);
        else
            errx(2, "usage: %s [--threads N] [--port P]", program_invocation_short_name);
    }
    if (optind != argc)
        errx(2, "usage: %s [--threads N] [--port P]", program_invocation_short_name);
}

void echo_begin(int argc, char **argv, struct echo_options *options)
{
    *options = (struct echo_options){.threads = 1};
    parse_options(argc, argv, options);
    raise_descriptor_limit();
    block_stop_signals();
    signal(SIGPIPE, SIG_IGN);
}

int echo_stop_signal(void)
{
    sigset_t set;
    int fd;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        err(1, "signalfd");
    return fd;
}

void echo_table_init(struct echo_table *table)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        err(1, "getrlimit");
    table->size = limit.rlim_cur < MOST_DESCRIPTORS ? (int)limit.rlim_cur : MOST_DESCRIPTORS;
    table->end = 0;
    table->conns = calloc((size_t)table->size, sizeof(struct echo_conn *));
    if (table->conns == NULL)
        err(1, "calloc");
}

void echo_table_deinit(struct echo_table *table)
{
    for (int fd = 0; fd < table->end; fd++) {
        if (table->conns[fd] != NULL)
            echo_drop(table, table->conns[fd]);
    }
    free(table->conns);
}

struct echo_conn *echo_accept(struct echo_table *table, int listener)
{
    struct echo_conn *conn;
    int fd;

    do {
        /* cppcheck-suppress nullPointer ; the peer's address is not wanted */
        fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd < 0 && errno == EAGAIN)
        return NULL;
    if (fd < 0)
        err(1, "accept");
    if (fd >= table->size)
        errx(1, "descriptor %d is beyond the table's end", fd);
    conn = calloc(1, sizeof *conn);
    if (conn == NULL)
        err(1, "calloc");
    set_nodelay(fd);
    conn->fd = fd;
    table->conns[fd] = conn;
    if (fd >= table->end)
        table->end = fd + 1;
    return conn;
}

void echo_drop(struct echo_table *table, struct echo_conn *conn)
{
    table->conns[conn->fd] = NULL;
    close(conn->fd);
    free(conn->rest);
    free(conn);
}

/* As much as the peer takes now: how much that is, or -1 when it is gone. */
static ssize_t write_some(int fd, const char *bytes, size_t length)
{
    ssize_t sent = write(fd, bytes, length);

    return sent < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : sent;
}

static enum echo_next keep_rest(struct echo_conn *conn, const char *bytes, size_t length)
{
    conn->rest = malloc(length);
    if (conn->rest == NULL)
        err(1, "malloc");
    memcpy(conn->rest, bytes, length);
    conn->length = length;
    conn->offset = 0;
    return ECHO_WRITE;
}

static enum echo_next write_rest(struct echo_conn *conn)
{
    ssize_t sent = write_some(conn->fd, conn->rest + conn->offset, conn->length - conn->offset);

    if (sent < 0)
        return ECHO_END;
    conn->offset += (size_t)sent;
    if (conn->offset < conn->length)
        return ECHO_WRITE;
    free(conn->rest);
    conn->rest = NULL;
    return ECHO_MORE;
}

enum echo_next echo_step(struct echo_conn *conn)
{
    static _Thread_local char buffer[BUFFER];
    ssize_t got, sent;

    if (conn->rest != NULL)
        return write_rest(conn);
    got = read(conn->fd, buffer, sizeof buffer);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return ECHO_READ;
    if (got <= 0)
        return ECHO_END;
    sent = write_some(conn->fd, buffer, (size_t)got);
    if (sent < 0)
        return ECHO_END;
    return sent < got ? keep_rest(conn, buffer + sent, (size_t)(got - sent)) : ECHO_MORE;
}

enum echo_next echo_exhaust(struct echo_conn *conn)
{
    enum echo_next next = ECHO_MORE;

    for (int i = 0; i < STEPS && next == ECHO_MORE; i++)
        next = echo_step(conn);
    return next;
}
