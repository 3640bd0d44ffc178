/* SPDX-License-Identifier: MIT */
/* What a registered channel is, and what the account of somebody has there. */
#include "config.h"

#include "chat/registration_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "chat/deliver.h"
#include "store/record.h"

#include <stdlib.h>
#include <sys/random.h>

/* -- Objects -------------------------------------------------------------------------------------- */

/* A number that no other channel has, nowhere; 0: there is no randomness. */
static uint64_t draw_id(const struct chat_world *world)
{
    uint64_t id;

    do {
        if (getrandom(&id, sizeof id, 0) < 0)
            return 0;
        id &= INT64_MAX;
    } while (id == 0 || chat_find_registration(world, id));
    return id;
}

struct chat_registration *chat_registration_new(struct chat_world *world, uint64_t id,
                                                struct chat_text founder, uint64_t registered)
{
    struct chat_registration *registration = calloc(1, sizeof *registration);

    if (!registration)
        return NULL;
    registration->world = world;
    registration->id = id != 0 ? id : draw_id(world);
    registration->registered = registered;
    pli_list_init(&registration->behind);
    pli_list_init(&registration->access);
    pli_list_init(&registration->lost_access);
    for (size_t i = 0; i < CHAT_LISTS; i++)
        pli_list_init(&registration->lost_masks[i]);
    if (registration->id != 0 && chat_string_set(&registration->founder, founder) == 0)
        return registration;
    free(registration);
    return NULL;
}

static struct chat_access *access_of(struct pli_list *link)
{
    return pli_container_of(link, struct chat_access, link);
}

static void free_access(struct chat_access *access)
{
    pli_list_remove(&access->link);
    free(access->account);
    free(access->by);
    free(access);
}

static void free_all_access(struct pli_list *list)
{
    pli_list_for_each_safe (link, after, list)
        free_access(access_of(link));
}

void chat_registration_free(struct chat_registration *registration)
{
    pli_hash_remove(&registration->world->registrations, &registration->by_id);
    pli_list_remove(&registration->behind);
    free_all_access(&registration->access);
    free_all_access(&registration->lost_access);
    for (size_t i = 0; i < CHAT_LISTS; i++)
        pli_list_for_each_safe (link, after, &registration->lost_masks[i]) {
            pli_list_remove(link);
            free(pli_container_of(link, struct chat_mask, link));
        }
    free(registration->founder);
    free(registration->successor);
    free(registration->about);
    free(registration->url);
    free(registration);
}

void chat_registration_attach(struct chat_registration *registration, struct chat_channel *channel)
{
    registration->channel = channel;
    channel->registration = registration;
    pli_hash_add(&registration->world->registrations, &registration->by_id);
}

struct chat_registration *chat_find_registration(const struct chat_world *world, uint64_t id)
{
    struct pli_hash_node *node = pli_hash_find(&world->registrations, &id, sizeof id);

    return node ? pli_container_of(node, struct chat_registration, by_id) : NULL;
}

void chat_registration_end(struct chat_channel *channel)
{
    struct chat_registration *registration = channel->registration;

    channel->registration = NULL;
    registration->channel = NULL;
    registration->dirty = true;
    for (size_t i = 0; i < CHAT_LISTS; i++)
        pli_list_for_each (link, &channel->lists[i].masks)
            pli_container_of(link, struct chat_mask, link)->kept = false;
    chat_channel_settle(registration->world, channel);
    chat_registration_write(registration);
}

/* -- Accounts ------------------------------------------------------------------------------------- */

bool chat_account_exists(const struct chat_world *world, struct chat_text name,
                         char written[static CHAT_NAME_MAX + 1])
{
    const struct chat_ownership *ownership = &world->ownership;

    if (chat_nick_check(name, CHAT_NAME_MAX) != 0)
        return false;
    if (ownership->account)
        return ownership->account(ownership->context, name, written);
    memcpy(written, name.data, name.length);
    written[name.length] = '\0';
    return true;
}

struct chat_access *chat_access_find(const struct chat_registration *registration,
                                     struct chat_text account)
{
    pli_list_for_each (link, &registration->access)
        if (chat_text_same(chat_string_text(access_of(link)->account), account))
            return access_of(link);
    return NULL;
}

struct chat_access *chat_access_add(struct chat_registration *registration,
                                    struct chat_text account, struct chat_text by, unsigned level,
                                    uint64_t added)
{
    struct chat_access *access = calloc(1, sizeof *access);

    if (!access)
        return NULL;
    pli_list_init(&access->link);
    access->level = level;
    access->added = added;
    if (chat_string_set(&access->account, account) < 0 || chat_string_set(&access->by, by) < 0) {
        free_access(access);
        return NULL;
    }
    pli_list_append(&registration->access, &access->link);
    registration->access_count++;
    return access;
}

void chat_access_remove(struct chat_registration *registration, struct chat_access *access)
{
    registration->access_count--;
    if (!access->kept) {
        free_access(access);
        return;
    }
    pli_list_remove(&access->link);
    pli_list_append(&registration->lost_access, &access->link);
}

