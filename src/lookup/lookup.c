/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "lookup/lookup.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <paceline/session.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine/helpers.h"
#include "lookup/query.h"
#include "transport/network.h"

#define QUEUE_MAX       1024
#define NS_PER_S        UINT64_C(1000000000)
#define FAILURE_SECONDS 10u /* a failure is not remembered for longer */
#define ANY_REPLY_FIRST 127 /* of an answer that means "listed" (RFC 5782, 2.1) */

/* The settings as an immutable counted copy. */
struct lookup_rules {
    atomic_uint references;
    struct lookup_settings settings; /* its lists stand behind */
    struct lookup_list lists[];
};

struct lookups {
    struct pli_helpers helpers;
    atomic_bool stopping;
    struct pli_mutex lock;      /* PLI_RANK_CONFIG */
    struct lookup_rules *rules; /* (lock) a reference */
    struct lookup_cache cache;  /* (lock) found out by these rules */
};

/* Who waits for it. */
enum state { WAITED, GIVEN_UP, DONE };

struct lookup {
    struct pli_work work; /* first */
    atomic_uint references;
    atomic_int state;
    struct lookups *lookups;
    struct lookup_rules *rules; /* a reference */
    struct pl_session *session; /* the thread's reference */
    struct lookup_address address;
    struct lookup_verdict verdict; /* the thread's until DONE */
    bool failed;                   /* likewise: something was not answered */
};

/* -- Settings ------------------------------------------------------------------------------- */

void lookup_rules_unref(struct lookup_rules *rules)
{
    if (rules && atomic_fetch_sub_explicit(&rules->references, 1, memory_order_acq_rel) == 1)
        free(rules);
}

struct lookup_rules *lookup_rules_new(const struct lookup_settings *settings)
{
    size_t size = settings->list_count * sizeof(*settings->lists);
    struct lookup_rules *rules = malloc(sizeof(*rules) + size);

    if (!rules)
        return NULL;
    atomic_init(&rules->references, 1);
    rules->settings = *settings;
    if (size > 0)
        memcpy(rules->lists, settings->lists, size);
    rules->settings.lists = rules->lists;
    return rules;
}

static struct lookup_rules *current_rules(struct lookups *lookups)
{
    struct lookup_rules *rules;

    pli_lock(&lookups->lock);
    rules = lookups->rules;
    atomic_fetch_add_explicit(&rules->references, 1, memory_order_relaxed);
    pli_unlock(&lookups->lock);
    return rules;
}

/* Whether it is known by these rules what there is to know of an address. */
static bool is_known(struct lookups *lookups, const struct lookup_rules *rules,
                     const struct lookup_address *address, struct lookup_verdict *verdict)
{
    bool known;

    pli_lock(&lookups->lock);
    known = lookups->rules == rules &&
            lookup_cache_get(&lookups->cache, address, pli_clock_now(), verdict);
    pli_unlock(&lookups->lock);
    return known;
}

int lookups_new(const struct lookup_settings *settings, unsigned threads, struct lookups **out)
{
    struct lookups *lookups = calloc(1, sizeof(*lookups));
    struct lookup_rules *rules = lookup_rules_new(settings);

    if (!lookups || !rules || pli_helpers_init(&lookups->helpers, threads, QUEUE_MAX) < 0) {
        free(rules);
        free(lookups);
        return -ENOMEM;
    }
    pli_mutex_init(&lookups->lock, PLI_RANK_CONFIG);
    lookups->rules = rules;
    *out = lookups;
    return 0;
}

void lookups_stop(struct lookups *lookups)
{
    if (!lookups)
        return;
    atomic_store(&lookups->stopping, true);
    pli_helpers_stop(&lookups->helpers);
}

void lookups_free(struct lookups *lookups)
{
    if (!lookups)
        return;
    pli_helpers_deinit(&lookups->helpers);
    lookup_rules_unref(lookups->rules);
    pli_mutex_deinit(&lookups->lock);
    free(lookups);
}

void lookups_put(struct lookups *lookups, struct lookup_rules *rules)
{
    struct lookup_rules *before;

    pli_lock(&lookups->lock);
    before = lookups->rules;
    lookups->rules = rules;
    lookup_cache_clear(&lookups->cache);
    pli_unlock(&lookups->lock);
    lookup_rules_unref(before);
}

/* -- Asking: by a thread of the lookups ------------------------------------------------------ */

static bool is_wanted(struct lookup *lookup)
{
    return atomic_load_explicit(&lookup->state, memory_order_relaxed) == WAITED &&
           !atomic_load_explicit(&lookup->lookups->stopping, memory_order_relaxed);
}

