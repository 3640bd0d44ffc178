/* SPDX-License-Identifier: MIT */
/*
 * A load generator for servers that speak IRC. README in this folder says how its modes are used.
 *
 *     pl-chat talk --port P [--people N] [--channels M] [--speakers S] [--flight F]
 *     pl-chat join --port P --pid PID [--people N] [--channels M]
 *     pl-chat idle --port P --pid PID [--people N]
 *     pl-chat port
 *
 * Prints key=value lines; port prints a port that is free. Exit status 0: everything arrived, whole
 * and in order; 1: not so; 2: wrong usage.
 */
#include "config.h"

#include "bench/chat.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct mode {
    const char *name;
    int (*run)(const struct chat_options *options);
    uint64_t people; /* by default */
    bool needs_pid;
} modes[] = {
    {"talk", chat_talk, 200, false},
    {"join", chat_join, 1000, true},
    {"idle", chat_idle, 10000, true},
};

/* Places in options_known. */
enum {
    PORT,
    PID,
    PEOPLE,
    AT_A_TIME,
    CHANNELS,
    SPEAKERS,
    FLIGHT,
    ANY_LISTENER,
    SIZE,
    WARMUP,
    SECONDS,
    COUNTER
};

static const struct option options_known[] = {
    {"port", required_argument, NULL, PORT},
    {"pid", required_argument, NULL, PID},
    {"people", required_argument, NULL, PEOPLE},
    {"at-a-time", required_argument, NULL, AT_A_TIME},
    {"channels", required_argument, NULL, CHANNELS},
    {"speakers", required_argument, NULL, SPEAKERS},
    {"flight", required_argument, NULL, FLIGHT},
    {"any-listener", no_argument, NULL, ANY_LISTENER},
    {"size", required_argument, NULL, SIZE},
    {"warmup", required_argument, NULL, WARMUP},
    {"seconds", required_argument, NULL, SECONDS},
    {"counter", required_argument, NULL, COUNTER},
    {0},
};

static const char usage_text[] =
    "usage: pl-chat talk|join|idle --port P [option]...\n"
    "       pl-chat port\n"
    "  --pid PID           the server's process, to see its CPU and memory\n"
    "  --people N          [talk 200, join 1000, idle 10000]\n"
    "  --at-a-time N       how many of them may be registering [1000]\n"
    "  --channels M        talk, join: person i is in channel i modulo M [1]\n"
    "  --speakers S        talk: the first S people speak [1]\n"
    "  --flight F          talk: messages of each speaker under way [1]\n"
    "  --any-listener      talk: any recipient, another one each time, lets a speaker go on, not "
    "the\n"
    "                      channel's first one who only listens\n"
    "  --size B            talk: bytes of a message [100]\n"
    "  --warmup S          talk: seconds before the window that counts [1]\n"
    "  --seconds S         talk: length of the window [3]\n"
    "  --counter TO,FROM   talk: the FIFOs of a perf stat --control that is to count the window\n";

static int print_port(void)
{
    int fd = listen_on_loopback(0, 0);

    printf("%u\n", bound_port(fd));
    close(fd);
    return 0;
}

static const struct mode *find_mode(const char *name)
{
    for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(modes[i].name, name) == 0)
            return &modes[i];
    }
    errx(2, "talk, join, idle or port expected, got %s", name);
}

static void set_counter(struct chat_options *o, char *text)
{
    char *comma = strchr(text, ',');

    if (comma == NULL)
        errx(2, "--counter: two FIFOs expected, got %s", text);
    *comma = '\0';
    o->count_to = text;
    o->count_from = comma + 1;
}

static void set_option(struct chat_options *o, int option, char *text)
{
    switch (option) {
    case PORT:
        o->server.sin_port = htons((uint16_t)parse_number("--port", text, 1, 65535));
        break;
    case PID:
        o->pid = (pid_t)parse_number("--pid", text, 1, INT32_MAX);
        break;
    case PEOPLE:
        o->people = parse_number("--people", text, 2, 1000000);
        break;
    case AT_A_TIME:
        o->at_a_time = parse_number("--at-a-time", text, 1, 1000000);
        break;
    case CHANNELS:
        o->channels = parse_number("--channels", text, 1, 1000000);
        break;
    case SPEAKERS:
        o->speakers = parse_number("--speakers", text, 1, 1000000);
        break;
    case FLIGHT:
        o->flight = parse_number("--flight", text, 1, 100);
        break;
    case ANY_LISTENER:
        o->any_listener = true;
        break;
    case SIZE:
        o->shape.size = parse_number("--size", text, LINE_MIN, 400) + 1;
        break;
    case WARMUP:
        o->warmup = parse_seconds("--warmup", text);
        break;
    case SECONDS:
        o->window = parse_seconds("--seconds", text);
        break;
    case COUNTER:
        set_counter(o, text);
        break;
    default:
        fputs(usage_text, stderr);
        exit(2);
    }
}

static void check_options(const struct chat_options *o, const struct mode *mode)
{
    if (o->server.sin_port == 0)
        errx(2, "--port is needed");
    if (mode->needs_pid && o->pid == 0)
        errx(2, "%s needs --pid", mode->name);
    if (o->people < 2 * o->channels)
        errx(2, "each of %ju channels needs two people", (uintmax_t)o->channels);
    if (o->speakers > o->people)
        errx(2, "there are only %ju people to speak", (uintmax_t)o->people);
}

int main(int argc, char **argv)
{
    struct chat_options o = {.server = {.sin_family = AF_INET},
                             .at_a_time = 1000,
                             .channels = 1,
                             .speakers = 1,
                             .flight = 1,
                             .warmup = NS_PER_S,
                             .window = 3 * NS_PER_S,
                             .shape = {.size = 101}};
    const struct mode *mode;
    int c, status;

    if (argc < 2 || strcmp(argv[1], "--help") == 0) {
        fputs(usage_text, argc < 2 ? stderr : stdout);
        return argc < 2 ? 2 : 0;
    }
    if (strcmp(argv[1], "port") == 0)
        return print_port();
    mode = find_mode(argv[1]);
    o.people = mode->people;
    o.server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    while ((c = getopt_long(argc - 1, argv + 1, "", options_known, NULL)) != -1)
        set_option(&o, c, optarg);
    if (optind < argc - 1)
        errx(2, "nothing expected after the options, got %s", argv[optind + 1]);
    check_options(&o, mode);
    raise_descriptor_limit();
    status = mode->run(&o);
    if (fflush(stdout) != 0)
        err(1, "standard output");
    return status;
}
