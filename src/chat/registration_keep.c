/* SPDX-License-Identifier: MIT */
/*
 * Writing registered channels to the store. A group is what has changed of one channel, but no more
 * than GROUP changes; while it is under way nothing else of that channel is submitted. Its last change
 * to be told of, by the store's writer, ends it.
 */
#include "config.h"

#include "chat/registration_inside.h"

#include "base/log.h"
#include "base/utf8.h"
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define GROUP 64

/* Milliseconds until what could not be written is tried again. */
#define RETRY 1000

static_assert((int)STORE_MASK_BAN == CHAT_MODE_BAN - CHAT_MODE_BAN &&
                  (int)STORE_MASK_EXCEPTION == CHAT_MODE_EXCEPTION - CHAT_MODE_BAN &&
                  (int)STORE_MASK_INVITE == CHAT_MODE_INVITE_EXCEPTION - CHAT_MODE_BAN &&
                  (int)STORE_MASK_KINDS == CHAT_LISTS,
              "lists have the same numbers in the store");
static_assert(CHAT_MODES_TEXT <= STORE_MODES_MAX + 1 && CHAT_LOCK_TEXT <= STORE_MODES_MAX &&
                  CHAT_MASK_MAX <= STORE_MASK_MAX && CHAT_NAME_MAX <= STORE_NAME_MAX &&
                  CHAT_ABOUT_MAX <= STORE_ABOUT_MAX,
              "the store takes whatever there is");

/* The texts of a record as the store wants them. */
struct texts {
    char name[STORE_NAME_MAX + 1];
    char founder[STORE_NAME_MAX + 1];
    char successor[STORE_NAME_MAX + 1];
    char topic[STORE_TOPIC_MAX + 1];
    char topic_by[STORE_NAME_MAX + 1];
    char modes[STORE_MODES_MAX + 1];
    char lock[STORE_MODES_MAX + 1];
    char about[STORE_ABOUT_MAX + 1];
    char url[STORE_ABOUT_MAX + 1];
};

static const char *copy(struct chat_text text, char *out, size_t size)
{
    size_t length = pli_utf8_cut(text.data, text.length, size - 1);

    if (length > 0)
        memcpy(out, text.data, length);
    out[length] = '\0';
    return out;
}

/* -- A group -------------------------------------------------------------------------------------- */

static bool end_group(struct chat_registration *registration, int error);

/* By the store's writer. Nobody else ends the group, nor frees the registration, before its last one. */
static void on_written(const struct store_change *change, int outcome, void *argument)
{
    struct chat_registration *registration = argument;
    struct chat_world *world = registration->world;

    (void)change;
    if (outcome < 0)
        atomic_store(&registration->error, outcome);
    if (atomic_fetch_sub(&registration->pending, 1) > 1)
        return;
    pli_write_lock(&world->lock);
    if (end_group(registration, 0))
        chat_registration_write(registration);
    pli_write_unlock(&world->lock);
}

/* A group that is being submitted. */
struct group {
    struct chat_registration *registration;
    unsigned room; /* for so many changes more */
    int error;     /* of submitting; nothing is submitted after it */
};

/* Whether it was submitted. */
static bool submit(struct group *group, const struct store_change *change)
{
    struct chat_registration *registration = group->registration;

    if (group->room == 0 || group->error < 0)
        return false;
    atomic_fetch_add(&registration->pending, 1);
    group->error = store_submit(registration->world->store, change, on_written, registration);
    if (group->error < 0) {
        atomic_fetch_sub(&registration->pending, 1);
        return false;
    }
    group->room--;
    return true;
}

static void write_record(struct group *group)
{
    struct chat_registration *registration = group->registration;
    const struct chat_channel *channel = registration->channel;
    const struct chat_topic *topic = registration->flags & CHAT_KEEP_TOPIC ? channel->topic : NULL;
    struct chat_text by =
        topic ? (struct chat_text){topic->text + topic->length, topic->by_length} : CHAT_NO_TEXT;
    struct chat_text said = topic ? (struct chat_text){topic->text, topic->length} : CHAT_NO_TEXT;
    char lock[CHAT_LOCK_TEXT], modes[CHAT_MODES_TEXT];
    struct texts texts;
    struct store_change change = {
        .operation = STORE_PUT,
        .record = {.kind = STORE_CHANNEL,
                   .channel = {.id = registration->id,
                               .created = channel->created,
                               .registered = registration->registered,
                               .topic_set = topic ? topic->time : 0,
                               .flags = registration->flags,
                               .history = channel->history.time,
                               .origin = channel->history.origin}},
    };
    struct store_channel *record = &change.record.channel;

#define TEXT(to, from) record->to = copy(from, texts.to, sizeof texts.to)
    TEXT(name, chat_name_text(channel->name));
    TEXT(founder, chat_string_text(registration->founder));
    TEXT(successor, chat_string_text(registration->successor));
    TEXT(topic, said);
    TEXT(topic_by, by);
    TEXT(modes, chat_modes_write(channel, modes));
    TEXT(lock, chat_lock_text(registration, lock));
    TEXT(about, chat_string_text(registration->about));
    TEXT(url, chat_string_text(registration->url));
#undef TEXT
    if (submit(group, &change))
        registration->dirty = false;
}

