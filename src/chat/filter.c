/* SPDX-License-Identifier: MIT */
/* Filters and sets of them; asking them is in filter_ask.c. */
#include "config.h"

#include "chat/filter_set.h"

#include "base/clock.h"
#include "chat/outcome.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* -- Words ---------------------------------------------------------------------------------------- */

unsigned chat_filter_targets(struct chat_text text)
{
    unsigned targets = 0;

    for (size_t i = 0; i < text.length; i++) {
        const char *at = text.data[i] ? strchr(CHAT_FILTER_LETTERS, text.data[i]) : NULL;

        if (!at)
            return 0;
        targets |= 1u << (at - CHAT_FILTER_LETTERS);
    }
    return targets;
}

const char *chat_filter_letters(unsigned targets, char letters[static sizeof CHAT_FILTER_LETTERS])
{
    size_t used = 0;

    for (size_t i = 0; i < sizeof CHAT_FILTER_LETTERS - 1; i++)
        if (targets & 1u << i)
            letters[used++] = CHAT_FILTER_LETTERS[i];
    letters[used] = '\0';
    return letters;
}

static const char *const actions[] = {"warn", "block", "kill", "ban"};

const char *chat_filter_action_name(enum chat_filter_action action)
{
    return actions[action];
}

enum chat_filter_action chat_filter_action_find(struct chat_text name)
{
    enum chat_filter_action action = CHAT_FILTER_WARN;

    while (action < CHAT_FILTER_ACTIONS && !chat_text_equal(chat_text(actions[action]), name))
        action++;
    return action;
}

/* -- Filters -------------------------------------------------------------------------------------- */

/* Copies TEXT to *AT with a NUL, and moves on. */
static const char *keep(struct chat_text text, char **at)
{
    const char *kept = *at;

    if (text.length > 0)
        memcpy(*at, text.data, text.length);
    (*at)[text.length] = '\0';
    *at += text.length + 1;
    return kept;
}

int chat_filter_new(const struct chat_filter_rule *rule, struct chat_filter **out,
                    struct chat_pattern_error *error)
{
    struct chat_text reason =
        rule->reason.length > 0 ? rule->reason : chat_text("This is not said here");
    struct chat_filter *filter =
        calloc(1, sizeof *filter + rule->pattern.length + reason.length + rule->by.length + 3);
    int rc = filter ? chat_pattern_new(rule->pattern, &filter->compiled, error) : -ENOMEM;
    char *at;

    if (rc < 0) {
        free(filter);
        return rc;
    }
    at = filter->texts;
    filter->pattern = keep(rule->pattern, &at);
    filter->reason = keep(reason, &at);
    filter->by = keep(rule->by, &at);
    filter->targets = rule->targets;
    filter->action = rule->action;
    filter->duration = rule->duration;
    filter->configured = rule->configured;
    filter->time = pli_clock_wall_ms();
    atomic_init(&filter->references, 1);
    *out = filter;
    return 0;
}

struct chat_filter *chat_filter_ref(struct chat_filter *filter)
{
    atomic_fetch_add_explicit(&filter->references, 1, memory_order_relaxed);
    return filter;
}

void chat_filter_unref(struct chat_filter *filter)
{
    if (!filter || atomic_fetch_sub_explicit(&filter->references, 1, memory_order_acq_rel) > 1)
        return;
    chat_pattern_free(filter->compiled);
    free(filter);
}

struct chat_filter_view chat_filter_view_of(const struct chat_filter *filter)
{
    return (struct chat_filter_view){
        .number = filter->number,
        .rule = {.pattern = chat_text(filter->pattern),
                 .reason = chat_text(filter->reason),
                 .by = chat_text(filter->by),
                 .targets = filter->targets,
                 .action = filter->action,
                 .duration = filter->duration,
                 .configured = filter->configured},
        .time = filter->time,
        .hits = atomic_load_explicit(&filter->hits, memory_order_relaxed),
        .exhausted = atomic_load_explicit(&filter->exhausted, memory_order_relaxed),
    };
}

/* -- Sets ----------------------------------------------------------------------------------------- */

struct chat_filter_set *chat_filter_set_ref(struct chat_filter_set *set)
{
    if (set)
        atomic_fetch_add_explicit(&set->references, 1, memory_order_relaxed);
    return set;
}

void chat_filter_set_unref(struct chat_filter_set *set)
{
    if (!set || atomic_fetch_sub_explicit(&set->references, 1, memory_order_acq_rel) > 1)
        return;
    for (size_t i = 0; i < set->count; i++)
        chat_filter_unref(set->filters[i]);
    free(set);
}

static struct chat_filter_set *make(size_t room)
{
    struct chat_filter_set *set = calloc(1, sizeof *set + room * sizeof set->filters[0]);

    if (set)
        atomic_init(&set->references, 1);
    return set;
}

static void append(struct chat_filter_set *set, struct chat_filter *filter)
{
    set->filters[set->count++] = chat_filter_ref(filter);
    set->targets |= filter->targets;
}

