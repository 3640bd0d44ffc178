/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/server.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct test_server {
    struct pl_server *handle;
    pthread_t thread;
    int ended; /* eventfd, readable when pl_server_run() has returned */
    bool running;
    int result; /* of pl_server_run(), once the thread is joined */
};

struct test_server *server_new(const struct pl_server_options *options)
{
    struct test_server *server = calloc(1, sizeof(*server));
    int result;

    EXPECT(server, "no memory for a server");
    server->ended = eventfd(0, EFD_CLOEXEC);
    EXPECT(server->ended >= 0, "eventfd: %s", strerror(errno));
    result = pl_server_new(options, &server->handle);
    EXPECT(result == 0, "pl_server_new: %s", strerror(-result));
    return server;
}

static void *run(void *argument)
{
    struct test_server *server = argument;

    server->result = pl_server_run(server->handle);
    if (eventfd_write(server->ended, 1) < 0)
        abort();
    return NULL;
}

void server_start(struct test_server *server)
{
    int error = pthread_create(&server->thread, NULL, run, server);

    EXPECT(error == 0, "pthread_create: %s", strerror(error));
    server->running = true;
}

int server_wait(struct test_server *server)
{
    struct pollfd poller = {.fd = server->ended, .events = POLLIN};
    uint64_t deadline = expect_deadline();
    int count;

    do
        count = poll(&poller, 1, expect_remaining(deadline));
    while (count < 0 && errno == EINTR);
    EXPECT(count == 1, "pl_server_run() does not return");
    pthread_join(server->thread, NULL);
    server->running = false;
    return server->result;
}

void server_free(struct test_server *server)
{
    if (!server)
        return;
    if (server->running) {
        pl_server_stop(server->handle);
        EXPECT_RESULT(server_wait(server), 0);
    }
    pl_server_free(server->handle);
    close(server->ended);
    free(server);
}

struct pl_server *server_handle(const struct test_server *server)
{
    return server->handle;
}
