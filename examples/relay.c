/* SPDX-License-Identifier: MIT */
/*
 * A server that is a client too: each of its clients gets a connection to another line server, and
 * lines go through in both directions. To build and run it, with the parrot at port 7070:
 *
 *     cc -o relay relay.c $(pkg-config --cflags --libs paceline)
 *     ./relay 7071 127.0.0.1 7070
 *
 * and in another terminal: nc 127.0.0.1 7071
 */
#include <paceline.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The two ends of a way through, which different threads may serve at the same time. */
struct pair {
    _Atomic uint64_t client;   /* its session; 0: it is over */
    _Atomic uint64_t upstream; /* its session; 0: it is not there yet */
    uint64_t connecting;       /* what pl_connect_cancel() takes */
    atomic_int ends;           /* not over; the last one frees the pair */
};

static struct pl_connect_options where = PL_CONNECT_OPTIONS;

static void let_go(struct pair *pair)
{
    if (atomic_fetch_sub(&pair->ends, 1) == 1)
        free(pair);
}

static void end(struct pl_server *server, uint64_t id)
{
    struct pl_session *session = pl_server_find(server, id);

    if (session)
        pl_session_close(session);
    pl_session_unref(session);
}

static void pass(struct pl_session *from, uint64_t to, const struct pl_line *line)
{
    struct pl_session *session = pl_server_find(pl_session_server(from), to);

    if (session)
        pl_session_send(session, line->text, line->size);
    pl_session_unref(session);
}

/* -- Upstream: the sessions that pl_connect() makes -- */

static int upstream_open(struct pl_session *session, void *context)
{
    struct pair *pair = context;
    struct pl_session *client;

    pl_session_set_data(session, pair);
    pair->upstream = pl_session_id(session);
    client = pl_server_find(pl_session_server(session), pair->client);
    if (client)
        pl_session_resume(client);
    else
        pl_session_close(session); /* it has left meanwhile */
    pl_session_unref(client);
    return 0;
}

static void upstream_line(struct pl_session *session, const struct pl_line *line)
{
    pass(session, ((struct pair *)pl_session_data(session))->client, line);
}

static void upstream_close(struct pl_session *session, enum pl_reason reason)
{
    struct pair *pair = pl_session_data(session);

    (void)reason;
    end(pl_session_server(session), pair->client);
    let_go(pair);
}

static const struct pl_service upstream = {
    .name = "upstream", .open = upstream_open, .line = upstream_line, .close = upstream_close};

/* -- Clients: the sessions that are accepted -- */

static struct pl_server *server;

static void upstream_failed(void *context, int error)
{
    struct pair *pair = context;
    struct pl_session *client = pl_server_find(server, pair->client);

    if (client)
        pl_session_printf(client, "no connection: %s\r\n", strerror(-error));
    pl_session_unref(client);
    end(server, pair->client);
    let_go(pair);
}

static int client_open(struct pl_session *session, void *context)
{
    struct pair *pair = calloc(1, sizeof(*pair));
    int error;

    (void)context;
    if (!pair)
        return -1;
    pair->client = pl_session_id(session);
    pair->ends = 2;
    pl_session_set_data(session, pair);
    pl_session_park(session); /* no line comes until there is somebody to pass it to */
    error = pl_connect(server, &upstream, pair, &where, &pair->connecting);
    if (error < 0)
        free(pair);
    return error;
}

static void client_line(struct pl_session *session, const struct pl_line *line)
{
    pass(session, ((struct pair *)pl_session_data(session))->upstream, line);
}

static void client_close(struct pl_session *session, enum pl_reason reason)
{
    struct pair *pair = pl_session_data(session);

    (void)reason;
    pair->client = 0;
    pl_connect_cancel(server, pair->connecting);
    end(pl_session_server(session), pair->upstream);
    let_go(pair);
}

static void leave(int signal, void *argument)
{
    (void)signal;
    pl_server_drain(argument, 5000);
}

int main(int argc, char **argv)
{
    static const struct pl_service service = {
        .name = "relay", .open = client_open, .line = client_line, .close = client_close};
    struct pl_server_options options = PL_SERVER_OPTIONS;
    struct pl_listener_options address = PL_LISTENER_OPTIONS;
    struct pl_listener *listener;
    int error;

    if (argc != 4) {
        fprintf(stderr, "usage: relay PORT UPSTREAM-HOST UPSTREAM-PORT\n");
        return 2;
    }
    address.port = (unsigned)atoi(argv[1]);
    where.host = argv[2];
    where.port = (unsigned)atoi(argv[3]);
    where.failed = upstream_failed;
    if ((error = pl_server_new(&options, &server)) < 0 ||
        (error = pl_server_on_signal(server, SIGTERM, leave, server)) < 0 ||
        (error = pl_server_listen(server, &service, NULL, &address, &listener)) < 0) {
        fprintf(stderr, "relay: %s\n", strerror(-error));
        return 1;
    }
    printf("listening on port %u\n", pl_listener_port(listener));
    fflush(stdout);
    error = pl_server_run(server);
    pl_server_free(server);
    return error < 0;
}
