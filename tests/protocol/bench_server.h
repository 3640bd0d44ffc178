/* SPDX-License-Identifier: MIT */
/* The servers of bench/ that do one thing wrong, and paceline-bench run against them. */
#ifndef TESTS_PROTOCOL_BENCH_SERVER_H
#define TESTS_PROTOCOL_BENCH_SERVER_H

#include <sys/types.h>

#include "tests/lib/command.h"

struct bench_server {
    pid_t pid;
    char pid_text[16];
    char address[40]; /* 127.0.0.1:PORT */
};

/* Starts bench/PROGRAM with an argument and waits until it serves. */
struct bench_server bench_server_start(const char *program, const char *argument);

/* Ends it. */
void bench_server_stop(const struct bench_server *server);

/* A server that is there already. */
struct bench_server bench_server_at(pid_t pid, unsigned port);

/* paceline-bench with these arguments, ended by NULL, and the server's address after them. */
#define BENCH_RUN(server, ...) bench_run(HERE, server, (const char *const[]){__VA_ARGS__, NULL})
struct command_result bench_run(struct place place, const struct bench_server *server,
                                const char *const *arguments);

/* A number of its JSON; a member that is missing is a failure. */
double bench_value(const struct command_result *result, const char *key);

/* The path of a program of bench/; valid until the next call. */
const char *bench_program(const char *name);

#endif
