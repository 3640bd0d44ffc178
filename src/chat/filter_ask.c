/* SPDX-License-Identifier: MIT */
/* Asking the filters: what each thread keeps for that, and for how long it may take. */
#include "config.h"

#include "chat/filter_set.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/*
 * All filters together may compute so long over one text (nanoseconds); those left then count as
 * exhausted. That the thread had to wait for a processor does not count.
 */
#define BUDGET UINT64_C(20000000)

#define TELL_PAUSE  UINT64_C(1000000000)
#define TIRED_PAUSE UINT64_C(60000000000)

/* A thread's own. */
struct own {
    struct chat_filter_set *set; /* the current one when it was asked last; a reference */
    struct chat_scratch *scratch;
    char reason[CHAT_FILTER_REASON_MAX + 1];
};

static void free_own(void *argument)
{
    struct own *own = argument;

    if (!own)
        return;
    chat_filter_set_unref(own->set);
    chat_scratch_free(own->scratch);
    free(own);
}

int chat_filters_init(struct chat_filters *filters)
{
    int rc = pthread_key_create(&filters->key, free_own);

    if (rc != 0)
        return -rc;
    pli_mutex_init(&filters->lock, PLI_RANK_CONFIG);
    atomic_init(&filters->current, NULL);
    filters->numbers = 0;
    return 0;
}

void chat_filters_deinit(struct chat_filters *filters)
{
    free_own(pthread_getspecific(filters->key));
    (void)pthread_setspecific(filters->key, NULL);
    (void)pthread_key_delete(filters->key);
    chat_filter_set_unref(atomic_load_explicit(&filters->current, memory_order_relaxed));
    pli_mutex_deinit(&filters->lock);
}

static struct own *make_own(struct chat_filters *filters)
{
    struct own *own = calloc(1, sizeof *own);

    if (!own)
        return NULL;
    own->scratch = chat_scratch_new();
    if (!own->scratch || pthread_setspecific(filters->key, own) != 0) {
        free_own(own);
        return NULL;
    }
    return own;
}

/*
 * What the thread keeps, with the current set; NULL without memory. A pointer that is the same is
 * the same set, as the thread's reference keeps its memory from being used again.
 */
static struct own *renewed(struct chat_filters *filters)
{
    struct own *own = pthread_getspecific(filters->key);
    struct chat_filter_set *old;

    if (!own)
        own = make_own(filters);
    if (!own || atomic_load_explicit(&filters->current, memory_order_relaxed) == own->set)
        return own;
    old = own->set;
    pli_lock(&filters->lock);
    own->set = chat_filter_set_ref(atomic_load_explicit(&filters->current, memory_order_relaxed));
    pli_unlock(&filters->lock);
    chat_filter_set_unref(old);
    return own;
}

/* Whether PAUSE is over since *LAST, which then is NOW. */
static bool is_time(_Atomic uint64_t *last, uint64_t now, uint64_t pause)
{
    uint64_t before = atomic_load_explicit(last, memory_order_relaxed);

    if (before != 0 && now - before < pause)
        return false;
    return atomic_compare_exchange_strong_explicit(last, &before, now, memory_order_relaxed,
                                                   memory_order_relaxed);
}

bool chat_filter_hit(struct chat_filter *filter, unsigned *missed)
{
    atomic_fetch_add_explicit(&filter->hits, 1, memory_order_relaxed);
    if (!is_time(&filter->told, pli_clock_now(), TELL_PAUSE)) {
        atomic_fetch_add_explicit(&filter->missed, 1, memory_order_relaxed);
        return false;
    }
    *missed = atomic_exchange_explicit(&filter->missed, 0, memory_order_relaxed);
    return true;
}

/* When asking began, by the clock and by what the thread has computed. */
struct since {
    uint64_t clock;
    uint64_t computed;
};

static uint64_t computed(void)
{
    struct timespec time;

    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) < 0)
        return 0;
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Whether the next ones are to be asked, too. */
static bool ask_one(struct chat_filter *filter, struct own *own, struct chat_text text,
                    const struct since *since, const struct chat_filter_asker *asker,
                    void *argument)
{
    enum chat_pattern_result result = CHAT_PATTERN_EXHAUSTED;
    uint64_t now = pli_clock_now();

    if (now - since->clock < BUDGET || computed() - since->computed < BUDGET)
        result = chat_pattern_match(filter->compiled, own->scratch, text);
    if (result == CHAT_PATTERN_MATCHES)
        return asker->caught(filter, argument);
    if (result == CHAT_PATTERN_EXHAUSTED) {
        atomic_fetch_add_explicit(&filter->exhausted, 1, memory_order_relaxed);
        if (is_time(&filter->tired, now, TIRED_PAUSE))
            asker->exhausted(filter, argument);
    }
    return true;
}

int chat_filters_ask(struct chat_filters *filters, enum chat_filter_target target,
                     struct chat_text text, const struct chat_filter_asker *asker, void *argument)
{
    struct own *own;
    struct since since;

    if (chat_filters_is_empty(filters))
        return 0;
    own = renewed(filters);
    if (!own)
        return -ENOMEM;
    if (!own->set || !(own->set->targets & target))
        return 0;
    since = (struct since){pli_clock_now(), computed()};
    for (size_t i = 0; i < own->set->count; i++)
        if (own->set->filters[i]->targets & target &&
            !ask_one(own->set->filters[i], own, text, &since, asker, argument))
            break;
    return 0;
}

void chat_filters_note(struct chat_filters *filters, const struct chat_filter *filter)
{
    struct own *own = pthread_getspecific(filters->key);

    if (own)
        snprintf(own->reason, sizeof own->reason, "%s", filter->reason);
}

const char *chat_filters_reason(struct chat_filters *filters)
{
    const struct own *own = pthread_getspecific(filters->key);

    return own ? own->reason : "";
}
