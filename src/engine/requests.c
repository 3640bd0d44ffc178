/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/requests.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "engine/reactor.h"

static bool requests_ready(const struct pli_crew *crew)
{
    const struct pli_requests *requests = (const struct pli_requests *)crew;

    return requests->count > 0 || requests->posts;
}

static struct pli_ready take_post(struct pli_requests *requests)
{
    struct pli_handle *post = requests->posts;

    requests->posts = post->next_posted;
    return (struct pli_ready){.handle = post, .posted = true};
}

static struct pli_ready take_request(struct pli_requests *requests)
{
    struct pli_ready ready = requests->ring[requests->head];

    requests->head = (requests->head + 1) % requests->capacity;
    requests->count--;
    if (requests->full && requests->count <= requests->capacity / 2) {
        requests->full = false;
        pli_cond_signal(&requests->room);
    }
    return ready;
}

static struct pli_ready requests_take(struct pli_crew *crew)
{
    struct pli_requests *requests = (struct pli_requests *)crew;
    bool post = requests->posts && (requests->posts_first || requests->count == 0);

    requests->posts_first = !post;
    return post ? take_post(requests) : take_request(requests);
}

static bool requests_wanted(const struct pli_crew *crew)
{
    return requests_ready(crew) && ((const struct pli_requests *)crew)->looking == 0;
}

/* Lets others run once, who may bring more, before it sleeps. */
static bool requests_wait(struct pli_crew *crew, struct pli_worker *worker)
{
    struct pli_requests *requests = (struct pli_requests *)crew;

    (void)worker;
    requests->looking++;
    pli_unlock(&crew->lock);
    sched_yield();
    pli_lock(&crew->lock);
    requests->looking--;
    return requests_ready(crew);
}

static const struct pli_crew_class requests_class = {
    .ready = requests_ready,
    .take = requests_take,
    .wants = requests_wanted,
    .wait = requests_wait,
};

int pli_requests_init(struct pli_requests *requests, struct pli_engine *engine)
{
    *requests = (struct pli_requests){.capacity = engine->options.queue};
    requests->ring = calloc(requests->capacity, sizeof(*requests->ring));
    if (!requests->ring)
        return -ENOMEM;
    pli_crew_init(&requests->crew, engine, &requests_class, true);
    pli_cond_init(&requests->room);
    return 0;
}

void pli_requests_deinit(struct pli_requests *requests)
{
    pli_mailbox_drop(requests->posts);
    while (requests->count > 0)
        pli_handle_unref(take_request(requests).handle);
    pli_cond_deinit(&requests->room);
    pli_crew_deinit(&requests->crew);
    free(requests->ring);
}

/* Whether there is room for one more now: there is none only after a stop. */
static bool wait_for_room_locked(struct pli_requests *requests)
{
    while (requests->count == requests->capacity && !requests->crew.stop) {
        requests->full = true;
        pli_crew_signal(pli_crew_promote_locked(&requests->crew));
        pli_cond_wait(&requests->room, &requests->crew.lock);
    }
    return !requests->crew.stop;
}

void pli_requests_put(struct pli_requests *requests, const struct pli_ready *ready, unsigned count)
{
    struct pli_crew_member *promoted;
    unsigned done = 0;

    if (count == 0)
        return;
    pli_lock(&requests->crew.lock);
    while (done < count && wait_for_room_locked(requests)) {
        requests->ring[(requests->head + requests->count) % requests->capacity] = ready[done++];
        requests->count++;
    }
    promoted = pli_crew_promote_locked(&requests->crew);
    pli_unlock(&requests->crew.lock);
    pli_crew_signal(promoted);
    while (done < count)
        pli_handle_unref(ready[done++].handle);
}

void pli_requests_post(struct pli_requests *requests, struct pli_handle *handle)
{
    struct pli_crew_member *promoted;

    handle->next_posted = NULL;
    pli_lock(&requests->crew.lock);
    if (requests->posts)
        requests->last_post->next_posted = handle;
    else
        requests->posts = handle;
    requests->last_post = handle;
    promoted = pli_crew_promote_locked(&requests->crew);
    pli_unlock(&requests->crew.lock);
    pli_crew_signal(promoted);
}

void pli_requests_stop_locked(struct pli_requests *requests)
{
    pli_crew_stop_locked(&requests->crew);
    requests->full = false;
    pli_cond_signal(&requests->room);
}
