/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/options.h"

#include "tools/bench/fail.h"

#include <paceline/version.h>

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const bench_command_names[BENCH_COMMANDS + 1] = {"echo",  "chat",  "idle",    "mixed",
                                                             "churn", "login", "compare", NULL};

enum {
    ECHO = 1 << BENCH_ECHO,
    CHAT = 1 << BENCH_CHAT,
    IDLE = 1 << BENCH_IDLE,
    MIXED = 1 << BENCH_MIXED,
    CHURN = 1 << BENCH_CHURN,
    LOGIN = 1 << BENCH_LOGIN,
    COMPARE = 1 << BENCH_COMPARE,
    LINES = ECHO | MIXED,
    LOADS = ECHO | CHAT | IDLE | MIXED | CHURN | LOGIN,
    ALL = LOADS | COMPARE,
};

#define MILLION       1000000
#define PLACE(member) offsetof(struct bench_options, member)

const struct bench_option bench_option_table[] = {
    {"connections", "count", LINES | IDLE | CHURN | LOGIN, OPTION_NUMBER, PLACE(connections), 1,
     MILLION, "how many [echo 50, mixed 400, idle 10000, churn 20000, login 200]"},
    {"connections", "list", COMPARE, OPTION_NUMBERS, PLACE(connection_counts), 1, MILLION,
     "how many, or several with commas [echo 50, mixed 400, chat 200, idle 10000]"},
    {"threads", "count", LINES | CHURN, OPTION_NUMBER, PLACE(threads), 1, 64,
     "threads of the generator [1]"},
    {"threads", "list", COMPARE, OPTION_NUMBERS, PLACE(thread_counts), 1, 1024,
     "threads of the servers, one number or several [as many as there are CPUs]"},
    {"load-threads", "count", COMPARE, OPTION_NUMBER, PLACE(threads), 1, 64,
     "threads of the generator [1]"},
    {"flight", "count", LINES | CHAT | COMPARE, OPTION_NUMBER, PLACE(flight), 1, 65536,
     "lines under way on each connection, messages of each speaker [1]"},
    {"rate", "lines", LINES | COMPARE, OPTION_NUMBER, PLACE(rate), 0, 10 * MILLION,
     "open loop: lines a second over all connections; 0: closed loop [echo 0, mixed 20000]"},
    {"rate", "messages", CHAT, OPTION_NUMBER, PLACE(rate), 0, 10 * MILLION,
     "open loop: messages a second of all speakers together; 0: closed loop [0]"},
    {"size", "bytes", LINES | IDLE | CHURN | COMPARE, OPTION_NUMBER, PLACE(shape.size), LINE_MIN,
     LINE_MAX, "of a line, its newline included [64]"},
    {"size", "bytes", CHAT, OPTION_NUMBER, PLACE(shape.size), LINE_MIN, 400, "of a message [100]"},
    {"slow", "count", MIXED | COMPARE, OPTION_NUMBER, PLACE(shape.slow_one), 0, MILLION,
     "one line in so many begins with \"slow \" [100]"},
    {"warmup", "seconds", LINES | CHAT | COMPARE, OPTION_SECONDS, PLACE(warmup), 0, 3600,
     "before the time that counts [1]"},
    {"seconds", "seconds", LINES | CHAT | COMPARE, OPTION_SECONDS, PLACE(window), 0, 3600,
     "the time that counts [3]"},
    {"seconds", "seconds", IDLE, OPTION_SECONDS, PLACE(window), 0, 3600,
     "how long the connections are held [0]"},
    {"patience", "seconds", ALL, OPTION_SECONDS, PLACE(patience), 0, 3600,
     "how long a connection or a missing answer is awaited [10]"},
    {"warm-connections", "count", CHURN, OPTION_NUMBER, PLACE(warm_connections), 0, MILLION,
     "opened and closed before those that count [4000]"},
    {"people", "count", CHAT, OPTION_NUMBER, PLACE(people), 2, MILLION,
     "how many [200; with --join-only 1000, with --idle-only 10000]"},
    {"channels", "count", CHAT | COMPARE, OPTION_NUMBER, PLACE(channels), 1, MILLION,
     "person i is in channel i modulo so many [1]"},
    {"speakers", "count", CHAT | COMPARE, OPTION_NUMBER, PLACE(speakers), 1, MILLION,
     "the first of the people speak [1]"},
    {"at-a-time", "count", CHAT | LOGIN, OPTION_NUMBER, PLACE(at_a_time), 1, MILLION,
     "how many people may be registering, or logging in [1000]"},
    {"by", "way", LOGIN, OPTION_TEXT, PLACE(by), 0, 0,
     "plain, scram, or register: an account of its own for each [plain]"},
    {"account", "name", LOGIN, OPTION_TEXT, PLACE(account), 0, 0, "that all log in to [bench]"},
    {"password", "text", LOGIN, OPTION_TEXT, PLACE(password), 0, 0,
     "of that account, or of new ones [bench]"},
    {"any-listener", NULL, CHAT, OPTION_FLAG, PLACE(any_listener), 0, 0,
     "any recipient, another one each time, lets a speaker go on, not one of each channel"},
    {"join-only", NULL, CHAT, OPTION_FLAG, PLACE(join_only), 0, 0,
     "what it costs that all join at once; nobody speaks"},
    {"idle-only", NULL, CHAT, OPTION_FLAG, PLACE(idle_only), 0, 0,
     "what people hold who register and join nothing"},
    {"tls", NULL, LOADS, OPTION_FLAG, PLACE(tls), 0, 0,
     "speak TLS; the server's certificate is not verified"},
    {"pid", "process", LOADS, OPTION_NUMBER, PLACE(pid), 1, INT32_MAX,
     "the server's process: its CPU, context switches, memory"},
    {"syscalls", NULL, LINES | CHAT | COMPARE, OPTION_FLAG, PLACE(syscalls), 0, 0,
     "its system calls too, which slows them down"},
    {"rounds", "count", COMPARE, OPTION_NUMBER, PLACE(rounds), 1, 1000, "of every case [5]"},
    {"case", "list", COMPARE, OPTION_WORDS, PLACE(cases), 0, 0,
     "of echo, mixed, chat, idle; several with commas [echo]"},
    {"models", "list", COMPARE, OPTION_WORDS, PLACE(models), 0, 0,
     "pool.model of paceline, several with commas, or none [all that there are]"},
    {"server", "label=command", COMPARE, OPTION_APPEND, PLACE(servers), 0, 0,
     "another server; {port}, {threads} and {connections} are put in; may be repeated"},
    {"mixed-server", "command", COMPARE, OPTION_TEXT, PLACE(mixed_server), 0, 0,
     "case mixed: what serves slow lines in the place of paceline, with {model} too"},
    {"daemon", "file", COMPARE, OPTION_TEXT, PLACE(daemon), 0, 0,
     "the paceline to start [beside this program, or in PATH]"},
    {"scale", NULL, COMPARE, OPTION_FLAG, PLACE(scale), 0, 0,
     "case echo: over 1,10,100,1000,10000 connections and 1,2,4,8 threads"},
    {"plot", "folder", COMPARE, OPTION_TEXT, PLACE(plot), 0, 0,
     "draw the figures there, as SVG and PNG, with gnuplot"},
    {"progress", NULL, ALL, OPTION_FLAG, PLACE(progress), 0, 0,
     "say on standard error how far it is, even if that is no terminal"},
    {"json", NULL, ALL, OPTION_FLAG, PLACE(json), 0, 0, "write a JSON object, not a table"},
    {"help", NULL, ALL, OPTION_HELP, 0, 0, 0, "write this, and end"},
    {"version", NULL, ALL, OPTION_VERSION, 0, 0, 0, "write the version, and end"},
    {0},
};

