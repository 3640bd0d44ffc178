/* SPDX-License-Identifier: MIT */
/*
 * An echo on libpaceline's public interface alone, with a handler that can block: a line that
 * begins with "slow " is answered after 5 ms spent inside a blocking bracket, any other at once.
 *
 *     lf_server [--threads N] [--model MODEL] [--port P] [--no-bracket]
 *
 * With --no-bracket it spends them without saying so to the library. Everything else is the library's default. Prints "port N" once it is bound, serves until SIGTERM
 * or SIGINT, and exits 0.
 */
#include "config.h"

#include "bench/common.h"

#include <paceline.h>

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <time.h>

enum { BLOCK_NS = 5000000, DRAIN_MS = 5000 };

static void block(void)
{
    struct timespec left = {.tv_nsec = BLOCK_NS};

    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
        ;
}

static int is_slow(const struct pl_line *line)
{
    return line->length >= 5 && memcmp(line->text, "slow ", 5) == 0;
}

/* What a send that fails leaves to do, ending the session, the library does itself. */
static void echo(struct pl_session *session, const struct pl_line *line)
{
    if (is_slow(line)) {
        pl_blocking_begin();
        block();
        pl_blocking_end();
    }
    (void)pl_session_send(session, line->text, line->size);
}

static void echo_without_bracket(struct pl_session *session, const struct pl_line *line)
{
    if (is_slow(line))
        block();
    (void)pl_session_send(session, line->text, line->size);
}

static void stop(int number, void *server)
{
    (void)number;
    pl_server_drain(server, DRAIN_MS);
}

/* End with a message if a call of the library returned an error. */
static void must(int result, const char *what)
{
    if (result >= 0)
        return;
    errno = -result;
    err(1, "%s", what);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"threads", required_argument, NULL, 't'},
                                            {"model", required_argument, NULL, 'm'},
                                            {"port", required_argument, NULL, 'p'},
                                            {"no-bracket", no_argument, NULL, 'n'},
                                            {0}};
    static const struct pl_service bracketed = {.name = "echo", .line = echo};
    static const struct pl_service without = {.name = "echo", .line = echo_without_bracket};
    const struct pl_service *service = &bracketed;
    struct pl_server_options server_options = PL_SERVER_OPTIONS;
    struct pl_listener_options listener_options = PL_LISTENER_OPTIONS;
    struct pl_listener *listener;
    struct pl_server *server;
    int c;

    while ((c = getopt_long(argc, argv, "t:m:p:", options, NULL)) != -1) {
        if (c == 't')
            server_options.threads = (unsigned)parse_number("--threads", optarg, 0, 1024);
        else if (c == 'm')
            server_options.model = optarg;
        else if (c == 'p')
            listener_options.port = (unsigned)parse_number("--port", optarg, 0, 65535);
        else if (c == 'n')
            service = &without;
        else
            errx(2, "usage: lf_server [--threads N] [--model MODEL] [--port P] [--no-bracket]");
    }
    raise_descriptor_limit();
    must(pl_server_new(&server_options, &server), "making a server");
    must(pl_server_on_signal(server, SIGTERM, stop, server), "SIGTERM");
    must(pl_server_on_signal(server, SIGINT, stop, server), "SIGINT");
    must(pl_server_listen(server, service, NULL, &listener_options, &listener), "listening");
    announce_port((uint16_t)pl_listener_port(listener));
    must(pl_server_run(server), "running");
    pl_server_free(server);
    return 0;
}
