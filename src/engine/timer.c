/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/timer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine/engine.h"

#define EXPIRED_AT_ONCE 256
#define NEVER           UINT64_MAX

/* Lets the timerfd go off at DEADLINE. */
static void arm_locked(struct pli_engine *engine, uint64_t deadline)
{
    struct itimerspec spec = {0};

    engine->timer_armed = deadline;
    if (deadline == NEVER)
        return;
    /* All zero would disarm it; one nanosecond after the epoch of the clock is long past. */
    if (deadline == 0)
        deadline = 1;
    spec.it_value.tv_sec = (time_t)(deadline / 1000000000u);
    spec.it_value.tv_nsec = (long)(deadline % 1000000000u);
    if (timerfd_settime(engine->timer->fd, TFD_TIMER_ABSTIME, &spec, NULL) < 0)
        pli_log(PL_LOG_ERROR, "timerfd_settime: %s", strerror(errno));
}

/* Takes up to EXPIRED_AT_ONCE timers that are due and sets the timerfd for those that follow. */
static size_t take_expired(struct pli_engine *engine, uint64_t *ids)
{
    uint64_t now = pli_clock_now();
    struct pli_timer *timer;
    size_t count = 0;

    pli_lock(&engine->timers_lock);
    while (count < EXPIRED_AT_ONCE && (timer = pli_timers_expire(&engine->timers, now)))
        ids[count++] = timer->id;
    arm_locked(engine, pli_timers_next(&engine->timers));
    pli_unlock(&engine->timers_lock);
    return count;
}

/* This thread holds the timer's claim, so the others are touched: they are run after its release. */
static int timer_run(struct pli_handle *handle, unsigned notes)
{
    uint64_t ids[EXPIRED_AT_ONCE];
    uint64_t expirations;
    ssize_t got;
    size_t count;

    if (notes & (PLI_CLOSE | PLI_HUP))
        return PLI_DONE;
    if (!(notes & PLI_IN))
        return PLI_IN;
    got = read(handle->fd, &expirations, sizeof(expirations));
    if (got < 0 && errno == EAGAIN)
        return PLI_IN; /* set anew meanwhile */
    count = take_expired(handle->engine, ids);
    for (size_t i = 0; i < count; i++) {
        struct pli_handle *other = pli_table_find(&handle->engine->table, ids[i]);

        if (!other)
            continue;
        pli_handle_touch(other, PLI_TIMER);
        pli_handle_unref(other);
    }
    return PLI_IN;
}

static void timer_free(struct pli_handle *handle)
{
    free(handle);
}

static const struct pli_handle_class timer_class = {
    .name = "timer",
    .kind = PLI_SOURCE,
    .run = timer_run,
    .free = timer_free,
};

int pli_timer_start(struct pli_engine *engine)
{
    struct pli_handle *handle = malloc(sizeof(*handle));
    int rc = -ENOMEM;
    int fd;

    if (!handle)
        return -ENOMEM;
    fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0) {
        rc = -errno;
    } else {
        pli_handle_init(handle, engine, &timer_class, fd);
        rc = pli_handle_add(handle);
    }
    if (rc < 0) {
        if (fd >= 0)
            close(fd);
        free(handle);
        return rc;
    }
    pli_mutex_init(&engine->timers_lock, PLI_RANK_TIMERS);
    pli_timers_init(&engine->timers);
    engine->timer_armed = NEVER;
    engine->timer = pli_handle_ref(handle);
    pli_handle_begin(handle);
    return 0;
}

void pli_timer_finish(struct pli_engine *engine)
{
    pli_handle_kick(engine->timer, PLI_CLOSE);
    pli_handle_unref(engine->timer);
    pli_timers_deinit(&engine->timers);
    pli_mutex_deinit(&engine->timers_lock);
}

int pli_engine_timer_promise(struct pli_engine *engine)
{
    int rc;

    pli_lock(&engine->timers_lock);
    rc = pli_timers_reserve(&engine->timers, engine->timers_promised + 1);
    if (rc == 0)
        engine->timers_promised++;
    pli_unlock(&engine->timers_lock);
    return rc;
}

void pli_engine_timer_set(struct pli_engine *engine, struct pli_timer *timer, uint64_t deadline)
{
    pli_lock(&engine->timers_lock);
    pli_timers_set(&engine->timers, timer, deadline);
    if (deadline < engine->timer_armed)
        arm_locked(engine, deadline);
    pli_unlock(&engine->timers_lock);
}

void pli_engine_timer_cancel(struct pli_engine *engine, struct pli_timer *timer)
{
    pli_lock(&engine->timers_lock);
    pli_timers_remove(&engine->timers, timer);
    pli_unlock(&engine->timers_lock);
}

void pli_engine_timer_release(struct pli_engine *engine, struct pli_timer *timer)
{
    pli_lock(&engine->timers_lock);
    pli_timers_remove(&engine->timers, timer);
    engine->timers_promised--;
    pli_unlock(&engine->timers_lock);
}