/* -- Help ------------------------------------------------------------------------------------ */

static void print_usage(FILE *file)
{
    fputs("usage: paceline-bench echo|chat|idle|mixed|churn|login [option]... [HOST:PORT]\n"
          "       paceline-bench compare [option]...\n"
          "\n"
          "  echo      lines to and fro, each answered with itself\n"
          "  chat      people who speak IRC in channels\n"
          "  idle      connections that are held\n"
          "  mixed     as echo, but some lines take the server long\n"
          "  churn     connections that come, say a line, and go\n"
          "  login     people who speak IRC and log in, or register, all at once\n"
          "  compare   paceline under each concurrency model, and other servers, in turns\n"
          "\n"
          "paceline-bench COMMAND --help lists the options of a command.\n"
          "Exit status: 0 all is right, 1 wrong or missing answers, 2 usage.\n",
          file);
}

static void print_help(enum bench_command command)
{
    printf("usage: paceline-bench %s [option]...%s\n\n", bench_command_names[command],
           command == BENCH_COMPARE ? "" : " [HOST:PORT]");
    for (const struct bench_option *o = bench_option_table; o->name; o++) {
        char left[64];

        if (!(o->commands & 1u << command))
            continue;
        snprintf(left, sizeof(left), "--%s %s", o->name, o->argument ? o->argument : "");
        if (strlen(left) > 24)
            printf("  %s\n  %24s %s\n", left, "", o->help);
        else
            printf("  %-24s %s\n", left, o->help);
    }
    if (command != BENCH_COMPARE)
        printf("\nHOST:PORT is 127.0.0.1:%d if none is given.\n",
               command == BENCH_CHAT || command == BENCH_LOGIN ? 6667 : 7007);
}

