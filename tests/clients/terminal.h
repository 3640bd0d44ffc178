/* SPDX-License-Identifier: MIT */
/*
 * A program in a terminal, which is a tmux of the test's own: what somebody would type is typed
 * there, and what they would see is read from its screen. Everything fails the test when it goes
 * wrong.
 */
#ifndef TESTS_CLIENTS_TERMINAL_H
#define TESTS_CLIENTS_TERMINAL_H

#include "tests/lib/expect.h"

struct terminal;

/* Runs COMMAND, for the shell; FOLDER is its home and has the tmux's socket. */
#define TERMINAL_OPEN(folder, command) terminal_open(HERE, folder, command)
struct terminal *terminal_open(struct place place, const char *folder, const char *command);

/* Types a line and Enter. */
void terminal_type(struct terminal *terminal, const char *text);

/* A line of the screen, wrapped ones taken together, matches PATTERN as watch_for() says. */
#define TERMINAL_EXPECT(terminal, pattern) terminal_expect(HERE, terminal, pattern)
void terminal_expect(struct place place, struct terminal *terminal, const char *pattern);

/* Waits for the program to have ended by itself. */
#define TERMINAL_EXPECT_END(terminal) terminal_expect_end(HERE, terminal)
void terminal_expect_end(struct place place, struct terminal *terminal);

/* Ends what runs there. NULL is allowed. */
void terminal_close(struct terminal *terminal);

#endif
