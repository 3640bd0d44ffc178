/* SPDX-License-Identifier: MIT */
/*
 * The behaviour suite: what the library promises in its public headers, whatever the model. Every
 * program here runs its tests for each model that pl_models() names, so a new model is tested by
 * being named there. Tests in `each` run for several shapes of the pool, those in `once` for one.
 */
#ifndef TESTS_ENGINE_SUITE_H
#define TESTS_ENGINE_SUITE_H

#include <paceline.h>

#include "tests/lib/expect.h"
#include "tests/lib/peer.h"
#include "tests/lib/record.h"
#include "tests/lib/server.h"
#include "tests/lib/unit.h"

/*
 * Runs the tests, or those of the one name on the command line; -l lists them. ENGINE_MODEL
 * (environment) picks one model. Either array may be NULL. Returns the status for main.
 */
int suite_main(int argc, char **argv, const char *name, const struct unit_test *each,
               const struct unit_test *once);

/* Server options of the model and shape whose turn it is. */
struct pl_server_options suite_options(void);

/*
 * Which thread serves a session: any of the pool; or the one it belongs to for life, so that a
 * handler that blocks holds up the sessions it shares that thread with; or its own.
 */
enum suite_serving { SUITE_ANY_THREAD, SUITE_ONE_THREAD, SUITE_OWN_THREAD };
enum suite_serving suite_serving(void);

/* Whether a thread accepts that serves no sessions. */
bool suite_accepts_apart(void);

/* Descriptors that a session needs: its own, and what its thread is woken by. */
unsigned suite_session_descriptors(void);

/* A server with one listener and a recorder behind it. */
struct engine {
    struct test_server *server;
    struct pl_server *handle;
    struct recorder *recorder;
    struct pl_listener *listener;
    unsigned port;
};

/* Makes it, with those hooks (see record.h); NULL options are the suite's and the defaults. */
struct engine *engine_prepare(const struct pl_service *hooks,
                              const struct pl_server_options *options,
                              const struct pl_listener_options *listener);

/* The same with the defaults, and running. */
struct engine *engine_start(const struct pl_service *hooks);

/* The same with limits for the sessions. */
struct engine *engine_start_with(const struct pl_service *hooks,
                                 const struct pl_listener_options *listener);

/* Stops it if it runs, holds the recorder to account, and frees everything. */
void engine_finish(struct engine *engine);

/*
 * Connects and waits until the session is open. Connections are opened in any order: this is how a
 * test with several of them knows which is which.
 */
#define ENGINE_CONNECT(engine) engine_connect(HERE, engine)
struct peer *engine_connect(struct place place, struct engine *engine);

/* A reference to the session that was opened as number INDEX, from 0, waited for; it must live. */
#define ENGINE_SESSION(engine, index) engine_session(HERE, engine, index)
struct pl_session *engine_session(struct place place, struct engine *engine, size_t index);

/* Waits until the server has taken in so many bytes in all. */
#define ENGINE_WAIT_BYTES_IN(engine, count) engine_wait_bytes_in(HERE, engine, count)
void engine_wait_bytes_in(struct place place, struct engine *engine, uint64_t count);

/* Sends a line and expects it back: events before it have had their turn to be noticed. */
#define ENGINE_PING(peer) engine_ping(HERE, peer)
void engine_ping(struct place place, struct peer *peer);

/* A service that sends lines back as they came. */
extern const struct pl_service suite_echo;

/* A listening socket whose connections have the smallest of send buffers. */
int suite_small_listener(void);

/* A gate that calls wait at until the test opens it; they are counted. */
struct gate;
struct gate *gate_new(void);
void gate_free(struct gate *gate);
void gate_pass(struct gate *gate); /* waits until it is open */
void gate_open(struct gate *gate); /* for good */
#define GATE_WAIT(gate, count) gate_wait(HERE, gate, count)
void gate_wait(struct place place, struct gate *gate, unsigned count); /* until so many came */

#endif
