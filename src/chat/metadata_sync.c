/* SPDX-License-Identifier: MIT */
/* What sessions are subscribed to, and what they get of it besides changes. */
#include "config.h"

#include "chat/metadata.h"

#include "chat/world.h"

#include <errno.h>
#include <stdlib.h>

/* -- Subscriptions ----------------------------------------------------------------------------- */

struct chat_subscriptions {
    size_t count;
    struct chat_string *keys[CHAT_SUBSCRIPTIONS_MAX];
};

static size_t find_key(const struct chat_subscriptions *subscriptions, struct chat_text key)
{
    size_t i = 0;

    while (i < subscriptions->count &&
           !chat_text_equal(chat_string_text(subscriptions->keys[i]), key))
        i++;
    return i;
}

bool chat_session_subscribes(const struct chat_session *session, struct chat_text key)
{
    const struct chat_subscriptions *subscriptions = session->subscriptions;

    return subscriptions && find_key(subscriptions, key) < subscriptions->count;
}

static int subscribe(struct chat_session *session, struct chat_text key)
{
    struct chat_subscriptions *subscriptions = session->subscriptions;

    if (chat_session_subscribes(session, key))
        return CHAT_MODE_SAME;
    if (!subscriptions)
        subscriptions = session->subscriptions = calloc(1, sizeof *subscriptions);
    if (!subscriptions)
        return -ENOMEM;
    if (subscriptions->count == CHAT_SUBSCRIPTIONS_MAX)
        return CHAT_LIST_FULL;
    if (chat_string_set(&subscriptions->keys[subscriptions->count], key) < 0)
        return -ENOMEM;
    subscriptions->count++;
    return 0;
}

int chat_subscribe(struct chat_world *world, struct chat_session *session, struct chat_text key)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = subscribe(session, key);
    pli_write_unlock(&world->lock);
    return rc;
}

static int unsubscribe(struct chat_session *session, struct chat_text key)
{
    struct chat_subscriptions *subscriptions = session->subscriptions;
    size_t at = subscriptions ? find_key(subscriptions, key) : 0;

    if (!subscriptions || at == subscriptions->count)
        return CHAT_MODE_SAME;
    free(subscriptions->keys[at]);
    subscriptions->keys[at] = subscriptions->keys[--subscriptions->count];
    subscriptions->keys[subscriptions->count] = NULL;
    return 0;
}

int chat_unsubscribe(struct chat_world *world, struct chat_session *session, struct chat_text key)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = unsubscribe(session, key);
    pli_write_unlock(&world->lock);
    return rc;
}

void chat_forget_subscriptions(struct chat_session *session)
{
    struct chat_subscriptions *subscriptions = session->subscriptions;

    session->subscriptions = NULL;
    for (size_t i = 0; subscriptions && i < subscriptions->count; i++)
        free(subscriptions->keys[i]);
    free(subscriptions);
}

void chat_unsubscribe_all(struct chat_world *world, struct chat_session *session)
{
    pli_write_lock(&world->lock);
    chat_forget_subscriptions(session);
    pli_write_unlock(&world->lock);
}

void chat_subscriptions(struct chat_world *world, struct chat_session *session,
                        void (*visit)(struct chat_text key, void *argument), void *argument)
{
    const struct chat_subscriptions *subscriptions;

    pli_read_lock(&world->lock);
    subscriptions = session->subscriptions;
    for (size_t i = 0; subscriptions && i < subscriptions->count; i++)
        visit(chat_string_text(subscriptions->keys[i]), argument);
    pli_read_unlock(&world->lock);
}

/* -- Synchronization --------------------------------------------------------------------------- */

/* What goes through the parts. */
struct walk {
    const struct chat_session *session;
    struct chat_sync *sync;
    size_t most; /* users and values that are still looked at */
    chat_metadata_visit *visit;
    void *argument;
};

static void show(struct walk *walk, struct chat_text name, const struct chat_metadata *set)
{
    struct chat_text value;

    for (size_t i = 0; i < chat_metadata_count(set); i++) {
        struct chat_text key = chat_metadata_at(set, i, &value);

        if (!chat_session_subscribes(walk->session, key))
            continue;
        walk->visit(name, key, value, walk->argument);
        walk->most -= walk->most > 0 ? 1 : 0;
    }
}

static void show_user(struct walk *walk, const struct chat_user *user)
{
    show(walk, chat_name_text(user->name), chat_user_metadata(user));
}

/* Whether the session, whose user has OWN there if that is not NULL, sees the member. */
static bool sees(const struct chat_session *session, const struct chat_member *own,
                 const struct chat_member *member)
{
    if (member->user == session->user)
        return true;
    if (chat_is_hidden(member->channel, member->prefix) &&
        !chat_sees_hidden(session, own ? own->prefix : 0))
        return false;
    return own || chat_user_is_found(session, member->user);
}

