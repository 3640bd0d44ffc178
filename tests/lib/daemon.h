/* SPDX-License-Identifier: MIT */
/*
 * The daemon: starts the program that PACELINE names (environment) as a user would, with a
 * configuration of the test's and a state folder of its own, and ends it. Everything here fails
 * the test when it goes wrong; only the thread that runs the test may use it.
 */
#ifndef TESTS_LIB_DAEMON_H
#define TESTS_LIB_DAEMON_H

#include <sys/types.h>

#include "tests/lib/expect.h"

struct daemon;

/* The server block that most tests want: a name, and all files in the test's folder. */
#define DAEMON_SERVER                                                                              \
    "server: { name = \"test.example\"; state_dir = \"@DIR@\"; control = \"@DIR@/control\"; };\n"

/*
 * Starts `paceline -c FILE --print-ports`, FILE being CONFIGURATION with each @DIR@ replaced by a
 * fresh folder, and waits for COUNT lines that tell its listeners. The model whose turn it is
 * (tests/lib/models.h) is added, in such a way that lines keep their numbers.
 */
#define DAEMON_START(configuration, count) daemon_start(HERE, configuration, count)
struct daemon *daemon_start(struct place place, const char *configuration, unsigned count);

/* The port of the listener of SERVICE with that index, from 0; one that is missing is a failure. */
#define DAEMON_PORT(daemon, service, index) daemon_port(HERE, daemon, service, index)
unsigned daemon_port(struct place place, struct daemon *daemon, const char *service,
                     unsigned index);

/* The folder: configuration file "paceline.conf", control socket, and what else the test wants. */
const char *daemon_folder(const struct daemon *daemon);

/* FOLDER/NAME in a buffer of the daemon's, valid until the next call. */
const char *daemon_path(struct daemon *daemon, const char *name);

pid_t daemon_pid(const struct daemon *daemon);

/* Writes another configuration file likewise, which the daemon does not read by itself. */
void daemon_configure(struct daemon *daemon, const char *configuration);

/* Sends the signal. */
void daemon_signal(struct daemon *daemon, int signal);

/*
 * Waits for a line on standard error that contains TEXT and came after the one that the last such
 * call found.
 */
#define DAEMON_EXPECT_LOG(daemon, text) daemon_expect_log(HERE, daemon, text)
void daemon_expect_log(struct place place, struct daemon *daemon, const char *text);

/* Waits for its end and fails unless its exit status is STATUS. */
#define DAEMON_EXPECT_EXIT(daemon, status) daemon_expect_exit(HERE, daemon, status)
void daemon_expect_exit(struct place place, struct daemon *daemon, int status);

/* All that it has written to standard error so far. */
const char *daemon_log(struct daemon *daemon);

/* SIGTERM, exit status 0, and everything removed. */
#define DAEMON_STOP(daemon) daemon_stop(HERE, daemon)
void daemon_stop(struct place place, struct daemon *daemon);

/* SIGKILL in the middle of everything, and everything removed. */
#define DAEMON_KILL(daemon) daemon_kill(HERE, daemon)
void daemon_kill(struct place place, struct daemon *daemon);

/* Removes everything of a daemon that has ended. */
void daemon_free(struct daemon *daemon);

#endif