static void write_drop(struct group *group)
{
    struct store_change change = {
        .operation = STORE_DROP,
        .record = {.kind = STORE_CHANNEL, .channel = {.id = group->registration->id}}};

    if (submit(group, &change))
        group->registration->dirty = false;
}

/* What is KEPT is dropped, what is not is put. */
static void write_access(struct group *group, struct chat_access *access,
                         enum store_operation operation)
{
    char account[STORE_NAME_MAX + 1], by[STORE_NAME_MAX + 1];
    struct store_change change = {
        .operation = operation,
        .record = {.kind = STORE_ACCESS,
                   .access = {.channel = group->registration->id,
                              .account =
                                  copy(chat_string_text(access->account), account, sizeof account),
                              .by = copy(chat_string_text(access->by), by, sizeof by),
                              .level = access->level,
                              .added = access->added}},
    };

    if (submit(group, &change))
        access->kept = operation == STORE_PUT;
}

static void write_mask(struct group *group, struct chat_mask *mask, size_t list,
                       enum store_operation operation)
{
    char text[STORE_MASK_MAX + 1], by[STORE_NAME_MAX + 1];
    struct store_change change = {
        .operation = operation,
        .record = {.kind = STORE_MASK,
                   .mask = {.channel = group->registration->id,
                            .kind = (enum store_mask_kind)list,
                            .mask = copy((struct chat_text){mask->text, mask->length}, text,
                                         sizeof text),
                            .by =
                                copy((struct chat_text){mask->text + mask->length, mask->by_length},
                                     by, sizeof by),
                            .set = mask->time}},
    };

    if (submit(group, &change))
        mask->kept = operation == STORE_PUT;
}

#define MASK(link)   pli_container_of(link, struct chat_mask, link)
#define ACCESS(link) pli_container_of(link, struct chat_access, link)

/* What is lost goes first, as the same may be there again. */
static void write_lost(struct group *group)
{
    struct chat_registration *registration = group->registration;

    pli_list_for_each (link, &registration->lost_access)
        if (ACCESS(link)->kept)
            write_access(group, ACCESS(link), STORE_DROP);
    for (size_t i = 0; i < CHAT_LISTS; i++)
        pli_list_for_each (link, &registration->lost_masks[i])
            if (MASK(link)->kept)
                write_mask(group, MASK(link), i, STORE_DROP);
}

static void write_new(struct group *group)
{
    struct chat_registration *registration = group->registration;

    pli_list_for_each (link, &registration->access)
        if (!ACCESS(link)->kept)
            write_access(group, ACCESS(link), STORE_PUT);
    for (size_t i = 0; i < CHAT_LISTS; i++)
        pli_list_for_each (link, &registration->channel->lists[i].masks)
            if (!MASK(link)->kept)
                write_mask(group, MASK(link), i, STORE_PUT);
}

static void write_group(struct group *group)
{
    struct chat_registration *registration = group->registration;

    if (!registration->channel) {
        if (registration->dirty)
            write_drop(group);
        return;
    }
    if (registration->dirty)
        write_record(group);
    write_lost(group);
    write_new(group);
}

void chat_registration_write(struct chat_registration *registration)
{
    struct group group = {.registration = registration, .room = GROUP};

    if (!registration->world->store || registration->writing)
        return;
    do {
        pli_list_remove(&registration->behind);
        registration->writing = true;
        atomic_store(&registration->error, 0);
        atomic_store(&registration->pending, 1);
        group.room = GROUP;
        write_group(&group);
        if (atomic_fetch_sub(&registration->pending, 1) > 1)
            return; /* the last of them ends it */
    } while (end_group(registration, group.error));
}

/* -- The end of a group --------------------------------------------------------------------------- */

static bool has_more(const struct chat_registration *registration)
{
    if (registration->dirty || !registration->channel)
        return registration->dirty;
    pli_list_for_each (link, &registration->lost_access)
        if (ACCESS(link)->kept)
            return true;
    pli_list_for_each (link, &registration->access)
        if (!ACCESS(link)->kept)
            return true;
    for (size_t i = 0; i < CHAT_LISTS; i++) {
        pli_list_for_each (link, &registration->lost_masks[i])
            if (MASK(link)->kept)
                return true;
        pli_list_for_each (link, &registration->channel->lists[i].masks)
            if (!MASK(link)->kept)
                return true;
    }
    return false;
}

