/* SPDX-License-Identifier: MIT */
/*
 * Reading registered channels from the store. What is there may have come by an import, so nothing of it
 * is believed: what makes no sense is passed over, and said.
 */
#include "config.h"

#include "chat/registration_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>

struct loading {
    struct chat_world *world;
    size_t count;
};

/* -- Channels ------------------------------------------------------------------------------------- */

static void set_locks(struct chat_registration *registration, const char *text)
{
    bool set = true;

    for (; *text; text++) {
        const char *at = strchr(CHAT_MODE_LETTERS, *text);

        if (*text == '+' || *text == '-')
            set = *text == '+';
        else if (at && at < &CHAT_MODE_LETTERS[CHAT_MODE_BAN])
            *(set ? &registration->locked_on : &registration->locked_off) |=
                1u << (at - CHAT_MODE_LETTERS);
    }
}

/* Modes that are not understood are as if they were not there. */
static int set_modes(struct chat_world *world, struct chat_channel *channel, const char *text)
{
    struct chat_change changes[CHAT_CHANGES_MAX];
    size_t count;
    int rc = 0;

    if (chat_modes_read(chat_text(text), changes, &count) != 0)
        pli_log(PL_LOG_WARNING, "store: %.*s: not all of its modes are known",
                CHAT_SHOWN(chat_name_text(channel->name)));
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = chat_change_apply(world, channel, NULL, &changes[i]);
    return rc;
}

static struct chat_text cut(const char *text, size_t most)
{
    struct chat_text whole = chat_text(text);

    whole.length = pli_utf8_cut(whole.data, whole.length, most);
    return whole;
}

static int set_topic(struct chat_world *world, struct chat_channel *channel,
                     const struct store_channel *record)
{
    struct chat_text topic = cut(record->topic, world->settings.topic_length);

    if (topic.length == 0)
        return 0;
    channel->topic = chat_topic_new(topic, chat_text(record->topic_by), record->topic_set);
    return channel->topic ? 0 : -ENOMEM;
}

/* The channel as it was; NULL without memory. */
static struct chat_channel *make_channel(struct chat_world *world,
                                         const struct store_channel *record)
{
    struct chat_id id = chat_id_next(&world->ids, pli_clock_wall_ms());
    struct chat_channel *channel =
        chat_channel_add(world, id, chat_text(record->name), record->created);

    if (channel && record->history != 0)
        channel->history = (struct chat_id){record->history, record->origin};
    if (channel &&
        (set_modes(world, channel, record->modes) < 0 || set_topic(world, channel, record) < 0)) {
        chat_channel_remove(world, channel);
        return NULL;
    }
    return channel;
}

static int describe(struct chat_registration *registration, const struct store_channel *record)
{
    registration->flags = (unsigned)record->flags;
    set_locks(registration, record->lock);
    if (chat_string_set(&registration->successor, chat_text(record->successor)) < 0 ||
        chat_string_set(&registration->about, cut(record->about, CHAT_ABOUT_MAX)) < 0 ||
        chat_string_set(&registration->url, cut(record->url, CHAT_ABOUT_MAX)) < 0)
        return -ENOMEM;
    return 0;
}

/* A channel that is there already stays as it is, but is somebody's now. */
static int add_channel(struct chat_world *world, const struct store_channel *record)
{
    struct chat_channel *channel = chat_find_name(world, chat_text(record->name));
    struct chat_registration *registration =
        chat_registration_new(world, record->id, chat_text(record->founder), record->registered);
    bool is_new = !channel;

    if (!registration)
        return -ENOMEM;
    if (is_new)
        channel = make_channel(world, record);
    if (channel) {
        chat_registration_attach(registration, channel);
        registration->dirty = !is_new;
        registration->fresh = true;
        return describe(registration, record);
    }
    free(registration->founder);
    free(registration);
    return -ENOMEM;
}

/* Of two that have the same name the one that was known first stays; the other one is forgotten. */
static int refuse_channel(const struct loading *loading, const struct store_channel *record,
                          const char *why)
{
    struct store_change drop = {.operation = STORE_DROP,
                                .record = {.kind = STORE_CHANNEL, .channel = {.id = record->id}}};

    pli_log(PL_LOG_WARNING, "store: the channel %s is left out: %s", record->name, why);
    if (loading->world->store)
        (void)store_submit(loading->world->store, &drop, NULL, NULL); /* else later */
    return 0;
}

static int load_channel(const struct store_record *read, void *argument)
{
    struct loading *loading = argument;
    const struct store_channel *record = &read->channel;
    const struct chat_channel *there = chat_find_name(loading->world, chat_text(record->name));
    int rc;

    if (chat_find_registration(loading->world, record->id))
        return 0;
    if (chat_channel_check(chat_text(record->name), CHAT_NAME_MAX) != 0)
        return refuse_channel(loading, record, "that is no name");
    if (there && there->registration)
        return refuse_channel(loading, record, "there is another one of that name");
    rc = add_channel(loading->world, record);
    if (rc == 0)
        loading->count++;
    return rc;
}

