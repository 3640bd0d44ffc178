/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/stress/crowd.h"

#include <stdlib.h>
#include <string.h>

static void *run_client(void *argument)
{
    struct client *client = argument;

    client->run(client);
    return NULL;
}

void crowd_start(struct client *clients, int count, struct engine *engine,
                 void (*run)(struct client *client))
{
    int i;

    memset(clients, 0, (size_t)count * sizeof(*clients));
    for (i = 0; i < count; i++) {
        clients[i].engine = engine;
        clients[i].number = i;
        clients[i].random = 88172645463325252u + (uint64_t)i;
        clients[i].run = run;
        EXPECT_RESULT(pthread_create(&clients[i].thread, NULL, run_client, &clients[i]), 0);
    }
}

void crowd_join(struct place place, struct client *clients, int count)
{
    int i;

    for (i = 0; i < count; i++)
        pthread_join(clients[i].thread, NULL);
    for (i = 0; i < count; i++) {
        if (clients[i].error)
            expect_fail(place, "client %d: %s (%s)", i, strerror(-clients[i].error),
                        clients[i].said);
    }
}

unsigned client_random(struct client *client, unsigned limit)
{
    client->random ^= client->random << 13;
    client->random ^= client->random >> 7;
    client->random ^= client->random << 17;
    return (unsigned)(client->random >> 20) % limit;
}

int stress_rounds(int count)
{
    const char *text = getenv("STRESS_SCALE");
    int scale = text ? atoi(text) : 1;

    return count * (scale > 0 ? scale : 1);
}
