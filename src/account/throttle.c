/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "account/throttle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct key {
    struct pli_hash_node node;
    struct pli_list link; /* in throttle.ages */
    uint64_t until;       /* when all is forgotten */
    size_t length;
    unsigned char bytes[];
};

static struct key *of_node(struct pli_hash_node *node)
{
    return pli_container_of(node, struct key, node);
}

static const void *bytes_of(const struct pli_hash_node *node, size_t *length)
{
    const struct key *key = (const struct key *)((const char *)node - offsetof(struct key, node));

    *length = key->length;
    return key->bytes;
}

int account_throttle_init(struct account_throttle *throttle, size_t most)
{
    throttle->most = most;
    pli_list_init(&throttle->ages);
    return pli_hash_init(&throttle->keys, bytes_of);
}

static void drop(struct account_throttle *throttle, struct key *key)
{
    pli_hash_remove(&throttle->keys, &key->node);
    pli_list_remove(&key->link);
    free(key);
}

static struct key *oldest(struct account_throttle *throttle)
{
    return pli_list_is_empty(&throttle->ages)
               ? NULL
               : pli_container_of(throttle->ages.next, struct key, link);
}

void account_throttle_deinit(struct account_throttle *throttle)
{
    struct key *key;

    while ((key = oldest(throttle)))
        drop(throttle, key);
    pli_hash_deinit(&throttle->keys);
}

static struct key *find(const struct account_throttle *throttle, const void *bytes, size_t length)
{
    struct pli_hash_node *node = pli_hash_find(&throttle->keys, bytes, length);

    return node ? of_node(node) : NULL;
}

/* How long one time is remembered when it is the only one. */
static uint64_t step_of(struct account_limit limit)
{
    return limit.period / limit.limit;
}

bool account_throttle_allows(const struct account_throttle *throttle, const void *bytes,
                             size_t length, struct account_limit limit, uint64_t now)
{
    const struct key *key = limit.limit > 0 ? find(throttle, bytes, length) : NULL;

    return !key || key->until <= now || key->until - now + step_of(limit) <= limit.period;
}

/* Two that mean nothing any more go for each that comes. */
static void tidy(struct account_throttle *throttle, uint64_t now)
{
    struct key *key;

    for (int i = 0; i < 2 && (key = oldest(throttle)) && key->until <= now; i++)
        drop(throttle, key);
    while (throttle->keys.count >= throttle->most && (key = oldest(throttle)))
        drop(throttle, key);
}

static struct key *add(struct account_throttle *throttle, const void *bytes, size_t length,
                       uint64_t now)
{
    struct key *key = malloc(sizeof *key + length);

    if (!key)
        return NULL;
    tidy(throttle, now);
    key->until = now;
    key->length = length;
    memcpy(key->bytes, bytes, length);
    pli_hash_add(&throttle->keys, &key->node);
    pli_list_append(&throttle->ages, &key->link);
    return key;
}

/* What is past the limit, as when several are counted that were allowed together, is held for no longer. */
int account_throttle_count(struct account_throttle *throttle, const void *bytes, size_t length,
                           struct account_limit limit, uint64_t now)
{
    struct key *key;

    if (limit.limit == 0)
        return 0;
    key = find(throttle, bytes, length);
    if (!key)
        key = add(throttle, bytes, length, now);
    if (!key)
        return -ENOMEM;
    pli_list_remove(&key->link);
    pli_list_append(&throttle->ages, &key->link);
    if (key->until < now)
        key->until = now;
    key->until += step_of(limit);
    if (key->until > now + limit.period)
        key->until = now + limit.period;
    return 0;
}

void account_throttle_take_back(struct account_throttle *throttle, const void *bytes, size_t length,
                                struct account_limit limit)
{
    struct key *key = limit.limit > 0 ? find(throttle, bytes, length) : NULL;

    if (key)
        key->until -= key->until > step_of(limit) ? step_of(limit) : key->until;
}

void account_throttle_forget(struct account_throttle *throttle, const void *bytes, size_t length)
{
    struct key *key = find(throttle, bytes, length);

    if (key)
        drop(throttle, key);
}
