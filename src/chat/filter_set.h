/* SPDX-License-Identifier: MIT */
/* The inside of filters (chat/filter.h), for filter.c and filter_ask.c. */
#ifndef CHAT_FILTER_SET_H
#define CHAT_FILTER_SET_H

#include "chat/filter.h"

/* Const once it is in a set, but for what is counted. */
struct chat_filter {
    atomic_uint references;
    unsigned number; /* given by the set */
    unsigned targets;
    enum chat_filter_action action;
    unsigned duration;
    bool configured;
    uint64_t time;
    struct chat_pattern *compiled;
    const char *pattern;
    const char *reason;
    const char *by;
    _Atomic uint64_t hits;
    _Atomic uint64_t exhausted;
    _Atomic uint64_t told;  /* pli_clock_now() when something was told of it last */
    atomic_uint missed;     /* since then */
    _Atomic uint64_t tired; /* the same of its being exhausted */
    char texts[];
};

struct chat_filter_set {
    atomic_uint references;
    unsigned targets; /* those of all of them */
    size_t count;
    struct chat_filter *filters[];
};

/* NULL is allowed in both. */
struct chat_filter_set *chat_filter_set_ref(struct chat_filter_set *set);
void chat_filter_set_unref(struct chat_filter_set *set);

#endif
