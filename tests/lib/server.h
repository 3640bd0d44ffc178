/* SPDX-License-Identifier: MIT */
/*
 * A pl_server that runs in a thread of the test. Everything here fails the test when it goes wrong;
 * only the thread that runs the test may use it.
 */
#ifndef TESTS_LIB_SERVER_H
#define TESTS_LIB_SERVER_H

#include <paceline.h>

#include "tests/lib/expect.h"

struct test_server;

/* Makes a server that does not run yet. */
struct test_server *server_new(const struct pl_server_options *options);

/* Starts pl_server_run() in a thread of its own. */
void server_start(struct test_server *server);

/* Waits until pl_server_run() has returned, and returns what it returned. */
int server_wait(struct test_server *server);

/* Frees the server, stopped first if it still runs, which must then return 0. NULL is allowed. */
void server_free(struct test_server *server);

struct pl_server *server_handle(const struct test_server *server);

#endif