/* The current one, as the lock is held; there is always a count. */
static struct chat_filter_set *current(const struct chat_filters *filters)
{
    return atomic_load_explicit(&filters->current, memory_order_relaxed);
}

static size_t count_of(const struct chat_filters *filters)
{
    return current(filters) ? current(filters)->count : 0;
}

/* Puts a set into force; one that is empty is none. Returns the old one. */
static struct chat_filter_set *replace(struct chat_filters *filters, struct chat_filter_set *set)
{
    if (set->count == 0) {
        chat_filter_set_unref(set);
        set = NULL;
    }
    return atomic_exchange_explicit(&filters->current, set, memory_order_acq_rel);
}

static bool is_same_pattern(const struct chat_filter *a, const struct chat_filter *b)
{
    return a->targets == b->targets && strcmp(a->pattern, b->pattern) == 0;
}

static int add_locked(struct chat_filters *filters, struct chat_filter *filter,
                      struct chat_filter_set **old)
{
    size_t count = count_of(filters);
    size_t added = 0;
    struct chat_filter_set *set;

    for (size_t i = 0; i < count; i++) {
        if (is_same_pattern(current(filters)->filters[i], filter))
            return CHAT_MODE_SAME;
        added += !current(filters)->filters[i]->configured;
    }
    if (added >= CHAT_FILTERS_MAX)
        return CHAT_LIST_FULL;
    set = make(count + 1);
    if (!set)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        append(set, current(filters)->filters[i]);
    filter->number = ++filters->numbers;
    append(set, filter);
    *old = replace(filters, set);
    return 0;
}

int chat_filters_add(struct chat_filters *filters, struct chat_filter *filter)
{
    struct chat_filter_set *old = NULL;
    int rc;

    pli_lock(&filters->lock);
    rc = add_locked(filters, filter, &old);
    pli_unlock(&filters->lock);
    chat_filter_set_unref(old);
    return rc;
}

static int remove_locked(struct chat_filters *filters, unsigned number, struct chat_filter **filter,
                         struct chat_filter_set **old)
{
    size_t count = count_of(filters);
    struct chat_filter *found = NULL;
    struct chat_filter_set *set;

    for (size_t i = 0; i < count; i++)
        if (current(filters)->filters[i]->number == number)
            found = current(filters)->filters[i];
    if (!found)
        return CHAT_NOT_THERE;
    if (found->configured)
        return CHAT_BAD_ARGUMENT;
    set = make(count - 1);
    if (!set)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        if (current(filters)->filters[i] != found)
            append(set, current(filters)->filters[i]);
    *filter = chat_filter_ref(found);
    *old = replace(filters, set);
    return 0;
}

int chat_filters_remove(struct chat_filters *filters, unsigned number, struct chat_filter **filter)
{
    struct chat_filter_set *old = NULL;
    int rc;

    pli_lock(&filters->lock);
    rc = remove_locked(filters, number, filter, &old);
    pli_unlock(&filters->lock);
    chat_filter_set_unref(old);
    return rc;
}

static bool says_the_same(const struct chat_filter *a, const struct chat_filter *b)
{
    return is_same_pattern(a, b) && a->configured == b->configured && a->action == b->action &&
           a->duration == b->duration && strcmp(a->reason, b->reason) == 0;
}

/* The one that is in force and says what FILTER does; or FILTER, with a new number. */
static struct chat_filter *known(struct chat_filters *filters, struct chat_filter *filter)
{
    for (size_t i = 0; i < count_of(filters); i++)
        if (says_the_same(current(filters)->filters[i], filter))
            return current(filters)->filters[i];
    filter->number = ++filters->numbers;
    return filter;
}

struct chat_filter_set *chat_filters_room(void)
{
    return make((size_t)2 * CHAT_FILTERS_MAX);
}

void chat_filters_room_free(struct chat_filter_set *room)
{
    chat_filter_set_unref(room);
}

void chat_filters_configure(struct chat_filters *filters, struct chat_filter_set *room,
                            struct chat_filter *const *configured, size_t count)
{
    struct chat_filter_set *old;

    assert(count <= CHAT_FILTERS_MAX);
    pli_lock(&filters->lock);
    for (size_t i = 0; i < count; i++)
        append(room, known(filters, configured[i]));
    for (size_t i = 0; i < count_of(filters); i++)
        if (!current(filters)->filters[i]->configured)
            append(room, current(filters)->filters[i]);
    old = replace(filters, room);
    pli_unlock(&filters->lock);
    chat_filter_set_unref(old);
}

void chat_filters_each(struct chat_filters *filters,
                       void (*visit)(const struct chat_filter_view *view, void *argument),
                       void *argument)
{
    struct chat_filter_set *set;

    pli_lock(&filters->lock);
    set = chat_filter_set_ref(current(filters));
    pli_unlock(&filters->lock);
    for (size_t i = 0; set && i < set->count; i++) {
        struct chat_filter_view view = chat_filter_view_of(set->filters[i]);

        visit(&view, argument);
    }
    chat_filter_set_unref(set);
}
