/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/world.h"

#include "base/clock.h"
#include "chat/registration_inside.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const void *folded_key(const struct chat_name *name, size_t *length)
{
    struct chat_text folded = chat_name_folded(name);

    *length = folded.length;
    return folded.data;
}

#define FROM_NODE(node, type, member)                                                              \
    ((const type *)(const void *)((const char *)(node)-offsetof(type, member)))

static const void *nick_key(const struct pli_hash_node *node, size_t *length)
{
    return folded_key(FROM_NODE(node, struct chat_user, by_nick)->name, length);
}

static const void *watched_key(const struct pli_hash_node *node, size_t *length)
{
    return folded_key(FROM_NODE(node, struct chat_watched, by_name)->name, length);
}

static const void *channel_name_key(const struct pli_hash_node *node, size_t *length)
{
    return folded_key(FROM_NODE(node, struct chat_channel, by_name)->name, length);
}

static const void *former_key(const struct pli_hash_node *node, size_t *length)
{
    return folded_key(chat_former_name(node), length);
}

static const void *presence_key(const struct pli_hash_node *node, size_t *length)
{
    return folded_key(FROM_NODE(node, struct chat_presence, by_account)->account, length);
}

static const void *user_key(const struct pli_hash_node *node, size_t *length)
{
    *length = sizeof(struct chat_id);
    return &FROM_NODE(node, struct chat_user, by_id)->id;
}

static const void *channel_key(const struct pli_hash_node *node, size_t *length)
{
    *length = sizeof(struct chat_id);
    return &FROM_NODE(node, struct chat_channel, by_id)->id;
}

static const void *registration_key(const struct pli_hash_node *node, size_t *length)
{
    *length = sizeof(uint64_t);
    return &FROM_NODE(node, struct chat_registration, by_id)->id;
}

static bool settings_are_valid(const struct chat_settings *settings)
{
    return settings->nick_length >= 1 && settings->nick_length <= CHAT_NAME_MAX &&
           settings->channel_length >= 2 && settings->channel_length <= CHAT_NAME_MAX &&
           settings->topic_length >= 1;
}

static int init_tables(struct chat_world *world)
{
    int rc = pli_hash_init(&world->nicks, nick_key);

    if (rc < 0)
        return rc;
    rc = pli_hash_init(&world->users, user_key);
    if (rc < 0)
        goto without_users;
    rc = pli_hash_init(&world->channel_names, channel_name_key);
    if (rc < 0)
        goto without_names;
    rc = pli_hash_init(&world->channels, channel_key);
    if (rc < 0)
        goto without_channels;
    rc = pli_hash_init(&world->watched, watched_key);
    if (rc < 0)
        goto without_watched;
    rc = pli_hash_init(&world->former_names, former_key);
    if (rc < 0)
        goto without_formers;
    rc = pli_hash_init(&world->presences, presence_key);
    if (rc < 0)
        goto without_presences;
    rc = pli_hash_init(&world->registrations, registration_key);
    if (rc < 0)
        goto without_registrations;
    return 0;

without_registrations:
    pli_hash_deinit(&world->presences);
without_presences:
    pli_hash_deinit(&world->former_names);
without_formers:
    pli_hash_deinit(&world->watched);
without_watched:
    pli_hash_deinit(&world->channels);
without_channels:
    pli_hash_deinit(&world->channel_names);
without_names:
    pli_hash_deinit(&world->users);
without_users:
    pli_hash_deinit(&world->nicks);
    return rc;
}

static void deinit_tables(struct chat_world *world)
{
    pli_hash_deinit(&world->registrations);
    pli_hash_deinit(&world->presences);
    pli_hash_deinit(&world->former_names);
    pli_hash_deinit(&world->watched);
    pli_hash_deinit(&world->channels);
    pli_hash_deinit(&world->channel_names);
    pli_hash_deinit(&world->users);
    pli_hash_deinit(&world->nicks);
}

