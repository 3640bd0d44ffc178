/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/unit/fake_model.h"

#include "engine/reactor.h"
#include "tests/lib/expect.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct fake {
    struct fake_calls calls;
    pthread_mutex_t mutex;
    struct pli_handle *first; /* (mutex) posted, oldest first */
    struct pli_handle *last;  /* (mutex) */
};

static struct fake *fake_of(struct pli_engine *engine)
{
    return engine->state;
}

struct fake_calls *fake_calls(struct pli_engine *engine)
{
    return &fake_of(engine)->calls;
}

static int fake_model_start(struct pli_engine *engine)
{
    struct fake *fake = calloc(1, sizeof(*fake));

    if (!fake)
        return -ENOMEM;
    pthread_mutex_init(&fake->mutex, NULL);
    engine->state = fake;
    return 0;
}

static struct pli_handle *take_post(struct fake *fake)
{
    struct pli_handle *handle;

    pthread_mutex_lock(&fake->mutex);
    handle = fake->first;
    if (handle)
        fake->first = handle->next_posted;
    pthread_mutex_unlock(&fake->mutex);
    return handle;
}

static void fake_model_finish(struct pli_engine *engine)
{
    struct fake *fake = fake_of(engine);
    struct pli_handle *handle;

    while ((handle = take_post(fake)))
        pli_handle_unref(handle);
    pthread_mutex_destroy(&fake->mutex);
    free(fake);
}

static int place(struct pli_handle *handle)
{
    atomic_fetch_add(&fake_calls(handle->engine)->places, 1);
    return atomic_load(&fake_calls(handle->engine)->place_result);
}

static void displace(struct pli_handle *handle)
{
    atomic_fetch_add(&fake_calls(handle->engine)->displaces, 1);
}

static int arm(struct pli_handle *handle, unsigned want)
{
    struct fake_calls *calls = fake_calls(handle->engine);

    handle->registered = true;
    atomic_fetch_add(&calls->arms, 1);
    atomic_store(&calls->last_want, want);
    return atomic_load(&calls->arm_result);
}

static void close_fd(struct pli_handle *handle)
{
    atomic_fetch_add(&fake_calls(handle->engine)->closes, 1);
    close(handle->fd);
}

static void post(struct pli_handle *handle)
{
    struct fake *fake = fake_of(handle->engine);

    atomic_fetch_add(&fake->calls.posts, 1);
    pthread_mutex_lock(&fake->mutex);
    handle->next_posted = NULL;
    if (fake->first)
        fake->last->next_posted = handle;
    else
        fake->first = handle;
    fake->last = handle;
    pthread_mutex_unlock(&fake->mutex);
}

unsigned fake_run_posts(struct pli_engine *engine)
{
    struct pli_handle *handle;
    unsigned count = 0;

    while ((handle = take_post(fake_of(engine)))) {
        pli_mailbox_kick(handle);
        count++;
    }
    return count;
}

void fake_start(struct pli_engine *engine, const struct pli_model *model)
{
    struct pli_engine_options options = {.threads = 1, .batch = 1};
    struct fake_calls *calls;

    EXPECT_RESULT(pli_engine_init(engine, model, &options), 0);
    EXPECT_RESULT(fake_run_posts(engine), 1);
    calls = fake_calls(engine);
    EXPECT_RESULT(atomic_load(&calls->last_want), PLI_IN | PLI_HUP);
    *calls = (struct fake_calls){0};
}

void fake_end(struct pli_engine *engine)
{
    pli_engine_deinit(engine);
}

const struct pli_model fake_oneshot = {
    .name = "fake-oneshot",
    .start = fake_model_start,
    .finish = fake_model_finish,
    .place = place,
    .displace = displace,
    .arm = arm,
    .close = close_fd,
    .kick = pli_handle_kick,
    .post = post,
    .oneshot = true,
};

const struct pli_model fake_level = {
    .name = "fake-level",
    .start = fake_model_start,
    .finish = fake_model_finish,
    .place = place,
    .displace = displace,
    .arm = arm,
    .close = close_fd,
    .kick = pli_handle_kick,
    .post = post,
    .oneshot = false,
};
