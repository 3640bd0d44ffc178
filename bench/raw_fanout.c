/* SPDX-License-Identifier: MIT */
/*
 * The practical limit of a chat: one thread, one epoll set, level-triggered, and of IRC no more than
 * it takes to be loaded (NICK, USER, JOIN, PRIVMSG, PING, and a close instead of QUIT). In a round
 * it reads once from each connection that has something to say and only appends what results to the
 * out-buffers of those concerned; then it makes one send for each connection with new output. So
 * many lines for one recipient that come in one round are one send. Nothing is checked that a
 * well-meaning peer does not do wrong, nothing is locked, and nothing is allocated for a message.
 *
 *     raw_fanout [--port P]
 *
 * Prints "port N" once it is bound, serves until SIGTERM or SIGINT, and exits 0.
 */
#include "config.h"

#include "bench/common.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 256, BUFFER = 65536, LINE = 1024, NAME = 32, OUT_FIRST = 512, NAMES_LINE = 400 };

struct channel {
    char name[NAME];
    size_t length;
    struct conn **members;
    size_t count, capacity;
    struct channel *next;
};

struct conn {
    int fd;
    bool dirty;   /* in the list of those who are sent to at the round's end */
    bool blocked; /* EPOLLOUT is armed */
    bool dead;
    char nick[NAME];
    char source[2 * NAME + 16]; /* ":nick!user@host " */
    size_t source_length;
    struct channel *channel; /* of the newest JOIN */
    char *out;
    size_t out_length, out_capacity;
    size_t rest; /* bytes of a line that has not ended */
    char kept[LINE];
};

struct server {
    int epoll, listener, signals;
    struct channel *channels;
    struct conn **dirty;
    size_t dirty_count, dirty_capacity;
    char in[LINE + BUFFER];
};

static void *grown(void *memory, size_t size)
{
    memory = realloc(memory, size);
    if (memory == NULL)
        err(1, "realloc");
    return memory;
}

static void watch(const struct server *server, int op, int fd, uint32_t events, void *ptr)
{
    struct epoll_event event = {.events = events, .data.ptr = ptr};

    if (epoll_ctl(server->epoll, op, fd, &event) != 0)
        err(1, "epoll_ctl");
}

/* -- Output ------------------------------------------------------------------------ */

static void mark_dirty(struct server *server, struct conn *conn)
{
    if (conn->dirty)
        return;
    conn->dirty = true;
    if (server->dirty_count == server->dirty_capacity) {
        server->dirty_capacity = server->dirty_capacity ? 2 * server->dirty_capacity : EVENTS;
        server->dirty = grown(server->dirty, server->dirty_capacity * sizeof(struct conn *));
    }
    server->dirty[server->dirty_count++] = conn;
}

static void append(struct server *server, struct conn *conn, const char *data, size_t length)
{
    if (conn->out_capacity - conn->out_length < length) {
        if (conn->out_capacity == 0)
            conn->out_capacity = OUT_FIRST;
        while (conn->out_capacity - conn->out_length < length)
            conn->out_capacity *= 2;
        conn->out = grown(conn->out, conn->out_capacity);
    }
    memcpy(conn->out + conn->out_length, data, length);
    conn->out_length += length;
    if (!conn->blocked)
        mark_dirty(server, conn);
}

static void append_text(struct server *server, struct conn *conn, const char *text)
{
    append(server, conn, text, strlen(text));
}

/* To all members of the channel but EXCEPT, who may be NULL. */
static void tell(struct server *server, const struct channel *channel, const struct conn *except,
                 const char *data, size_t length)
{
    for (size_t i = 0; i < channel->count; i++) {
        if (channel->members[i] != except)
            append(server, channel->members[i], data, length);
    }
}

static void set_blocked(const struct server *server, struct conn *conn, bool blocked)
{
    if (conn->blocked == blocked)
        return;
    conn->blocked = blocked;
    watch(server, EPOLL_CTL_MOD, conn->fd, EPOLLIN | (blocked ? (uint32_t)EPOLLOUT : 0), conn);
}

static void flush(const struct server *server, struct conn *conn)
{
    ssize_t sent = send(conn->fd, conn->out, conn->out_length, MSG_NOSIGNAL);

    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        sent = (ssize_t)conn->out_length; /* it will be noticed when it is read from */
    if (sent > 0) {
        conn->out_length -= (size_t)sent;
        memmove(conn->out, conn->out + sent, conn->out_length);
    }
    set_blocked(server, conn, conn->out_length > 0);
}