/* Whether the user was shown in one of the session's channels with a lesser id. */
static bool was_shown(const struct chat_session *session, struct chat_user *user,
                      struct chat_id before)
{
    pli_list_for_each (link, &session->user->channels) {
        const struct chat_member *own = chat_member_of_user(link);
        const struct chat_member *member;

        if (chat_id_compare(own->channel->id, before) >= 0)
            continue;
        member = chat_find_member(user, own->channel);
        if (member && sees(session, own, member))
            return true;
    }
    return false;
}

/* Goes on in a channel; false: MOST were looked at before the end of it. */
static bool finish_channel(struct walk *walk, const struct chat_channel *channel)
{
    struct chat_sync *sync = walk->sync;
    const struct chat_member *own = chat_find_member(walk->session->user, channel);

    if (!sync->within)
        show(walk, chat_name_text(channel->name), channel->metadata);
    sync->within = true;
    pli_list_for_each (link, &channel->members) {
        const struct chat_member *member = chat_member_of_channel(link);

        if (member->number <= sync->member)
            continue;
        if (walk->most == 0)
            return false;
        walk->most--;
        sync->member = member->number;
        if (chat_user_metadata(member->user) && sees(walk->session, own, member) &&
            !(sync->all && was_shown(walk->session, member->user, channel->id)))
            show_user(walk, member->user);
    }
    return true;
}

/* The session's channel with the least id after one. */
static const struct chat_channel *channel_after(const struct chat_session *session,
                                                struct chat_id after)
{
    const struct chat_channel *next = NULL;

    pli_list_for_each (link, &session->user->channels) {
        const struct chat_channel *channel = chat_member_of_user(link)->channel;

        if (chat_id_compare(channel->id, after) > 0 &&
            (!next || chat_id_compare(channel->id, next->id) < 0))
            next = channel;
    }
    return next;
}

/* Goes on in the channels, in the order of their ids; false: there are more. */
static bool finish_channels(const struct chat_world *world, struct walk *walk)
{
    struct chat_sync *sync = walk->sync;
    const struct chat_channel *channel;

    for (;;) {
        channel = sync->within ? chat_find_channel(world, sync->channel)
                               : channel_after(walk->session, sync->channel);
        if (!channel && !sync->within)
            return true;
        if (channel) {
            if (walk->most == 0)
                return false;
            sync->channel = channel->id;
            if (!finish_channel(walk, channel))
                return false;
        }
        sync->within = false;
        sync->member = 0;
    }
}

/* And then with those who are watched, and not met in a channel. */
static bool finish_watched(const struct chat_world *world, struct walk *walk)
{
    static const struct chat_id last = {UINT64_MAX, UINT64_MAX};
    size_t index = 0;

    pli_list_for_each (link, &walk->session->watches) {
        const struct chat_watch *watch = pli_container_of(link, struct chat_watch, in_session);
        struct chat_user *user;

        if (index++ < walk->sync->watch)
            continue;
        if (walk->most == 0)
            return false;
        walk->most--;
        walk->sync->watch++;
        user = chat_find_nick(world, chat_name_text(watch->watched->name));
        if (user && chat_user_metadata(user) && user != walk->session->user &&
            !was_shown(walk->session, user, last))
            show_user(walk, user);
    }
    return true;
}

/* The channel that is named, or NULL. */
static const struct chat_channel *named_channel(const struct chat_world *world,
                                                const struct chat_sync *sync)
{
    bool is_channel = sync->length > 0 && sync->name[0] == '#';

    return is_channel ? chat_find_name(world, (struct chat_text){sync->name, sync->length}) : NULL;
}

static bool finish_named(const struct chat_world *world, struct walk *walk)
{
    const struct chat_sync *sync = walk->sync;
    const struct chat_channel *channel = named_channel(world, sync);
    const struct chat_user *user = walk->session->user;

    if (channel)
        return !chat_channel_is_there(walk->session, channel) || finish_channel(walk, channel);
    if (sync->length > 0)
        user = chat_find_nick(world, (struct chat_text){sync->name, sync->length});
    if (user)
        show_user(walk, user);
    return true;
}

bool chat_metadata_sync(struct chat_world *world, struct chat_session *session,
                        struct chat_sync *sync, size_t most, chat_metadata_visit *visit,
                        void *argument)
{
    struct walk walk = {session, sync, most, visit, argument};
    bool finished = true;

    pli_read_lock(&world->lock);
    if (session->user && sync->all) {
        if (session->user->channel_count == 0 && sync->watch == 0)
            show_user(&walk, session->user);
        finished = finish_channels(world, &walk) && finish_watched(world, &walk);
    } else if (session->user) {
        finished = finish_named(world, &walk);
    }
    pli_read_unlock(&world->lock);
    return !finished;
}