/* Without them the tables and bans go, too. */
static int init_filters(struct chat_world *world)
{
    int rc = chat_filters_init(&world->filters);

    if (rc < 0) {
        chat_bans_deinit(&world->bans);
        deinit_tables(world);
    }
    return rc;
}

int chat_world_new(const struct chat_settings *settings, uint16_t node, struct chat_world **out)
{
    struct chat_world *world;
    int rc;

    if (!settings_are_valid(settings))
        return -EINVAL;
    world = calloc(1, sizeof *world);
    if (!world)
        return -ENOMEM;
    rc = chat_id_source_init(&world->ids, node);
    if (rc == 0)
        rc = chat_said_init(&world->said, settings->redact_messages);
    if (rc == 0)
        rc = init_tables(world);
    if (rc == 0 && (rc = chat_bans_init(&world->bans)) < 0)
        deinit_tables(world);
    if (rc == 0)
        rc = init_filters(world);
    if (rc < 0) {
        chat_said_deinit(&world->said);
        free(world);
        return rc;
    }
    pli_list_init(&world->opers);
    pli_list_init(&world->holds);
    pli_list_init(&world->behind);
    pli_rwlock_init(&world->lock, PLI_RANK_WORLD);
    for (size_t i = 0; i < CHAT_PAIR_LOCKS; i++)
        pli_mutex_init(&world->pairs[i], PLI_RANK_CHANNEL);
    pli_list_init(&world->forwarding);
    world->settings = *settings;
    chat_defcon_init(&world->defcon);
    chat_world_put_name(world, "server");
    *out = world;
    return 0;
}

void chat_world_put_name(struct chat_world *world, const char *name)
{
    snprintf(world->name, sizeof world->name, "%s", name);
}

/* Those that stay although nobody is there, and what is left of registrations. */
static void remove_channels(struct chat_world *world)
{
    struct pli_hash_node *node;

    while ((node = pli_hash_next(&world->channels, NULL)))
        chat_channel_remove(world, pli_container_of(node, struct chat_channel, by_id));
    while ((node = pli_hash_next(&world->registrations, NULL)))
        chat_registration_free(pli_container_of(node, struct chat_registration, by_id));
}

/* Users who stay are left, and so are channels. */
void chat_world_free(struct chat_world *world)
{
    if (!world)
        return;
    chat_presences_remove(world);
    remove_channels(world);
    assert(world->users.count == 0 && world->channels.count == 0 && world->watched.count == 0);
    chat_services_remove(world);
    chat_past_clear(&world->past);
    for (size_t i = 0; i < CHAT_PAIR_LOCKS; i++)
        pli_mutex_deinit(&world->pairs[i]);
    pli_rwlock_deinit(&world->lock);
    chat_bans_deinit(&world->bans);
    deinit_tables(world);
    chat_said_deinit(&world->said);
    chat_filters_deinit(&world->filters);
    free(world);
}

int chat_world_set_settings(struct chat_world *world, const struct chat_settings *settings)
{
    struct chat_said_ring ring = {0};
    bool protected;

    if (!settings_are_valid(settings))
        return -EINVAL;
    if (chat_said_init(&ring, settings->redact_messages) < 0)
        return -ENOMEM;
    pli_write_lock(&world->lock);
    protected = world->settings.nick_grace > 0;
    world->settings = *settings;
    if (protected != (settings->nick_grace > 0))
        chat_holds_renew(world);
    if (!chat_said_fits(&world->said, settings->redact_messages)) {
        chat_said_copy(&ring, &world->said);
        chat_said_swap(&world->said, &ring);
    }
    pli_write_unlock(&world->lock);
    chat_said_deinit(&ring);
    return 0;
}

void chat_world_settings(struct chat_world *world, struct chat_settings *settings)
{
    pli_read_lock(&world->lock);
    *settings = world->settings;
    pli_read_unlock(&world->lock);
}

struct pli_hash_node *chat_find_folded(const struct pli_hash *hash, struct chat_text name)
{
    char buffer[CHAT_NAME_MAX];
    struct chat_text folded = chat_fold(name, buffer);

