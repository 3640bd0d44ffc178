/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/bans.h"

#include "base/clock.h"
#include "chat/name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct chat_ban *ban_of(const struct pli_list *link)
{
    return pli_container_of((uintptr_t)link, struct chat_ban, link);
}

static struct chat_ban *ban_of_host(const struct pli_list *link)
{
    return pli_container_of((uintptr_t)link, struct chat_ban, in_hosts);
}

static struct chat_ban *ban_of_node(const struct pli_prefix_node *node)
{
    return pli_container_of((uintptr_t)node, struct chat_ban, node);
}

int chat_bans_init(struct chat_bans *bans)
{
    memset(bans, 0, sizeof *bans);
    if (pli_prefix_table_init(&bans->people) < 0)
        return -ENOMEM;
    if (pli_prefix_table_init(&bans->addresses) < 0) {
        pli_prefix_table_deinit(&bans->people);
        return -ENOMEM;
    }
    for (size_t i = 0; i < CHAT_BAN_KINDS; i++)
        pli_list_init(&bans->all[i]);
    for (size_t i = 0; i < CHAT_BAN_BUCKETS; i++)
        pli_list_init(&bans->hosts[i]);
    pli_list_init(&bans->patterns);
    pli_rwlock_init(&bans->lock, PLI_RANK_BANS);
    atomic_init(&bans->denied, 0);
    return 0;
}

static void free_ban(struct chat_ban *ban)
{
    free(ban->mask);
    free(ban->reason);
    free(ban->by);
    free(ban);
}

void chat_bans_deinit(struct chat_bans *bans)
{
    for (size_t i = 0; i < CHAT_BAN_KINDS; i++)
        pli_list_for_each_safe (link, after, &bans->all[i])
            free_ban(ban_of(link));
    pli_rwlock_deinit(&bans->lock);
    pli_prefix_table_deinit(&bans->addresses);
    pli_prefix_table_deinit(&bans->people);
}

void chat_ban_split(struct chat_text mask, struct chat_text *username, struct chat_text *host)
{
    const char *at = mask.length > 0 ? memrchr(mask.data, '@', mask.length) : NULL;

    *username = CHAT_NO_TEXT;
    *host = mask;
    if (!at)
        return;
    *username = (struct chat_text){mask.data, (size_t)(at - mask.data)};
    *host = (struct chat_text){at + 1, mask.length - username->length - 1};
}

static bool is_pattern(struct chat_text text)
{
    return text.length > 0 &&
           (memchr(text.data, '*', text.length) || memchr(text.data, '?', text.length));
}

/* Case does not count. */
static struct pli_list *bucket_of(struct chat_bans *bans, struct chat_text host)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < host.length; i++) {
        unsigned char byte = (unsigned char)host.data[i];

        hash = (hash ^ (byte >= 'A' && byte <= 'Z' ? byte | 0x20u : byte)) * 16777619u;
    }
    return &bans->hosts[(hash ^ hash >> 16) % CHAT_BAN_BUCKETS];
}

static void put_in_index(struct chat_bans *bans, struct chat_ban *ban, struct chat_text host)
{
    if (ban->kind == CHAT_BAN_ADDRESS) {
        pli_write_lock(&bans->lock);
        pli_prefix_add(&bans->addresses, &ban->node);
        pli_write_unlock(&bans->lock);
        atomic_fetch_add_explicit(&bans->denied, 1, memory_order_relaxed);
    } else if (ban->kind == CHAT_BAN_USER && ban->has_prefix) {
        pli_prefix_add(&bans->people, &ban->node);
    } else if (ban->kind == CHAT_BAN_USER) {
        pli_list_append(is_pattern(host) ? &bans->patterns : bucket_of(bans, host), &ban->in_hosts);
    }
}

struct chat_ban *chat_bans_add(struct chat_bans *bans, const struct chat_ban_view *view)
{
    struct chat_ban *ban = calloc(1, sizeof *ban);
    struct chat_text username, host;

    if (!ban)
        return NULL;
    pli_list_init(&ban->link);
    pli_list_init(&ban->in_hosts);
    pli_list_init(&ban->node.link);
    ban->kind = view->kind;
    ban->set = view->set;
    ban->expires = view->expires;
    if (chat_string_set(&ban->mask, view->mask) < 0 ||
        chat_string_set(&ban->reason, view->reason) < 0 ||
        chat_string_set(&ban->by, view->by) < 0) {
        free_ban(ban);
        return NULL;
    }
    chat_ban_split(view->mask, &username, &host);
    ban->has_prefix = view->kind != CHAT_BAN_CHANNEL &&
                      pli_prefix_parse(host.data, host.length, &ban->node.prefix);
    put_in_index(bans, ban, host);
    pli_list_append(&bans->all[ban->kind], &ban->link);
    bans->count++;
    if (ban->expires && (bans->next == 0 || ban->expires < bans->next))
        bans->next = ban->expires;
    return ban;
}

