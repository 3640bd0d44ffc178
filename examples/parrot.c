/* SPDX-License-Identifier: MIT */
/*
 * A line server that repeats what it is told. To build and run it:
 *
 *     cc -o parrot parrot.c $(pkg-config --cflags --libs paceline)
 *     ./parrot 7070
 *
 * and in another terminal: nc 127.0.0.1 7070
 */
#include <paceline.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int greet(struct pl_session *session, void *context)
{
    return pl_session_printf(session, "%s says hello; quit leaves\r\n", (const char *)context);
}

static void repeat(struct pl_session *session, const struct pl_line *line)
{
    if (line->length == 4 && memcmp(line->text, "quit", 4) == 0)
        pl_session_close(session);
    else
        pl_session_printf(session, "you said: %.*s\r\n", (int)line->length, line->text);
}

static void leave(int signal, void *server)
{
    (void)signal;
    pl_server_drain(server, 5000);
}

int main(int argc, char **argv)
{
    static const struct pl_service service = {.name = "parrot", .open = greet, .line = repeat};
    struct pl_server_options options = PL_SERVER_OPTIONS;
    struct pl_listener_options address = PL_LISTENER_OPTIONS;
    struct pl_listener *listener;
    struct pl_server *server;
    char name[] = "the parrot";
    int error;

    address.port = argc > 1 ? (unsigned)atoi(argv[1]) : 7070;
    if ((error = pl_server_new(&options, &server)) < 0 ||
        (error = pl_server_on_signal(server, SIGTERM, leave, server)) < 0 ||
        (error = pl_server_listen(server, &service, name, &address, &listener)) < 0) {
        fprintf(stderr, "parrot: %s\n", strerror(-error));
        return 1;
    }
    printf("listening on port %u\n", pl_listener_port(listener));
    fflush(stdout);
    error = pl_server_run(server);
    pl_server_free(server);
    return error < 0;
}