/* Whether the name leads back to the address. */
static bool confirms(struct lookup *lookup, struct lookup_resolver *resolver, const char *name)
{
    struct lookup_address addresses[LOOKUP_ADDRESSES_MAX];
    size_t size = lookup_address_size(&lookup->address);
    size_t count;
    int rc = lookup_query_addresses(resolver, name, lookup->address.family, addresses, &count);

    lookup->failed |= rc == LOOKUP_FAILED;
    for (size_t i = 0; i < count; i++)
        if (memcmp(addresses[i].bytes, lookup->address.bytes, size) == 0)
            return true;
    return false;
}

static void find_host(struct lookup *lookup, struct lookup_resolver *resolver)
{
    char name[LOOKUP_NAME_MAX + 1];
    int rc = lookup_query_name(resolver, &lookup->address, name);

    lookup->failed |= rc == LOOKUP_FAILED;
    if (rc == LOOKUP_FOUND && lookup_name_is_showable(name, LOOKUP_HOST_MAX) && is_wanted(lookup) &&
        confirms(lookup, resolver, name))
        memcpy(lookup->verdict.host, name, strlen(name) + 1);
}

/* Whether such an answer of the list means that it has the address. */
static bool means_listed(const struct lookup_list *list, const struct lookup_address *reply)
{
    struct pli_address address = {.family = AF_INET};

    if (list->reply_count == 0)
        return reply->bytes[0] == ANY_REPLY_FIRST;
    memcpy(address.bytes, reply->bytes, 4);
    for (size_t i = 0; i < list->reply_count; i++)
        if (pli_network_has(&list->replies[i], &address))
            return true;
    return false;
}

static bool is_listed(struct lookup *lookup, struct lookup_resolver *resolver,
                      const struct lookup_list *list)
{
    struct lookup_address replies[LOOKUP_ADDRESSES_MAX];
    char name[LOOKUP_NAME_MAX + 1];
    size_t count;
    int rc;

    if (!lookup_name_of(&lookup->address, list->name, name))
        return false;
    rc = lookup_query_addresses(resolver, name, AF_INET, replies, &count);
    lookup->failed |= rc == LOOKUP_FAILED;
    for (size_t i = 0; i < count; i++)
        if (means_listed(list, &replies[i]))
            return true;
    return false;
}

/* The first list that has it, or better the first that refuses it. */
static void find_list(struct lookup *lookup, struct lookup_resolver *resolver)
{
    const struct lookup_rules *rules = lookup->rules;

    for (size_t i = 0; i < rules->settings.list_count && is_wanted(lookup); i++) {
        const struct lookup_list *list = &rules->lists[i];

        if (lookup->verdict.list >= 0 && !list->refuse)
            continue;
        if (!is_listed(lookup, resolver, list))
            continue;
        lookup->verdict.list = (int)i;
        if (list->refuse)
            return;
    }
}

/* One that has been given up in the middle has found out nothing. */
static void remember(struct lookup *lookup)
{
    struct lookups *lookups = lookup->lookups;
    unsigned seconds = lookup->rules->settings.remember;

    if (!is_wanted(lookup))
        return;
    if (lookup->failed && seconds > FAILURE_SECONDS)
        seconds = FAILURE_SECONDS;
    pli_lock(&lookups->lock);
    if (seconds > 0 && lookups->rules == lookup->rules)
        lookup_cache_put(&lookups->cache, &lookup->address, pli_clock_now() + seconds * NS_PER_S,
                         &lookup->verdict);
    pli_unlock(&lookups->lock);
}

static void find_out(struct lookup *lookup)
{
    const struct lookup_settings *settings = &lookup->rules->settings;
    struct lookup_resolver resolver;

    if (lookup_resolver_init(&resolver, settings->server.sin_family ? &settings->server : NULL,
                             settings->timeout) < 0) {
        lookup->failed = true;
        return;
    }
    if (settings->resolve)
        find_host(lookup, &resolver);
    find_list(lookup, &resolver);
    lookup_resolver_deinit(&resolver);
    remember(lookup);
}

static void lookup_unref(struct lookup *lookup)
{
    if (atomic_fetch_sub_explicit(&lookup->references, 1, memory_order_acq_rel) > 1)
        return;
    lookup_rules_unref(lookup->rules);
    free(lookup);
}