static void leave(struct conn *conn)
{
    struct channel *channel = conn->channel;

    for (size_t i = 0; channel != NULL && i < channel->count; i++) {
        if (channel->members[i] == conn)
            channel->members[i] = channel->members[--channel->count];
    }
    conn->channel = NULL;
}

static void release(struct conn *conn)
{
    close(conn->fd);
    free(conn->out);
    free(conn);
}

static void flush_all(struct server *server)
{
    for (size_t i = 0; i < server->dirty_count; i++) {
        struct conn *conn = server->dirty[i];

        conn->dirty = false;
        if (conn->dead)
            release(conn);
        else if (conn->out_length > 0)
            flush(server, conn);
    }
    server->dirty_count = 0;
}

/* Nothing of this round may name it any more when its memory goes: that is at the round's end. */
static void bury(struct server *server, struct conn *conn)
{
    leave(conn);
    conn->dead = true;
    watch(server, EPOLL_CTL_DEL, conn->fd, 0, NULL);
    mark_dirty(server, conn);
}

/* -- Commands ----------------------------------------------------------------------- */

static void welcome(struct server *server, struct conn *conn)
{
    char text[LINE];

    conn->source_length = (size_t)snprintf(conn->source, sizeof conn->source, ":%s!%s@localhost ",
                                           conn->nick, conn->nick);
    snprintf(text, sizeof text, ":limit 001 %s :Welcome\r\n:limit 422 %s :No MOTD\r\n", conn->nick,
             conn->nick);
    append_text(server, conn, text);
}

static struct channel *channel_of(struct server *server, const char *name)
{
    struct channel *channel = server->channels;

    while (channel != NULL && strcmp(channel->name, name) != 0)
        channel = channel->next;
    if (channel == NULL) {
        channel = grown(NULL, sizeof *channel);
        *channel = (struct channel){.next = server->channels};
        channel->length = (size_t)snprintf(channel->name, NAME, "%s", name);
        server->channels = channel;
    }
    return channel;
}

static void add_member(struct channel *channel, struct conn *conn)
{
    if (channel->count == channel->capacity) {
        channel->capacity = channel->capacity ? 2 * channel->capacity : 8;
        channel->members = grown(channel->members, channel->capacity * sizeof(struct conn *));
    }
    channel->members[channel->count++] = conn;
    conn->channel = channel;
}

static void list_names(struct server *server, struct conn *conn, const struct channel *channel)
{
    char text[LINE];
    size_t i = 0;

    while (i < channel->count) {
        size_t length =
            (size_t)snprintf(text, sizeof text, ":limit 353 %s = %s :", conn->nick, channel->name);

        for (; i < channel->count && length < NAMES_LINE; i++)
            length += (size_t)snprintf(text + length, sizeof text - length, "%s ",
                                       channel->members[i]->nick);
        memcpy(text + length, "\r\n", 2);
        append(server, conn, text, length + 2);
    }
    snprintf(text, sizeof text, ":limit 366 %s %s :End\r\n", conn->nick, channel->name);
    append_text(server, conn, text);
}

static void join(struct server *server, struct conn *conn, const char *name)
{
    struct channel *channel = channel_of(server, name);
    char text[LINE];
    int length = snprintf(text, sizeof text, "%sJOIN %s\r\n", conn->source, channel->name);

    leave(conn);
    add_member(channel, conn);
    tell(server, channel, NULL, text, (size_t)length);
    list_names(server, conn, channel);
}

/* LINE is what the peer said, with the end of line that others get: only the source is put before. */
static void say(struct server *server, struct conn *conn, const char *line, size_t length)
{
    struct channel *channel = conn->channel;
    char text[2 * LINE];

    if (channel == NULL || strncmp(line + 8, channel->name, channel->length) != 0 ||
        line[8 + channel->length] != ' ')
        return;
    memcpy(text, conn->source, conn->source_length);
    memcpy(text + conn->source_length, line, length);
    memcpy(text + conn->source_length + length, "\r\n", 2);
    tell(server, channel, conn, text, conn->source_length + length + 2);
}

