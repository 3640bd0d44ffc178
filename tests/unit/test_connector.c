/* SPDX-License-Identifier: MIT */
/* Connectors under a model that does nothing by itself: what they make of the notes they get. */
#include "config.h"

#include "transport/connector.h"

#include "base/clock.h"
#include "tests/lib/expect.h"
#include "tests/lib/unit.h"
#include "tests/unit/fake_model.h"
#include "transport/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A server of which a connector needs no more than this, and somebody who listens or does not. */
struct scene {
    struct pl_server server;
    struct pli_endpoint silent; /* a connection to it stays under way */
    int descriptors[3];         /* of that: the listener, and what fills its queue */
    unsigned failures;
    int error;
};

static void ignore_line(struct pl_session *session, const struct pl_line *line)
{
    (void)session;
    (void)line;
}

static const struct pl_service service = {.name = "scene", .line = ignore_line};

static void note_failure(void *context, int error)
{
    struct scene *scene = context;

    scene->failures++;
    scene->error = error;
}

/* Its queue has one place, which is taken: what else comes is dropped, and tried again later. */
static void listen_to_nobody(struct scene *scene)
{
    struct sockaddr *address = (struct sockaddr *)&scene->silent.address;
    struct pollfd poller = {.events = POLLOUT};
    int *fds = scene->descriptors;

    EXPECT_RESULT(pli_endpoint_parse("127.0.0.1", 0, &scene->silent), 0);
    for (int i = 0; i < 3; i++)
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    EXPECT(bind(fds[0], address, scene->silent.length) == 0 && listen(fds[0], 0) == 0 &&
               getsockname(fds[0], address, &scene->silent.length) == 0,
           "listener: %s", strerror(errno));
    for (int i = 1; i < 3; i++) {
        EXPECT(connect(fds[i], address, scene->silent.length) == 0 || errno == EINPROGRESS,
               "connect: %s", strerror(errno));
        poller.fd = fds[i];
        EXPECT_RESULT(poll(&poller, 1, i == 1 ? 1000 : 0), i == 1);
    }
}

static void scene_start(struct scene *scene, const struct pli_model *model)
{
    *scene = (struct scene){.failures = 0};
    pli_mutex_init(&scene->server.lock, PLI_RANK_SERVER);
    fake_start(&scene->server.engine, model);
    listen_to_nobody(scene);
}

static void scene_end(struct scene *scene)
{
    fake_end(&scene->server.engine);
    pli_mutex_deinit(&scene->server.lock);
    for (int i = 0; i < 3; i++)
        close(scene->descriptors[i]);
}

/* Connects to the silent one as often as that, and begins. Returns the handle, with a reference. */
static struct pli_handle *begin(struct scene *scene, size_t count,
                                const struct pl_connect_options *options)
{
    struct pl_connect_options with = *options;
    struct pli_endpoint endpoints[4];
    struct pli_handle *handle;
    uint64_t id;

    for (size_t i = 0; i < count; i++)
        endpoints[i] = scene->silent;
    with.failed = note_failure;
    EXPECT_RESULT(pli_connect_to(&scene->server, &service, scene, &with, endpoints, count, &id), 0);
    handle = pli_table_find(&scene->server.engine.table, id);
    EXPECT(handle, "there is no connector");
    EXPECT_RESULT(fake_run_posts(&scene->server.engine), 1);
    return handle;
}

static void cancel(struct scene *scene, struct pli_handle *handle)
{
    EXPECT_RESULT(pl_connect_cancel(&scene->server, handle->id), 0);
    EXPECT_RESULT(fake_run_posts(&scene->server.engine), 1);
    CU_ASSERT_EQUAL(scene->failures, 1);
    CU_ASSERT_EQUAL(scene->error, -ECANCELED);
    pli_handle_unref(handle);
}

static void on_event_of_another_descriptor(const struct pli_model *model)
{
    struct pl_connect_options options = PL_CONNECT_OPTIONS;
    struct pli_handle *handle;
    struct scene scene;
    int fd;

    scene_start(&scene, model);
    handle = begin(&scene, 1, &options);
    fd = handle->fd;
    CU_ASSERT(fd >= 0);
    CU_ASSERT_EQUAL(fake_calls(handle->engine)->last_want, PLI_OUT | PLI_HUP);
    pli_handle_kick(handle, PLI_OUT);
    pli_handle_kick(handle, PLI_OUT | PLI_HUP);
    pli_handle_kick(handle, PLI_IN | PLI_OUT);
    CU_ASSERT_EQUAL(handle->fd, fd);
    CU_ASSERT_EQUAL(scene.failures, 0);
    cancel(&scene, handle);
    scene_end(&scene);
}

