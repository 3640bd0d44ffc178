/* SPDX-License-Identifier: MIT */
/* A command: runs a program to its end, and keeps what it wrote and how it ended. */
#ifndef TESTS_LIB_COMMAND_H
#define TESTS_LIB_COMMAND_H

#include "tests/lib/expect.h"

struct command {
    void (*prepare)(void *argument); /* done by the new process before it becomes the program */
    void *argument;
};

struct command_result {
    int status; /* exit status, or 128 and the number of the signal that killed it */
    char *out;
    char *err;
};

/*
 * Runs a program, the path and arguments up to a NULL, and waits until it has ended and nobody
 * holds its standard output or error any more; a deadline that passes fails the test. COMMAND may
 * be NULL. The result is the caller's to give to command_clear().
 */
#define COMMAND_RUN(command, ...)                                                                  \
    command_run(HERE, command, (const char *const[]){__VA_ARGS__, NULL})
struct command_result command_run(struct place place, const struct command *command,
                                  const char *const *arguments);

/* Fails unless the status is STATUS. */
#define COMMAND_EXPECT(result, status) command_expect(HERE, result, status)
void command_expect(struct place place, const struct command_result *result, int status);

void command_clear(struct command_result *result);

/* The program that the environment variable names, as PACELINE. */
const char *command_program(const char *variable);

#endif
