/* SPDX-License-Identifier: MIT */
/*
 * Events that are not of a session: timers, signals and posts. Each is a handle of its own, so that
 * they are dispatched like everything else and the claim keeps two calls of one apart.
 */
#include "config.h"

#include "transport/events.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <paceline/server.h>

#include "base/clock.h"
#include "transport/server.h"

#define NS_PER_MS 1000000u

struct pl_timer {
    struct pli_handle handle;
    struct pli_timer timer;
    void (*call)(void *argument);
    void *argument;
    _Atomic bool held; /* the program has not freed it yet */
};

struct task {
    struct pli_handle handle;
    void (*call)(void *argument);
    void *argument;
};

struct signal_source {
    struct pli_handle handle;
    void (*call)(int signal, void *argument);
    void *argument;
};

/* In all of these the handle is the first member. */

static void free_handle(struct pli_handle *handle)
{
    free(handle);
}

/* -- Timers ------------------------------------------------------------ */

static int timer_run(struct pli_handle *handle, unsigned notes)
{
    struct pl_timer *timer = (struct pl_timer *)handle;

    if (notes & (PLI_CLOSE | PLI_HUP)) {
        pli_engine_timer_release(handle->engine, &timer->timer);
        return PLI_DONE;
    }
    if (notes & PLI_TIMER)
        timer->call(timer->argument);
    return PLI_HUP;
}

static const struct pli_handle_class timer_class = {
    .name = "timer",
    .kind = PLI_EVENT,
    .run = timer_run,
    .free = free_handle,
};

int pl_timer_new(struct pl_server *server, void (*call)(void *argument), void *argument,
                 struct pl_timer **out)
{
    struct pl_timer *timer = calloc(1, sizeof(*timer));
    int rc;

    if (!timer)
        return -ENOMEM;
    timer->call = call;
    timer->argument = argument;
    timer->held = true;
    pli_handle_init(&timer->handle, &server->engine, &timer_class, -1);
    rc = pli_engine_timer_promise(&server->engine);
    if (rc < 0) {
        free(timer);
        return rc;
    }
    rc = pli_handle_add(&timer->handle);
    if (rc < 0) {
        pli_engine_timer_release(&server->engine, &timer->timer);
        free(timer);
        return rc;
    }
    pli_timer_init(&timer->timer, timer->handle.id);
    *out = timer;
    pli_handle_ref(&timer->handle); /* the caller's, until pl_timer_free() */
    pli_handle_begin(&timer->handle);
    return 0;
}

void pl_timer_set(struct pl_timer *timer, unsigned milliseconds)
{
    pli_engine_timer_set(timer->handle.engine, &timer->timer,
                         pli_clock_now() + (uint64_t)milliseconds * NS_PER_MS);
}

void pl_timer_cancel(struct pl_timer *timer)
{
    pli_engine_timer_cancel(timer->handle.engine, &timer->timer);
}

void pl_timer_free(struct pl_timer *timer)
{
    if (!timer)
        return;
    pli_handle_touch(&timer->handle, PLI_CLOSE);
    pli_events_let_go(&timer->handle);
}

void pli_events_let_go(struct pli_handle *handle)
{
    if (handle->class == &timer_class && atomic_exchange(&((struct pl_timer *)handle)->held, false))
        pli_handle_unref(handle);
}

/* -- Posts ------------------------------------------------------------- */

static int task_run(struct pli_handle *handle, unsigned notes)
{
    struct task *task = (struct task *)handle;

    if (!(notes & PLI_CLOSE))
        task->call(task->argument);
    return PLI_DONE;
}

static const struct pli_handle_class task_class = {
    .name = "post",
    .kind = PLI_EVENT,
    .run = task_run,
    .free = free_handle,
};

int pl_server_post(struct pl_server *server, void (*call)(void *argument), void *argument)
{
    struct task *task = calloc(1, sizeof(*task));
    int rc;

    if (!task)
        return -ENOMEM;
    task->call = call;
    task->argument = argument;
    pli_handle_init(&task->handle, &server->engine, &task_class, -1);
    rc = pli_handle_add(&task->handle);
    if (rc < 0) {
        free(task);
        return rc;
    }
    pli_handle_begin(&task->handle);
    return 0;
}

/* -- Signals ----------------------------------------------------------- */

static int signal_run(struct pli_handle *handle, unsigned notes)
{
    struct signal_source *source = (struct signal_source *)handle;
    struct signalfd_siginfo info;

    if (notes & (PLI_CLOSE | PLI_HUP))
        return PLI_DONE;
    while (read(handle->fd, &info, sizeof(info)) == sizeof(info))
        source->call((int)info.ssi_signo, source->argument);
    return PLI_IN;
}

static const struct pli_handle_class signal_class = {
    .name = "signal",
    .kind = PLI_SOURCE,
    .run = signal_run,
    .free = free_handle,
};

int pl_server_on_signal(struct pl_server *server, int signal,
                        void (*call)(int signal, void *argument), void *argument)
{
    struct signal_source *source;
    sigset_t set;
    int fd;
    int rc;

    sigemptyset(&set);
    if (sigaddset(&set, signal) < 0)
        return -EINVAL;
    source = calloc(1, sizeof(*source));
    if (!source)
        return -ENOMEM;
    fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    rc = fd < 0 ? -errno : 0;
    if (rc == 0) {
        source->call = call;
        source->argument = argument;
        pli_handle_init(&source->handle, &server->engine, &signal_class, fd);
        rc = pli_handle_add(&source->handle);
    }
    if (rc < 0) {
        if (fd >= 0)
            close(fd);
        free(source);
        return rc;
    }
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pli_handle_begin(&source->handle);
    return 0;
}