/* -- Values ---------------------------------------------------------------------------------- */

static uint64_t number(const struct bench_option *o, const char *text)
{
    unsigned long long value;
    char *end;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || value < o->min || value > o->max)
        bench_usage("--%s: %ju..%ju expected, got %s", o->name, (uintmax_t)o->min,
                    (uintmax_t)o->max, text);
    return value;
}

static uint64_t seconds(const struct bench_option *o, const char *text)
{
    char *end;
    double value = strtod(text, &end);

    if (end == text || *end || !(value >= (double)o->min && value <= (double)o->max))
        bench_usage("--%s: %ju..%ju seconds expected, got %s", o->name, (uintmax_t)o->min,
                    (uintmax_t)o->max, text);
    return (uint64_t)llround(value * (double)NS_PER_S);
}

static void add_word(const struct bench_option *o, struct bench_words *words, char *text)
{
    if (!*text)
        bench_usage("--%s: something is missing", o->name);
    if (words->count == BENCH_LIST)
        bench_usage("--%s: no more than %d are possible", o->name, BENCH_LIST);
    words->value[words->count++] = text;
}

static void set_words(const struct bench_option *o, struct bench_words *words, char *text)
{
    words->count = 0;
    for (char *word; (word = strsep(&text, ","));)
        add_word(o, words, word);
}

static void set_numbers(const struct bench_option *o, struct bench_numbers *numbers, char *text)
{
    struct bench_words words;

    set_words(o, &words, text);
    numbers->count = words.count;
    for (unsigned i = 0; i < words.count; i++) {
        numbers->value[i] = number(o, words.value[i]);
        if (i > 0 && numbers->value[i] <= numbers->value[i - 1])
            bench_usage("--%s: the numbers should rise", o->name);
    }
}

static void set_option(struct bench_options *options, const struct bench_option *o, char *text)
{
    void *place = (char *)options + o->place;

    switch (o->kind) {
    case OPTION_FLAG:
        *(bool *)place = true;
        break;
    case OPTION_NUMBER:
        *(uint64_t *)place = number(o, text);
        break;
    case OPTION_SECONDS:
        *(uint64_t *)place = seconds(o, text);
        break;
    case OPTION_TEXT:
        *(const char **)place = text;
        break;
    case OPTION_NUMBERS:
        set_numbers(o, place, text);
        break;
    case OPTION_WORDS:
        set_words(o, place, text);
        break;
    case OPTION_APPEND:
        add_word(o, place, text);
        break;
    case OPTION_HELP:
        print_help(options->command);
        bench_finish_output();
        exit(BENCH_WELL);
    case OPTION_VERSION:
        printf("paceline-bench %s\n", pl_version());
        bench_finish_output();
        exit(BENCH_WELL);
    }
}

/* -- The whole of it ------------------------------------------------------------------------- */

