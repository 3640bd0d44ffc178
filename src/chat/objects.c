/* SPDX-License-Identifier: MIT */
/* Making and freeing what is in the world. */
#include "config.h"

#include "chat/world.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

void chat_user_free(struct chat_user *user)
{
    free(user->name);
    free(user->username);
    free(user->host);
    free(user->address);
    free(user->realname);
    free(user->account);
    free(user->away);
    free(user->listed);
    chat_markers_clear(&user->markers);
    chat_metadata_free(user->metadata);
    free(user);
}

/* What the event says of who has come. */
static bool describe(struct chat_user *user, const struct chat_event *event)
{
    user->name = chat_name_new(event->nick);
    return user->name && chat_string_set(&user->username, event->username) == 0 &&
           chat_string_set(&user->host, event->host) == 0 &&
           chat_string_set(&user->address, event->address) == 0 &&
           chat_string_set(&user->realname, event->realname) == 0 &&
           chat_string_set(&user->account, event->account) == 0 &&
           chat_string_set(&user->listed, event->more) == 0;
}

struct chat_user *chat_user_new(const struct chat_event *event)
{
    struct chat_user *user = calloc(1, sizeof *user);

    if (!user)
        return NULL;
    chat_markers_init(&user->markers);
    if (!describe(user, event)) {
        chat_user_free(user);
        return NULL;
    }
    user->id = event->user;
    user->came = event->time;
    atomic_init(&user->active, event->time);
    pli_list_init(&user->sessions);
    pli_list_init(&user->channels);
    pli_list_init(&user->invitations);
    pli_list_init(&user->accepts);
    pli_list_init(&user->accepted_by);
    return user;
}

struct chat_user *chat_user_add(struct chat_world *world, const struct chat_event *event)
{
    struct chat_user *user = chat_user_new(event);
    struct chat_presence *presence;

    if (!user)
        return NULL;
    if (chat_presence_get(world, event->account, &presence) < 0) {
        chat_user_free(user);
        return NULL;
    }
    user->presence = presence;
    if (presence)
        pli_list_append(&presence->users, &user->in_presence);
    chat_user_set_modes(world, user, event->modes);
    pli_hash_add(&world->nicks, &user->by_nick);
    pli_hash_add(&world->users, &user->by_id);
    if (world->users.count > world->most_users)
        world->most_users = world->users.count;
    return user;
}

/* One more or one less that has the mode. */
static void count_mode(size_t *count, unsigned before, unsigned after, unsigned mode)
{
    if (after & ~before & mode)
        ++*count;
    if (before & ~after & mode)
        --*count;
}

void chat_user_set_modes(struct chat_world *world, struct chat_user *user, unsigned modes)
{
    count_mode(&world->invisible, user->modes, modes, CHAT_USER_INVISIBLE);
    count_mode(&world->operators, user->modes, modes, CHAT_USER_OPERATOR);
    user->modes = modes;
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
    channel->history = id;
    channel->created = created;
    pli_list_init(&channel->members);
    pli_list_init(&channel->invitations);
    pli_list_init(&channel->formers);
    for (size_t i = 0; i < CHAT_LISTS; i++)
        pli_list_init(&channel->lists[i].masks);
    pli_mutex_init(&channel->order, PLI_RANK_CHANNEL);
    pli_hash_add(&world->channel_names, &channel->by_name);
    pli_hash_add(&world->channels, &channel->by_id);
    return channel;
}

static void clear_lists(struct chat_channel *channel)
{
    pli_list_for_each_safe (link, after, &channel->invitations)
        chat_invitation_remove(pli_container_of(link, struct chat_invitation, in_channel));
    for (size_t i = 0; i < CHAT_LISTS; i++)
        pli_list_for_each_safe (link, after, &channel->lists[i].masks)
            chat_mask_remove(&channel->lists[i], pli_container_of(link, struct chat_mask, link));
}

void chat_channel_remove(struct chat_world *world, struct chat_channel *channel)
{
    assert(pli_list_is_empty(&channel->members));
    pli_hash_remove(&world->channel_names, &channel->by_name);
    pli_hash_remove(&world->channels, &channel->by_id);
    pli_mutex_deinit(&channel->order);
    clear_lists(channel);
    chat_forget_formers(world, channel);
    (void)chat_forward_set(world, channel, CHAT_NO_TEXT);
    chat_pace_free(channel->pace);
    free(channel->key);
    free(channel->topic);
    chat_metadata_free(channel->metadata);
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
    member->number = ++channel->joins;
    return member;
}

struct chat_invitation *chat_find_invitation(const struct chat_user *user,
                                             const struct chat_channel *channel)
{
    pli_list_for_each (link, &user->invitations) {
        struct chat_invitation *invitation =
            pli_container_of(link, struct chat_invitation, in_user);

        if (invitation->channel == channel)
            return invitation;
    }
    return NULL;
}

int chat_invitation_add(struct chat_user *user, struct chat_channel *channel)
{
    struct chat_invitation *invitation = malloc(sizeof *invitation);

    if (!invitation)
        return -ENOMEM;
    if (user->invitation_count == CHAT_INVITATIONS_MAX)
        chat_invitation_remove(
            pli_container_of(user->invitations.next, struct chat_invitation, in_user));
    invitation->user = user;
    invitation->channel = channel;
    pli_list_append(&user->invitations, &invitation->in_user);
    pli_list_append(&channel->invitations, &invitation->in_channel);
    user->invitation_count++;
    return 0;
}

void chat_invitation_remove(struct chat_invitation *invitation)
{
    if (!invitation)
        return;
    pli_list_remove(&invitation->in_user);
    pli_list_remove(&invitation->in_channel);
    invitation->user->invitation_count--;
    free(invitation);
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

static bool stays(const struct chat_channel *channel)
{
    return channel->member_count > 0 || channel->registration ||
           channel->flags & chat_mode_flag(CHAT_MODE_PERMANENT);
}

void chat_channel_settle(struct chat_world *world, struct chat_channel *channel)
{
    if (!stays(channel))
        chat_channel_remove(world, channel);
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
    chat_presence_note_channel(world, user, channel->name);
    refocus(user, channel);
    chat_channel_settle(world, channel);
}

void chat_user_leave(struct chat_world *world, struct chat_user *user)
{
    pli_list_for_each_safe (link, after, &user->sessions)
        chat_session_detach(world, chat_session_of(link));
    chat_presence_leave(world, user);
    pli_list_for_each_safe (link, after, &user->channels)
        chat_member_remove(world, chat_member_of_user(link));
    pli_list_for_each_safe (link, after, &user->invitations)
        chat_invitation_remove(pli_container_of(link, struct chat_invitation, in_user));
    chat_forget_accepts(user);
    chat_oper_remove(world, user);
    pli_hash_remove(&world->nicks, &user->by_nick);
    pli_hash_remove(&world->users, &user->by_id);
    chat_user_set_modes(world, user, 0);
    chat_hold_end(user);
    chat_user_free(user);
}
