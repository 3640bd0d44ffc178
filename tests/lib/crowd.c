/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/crowd.h"

#include "tests/lib/expect.h"

#include <pthread.h>
#include <string.h>

#define MOST 32u

struct crowd {
    pthread_barrier_t start;
    void (*body)(unsigned number, void *argument);
    void *argument;
};

struct one {
    struct crowd *crowd;
    unsigned number;
    pthread_t thread;
};

static void *run(void *argument)
{
    struct one *one = argument;

    pthread_barrier_wait(&one->crowd->start);
    one->crowd->body(one->number, one->crowd->argument);
    return NULL;
}

void crowd_run(unsigned count, void (*body)(unsigned number, void *argument), void *argument)
{
    struct crowd crowd = {.body = body, .argument = argument};
    struct one all[MOST];

    EXPECT(count <= MOST, "a crowd of %u", count);
    EXPECT_RESULT(pthread_barrier_init(&crowd.start, NULL, count), 0);
    for (unsigned i = 0; i < count; i++) {
        int error;

        all[i] = (struct one){.crowd = &crowd, .number = i};
        error = pthread_create(&all[i].thread, NULL, run, &all[i]);
        EXPECT(error == 0, "pthread_create: %s", strerror(error));
    }
    for (unsigned i = 0; i < count; i++)
        pthread_join(all[i].thread, NULL);
    pthread_barrier_destroy(&crowd.start);
}
