/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int pli_loop_init(struct pli_loop *loop, struct pli_engine *engine)
{
    *loop = (struct pli_loop){.engine = engine, .mailbox.fd = -1, .epoll = -1};
    loop->events = calloc(engine->options.batch, sizeof(*loop->events));
    loop->worker = pli_worker_new(engine);
    if (!loop->events || !loop->worker)
        return -ENOMEM;
    loop->worker->home = loop;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll < 0)
        return -errno;
    return pli_mailbox_init(&loop->mailbox, loop->epoll);
}

void pli_loop_deinit(struct pli_loop *loop)
{
    pli_mailbox_deinit(&loop->mailbox);
    if (loop->epoll >= 0)
        close(loop->epoll);
    if (loop->worker)
        pli_worker_retire(loop->worker);
    free(loop->events);
}

unsigned pli_loop_wait(struct pli_loop *loop, int timeout, unsigned crowd)
{
    loop->harvested = pli_reactor_wait(loop->epoll, loop->worker, loop->events, timeout,
                                       loop->harvested >= crowd);
    return loop->harvested;
}

void pli_loop_run_posts(struct pli_loop *loop)
{
    struct pli_handle *next;

    for (struct pli_handle *post = pli_mailbox_take(&loop->mailbox); post; post = next) {
        next = post->next_posted;
        pli_mailbox_kick(post);
        pli_count(&loop->worker->counters.events, 1);
    }
}

void pli_loop_run_event(struct pli_loop *loop, const struct epoll_event *event)
{
    if (event->data.u64 == PLI_MAILBOX_ID) {
        pli_loop_run_posts(loop);
        return;
    }
    pli_handle_event(loop->engine, event->data.u64, pli_reactor_notes(event->events));
    pli_count(&loop->worker->counters.events, 1);
}

bool pli_handle_is_central(const struct pli_handle *handle)
{
    return handle->class->kind == PLI_ACCEPTOR || handle->class->kind == PLI_SOURCE;
}