unsigned chat_access_of(const struct chat_channel *channel, struct chat_text account)
{
    const struct chat_registration *registration = channel->registration;
    const struct chat_access *access;

    if (!registration || account.length == 0)
        return 0;
    if (chat_text_same(chat_string_text(registration->founder), account))
        return CHAT_OWNER;
    access = chat_access_find(registration, account);
    return access ? access->level : 0;
}

unsigned chat_authority(const struct chat_session *session, const struct chat_channel *channel)
{
    if (chat_check_right(session, CHAT_RIGHT_CHANNELS) == 0)
        return CHAT_OWNER;
    return session->user ? chat_access_of(channel, chat_string_text(session->user->account)) : 0;
}

/* -- What others ask ------------------------------------------------------------------------------ */

struct chat_event chat_event_by_service(const struct chat_world *world, enum chat_kind kind,
                                        const struct chat_channel *channel)
{
    const struct chat_user *service = chat_find_service(world, chat_text(CHAT_CHANNEL_SERVICE));
    struct chat_event event =
        service ? chat_event_of_user(service, kind) : chat_event_by_server(world, kind);

    event.channel = channel->id;
    event.channel_name = chat_name_text(channel->name);
    return event;
}

bool chat_topic_is_locked(const struct chat_channel *channel)
{
    return channel->registration && channel->registration->flags & CHAT_TOPIC_LOCK;
}

bool chat_mode_is_locked(const struct chat_channel *channel, enum chat_mode mode)
{
    const struct chat_registration *registration = channel->registration;

    return registration && (registration->locked_on | registration->locked_off) & 1u << mode;
}

struct chat_text chat_lock_text(const struct chat_registration *registration,
                                char text[static CHAT_LOCK_TEXT])
{
    const unsigned bits[] = {registration->locked_on, registration->locked_off};
    size_t length = 0;

    for (size_t i = 0; i < 2; i++) {
        if (bits[i])
            text[length++] = "+-"[i];
        for (size_t mode = 0; mode < CHAT_MODE_BAN; mode++)
            if (bits[i] & 1u << mode)
                text[length++] = CHAT_MODE_LETTERS[mode];
    }
    return (struct chat_text){text, length};
}

/* The mode that gives a prefix. */
static enum chat_mode mode_of(unsigned prefix)
{
    enum chat_mode mode = CHAT_MODE_VOICE;

    while (mode < CHAT_MODE_OWNER && chat_mode_prefix(mode) < prefix)
        mode++;
    return mode;
}

void chat_greet_member(struct chat_world *world, struct chat_channel *channel,
                       struct chat_user *user)
{
    unsigned level = chat_access_of(channel, chat_string_text(user->account));
    struct chat_change change = {
        .set = true, .mode = mode_of(level), .argument = chat_name_text(user->name)};
    const struct chat_member *member = level > 0 ? chat_find_member(user, channel) : NULL;

    if (member && !(member->prefix & level))
        chat_modes_by_service(world, channel, user, &change, 1);
}

void chat_greet_everywhere(struct chat_world *world, struct chat_user *user)
{
    if (!user->account)
        return;
    pli_list_for_each (link, &user->channels)
        chat_greet_member(world, chat_member_of_user(link)->channel, user);
}

/* -- Accounts that go ----------------------------------------------------------------------------- */

void chat_registration_succeed(struct chat_registration *registration)
{
    struct chat_channel *channel = registration->channel;
    struct chat_text name = chat_name_text(channel->name);
    char written[CHAT_NAME_MAX + 1];

    if (!registration->successor ||
        !chat_account_exists(registration->world, chat_string_text(registration->successor),
                             written)) {
        pli_log(PL_LOG_INFO, "%.*s is nobody's any more: the account %.*s is gone",
                CHAT_SHOWN(name), CHAT_SHOWN(chat_string_text(registration->founder)));
        chat_registration_end(channel);
        return;
    }
    free(registration->founder);
    registration->founder = registration->successor;
    registration->successor = NULL;
    pli_log(PL_LOG_INFO, "%.*s is the channel of %s now", CHAT_SHOWN(name), written);
    chat_note_change(channel);
}

static void end_account(struct chat_registration *registration, struct chat_text account)
{
    struct chat_access *access = chat_access_find(registration, account);

    if (access)
        chat_access_remove(registration, access);
    if (chat_text_same(chat_string_text(registration->successor), account)) {
        free(registration->successor);
        registration->successor = NULL;
        registration->dirty = true;
    }
    if (chat_text_same(chat_string_text(registration->founder), account))
        chat_registration_succeed(registration);
}

/* Nothing is made, so nothing can fail; what cannot be written now is written later. */
void chat_registrations_end_account(struct chat_world *world, struct chat_text account)
{
    struct pli_hash_node *node = pli_hash_next(&world->registrations, NULL);
    struct pli_hash_node *next;

    for (; node; node = next) {
        struct chat_registration *registration =
            pli_container_of(node, struct chat_registration, by_id);
        struct chat_channel *channel = registration->channel;

        next = pli_hash_next(&world->registrations, node); /* this one may go */
        if (!channel)
            continue;
        end_account(registration, account);
        if (registration->channel == channel)
            chat_keep_channel(channel);
    }
}
