/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/engine/client.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_FAILURES = 1024 };

struct client {
    struct recorder *recorder;
    void *user;
    void (*on_failure)(struct client *client, int error);
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int errors[MOST_FAILURES]; /* (mutex) */
    size_t failures;           /* (mutex) */
};

static void note_failure(void *context, int error)
{
    struct client *client = recorder_user(context);

    if (client->on_failure)
        client->on_failure(client, error);
    pthread_mutex_lock(&client->mutex);
    if (client->failures < MOST_FAILURES)
        client->errors[client->failures] = error;
    client->failures++;
    pthread_cond_broadcast(&client->changed);
    pthread_mutex_unlock(&client->mutex);
}

struct client *client_new(const struct pl_service *hooks)
{
    struct client *client = calloc(1, sizeof(*client));
    pthread_condattr_t attributes;

    EXPECT(client, "no memory");
    client->recorder = recorder_new(hooks);
    recorder_set_user(client->recorder, client);
    pthread_mutex_init(&client->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&client->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return client;
}

void client_finish(struct client *client)
{
    recorder_check(client->recorder);
    recorder_free(client->recorder);
    pthread_cond_destroy(&client->changed);
    pthread_mutex_destroy(&client->mutex);
    free(client);
}

struct recorder *client_recorder(struct client *client)
{
    return client->recorder;
}

void client_set_user(struct client *client, void *user)
{
    client->user = user;
}

void *client_user(const struct client *client)
{
    return client->user;
}

void client_on_failure(struct client *client, void (*call)(struct client *client, int error))
{
    client->on_failure = call;
}

/* -- Connecting ----------------------------------------------------------------------------- */

struct pl_connect_options client_options(unsigned port)
{
    struct pl_connect_options options = PL_CONNECT_OPTIONS;

    options.host = "127.0.0.1";
    options.port = port;
    options.timeout = options.attempt_timeout = 0;
    return options;
}

int client_try(struct client *client, struct pl_server *server,
               const struct pl_connect_options *options, uint64_t *id)
{
    struct pl_connect_options with = *options;

    with.failed = note_failure;
    return pl_connect(server, recorder_service(client->recorder), client->recorder, &with, id);
}

uint64_t client_connect(struct place place, struct client *client, struct pl_server *server,
                        const struct pl_connect_options *options)
{
    uint64_t id = 0;
    int result = client_try(client, server, options, &id);

    if (result < 0 || id == 0)
        expect_fail(place, "pl_connect: %s", strerror(-result));
    return id;
}

uint64_t client_connect_to(struct place place, struct client *client, struct pl_server *server,
                           const struct pl_connect_options *options,
                           const struct pli_endpoint *endpoints, size_t count)
{
    struct pl_connect_options with = *options;
    uint64_t id = 0;
    int result;

    with.failed = note_failure;
    result = pli_connect_to(server, recorder_service(client->recorder), client->recorder, &with,
                            endpoints, count, &id);
    if (result < 0 || id == 0)
        expect_fail(place, "pli_connect_to: %s", strerror(-result));
    return id;
}

struct pli_endpoint client_endpoint(const char *address, unsigned port)
{
    struct pli_endpoint endpoint;

    EXPECT_RESULT(pli_endpoint_parse(address, port, &endpoint), 0);
    return endpoint;
}

size_t client_failures(struct client *client)
{
    size_t failures;

    pthread_mutex_lock(&client->mutex);
    failures = client->failures;
    pthread_mutex_unlock(&client->mutex);
    return failures;
}

int client_error(struct place place, struct client *client, size_t index)
{
    uint64_t deadline = expect_deadline();
    struct timespec until = {.tv_sec = (time_t)(deadline / 1000000000),
                             .tv_nsec = (long)(deadline % 1000000000)};
    size_t failures;
    int error = 0;
    int waited = 0;

    pthread_mutex_lock(&client->mutex);
    while (client->failures <= index && waited == 0)
        waited = pthread_cond_timedwait(&client->changed, &client->mutex, &until);
    failures = client->failures;
    if (failures > index && index < MOST_FAILURES)
        error = client->errors[index];
    pthread_mutex_unlock(&client->mutex);
    if (!error)
        expect_fail(place, "failure %zu does not come, only %zu", index, failures);
    return error;
}

/* -- What there is to connect to ---------------------------------------------------------------- */

/* Whether a connection that was begun is made within a moment; the kernel does it or drops it. */
static bool is_made(int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLOUT};

    return poll(&poller, 1, 100) > 0;
}

struct full full_open(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    struct full full = {.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    bool made = true;

    EXPECT(full.listener >= 0 &&
               bind(full.listener, (struct sockaddr *)&address, sizeof(address)) == 0 &&
               listen(full.listener, 0) == 0 &&
               getsockname(full.listener, (struct sockaddr *)&address, &length) == 0,
           "listener: %s", strerror(errno));
    full.port = ntohs(address.sin_port);
    while (made && full.count < 8) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        EXPECT(fd >= 0 && (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ||
                           errno == EINPROGRESS),
               "connect: %s", strerror(errno));
        full.waiting[full.count++] = fd;
        made = is_made(fd);
    }
    EXPECT(!made, "the queue of a listener is never full");
    return full;
}

void full_close(struct full *full)
{
    while (full->count > 0)
        close(full->waiting[--full->count]);
    close(full->listener);
}

int client_silent_port(unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    EXPECT(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
               getsockname(fd, (struct sockaddr *)&address, &length) == 0,
           "port: %s", strerror(errno));
    *port = ntohs(address.sin_port);
    return fd;
}

int client_accept(int listener)
{
    struct pollfd poller = {.fd = listener, .events = POLLIN};
    int fd;

    EXPECT(poll(&poller, 1, expect_remaining(expect_deadline())) == 1, "nobody connects");
    fd = accept(listener, NULL, NULL);
    EXPECT(fd >= 0, "accept: %s", strerror(errno));
    return fd;
}

unsigned count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned count = 0;

    EXPECT(folder, "no /proc/self/fd");
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

void expect_descriptors(struct place place, unsigned count)
{
    uint64_t deadline = expect_deadline();
    unsigned have;

    while ((have = count_descriptors()) > count) {
        if (expect_remaining(deadline) == 0)
            expect_fail(place, "%u descriptors, not %u", have, count);
        poll(NULL, 0, 1);
    }
}