/* The line ends with a NUL byte. */
static void obey(struct server *server, struct conn *conn, const char *line, size_t length)
{
    if (length > LINE - 2)
        return;
    if (strncmp(line, "PRIVMSG ", 8) == 0) {
        say(server, conn, line, length);
    } else if (strncmp(line, "PING", 4) == 0) {
        append_text(server, conn, ":limit PONG limit");
        append_text(server, conn, line + 4);
        append_text(server, conn, "\r\n");
    } else if (strncmp(line, "JOIN ", 5) == 0) {
        join(server, conn, line + 5);
    } else if (strncmp(line, "NICK ", 5) == 0) {
        snprintf(conn->nick, NAME, "%s", line + 5);
    } else if (strncmp(line, "USER ", 5) == 0) {
        welcome(server, conn);
    }
}

static void serve(struct server *server, struct conn *conn)
{
    char *at = server->in, *stop, *newline;
    ssize_t got = recv(conn->fd, server->in + LINE, BUFFER, 0);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        bury(server, conn);
        return;
    }
    at = server->in + LINE - conn->rest;
    memcpy(at, conn->kept, conn->rest);
    stop = server->in + LINE + got;
    while ((newline = memchr(at, '\n', (size_t)(stop - at))) != NULL) {
        char *end = newline > at && newline[-1] == '\r' ? newline - 1 : newline;

        *end = '\0';
        obey(server, conn, at, (size_t)(end - at));
        at = newline + 1;
    }
    conn->rest = (size_t)(stop - at);
    if (conn->rest > LINE) {
        bury(server, conn);
        return;
    }
    memcpy(conn->kept, at, conn->rest);
}

/* -- The loop ------------------------------------------------------------------------ */

static void accept_one(const struct server *server)
{
    /* cppcheck-suppress nullPointer ; the peer's address is not wanted */
    int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct conn *conn;

    if (fd < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED))
        return;
    if (fd < 0)
        err(1, "accept");
    conn = calloc(1, sizeof *conn);
    if (conn == NULL)
        err(1, "calloc");
    set_nodelay(fd);
    conn->fd = fd;
    watch(server, EPOLL_CTL_ADD, fd, EPOLLIN, conn);
}

static void handle(struct server *server, const struct epoll_event *event)
{
    struct conn *conn = event->data.ptr;

    if ((event->events & EPOLLOUT) != 0)
        flush(server, conn);
    if ((event->events & ~(uint32_t)EPOLLOUT) != 0)
        serve(server, conn);
}

/* The listener is known by the server's own address, the signals by a null pointer. */
static void loop(struct server *server)
{
    struct epoll_event events[EVENTS];

    for (;;) {
        int n = epoll_wait(server->epoll, events, EVENTS, -1);

        if (n < 0 && errno != EINTR)
            err(1, "epoll_wait");
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == NULL)
                return;
            if (events[i].data.ptr == server)
                accept_one(server);
            else
                handle(server, &events[i]);
        }
        flush_all(server);
    }
}

static struct server *open_server(uint16_t port)
{
    struct server *server = calloc(1, sizeof *server);
    sigset_t stop;

    if (server == NULL)
        err(1, "calloc");
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    block_stop_signals();
    server->signals = signalfd(-1, &stop, SFD_NONBLOCK | SFD_CLOEXEC);
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (server->signals < 0 || server->epoll < 0)
        err(1, "starting");
    server->listener = listen_on_loopback(port, 0);
    watch(server, EPOLL_CTL_ADD, server->signals, EPOLLIN, NULL);
    watch(server, EPOLL_CTL_ADD, server->listener, EPOLLIN, server);
    return server;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"port", required_argument, NULL, 'p'}, {0}};
    uint16_t port = 0;
    int c;
    struct server *server;

    while ((c = getopt_long(argc, argv, "p:", options, NULL)) != -1) {
        if (c != 'p')
            errx(2, "usage: raw_fanout [--port P]");
        port = (uint16_t)parse_number("--port", optarg, 0, 65535);
    }
    raise_descriptor_limit();
    server = open_server(port);
    announce_port(bound_port(server->listener));
    loop(server);
    close(server->listener);
    close(server->epoll);
    close(server->signals);
    free(server->dirty);
    free(server);
    return 0;
}
