/* SPDX-License-Identifier: MIT */
/*
 * Outgoing connections for which there are no descriptors, or no memory: each in turn. They fail,
 * cost nothing else, and leave nothing.
 */
#include "config.h"

#include "tests/engine/client.h"
#include "tests/lib/failmalloc.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void close_at_line(struct pl_session *session, const struct pl_line *line)
{
    (void)line;
    pl_session_close(session);
}

static const struct pl_service silent_service = {.name = "silent"};

/* -- Descriptors -------------------------------------------------------------------------------- */

static struct rlimit descriptors;

/* From now on only so many more descriptors can be opened. */
static void allow_descriptors(unsigned count)
{
    struct rlimit limit = descriptors;
    int lowest = dup(STDOUT_FILENO);

    EXPECT(lowest >= 0, "dup: %s", strerror(errno));
    close(lowest);
    limit.rlim_cur = (rlim_t)lowest + count;
    EXPECT_RESULT(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* The listener is not the server's, so that nobody but the connector needs descriptors. */
static void connection_without_descriptors_fails(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct client *client = client_new(&silent_service);
    struct pl_connect_options options = client_options(1);
    unsigned needed = 2; /* the connector has one until the session has its own */
    struct peer *peer;
    unsigned before;
    int fd = client_silent_port(&options.port);

    EXPECT_RESULT(listen(fd, 10), 0);
    EXPECT_RESULT(getrlimit(RLIMIT_NOFILE, &descriptors), 0);
    peer = ENGINE_CONNECT(engine); /* what is opened at first use is open now */
    ENGINE_PING(peer);
    before = count_descriptors();
    for (unsigned count = 0; count <= needed; count++) {
        allow_descriptors(count);
        CLIENT_CONNECT(client, engine->handle, &options);
        if (count < needed)
            EXPECT_RESULT(CLIENT_ERROR(client, count), -EMFILE);
        else
            RECORDER_WAIT(client_recorder(client), RECORD_OPEN, 1);
        EXPECT_RESULT(setrlimit(RLIMIT_NOFILE, &descriptors), 0);
        EXPECT_DESCRIPTORS(before + (count < needed ? 0 : suite_session_descriptors()));
    }
    peer_close(peer);
    EXPECT_RESULT(client_failures(client), needed);
    server_free(engine->server);
    engine->server = NULL;
    client_finish(client);
    engine_finish(engine);
    close(fd);
}

/* -- Memory ------------------------------------------------------------------------------------- */

/* What became of connections; without a recorder, which needs memory itself. */
struct tally {
    _Atomic unsigned opened;
    _Atomic unsigned failed;
    _Atomic int error;
};

static int tally_open(struct pl_session *session, void *context)
{
    struct tally *tally = context;
    int rc = pl_session_printf(session, "hello\n");

    atomic_fetch_add(&tally->opened, 1);
    return rc;
}

static void tally_failed(void *context, int error)
{
    struct tally *tally = context;

    atomic_store(&tally->error, error);
    atomic_fetch_add(&tally->failed, 1);
}

static const struct pl_service tally_service = {
    .name = "tally", .open = tally_open, .line = close_at_line};

/* Connects and waits until it is over; returns what pl_connect() did. */
static int connect_and_wait(struct pl_server *server, struct tally *tally,
                            const struct pl_connect_options *options)
{
    unsigned before = tally->opened + tally->failed;
    uint64_t deadline = expect_deadline();
    struct pl_stats stats;
    int rc = pl_connect(server, &tally_service, tally, options, NULL);

    do {
        EXPECT(expect_remaining(deadline) > 0, "neither opened nor failed, or not ended");
        pl_server_stats(server, &stats);
        poll(NULL, 0, 1);
    } while ((rc == 0 && tally->opened + tally->failed == before) || stats.sessions > 0);
    EXPECT_RESULT(tally->opened + tally->failed, before + (rc == 0));
    return rc;
}

/* Each allocation in turn. Returns how many there were. */
static long connect_without_memory(struct pl_server *server, struct tally *tally,
                                   const struct pl_connect_options *options)
{
    for (long failing = 1;; failing++) {
        unsigned opened;
        int rc;

        tally->error = -ENOMEM;
        failmalloc_after(failing);
        rc = connect_and_wait(server, tally, options);
        failmalloc_off();
        EXPECT(rc == 0 || (rc == -ENOMEM && failmalloc_fired()), "%s", strerror(-rc));
        EXPECT_RESULT(tally->error, -ENOMEM);
        opened = tally->opened;
        EXPECT_RESULT(connect_and_wait(server, tally, options), 0);
        EXPECT_RESULT(tally->opened, opened + 1);
        if (!failmalloc_fired())
            return failing - 1;
    }
}

static void connection_without_memory_fails(void)
{
    struct pl_server_options options = suite_options();
    struct pl_listener_options listen = PL_LISTENER_OPTIONS;
    struct test_server *server = server_new(&options);
    struct pl_listener *listener;
    struct pl_connect_options connect;
    struct tally tally = {.opened = 0};
    unsigned before;

    EXPECT_RESULT(pl_server_listen(server_handle(server), &suite_echo, NULL, &listen, &listener),
                  0);
    server_start(server);
    connect = client_options(pl_listener_port(listener));
    connect.failed = tally_failed;
    connect.host = "localhost";
    before = count_descriptors();
    EXPECT_RESULT(connect_and_wait(server_handle(server), &tally, &connect), 0);
    /* The connector, its origin, limits and host; the answer; the two sessions, and more. */
    EXPECT(connect_without_memory(server_handle(server), &tally, &connect) >= 7, "too few failed");
    connect.host = "127.0.0.1";
    EXPECT(connect_without_memory(server_handle(server), &tally, &connect) >= 6, "too few failed");
    EXPECT_DESCRIPTORS(before);
    server_free(server);
}

int main(int argc, char **argv)
{
    static const struct unit_test once[] = {
        {"a connection without descriptors fails", connection_without_descriptors_fails},
        {"a connection without memory fails", connection_without_memory_fails},
        {NULL, NULL},
    };

    return suite_main(argc, argv, "connecting with too little", NULL, once);
}