static void run(struct pli_work *work)
{
    struct lookup *lookup = (struct lookup *)work; /* its first member */
    struct pl_session *session = lookup->session;
    int waited = WAITED;

    if (is_wanted(lookup))
        find_out(lookup);
    if (atomic_compare_exchange_strong_explicit(&lookup->state, &waited, DONE, memory_order_acq_rel,
                                                memory_order_acquire))
        pl_session_resume(session);
    lookup_unref(lookup);
    pl_session_unref(session);
}

/* -- The session's side ---------------------------------------------------------------------- */

static void answer_with(const struct lookup_rules *rules, const struct lookup_verdict *verdict,
                        struct lookup_answer *answer)
{
    const struct lookup_list *list = verdict->list >= 0 ? &rules->lists[verdict->list] : NULL;

    snprintf(answer->host, sizeof(answer->host), "%s", verdict->host);
    if (!list)
        return;
    snprintf(answer->list, sizeof(answer->list), "%s", list->name);
    snprintf(answer->reason, sizeof(answer->reason), "%s", list->reason);
    answer->refuse = list->refuse;
}

/* Takes over the reference to RULES if it succeeds. */
static struct lookup *lookup_new(struct lookups *lookups, struct lookup_rules *rules,
                                 struct pl_session *session, const struct lookup_address *address)
{
    struct lookup *lookup = calloc(1, sizeof(*lookup));

    if (!lookup)
        return NULL;
    lookup->work.run = run;
    atomic_init(&lookup->references, 2);
    atomic_init(&lookup->state, WAITED);
    lookup->lookups = lookups;
    lookup->rules = rules;
    lookup->session = pl_session_ref(session);
    lookup->address = *address;
    lookup->verdict.list = -1;
    if (pli_helpers_submit(&lookups->helpers, &lookup->work) == 0)
        return lookup;
    pl_session_unref(session);
    free(lookup);
    return NULL;
}

/* Whether there is anything to ask about an address; *ADDRESS is that then. */
static bool is_asked_about(const struct lookup_rules *rules, const struct pl_session *session,
                           struct lookup_address *address)
{
    char text[PL_ADDRESS_TEXT];

    if (!rules->settings.resolve && rules->settings.list_count == 0)
        return false;
    return !pl_session_is_local(session) &&
           lookup_address_read(pl_session_peer(session, text, sizeof(text)), address);
}

struct lookup *lookup_begin(struct lookups *lookups, struct pl_session *session,
                            struct lookup_answer *answer)
{
    struct lookup_rules *rules = current_rules(lookups);
    struct lookup_verdict verdict;
    struct lookup_address address;
    struct lookup *lookup = NULL;

    *answer = (struct lookup_answer){.refuse = false};
    if (!is_asked_about(rules, session, &address)) {
        lookup_rules_unref(rules);
        return NULL;
    }
    if (is_known(lookups, rules, &address, &verdict)) {
        answer_with(rules, &verdict, answer);
    } else {
        lookup = lookup_new(lookups, rules, session, &address);
        answer->busy = !lookup;
    }
    if (lookup)
        pl_session_park(session);
    else
        lookup_rules_unref(rules);
    return lookup;
}

unsigned lookup_patience(const struct lookup *lookup)
{
    return lookup->rules->settings.timeout * 1000;
}

void lookup_give_up(struct lookup *lookup)
{
    int waited = WAITED;

    if (atomic_compare_exchange_strong_explicit(&lookup->state, &waited, GIVEN_UP,
                                                memory_order_acq_rel, memory_order_acquire))
        pl_session_resume(lookup->session);
}

void lookup_end(struct lookup *lookup, struct lookup_answer *answer)
{
    *answer = (struct lookup_answer){.refuse = false};
    if (atomic_load_explicit(&lookup->state, memory_order_acquire) == DONE) {
        answer->late = lookup->failed;
        answer_with(lookup->rules, &lookup->verdict, answer);
    } else {
        answer->late = true;
    }
    lookup_unref(lookup);
}

void lookup_free(struct lookup *lookup)
{
    int waited = WAITED;

    if (!lookup)
        return;
    atomic_compare_exchange_strong_explicit(&lookup->state, &waited, GIVEN_UP, memory_order_acq_rel,
                                            memory_order_acquire);
    lookup_unref(lookup);
}

void lookup_log(const struct lookup_answer *answer, const char *service, struct pl_session *session)
{
    char address[PL_ADDRESS_TEXT];

    if (*answer->list)
        pli_log(PL_LOG_INFO, "%s: %s is listed in %s: %s", service,
                pl_session_peer(session, address, sizeof(address)), answer->list,
                answer->refuse ? "turned away" : "marked");
}
