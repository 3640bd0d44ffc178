/* SPDX-License-Identifier: MIT */
/* The command line: one table has every option of every command; help, checks and the tests of the
 * manual page read it. */
#ifndef TOOLS_BENCH_OPTIONS_H
#define TOOLS_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/bench/line.h"

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

enum bench_command {
    BENCH_ECHO,
    BENCH_CHAT,
    BENCH_IDLE,
    BENCH_MIXED,
    BENCH_CHURN,
    BENCH_LOGIN,
    BENCH_COMPARE,
    BENCH_COMMANDS
};

extern const char *const bench_command_names[BENCH_COMMANDS + 1];

enum { BENCH_LIST = 32 };

struct bench_numbers {
    uint64_t value[BENCH_LIST];
    unsigned count; /* 0: not given */
};

struct bench_words {
    char *value[BENCH_LIST]; /* parts of the arguments, or of a copy that lives as long */
    unsigned count;
};

struct bench_options {
    enum bench_command command;
    const char *target; /* HOST:PORT, or NULL */
    uint64_t pid;       /* 0: none was named */
    bool json, progress, syscalls, tls;
    bool quiet; /* no progress at all: somebody else shows it */
    uint64_t connections;
    uint64_t flight;                   /* lines or messages under way on each connection */
    uint64_t rate;                     /* lines a second over all connections; 0: closed loop */
    uint64_t threads;                  /* of the generator */
    uint64_t warmup, window, patience; /* nanoseconds */
    uint64_t warm_connections;
    struct line_shape shape;

    /* chat */
    uint64_t people, at_a_time, channels, speakers;
    bool any_listener, join_only, idle_only;

    /* login */
    const char *by, *account, *password;

    /* compare */
    uint64_t rounds;
    struct bench_words cases, models, servers;
    struct bench_numbers connection_counts, thread_counts;
    bool scale;
    const char *daemon, *mixed_server, *plot; /* or NULL */
};

enum bench_option_kind {
    OPTION_FLAG,
    OPTION_NUMBER,
    OPTION_SECONDS,
    OPTION_TEXT,
    OPTION_NUMBERS, /* a list with commas */
    OPTION_WORDS,   /* the same, of words */
    OPTION_APPEND,  /* a word each time it is given */
    OPTION_HELP,
    OPTION_VERSION
};

struct bench_option {
    const char *name;
    const char *argument; /* what it is called in help and manual; NULL: there is none */
    unsigned commands;    /* 1 << command for those that take it */
    enum bench_option_kind kind;
    size_t place; /* offset in struct bench_options */
    uint64_t min, max;
    const char *help;
};

/* Ends with one without a name. */
extern const struct bench_option bench_option_table[];

/*
 * Reads the command line into OPTIONS. What makes no sense ends the program with status 2; --help
 * and --version end it with 0.
 */
void bench_options_read(struct bench_options *options, int argc, char **argv);

/* The defaults of a command. */
void bench_options_default(struct bench_options *options, enum bench_command command);

#endif