/* -- What they have ------------------------------------------------------------------------------- */

/* What is known already may have been changed, and that not been written yet. */
static bool is_fresh(const struct chat_registration *registration)
{
    return registration && registration->fresh;
}

static int load_access(const struct store_record *read, void *argument)
{
    const struct loading *loading = argument;
    const struct store_access *record = &read->access;
    struct chat_registration *registration =
        chat_find_registration(loading->world, record->channel);
    struct chat_access *access;

    if (!is_fresh(registration) || chat_access_find(registration, chat_text(record->account)))
        return 0;
    if (record->level == 0 || record->level >= CHAT_OWNER ||
        (record->level & (record->level - 1)) != 0)
        return 0; /* not one prefix */
    access = chat_access_add(registration, chat_text(record->account), chat_text(record->by),
                             (unsigned)record->level, record->added);
    if (!access)
        return -ENOMEM;
    access->kept = true;
    return 0;
}

static int load_mask(const struct store_record *read, void *argument)
{
    const struct loading *loading = argument;
    const struct store_mask *record = &read->mask;
    struct chat_registration *registration =
        chat_find_registration(loading->world, record->channel);
    struct chat_event event = {.nick = chat_text(record->by), .time = record->set};
    char normal[CHAT_MASK_MAX];
    struct chat_text mask = {normal, 0};
    struct chat_mask_list *list;

    if (!is_fresh(registration) ||
        chat_mask_normalise(chat_text(record->mask), normal, &mask.length) != 0)
        return 0;
    list = &registration->channel->lists[record->kind];
    if (chat_mask_find(list, mask))
        return 0;
    if (chat_mask_add(list, mask, &event) < 0)
        return -ENOMEM;
    pli_container_of(list->masks.prev, struct chat_mask, link)->kept = true;
    chat_forget_verdicts(registration->channel);
    return 0;
}

/* -- All of them ---------------------------------------------------------------------------------- */

/* Founders whose accounts have gone while nobody looked: as if they went now. And what is to be written. */
static void review(struct chat_world *world)
{
    struct pli_hash_node *node = pli_hash_next(&world->registrations, NULL);
    struct pli_hash_node *next;
    char written[CHAT_NAME_MAX + 1];

    for (; node; node = next) {
        struct chat_registration *registration =
            pli_container_of(node, struct chat_registration, by_id);

        next = pli_hash_next(&world->registrations, node);
        if (!registration->channel)
            continue;
        if (!chat_account_exists(world, chat_string_text(registration->founder), written))
            chat_registration_succeed(registration);
        if (registration->channel)
            chat_keep_channel(registration->channel);
    }
}

static void end_reading(const struct chat_world *world)
{
    struct pli_hash_node *node = NULL;

    while ((node = pli_hash_next(&world->registrations, node)))
        pli_container_of(node, struct chat_registration, by_id)->fresh = false;
}

static int load(struct chat_world *world, struct store *store, size_t *loaded)
{
    struct loading loading = {.world = world};
    int rc = store_read(store, STORE_ALL_CHANNELS, NULL, load_channel, &loading);

    if (rc == 0)
        rc = store_read(store, STORE_ALL_ACCESS, NULL, load_access, &loading);
    if (rc == 0)
        rc = store_read(store, STORE_ALL_MASKS, NULL, load_mask, &loading);
    end_reading(world);
    *loaded = loading.count;
    return rc;
}

/* As if there were no store. */
static void let_go(struct chat_world *world)
{
    struct pli_hash_node *node;

    world->store = NULL;
    while ((node = pli_hash_next(&world->registrations, NULL))) {
        struct chat_registration *registration =
            pli_container_of(node, struct chat_registration, by_id);

        registration->channel->registration = NULL;
        chat_channel_settle(world, registration->channel);
        chat_registration_free(registration);
    }
}

/* With the world held, though the disk is waited for: it is a start, or an operator's doing. */
int chat_registrations_keep(struct chat_world *world, struct store *store, size_t *loaded)
{
    int rc = 0;

    *loaded = 0;
    if (!store_keeps(store))
        return 0;
    pli_write_lock(&world->lock);
    rc = load(world, store, loaded);
    if (rc == 0) {
        world->store = store;
        review(world);
    } else {
        let_go(world);
    }
    pli_write_unlock(&world->lock);
    return rc;
}

int chat_registrations_renew(struct chat_world *world)
{
    size_t loaded;
    int rc = 0;

    pli_write_lock(&world->lock);
    if (world->store)
        rc = load(world, world->store, &loaded);
    review(world);
    pli_write_unlock(&world->lock);
    return rc;
}

bool chat_registration_is_known(struct chat_world *world, uint64_t id)
{
    bool known;

    pli_read_lock(&world->lock);
    known = chat_find_registration(world, id) != NULL;
    pli_read_unlock(&world->lock);
    return known;
}

size_t chat_registrations_count(struct chat_world *world)
{
    size_t count;

    pli_read_lock(&world->lock);
    count = world->registrations.count;
    pli_read_unlock(&world->lock);
    return count;
}
