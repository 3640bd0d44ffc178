/* SPDX-License-Identifier: MIT */
/* Clients in threads of their own, for stress. They cannot fail the test; they bring errors home. */
#ifndef TESTS_STRESS_CROWD_H
#define TESTS_STRESS_CROWD_H

#include <pthread.h>
#include <stdint.h>

#include "tests/engine/suite.h"

struct client {
    pthread_t thread;
    struct engine *engine;
    int number;
    int error;      /* 0 or a negative errno, of the client's run */
    char said[200]; /* what went wrong, if the errno does not tell */
    uint64_t random;
    void (*run)(struct client *client);
};

/* Starts COUNT clients that RUN; then waits for all, and fails the test if one brings an error. */
void crowd_start(struct client *clients, int count, struct engine *engine,
                 void (*run)(struct client *client));
#define CROWD_JOIN(clients, count) crowd_join(HERE, clients, count)
void crowd_join(struct place place, struct client *clients, int count);

/* A number below LIMIT, of the client's own sequence: the same in every run. */
unsigned client_random(struct client *client, unsigned limit);

/* COUNT times STRESS_SCALE (environment), a whole number, 1 by default. */
int stress_rounds(int count);

#endif