static void event_of_another_descriptor_means_nothing(void)
{
    on_event_of_another_descriptor(&fake_oneshot);
    on_event_of_another_descriptor(&fake_level);
}

static void on_next_descriptor(const struct pli_model *model)
{
    struct pl_connect_options options = PL_CONNECT_OPTIONS;
    struct pli_handle *handle;
    struct scene scene;
    uint64_t deadline = expect_deadline();

    scene_start(&scene, model);
    options.attempt_timeout = 1;
    handle = begin(&scene, 2, &options);
    CU_ASSERT_EQUAL(fake_calls(handle->engine)->arms, 1);
    while (fake_calls(handle->engine)->closes == 0) {
        EXPECT(expect_remaining(deadline) > 0, "the attempt has no end");
        poll(NULL, 0, 1);
        pli_handle_kick(handle, PLI_TIMER);
    }
    CU_ASSERT(handle->fd >= 0);
    CU_ASSERT_EQUAL(fake_calls(handle->engine)->arms, 2);
    CU_ASSERT_EQUAL(fake_calls(handle->engine)->last_want, PLI_OUT | PLI_HUP);
    cancel(&scene, handle);
    scene_end(&scene);
}

static void next_descriptor_is_registered_too(void)
{
    on_next_descriptor(&fake_oneshot);
    on_next_descriptor(&fake_level);
}

static void on_refused_registration(const struct pli_model *model)
{
    struct pl_connect_options options = PL_CONNECT_OPTIONS;
    struct pli_handle *handle;
    struct scene scene;

    scene_start(&scene, model);
    fake_calls(&scene.server.engine)->arm_result = -ENOSPC;
    handle = begin(&scene, 3, &options);
    CU_ASSERT_EQUAL(scene.failures, 1);
    CU_ASSERT_EQUAL(scene.error, -ENOBUFS);
    CU_ASSERT_EQUAL(handle->fd, -1);
    CU_ASSERT_EQUAL(fake_calls(handle->engine)->closes, 3);
    pli_handle_unref(handle);
    scene_end(&scene);
}

static void what_cannot_be_registered_fails(void)
{
    on_refused_registration(&fake_oneshot);
    on_refused_registration(&fake_level);
}

/* -- A model that has no place -------------------------------------------------------------- */

static void connector_without_a_place_is_none(void)
{
    struct pl_connect_options options = PL_CONNECT_OPTIONS;
    struct scene scene;
    uint64_t id = 0;

    scene_start(&scene, &fake_oneshot);
    options.failed = note_failure;
    fake_calls(&scene.server.engine)->place_result = -EAGAIN;
    CU_ASSERT_EQUAL(
        pli_connect_to(&scene.server, &service, &scene, &options, &scene.silent, 1, &id), -EAGAIN);
    CU_ASSERT_EQUAL(id, 0);
    CU_ASSERT_EQUAL(scene.failures, 0);
    scene_end(&scene);
}

/* The queue gets a place, so that the connection that is left waiting for it is made. */
static void take_from_queue(struct scene *scene, int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLOUT};

    close(scene->descriptors[2]);
    scene->descriptors[2] = accept(scene->descriptors[0], NULL, NULL);
    EXPECT(scene->descriptors[2] >= 0, "accept: %s", strerror(errno));
    EXPECT(poll(&poller, 1, expect_remaining(expect_deadline())) == 1, "it is not connected");
}

static void connection_without_a_place_for_its_session_fails(void)
{
    struct pl_connect_options options = PL_CONNECT_OPTIONS;
    struct pli_handle *handle;
    struct scene scene;

    scene_start(&scene, &fake_oneshot);
    handle = begin(&scene, 1, &options);
    take_from_queue(&scene, handle->fd);
    fake_calls(handle->engine)->place_result = -EAGAIN;
    pli_handle_kick(handle, PLI_OUT);
    CU_ASSERT_EQUAL(scene.failures, 1);
    CU_ASSERT_EQUAL(scene.error, -EAGAIN);
    CU_ASSERT_EQUAL(scene.server.sessions, 0);
    CU_ASSERT_EQUAL(fake_calls(handle->engine)->displaces, 1);
    pli_handle_unref(handle);
    scene_end(&scene);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"an event of another descriptor means nothing", event_of_another_descriptor_means_nothing},
        {"the next descriptor is registered too", next_descriptor_is_registered_too},
        {"what cannot be registered fails", what_cannot_be_registered_fails},
        {"a connector without a place is none", connector_without_a_place_is_none},
        {"a connection without a place for its session fails",
         connection_without_a_place_for_its_session_fails},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "connector", tests);
}
