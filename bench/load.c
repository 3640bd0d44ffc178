/* SPDX-License-Identifier: MIT */
/*
 * A load generator for servers that send every line back. README in this folder says how its modes
 * are used.
 *
 *     pl-load closed --port P [--connections C] [--flight K]
 *     pl-load open   --port P [--connections C] [--rate R] [--slow N]
 *     pl-load idle   --port P --pid PID [--connections C]
 *     pl-load churn  --port P --pid PID [--connections C]
 *
 * Prints key=value lines. Exit status 0: every line was answered and right; 1: not so, or the
 * server kept descriptors of closed connections; 2: wrong usage.
 */
#include "config.h"

#include "bench/common.h"
#include "bench/load.h"

#include <arpa/inet.h>
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct mode {
    const char *name;
    int (*run)(const struct load_options *options);
    uint64_t connections; /* by default */
    bool needs_pid;
} modes[] = {
    {"closed", run_closed, 50, false},
    {"open", run_open, 400, false},
    {"idle", run_idle, 10000, true},
    {"churn", run_churn, 20000, true},
};

/* Places in options_known. */
enum { ADDRESS, PORT, PID, CONNECTIONS, FLIGHT, RATE, SLOW, SIZE, THREADS, WARMUP, SECONDS, WARM };

static const struct option options_known[] = {
    {"address", required_argument, NULL, ADDRESS},
    {"port", required_argument, NULL, PORT},
    {"pid", required_argument, NULL, PID},
    {"connections", required_argument, NULL, CONNECTIONS},
    {"flight", required_argument, NULL, FLIGHT},
    {"rate", required_argument, NULL, RATE},
    {"slow", required_argument, NULL, SLOW},
    {"size", required_argument, NULL, SIZE},
    {"threads", required_argument, NULL, THREADS},
    {"warmup", required_argument, NULL, WARMUP},
    {"seconds", required_argument, NULL, SECONDS},
    {"warm-connections", required_argument, NULL, WARM},
    {0},
};

static const char usage_text[] =
    "usage: pl-load closed|open|idle|churn --port P [option]...\n"
    "  --address A           IPv4 address of the server [127.0.0.1]\n"
    "  --pid PID             the server's process, to see its CPU, memory, threads, descriptors\n"
    "  --connections C       [closed 50, open 400, idle 10000, churn 20000]\n"
    "  --size B              bytes of a line, its newline included [64]\n"
    "  --threads T           closed, open: threads of the generator [1]\n"
    "  --warmup S            closed, open: seconds before the window that counts [1]\n"
    "  --seconds S           closed, open: length of the window [3]\n"
    "  --flight K            closed: lines under way on each connection [1]\n"
    "  --rate R              open: lines a second, over all connections [20000]\n"
    "  --slow N              open: one line in N begins with \"slow \" [0: none]\n"
    "  --warm-connections N  churn: opened and closed before the first look [4000]\n";

static const struct mode *find_mode(const char *name)
{
    for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(modes[i].name, name) == 0)
            return &modes[i];
    }
    errx(2, "closed, open, idle or churn expected, got %s", name);
}

/* The whole-number option of that value, or NULL for the others. */
static uint64_t *number_of(struct load_options *o, int option, uint64_t *min, uint64_t *max)
{
    *min = 1;
    *max = 1000000;
    switch (option) {
    case CONNECTIONS:
        return &o->connections;
    case FLIGHT:
        *max = 65536;
        return &o->flight;
    case RATE:
        return &o->rate;
    case THREADS:
        *max = 64;
        return &o->threads;
    case SLOW:
        *min = 0;
        return &o->shape.slow_one;
    case WARM:
        *min = 0;
        return &o->warm_connections;
    default:
        return NULL;
    }
}

static void set_option(struct load_options *o, int option, const char *text)
{
    uint64_t min, max, *number = number_of(o, option, &min, &max);

    if (number != NULL) {
        *number = parse_number(options_known[option].name, text, min, max);
        return;
    }
    switch (option) {
    case ADDRESS:
        if (inet_pton(AF_INET, text, &o->server.sin_addr) != 1)
            errx(2, "--address: an IPv4 address expected, got %s", text);
        break;
    case PORT:
        o->server.sin_port = htons((uint16_t)parse_number("--port", text, 1, 65535));
        break;
    case PID:
        o->pid = (pid_t)parse_number("--pid", text, 1, INT32_MAX);
        break;
    case SIZE:
        o->shape.size = parse_number("--size", text, LINE_MIN, LINE_MAX);
        break;
    case WARMUP:
        o->warmup = parse_seconds("--warmup", text);
        break;
    case SECONDS:
        o->window = parse_seconds("--seconds", text);
        break;
    default:
        fputs(usage_text, stderr);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    struct load_options o = {.server = {.sin_family = AF_INET},
                             .flight = 1,
                             .rate = 20000,
                             .threads = 1,
                             .warmup = NS_PER_S,
                             .window = 3 * NS_PER_S,
                             .warm_connections = 4000,
                             .shape = {.size = 64}};
    const struct mode *mode;
    int c, status;

    if (argc < 2 || strcmp(argv[1], "--help") == 0) {
        fputs(usage_text, argc < 2 ? stderr : stdout);
        return argc < 2 ? 2 : 0;
    }
    mode = find_mode(argv[1]);
    o.connections = mode->connections;
    o.server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    while ((c = getopt_long(argc - 1, argv + 1, "", options_known, NULL)) != -1)
        set_option(&o, c, optarg);
    if (optind < argc - 1)
        errx(2, "nothing expected after the options, got %s", argv[optind + 1]);
    if (o.server.sin_port == 0)
        errx(2, "--port is needed");
    if (mode->needs_pid && o.pid == 0)
        errx(2, "%s needs --pid", mode->name);
    if (o.connections < o.threads)
        errx(2, "each of %ju threads needs a connection", (uintmax_t)o.threads);
    raise_descriptor_limit();
    status = mode->run(&o);
    if (fflush(stdout) != 0)
        err(1, "standard output");
    return status;
}
