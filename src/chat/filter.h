/* SPDX-License-Identifier: MIT */
/*
 * Filters: patterns of what may not be said, each for some sorts of text (its targets), with what
 * is done about it. They come from the configuration or from operators, who add and remove them
 * while people speak.
 *
 * All that are in force are an immutable set with a reference. Each thread that matches keeps a
 * reference to the one that it used last, and sees by a look at a pointer whether that still is the
 * current one; where there are no filters, that look is all. A thread that is not asked any more
 * keeps what it has until it ends. Nothing of this takes the world's lock.
 */
#ifndef CHAT_FILTER_H
#define CHAT_FILTER_H

#include "base/lock.h"
#include "chat/pattern.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define CHAT_FILTERS_MAX       100 /* of operators, and as many of the configuration */
#define CHAT_FILTER_REASON_MAX 150
#define CHAT_FILTER_DURATION   86400

/* What a filter may be for; the letters stand in CHAT_FILTER_LETTERS. */
enum chat_filter_target {
    CHAT_FILTER_CHANNEL = 1 << 0,        /* c: messages to channels, and knocks */
    CHAT_FILTER_PRIVATE = 1 << 1,        /* p: messages to people */
    CHAT_FILTER_CHANNEL_NOTICE = 1 << 2, /* N: notices to channels */
    CHAT_FILTER_NOTICE = 1 << 3,         /* n: notices to people */
    CHAT_FILTER_PART = 1 << 4,           /* P: why somebody leaves a channel */
    CHAT_FILTER_QUIT = 1 << 5,           /* q: or goes */
    CHAT_FILTER_AWAY = 1 << 6,           /* a: or is away */
    CHAT_FILTER_TOPIC = 1 << 7,          /* t: topics */
    CHAT_FILTER_USER = 1 << 8,           /* u: "nick!user@address realname", coming and changing */
};

#define CHAT_FILTER_LETTERS "cpNnPqatu"

enum chat_filter_action {
    CHAT_FILTER_WARN,  /* operators are told, and it is said */
    CHAT_FILTER_BLOCK, /* it is not said */
    CHAT_FILTER_KILL,  /* and whose it was goes */
    CHAT_FILTER_BAN,   /* and does not come back for a while */
    CHAT_FILTER_ACTIONS,
};

/* Targets by their letters, 0 if TEXT has others or none; and the letters, with a NUL. */
unsigned chat_filter_targets(struct chat_text text);
const char *chat_filter_letters(unsigned targets, char letters[static sizeof CHAT_FILTER_LETTERS]);

/* "warn", "block", "kill", "ban"; CHAT_FILTER_ACTIONS: there is no such. */
const char *chat_filter_action_name(enum chat_filter_action action);
enum chat_filter_action chat_filter_action_find(struct chat_text name);

/* The texts are copied. */
struct chat_filter_rule {
    struct chat_text pattern;
    struct chat_text reason; /* empty: there is one for all */
    struct chat_text by;     /* who has added it */
    unsigned targets;
    enum chat_filter_action action;
    unsigned duration; /* of a ban, in seconds */
    bool configured;
};

struct chat_filter;

/* Makes one with a reference. Returns what chat_pattern_new() does. */
int chat_filter_new(const struct chat_filter_rule *rule, struct chat_filter **filter,
                    struct chat_pattern_error *error);
struct chat_filter *chat_filter_ref(struct chat_filter *filter);
void chat_filter_unref(struct chat_filter *filter); /* NULL is allowed */

struct chat_filter_view {
    unsigned number; /* by which it is removed */
    struct chat_filter_rule rule;
    uint64_t time;      /* since when: milliseconds since 1970 */
    uint64_t hits;      /* texts that it caught */
    uint64_t exhausted; /* texts that took too long, and so passed */
};

/* The texts of the view stand as long as the filter. */
struct chat_filter_view chat_filter_view_of(const struct chat_filter *filter);

struct chat_filter_set;

struct chat_filters {
    struct pli_mutex lock;                     /* for taking a reference to, or replacing */
    _Atomic(struct chat_filter_set *) current; /* NULL: none */
    unsigned numbers;                          /* (lock) as many as there ever were */
    pthread_key_t key;                         /* of what each thread keeps */
};

/* 0 or a negative errno. */
int chat_filters_init(struct chat_filters *filters);

/* No other thread may be in a call any more. */
void chat_filters_deinit(struct chat_filters *filters);

/*
 * Adds one behind the others and gives it its number. Returns 0, CHAT_MODE_SAME if there is one with
 * that pattern for such texts, CHAT_LIST_FULL or -ENOMEM.
 */
int chat_filters_add(struct chat_filters *filters, struct chat_filter *filter);

/*
 * Removes the one of that NUMBER, which is handed to FILTER with a reference. Returns 0,
 * CHAT_NOT_THERE, CHAT_BAD_ARGUMENT for one of the configuration, or -ENOMEM.
 */
int chat_filters_remove(struct chat_filters *filters, unsigned number, struct chat_filter **filter);

/*
 * Replaces all of the configuration, COUNT of them, at most CHAT_FILTERS_MAX, which come first. One
 * that says what an old one did stands for it, with its number and its figures. ROOM is what
 * chat_filters_room() has made, or NULL without memory; it is taken over.
 */
struct chat_filter_set *chat_filters_room(void);
void chat_filters_room_free(struct chat_filter_set *room); /* if it has not been taken over */
void chat_filters_configure(struct chat_filters *filters, struct chat_filter_set *room,
                            struct chat_filter *const *configured, size_t count);

void chat_filters_each(struct chat_filters *filters,
                       void (*visit)(const struct chat_filter_view *view, void *argument),
                       void *argument);

static inline bool chat_filters_is_empty(const struct chat_filters *filters)
{
    return !atomic_load_explicit(&filters->current, memory_order_relaxed);
}

/*
 * Asks all filters for TARGET about TEXT. Calls CAUGHT for each that catches it, in order, until it
 * returns false, and EXHAUSTED, now and then, for one that took too long. The filters stand until
 * the thread's next call. Returns 0 or -ENOMEM.
 */
struct chat_filter_asker {
    bool (*caught)(struct chat_filter *filter, void *argument);
    void (*exhausted)(struct chat_filter *filter, void *argument);
};

int chat_filters_ask(struct chat_filters *filters, enum chat_filter_target target,
                     struct chat_text text, const struct chat_filter_asker *asker, void *argument);

/* The thread keeps in mind why something was refused, for whoever has to say so; "" at first. */
void chat_filters_note(struct chat_filters *filters, const struct chat_filter *filter);
const char *chat_filters_reason(struct chat_filters *filters);

/*
 * Counts that the filter has caught something. Returns whether that is to be told, of which there
 * should not be too much: once a second. MISSED receives how many were not told before.
 */
bool chat_filter_hit(struct chat_filter *filter, unsigned *missed);

#endif