void chat_bans_remove(struct chat_bans *bans, struct chat_ban *ban)
{
    if (ban->kind == CHAT_BAN_ADDRESS) {
        pli_write_lock(&bans->lock);
        pli_prefix_remove(&bans->addresses, &ban->node);
        pli_write_unlock(&bans->lock);
        atomic_fetch_sub_explicit(&bans->denied, 1, memory_order_relaxed);
    } else if (ban->kind == CHAT_BAN_USER && ban->has_prefix) {
        pli_prefix_remove(&bans->people, &ban->node);
    }
    pli_list_remove(&ban->in_hosts);
    pli_list_remove(&ban->link);
    bans->count--;
    free_ban(ban);
}

struct chat_ban *chat_bans_find(const struct chat_bans *bans, enum chat_ban_kind kind,
                                struct chat_text mask)
{
    pli_list_for_each (link, &bans->all[kind])
        if (chat_text_same(chat_string_text(ban_of(link)->mask), mask))
            return ban_of(link);
    return NULL;
}

static bool is_over(const struct chat_ban *ban, uint64_t now)
{
    return ban->expires && ban->expires <= now;
}

static bool is_loopback(const struct pli_prefix *address)
{
    static const struct pli_prefix four = {.bytes = {127}, .bits = 8};
    static const struct pli_prefix six = {.bytes = {[15] = 1}, .bits = 128, .v6 = true};

    return pli_prefix_covers(&four, address) || pli_prefix_covers(&six, address);
}

bool chat_ban_means(const struct chat_ban *ban, const struct chat_subject *subject)
{
    struct chat_text username, host;
    struct pli_prefix address;

    chat_ban_split(chat_string_text(ban->mask), &username, &host);
    if (ban->kind == CHAT_BAN_USER && !chat_glob_match(username, subject->username))
        return false;
    if (ban->has_prefix)
        return pli_prefix_parse(subject->address.data, subject->address.length, &address) &&
               pli_prefix_covers(&ban->node.prefix, &address) &&
               (ban->kind != CHAT_BAN_ADDRESS || !is_loopback(&address));
    return chat_host_match(host, subject->host, subject->address);
}

/* What is looked for. */
struct wanted {
    const struct chat_subject *subject;
    uint64_t now;
};

static bool is_wanted(const struct pli_prefix_node *node, void *argument)
{
    const struct chat_ban *ban = ban_of_node(node);
    const struct wanted *wanted = argument;

    return !is_over(ban, wanted->now) && (!wanted->subject || chat_ban_means(ban, wanted->subject));
}

static struct chat_ban *find_among(const struct pli_list *list, const struct wanted *wanted)
{
    for (const struct pli_list *link = list->next; link != list; link = link->next)
        if (!is_over(ban_of_host(link), wanted->now) &&
            chat_ban_means(ban_of_host(link), wanted->subject))
            return ban_of_host(link);
    return NULL;
}

struct chat_ban *chat_bans_on_person(const struct chat_bans *bans,
                                     const struct chat_subject *subject, uint64_t now)
{
    struct wanted wanted = {.subject = subject, .now = now};
    struct pli_prefix_node *node = NULL;
    struct pli_prefix address;
    struct chat_ban *ban;

    if (bans->count == 0)
        return NULL;
    if (pli_prefix_parse(subject->address.data, subject->address.length, &address)) {
        node = pli_prefix_find(&bans->addresses, &address, is_wanted, &wanted);
        if (!node)
            node = pli_prefix_find(&bans->people, &address, is_wanted, &wanted);
    }
    if (node)
        return ban_of_node(node);
    ban = find_among(bucket_of((struct chat_bans *)(uintptr_t)bans, subject->host), &wanted);
    return ban ? ban : find_among(&bans->patterns, &wanted);
}

struct chat_ban *chat_bans_on_channel(const struct chat_bans *bans, struct chat_text name,
                                      uint64_t now)
{
    pli_list_for_each (link, &bans->all[CHAT_BAN_CHANNEL])
        if (!is_over(ban_of(link), now) &&
            chat_glob_match(chat_string_text(ban_of(link)->mask), name))
            return ban_of(link);
    return NULL;
}

struct chat_ban_view chat_ban_view_of(const struct chat_ban *ban)
{
    return (struct chat_ban_view){
        .kind = ban->kind,
        .mask = chat_string_text(ban->mask),
        .reason = chat_string_text(ban->reason),
        .by = chat_string_text(ban->by),
        .set = ban->set,
        .expires = ban->expires,
    };
}

/* Whether one of those that are in force covers the address. */
bool chat_bans_deny(struct chat_bans *bans, const uint8_t *bytes, size_t size)
{
    struct wanted wanted = {.subject = NULL};
    struct pli_prefix address;
    bool denied;

    if (atomic_load_explicit(&bans->denied, memory_order_relaxed) == 0)
        return false;
    pli_prefix_of_address(bytes, size, &address);
    if (is_loopback(&address))
        return false;
    wanted.now = pli_clock_wall_ms();
    pli_read_lock(&bans->lock);
    denied = pli_prefix_find(&bans->addresses, &address, is_wanted, &wanted);
    pli_read_unlock(&bans->lock);
    return denied;
}
