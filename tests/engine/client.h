/* SPDX-License-Identifier: MIT */
/*
 * A client: a recorder for sessions that pl_connect() makes, which writes down too what failed.
 */
#ifndef TESTS_ENGINE_CLIENT_H
#define TESTS_ENGINE_CLIENT_H

#include "tests/engine/suite.h"

#include "transport/connector.h"

struct client;

/* With those hooks (see record.h); recorder_user() of its recorder is the client. */
struct client *client_new(const struct pl_service *hooks);

/* Holds the recorder to account and frees both; the server is freed. */
void client_finish(struct client *client);

struct recorder *client_recorder(struct client *client);

/* A pointer of the test's own; and that of the client whose session or whose failed() it is. */
void client_set_user(struct client *client, void *user);
void *client_user(const struct client *client);

/* Called within failed(), before that is counted. */
void client_on_failure(struct client *client, void (*call)(struct client *client, int error));

/* Options for that port of 127.0.0.1, without a limit of time. */
struct pl_connect_options client_options(unsigned port);

/* pl_connect() as OPTIONS say, with the client's service and its failed(). Any thread. */
int client_try(struct client *client, struct pl_server *server,
               const struct pl_connect_options *options, uint64_t *id);

/* The same, which must succeed; returns the id. */
#define CLIENT_CONNECT(client, server, options) client_connect(HERE, client, server, options)
uint64_t client_connect(struct place place, struct client *client, struct pl_server *server,
                        const struct pl_connect_options *options);

/* To several endpoints, as if that were the answer for a name. */
#define CLIENT_CONNECT_TO(client, server, options, endpoints, count)                               \
    client_connect_to(HERE, client, server, options, endpoints, count)
uint64_t client_connect_to(struct place place, struct client *client, struct pl_server *server,
                           const struct pl_connect_options *options,
                           const struct pli_endpoint *endpoints, size_t count);

/* An address and port as an endpoint. */
struct pli_endpoint client_endpoint(const char *address, unsigned port);

/* How many have failed; and the error of the failure number INDEX, from 0, waited for. */
size_t client_failures(struct client *client);
#define CLIENT_ERROR(client, index) client_error(HERE, client, index)
int client_error(struct place place, struct client *client, size_t index);

/*
 * A TCP socket of 127.0.0.1 that listens, but accepts nothing more: what connects to it waits. Its
 * descriptors are closed by full_close().
 */
struct full {
    int listener;
    int waiting[8];
    unsigned count;
    unsigned port;
};
struct full full_open(void);
void full_close(struct full *full);

/* A socket bound to a port of 127.0.0.1 at which, for as long as it is open, nobody listens. */
int client_silent_port(unsigned *port);

/* The next connection to a listener, waited for. */
int client_accept(int listener);

/* How many descriptors the process has; and wait until it has no more than that. */
unsigned count_descriptors(void);
#define EXPECT_DESCRIPTORS(count) expect_descriptors(HERE, count)
void expect_descriptors(struct place place, unsigned count);

#endif
