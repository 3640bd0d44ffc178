/* SPDX-License-Identifier: MIT */
/* Making and freeing what is in the world. */
#include "config.h"

#include "chat/world.h"

#include <assert.h>
#include <stdlib.h>

struct chat_user *chat_user_add(struct chat_world *world, struct chat_id id, struct chat_text nick)
{
    struct chat_user *user = calloc(1, sizeof *user);

    if (!user)
        return NULL;
    user->name = chat_name_new(nick);
    if (!user->name) {
        free(user);
        return NULL;
    }
    user->id = id;
    pli_list_init(&user->sessions);
    pli_list_init(&user->channels);
    pli_hash_add(&world->nicks, &user->by_nick);
    pli_hash_add(&world->users, &user->by_id);
    return user;
}

struct chat_channel *chat_channel_add(struct chat_world *world, struct chat_id id,
                                      struct chat_text name, uint64_t created)
{
    struct chat_channel *channel = calloc(1, sizeof *channel);

    if (!channel)
        return NULL;
    channel->name = chat_name_new(name);
    if (!channel->name) {
        free(channel);
        return NULL;
    }
    channel->id = id;
    channel->created = created;
    pli_list_init(&channel->members);
    pli_mutex_init(&channel->order, PLI_RANK_CHANNEL);
    pli_hash_add(&world->channel_names, &channel->by_name);
    pli_hash_add(&world->channels, &channel->by_id);
    return channel;
}

void chat_channel_remove(struct chat_world *world, struct chat_channel *channel)
{
    assert(pli_list_is_empty(&channel->members));
    pli_hash_remove(&world->channel_names, &channel->by_name);
    pli_hash_remove(&world->channels, &channel->by_id);
    pli_mutex_deinit(&channel->order);
    free(channel->topic);
    free(channel->name);
    free(channel);
}

struct chat_member *chat_member_add(struct chat_user *user, struct chat_channel *channel)
{
    struct chat_member *member = calloc(1, sizeof *member);

    if (!member)
        return NULL;
    member->user = user;
    member->channel = channel;
    pli_list_append(&user->channels, &member->in_user);
    user->channel_count++;
    pli_list_append(&channel->members, &member->in_channel);
    channel->member_count++;
    return member;
}

/* The sessions that had the channel at hand get the one joined last of those that are left. */
static void refocus(struct chat_user *user, const struct chat_channel *left)
{
    struct chat_id next = CHAT_NO_ID;

    if (!pli_list_is_empty(&user->channels))
        next = chat_member_of_user(user->channels.prev)->channel->id;
    pli_list_for_each (link, &user->sessions) {
        struct chat_session *session = chat_session_of(link);

        if (chat_id_equal(session->focus, left->id))
            session->focus = next;
    }
}

/* Whether a channel without members stays all the same: none does yet. */
static bool stays(const struct chat_channel *channel)
{
    return channel->member_count > 0;
}

void chat_member_remove(struct chat_world *world, struct chat_member *member)
{
    struct chat_user *user = member->user;
    struct chat_channel *channel = member->channel;

    pli_list_remove(&member->in_user);
    user->channel_count--;
    pli_list_remove(&member->in_channel);
    channel->member_count--;
    free(member);
    refocus(user, channel);
    if (!stays(channel))
        chat_channel_remove(world, channel);
}

void chat_user_leave(struct chat_world *world, struct chat_user *user)
{
    pli_list_for_each_safe (link, after, &user->sessions) {
        struct chat_session *session = chat_session_of(link);

        pli_list_remove(link);
        session->user = NULL;
        session->focus = CHAT_NO_ID;
    }
    pli_list_for_each_safe (link, after, &user->channels)
        chat_member_remove(world, chat_member_of_user(link));
    pli_hash_remove(&world->nicks, &user->by_nick);
    pli_hash_remove(&world->users, &user->by_id);
    free(user->name);
    free(user);
}
