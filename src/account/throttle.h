/* SPDX-License-Identifier: MIT */
/*
 * How often something has happened: so many times at once, after which it becomes possible again one
 * at a time, so that within a period it is never more than twice as many (GCRA). Of each key one
 * time is kept, that at which all is forgotten. Memory is bounded: past MOST keys the one that was
 * counted longest ago goes. Whoever owns a throttle says which lock guards it. Times are passed in.
 */
#ifndef ACCOUNT_THROTTLE_H
#define ACCOUNT_THROTTLE_H

#include "base/hash.h"
#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct account_throttle {
    struct pli_hash keys;
    struct pli_list ages; /* the one counted last stands last */
    size_t most;
};

/* LIMIT times within PERIOD nanoseconds; LIMIT 0: any number of times. */
struct account_limit {
    unsigned limit;
    uint64_t period;
};

/* Returns 0 or a negative errno. */
int account_throttle_init(struct account_throttle *throttle, size_t most);
void account_throttle_deinit(struct account_throttle *throttle);

/* Whether it may happen once more at NOW. */
bool account_throttle_allows(const struct account_throttle *throttle, const void *key,
                             size_t length, struct account_limit limit, uint64_t now);

/* It has happened. Returns 0 or -ENOMEM. */
int account_throttle_count(struct account_throttle *throttle, const void *key, size_t length,
                           struct account_limit limit, uint64_t now);

/* It has not, after all. */
void account_throttle_take_back(struct account_throttle *throttle, const void *key, size_t length,
                                struct account_limit limit);

/* It has never. */
void account_throttle_forget(struct account_throttle *throttle, const void *key, size_t length);

#endif