/* What is lost and has been dropped. */
static void free_lost(struct chat_registration *registration)
{
    pli_list_for_each_safe (link, after, &registration->lost_access)
        if (!ACCESS(link)->kept) {
            pli_list_remove(link);
            free(ACCESS(link)->account);
            free(ACCESS(link)->by);
            free(ACCESS(link));
        }
    for (size_t i = 0; i < CHAT_LISTS; i++)
        pli_list_for_each_safe (link, after, &registration->lost_masks[i])
            if (!MASK(link)->kept) {
                pli_list_remove(link);
                free(MASK(link));
            }
}

/* All is to be written again, or dropped. */
static void forget_all(struct chat_registration *registration)
{
    registration->dirty = true;
    pli_list_for_each (link, &registration->lost_access)
        ACCESS(link)->kept = true;
    pli_list_for_each (link, &registration->access)
        ACCESS(link)->kept = false;
    for (size_t i = 0; i < CHAT_LISTS; i++) {
        pli_list_for_each (link, &registration->lost_masks[i])
            MASK(link)->kept = true;
        if (!registration->channel)
            continue;
        pli_list_for_each (link, &registration->channel->lists[i].masks)
            MASK(link)->kept = false;
    }
}

static void complain(struct chat_world *world, int error)
{
    if (world->is_behind || error == -ESHUTDOWN)
        return;
    world->is_behind = true;
    pli_log(PL_LOG_WARNING, "channels cannot be kept just now, a restart would lose changes: %s",
            store_problem(error));
    chat_notify_locked(world, CHAT_NOTICE_SERVER,
                       "Channels cannot be kept just now, a restart would lose changes: %s",
                       store_problem(error));
}

static void put_off(struct chat_registration *registration, int error)
{
    struct chat_world *world = registration->world;

    complain(world, error);
    pli_list_remove(&registration->behind);
    pli_list_append(&world->behind, &registration->behind);
    if (world->ownership.retry)
        world->ownership.retry(world->ownership.context, RETRY);
}

static void note_success(struct chat_world *world)
{
    if (!world->is_behind || !pli_list_is_empty(&world->behind))
        return;
    world->is_behind = false;
    pli_log(PL_LOG_INFO, "channels are kept again");
    chat_notify_locked(world, CHAT_NOTICE_SERVER, "Channels are kept again");
}

/* ERROR: of submitting. Whether there is more to be written, at once. */
static bool end_group(struct chat_registration *registration, int error)
{
    struct chat_world *world = registration->world;
    int failed = atomic_exchange(&registration->error, 0);

    registration->writing = false;
    if (failed < 0)
        forget_all(registration);
    else
        free_lost(registration);
    if (failed < 0 || error < 0) {
        put_off(registration, failed < 0 ? failed : error);
        return false;
    }
    if (has_more(registration))
        return true;
    if (!registration->channel)
        chat_registration_free(registration);
    note_success(world);
    return false;
}

/* -- What others ask ------------------------------------------------------------------------------ */

void chat_registrations_retry(struct chat_world *world)
{
    size_t count = 0;

    pli_write_lock(&world->lock);
    pli_list_for_each (link, &world->behind)
        count++;
    for (; count > 0 && !pli_list_is_empty(&world->behind); count--) {
        struct pli_list *first = world->behind.next;

        chat_registration_write(pli_container_of(first, struct chat_registration, behind));
        if (world->behind.prev == first)
            break; /* none of the others can be written either */
    }
    pli_write_unlock(&world->lock);
}

bool chat_registrations_are_kept(struct chat_world *world)
{
    struct pli_hash_node *node = NULL;
    bool kept = true;

    pli_read_lock(&world->lock);
    while (kept && (node = pli_hash_next(&world->registrations, node))) {
        const struct chat_registration *registration =
            pli_container_of(node, struct chat_registration, by_id);

        kept = !registration->writing && !has_more(registration);
    }
    pli_read_unlock(&world->lock);
    return kept;
}

void chat_note_change(struct chat_channel *channel)
{
    if (channel->registration)
        channel->registration->dirty = true;
}

void chat_keep_channel(struct chat_channel *channel)
{
    struct chat_registration *registration = channel->registration;

    if (registration && has_more(registration))
        chat_registration_write(registration);
}

void chat_drop_mask(struct chat_channel *channel, enum chat_mode list, struct chat_mask *mask)
{
    if (!channel->registration || !mask->kept) {
        chat_mask_remove(chat_list_of(channel, list), mask);
        return;
    }
    pli_list_remove(&mask->link);
    chat_list_of(channel, list)->count--;
    pli_list_append(&channel->registration->lost_masks[list - CHAT_MODE_BAN], &mask->link);
}