void bench_options_default(struct bench_options *options, enum bench_command command)
{
    static const uint64_t connections[BENCH_COMMANDS] = {[BENCH_ECHO] = 50,
                                                         [BENCH_MIXED] = 400,
                                                         [BENCH_IDLE] = 10000,
                                                         [BENCH_CHURN] = 20000,
                                                         [BENCH_LOGIN] = 200};

    *options = (struct bench_options){
        .command = command,
        .connections = connections[command],
        .flight = 1,
        .rate = command == BENCH_MIXED ? 20000 : 0,
        .threads = 1,
        .warmup = NS_PER_S,
        .window = command == BENCH_IDLE ? 0 : 3 * NS_PER_S,
        .patience = 10 * NS_PER_S,
        .warm_connections = 4000,
        .shape = {.size = command == BENCH_CHAT ? 100 : 64,
                  .slow_one = command == BENCH_MIXED ? 100 : 0},
        .at_a_time = 1000,
        .channels = 1,
        .speakers = 1,
        .by = "plain",
        .account = "bench",
        .password = "bench",
        .rounds = 5,
    };
    if (command == BENCH_COMPARE) { /* what is not given is as in the case's own command */
        options->rate = UINT64_MAX;
        options->shape.slow_one = 100;
    }
}

static void check_chat(struct bench_options *o)
{
    if (o->join_only && o->idle_only)
        bench_usage("only one of --join-only and --idle-only is possible");
    if (o->people == 0)
        o->people = o->join_only ? 1000 : o->idle_only ? 10000 : 200;
    if (o->people / 2 < o->channels)
        bench_usage("each of %ju channels needs two people", (uintmax_t)o->channels);
    if (o->speakers > o->people)
        bench_usage("there are only %ju people to speak", (uintmax_t)o->people);
    if (o->flight > 100)
        bench_usage("--flight: 1..100 expected for chat");
    o->shape.size++; /* a newline stands for what ends a message */
}

static void check(struct bench_options *o)
{
    if (o->window == 0 && o->command != BENCH_IDLE)
        bench_usage("--seconds: more than 0 expected");
    if (o->patience < NS_PER_MS)
        bench_usage("--patience: more than 0 expected");
    if (o->command == BENCH_CHAT)
        check_chat(o);
    else if (o->command != BENCH_COMPARE && o->connections < o->threads)
        bench_usage("each of %ju threads needs a connection", (uintmax_t)o->threads);
    if (o->syscalls && o->pid == 0 && o->command != BENCH_COMPARE)
        bench_usage("--syscalls goes with --pid");
}

static enum bench_command find_command(const char *name)
{
    for (unsigned i = 0; i < BENCH_COMMANDS; i++)
        if (strcmp(name, bench_command_names[i]) == 0)
            return i;
    bench_usage("echo, chat, idle, mixed, churn, login or compare expected, got %s", name);
}

static void read_options(struct bench_options *options, int argc, char **argv)
{
    const struct bench_option *taken[64];
    struct option known[64] = {0};
    int count = 0;
    int c;

    for (const struct bench_option *o = bench_option_table; o->name; o++) {
        if (!(o->commands & 1u << options->command))
            continue;
        known[count] = (struct option){o->name, o->argument ? required_argument : no_argument, NULL,
                                       256 + count};
        taken[count++] = o;
    }
    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (c < 256) /* getopt_long() has said it */
            exit(BENCH_USAGE);
        set_option(options, taken[c - 256], optarg);
    }
}

void bench_options_read(struct bench_options *options, int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        exit(BENCH_USAGE);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "--version") == 0) {
        if (argv[1][2] == 'h')
            print_usage(stdout);
        else
            printf("paceline-bench %s\n", pl_version());
        bench_finish_output();
        exit(BENCH_WELL);
    }
    bench_options_default(options, find_command(argv[1]));
    argv[1] = argv[0];
    read_options(options, argc - 1, argv + 1);
    argc--;
    argv++;
    if (optind < argc && options->command != BENCH_COMPARE)
        options->target = argv[optind++];
    if (optind < argc)
        bench_usage("unexpected argument: %s", argv[optind]);
    check(options);
}