    return folded.length == 0 ? NULL : pli_hash_find(hash, folded.data, folded.length);
}

struct chat_user *chat_find_nick(const struct chat_world *world, struct chat_text nick)
{
    struct pli_hash_node *node = chat_find_folded(&world->nicks, nick);

    return node ? pli_container_of(node, struct chat_user, by_nick) : NULL;
}

struct chat_user *chat_find_person(const struct chat_world *world, struct chat_text nick)
{
    struct chat_user *user = chat_find_nick(world, nick);

    return user && !(user->modes & CHAT_USER_SERVICE) ? user : NULL;
}

struct chat_user *chat_find_user(const struct chat_world *world, struct chat_id id)
{
    struct pli_hash_node *node = pli_hash_find(&world->users, &id, sizeof id);

    return node ? pli_container_of(node, struct chat_user, by_id) : NULL;
}

struct chat_channel *chat_find_name(const struct chat_world *world, struct chat_text name)
{
    struct pli_hash_node *node = chat_find_folded(&world->channel_names, name);

    return node ? pli_container_of(node, struct chat_channel, by_name) : NULL;
}

struct chat_channel *chat_find_channel(const struct chat_world *world, struct chat_id id)
{
    struct pli_hash_node *node = pli_hash_find(&world->channels, &id, sizeof id);

    return node ? pli_container_of(node, struct chat_channel, by_id) : NULL;
}

/* Looks on the side where fewer stand. */
struct chat_member *chat_find_member(const struct chat_user *user,
                                     const struct chat_channel *channel)
{
    if (user->channel_count <= channel->member_count) {
        pli_list_for_each (link, &user->channels)
            if (chat_member_of_user(link)->channel == channel)
                return chat_member_of_user(link);
    } else {
        pli_list_for_each (link, &channel->members)
            if (chat_member_of_channel(link)->user == user)
                return chat_member_of_channel(link);
    }
    return NULL;
}

int chat_find_meant(const struct chat_world *world, const struct chat_session *session,
                    struct chat_text name, struct chat_channel **channel)
{
    if (name.data) {
        *channel = chat_find_name(world, name);
        return *channel ? 0 : CHAT_NO_SUCH_CHANNEL;
    }
    *channel = chat_find_channel(world, session->focus);
    return *channel ? 0 : CHAT_NO_FOCUS;
}

int chat_find_joined(const struct chat_world *world, const struct chat_session *session,
                     struct chat_text name, struct chat_channel **channel)
{
    int rc = chat_find_meant(world, session, name, channel);

    if (rc != 0)
        return rc;
    return chat_find_member(session->user, *channel) ? 0 : CHAT_NOT_ON_CHANNEL;
}

struct chat_event chat_event_of_user(const struct chat_user *user, enum chat_kind kind)
{
    return (struct chat_event){
        .kind = kind,
        .user = user->id,
        .nick = chat_name_text(user->name),
        .username = chat_string_text(user->username),
        .host = chat_string_text(user->host),
        .account = chat_string_text(user->account),
        .realname = chat_string_text(user->realname),
        .modes = user->modes,
    };
}

struct chat_event chat_event_of(const struct chat_session *session, enum chat_kind kind)
{
    struct chat_event event = chat_event_of_user(session->user, kind);

    event.session = session->id;
    return event;
}

struct chat_event chat_event_by_server(const struct chat_world *world, enum chat_kind kind)
{
    return (struct chat_event){.kind = kind, .nick = chat_text(world->name)};
}

struct chat_event chat_event_in(const struct chat_session *session, enum chat_kind kind,
                                const struct chat_channel *channel)
{
    struct chat_event event = chat_event_of(session, kind);

    event.channel = channel->id;
    event.channel_name = chat_name_text(channel->name);
    return event;
}

void chat_event_stamp(struct chat_world *world, struct chat_event *event)
{
    event->id = chat_id_next(&world->ids, pli_clock_wall_ms());
    event->time = chat_id_ms(event->id);
}
