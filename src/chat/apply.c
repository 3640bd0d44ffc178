/* SPDX-License-Identifier: MIT */
/*
 * Changes of the world, made by the values of events: whoever asks for one has been checked
 * before (user.c, channel.c), or an event comes from where that was done. Those who were there
 * before a change and those who are there after it are told, each once.
 */
#include "config.h"

#include "chat/world.h"

#include "base/clock.h"
#include "chat/deliver.h"
#include "chat/history_keep.h"

#include <errno.h>
#include <stdlib.h>

/* The user has no session here yet, so only who watches the name is told. */
static int apply_register(struct chat_world *world, const struct chat_event *event)
{
    struct chat_user *user;

    if (chat_find_nick(world, event->nick))
        return CHAT_NICK_TAKEN;
    user = chat_user_add(world, event);
    if (!user)
        return -ENOMEM;
    chat_tell_watchers(world, CHAT_ONLINE, event, event->nick);
    if (user->presence)
        chat_presence_review_locked(world, user->presence);
    chat_history_renew(world, user);
    chat_hold_renew(world, user);
    return 0;
}

/* Where the members' new nicknames are counted. */
static void count_nick(const struct chat_user *user)
{
    pli_list_for_each (link, &user->channels) {
        const struct chat_member *member = chat_member_of_user(link);

        if (member->channel->pace && member->prefix == 0)
            chat_pace_count_nick(member->channel->pace, pli_clock_now());
    }
}

static int apply_rename(struct chat_world *world, const struct chat_event *event)
{
    struct chat_user *user = chat_find_user(world, event->user);
    struct chat_user *holder = chat_find_nick(world, event->text);
    struct chat_name *name;

    if (!user)
        return CHAT_NO_SUCH_USER;
    if (holder && holder != user)
        return CHAT_NICK_TAKEN;
    name = chat_name_new(event->text);
    if (!name)
        return -ENOMEM;
    chat_tell_around(world, event, user);
    chat_keep_around(world, event, user);
    chat_notify_locked(world, CHAT_NOTICE_NICK, "Nick change: from %.*s to %.*s [%.*s@%.*s]",
                       CHAT_SHOWN(event->nick), CHAT_SHOWN(event->text),
                       CHAT_SHOWN(event->username), CHAT_SHOWN(event->host));
    chat_past_add(&world->past, user, event->time);
    if (!holder) { /* else it differs by case only, which is no difference */
        chat_tell_watchers(world, CHAT_OFFLINE, event, event->nick);
        chat_tell_watchers(world, CHAT_ONLINE, event, event->text);
    }
    pli_hash_remove(&world->nicks, &user->by_nick);
    free(user->name);
    user->name = name;
    pli_hash_add(&world->nicks, &user->by_nick);
    chat_forget_verdicts_on(user);
    count_nick(user);
    if (!holder)
        chat_hold_end(user);
    chat_hold_renew(world, user);
    chat_presence_note(world, user, CHAT_FIELD_NICK);
    return 0;
}

/* Those who have joined within the time of the throttle. */
static void count_join(struct chat_channel *channel, uint64_t now)
{
    if (now - channel->throttle_since >= channel->throttle_seconds * UINT64_C(1000)) {
        channel->throttle_since = now;
        channel->throttle_count = 0;
    }
    channel->throttle_count++;
}

static int apply_join(struct chat_world *world, const struct chat_event *event)
{
    struct chat_user *user = chat_find_user(world, event->user);
    struct chat_channel *channel = chat_find_channel(world, event->channel);
    struct chat_member *member;

    if (!user)
        return CHAT_NO_SUCH_USER;
    if (channel && chat_find_member(user, channel))
        return CHAT_ON_CHANNEL;
    if (!channel) {
        channel = chat_channel_add(world, event->channel, event->channel_name, event->time);
        if (!channel)
            return -ENOMEM;
        channel->flags = event->set;
    }
    member = chat_member_add(user, channel);
    if (!member) {
        chat_channel_settle(world, channel);
        return -ENOMEM;
    }
    member->prefix = event->status;
    chat_presence_note_channel(world, user, channel->name);
    count_join(channel, event->time);
    chat_invitation_remove(chat_find_invitation(user, channel));
    chat_tell_member(event, member);
    chat_keep_of_member(world, event, member);
    return 0;
}

/* Who and where, for changes of a member. */
static int find_member(struct chat_world *world, const struct chat_event *event,
                       struct chat_member **member)
{
    struct chat_user *user = chat_find_user(world, event->user);
    struct chat_channel *channel = chat_find_channel(world, event->channel);

    if (!user)
        return CHAT_NO_SUCH_USER;
    if (!channel)
        return CHAT_NO_SUCH_CHANNEL;
    *member = chat_find_member(user, channel);
    return *member ? 0 : CHAT_NOT_ON_CHANNEL;
}

static int apply_part(struct chat_world *world, const struct chat_event *event)
{
    struct chat_member *member;
    int rc = find_member(world, event, &member);

    if (rc != 0)
        return rc;
    chat_tell_member(event, member);
    chat_keep_of_member(world, event, member);
    chat_member_remove(world, member);
    return 0;
}

static int apply_quit(struct chat_world *world, const struct chat_event *event)
{
    struct chat_user *user = chat_find_user(world, event->user);

    if (!user)
        return CHAT_NO_SUCH_USER;
    chat_tell_around(world, event, user);
    chat_keep_around(world, event, user);
    chat_past_add(&world->past, user, event->time);
    chat_tell_watchers(world, CHAT_OFFLINE, event, event->nick);
    chat_notify_locked(world, CHAT_NOTICE_QUIT, "Client exiting: %.*s (%.*s@%.*s) [%.*s]",
                       CHAT_SHOWN(event->nick), CHAT_SHOWN(event->username),
                       CHAT_SHOWN(event->host), CHAT_SHOWN(event->text));
    chat_user_leave(world, user);
    return 0;
}

struct chat_topic *chat_topic_new(struct chat_text text, struct chat_text by, uint64_t time)
{
    struct chat_topic *topic = malloc(sizeof *topic + text.length + by.length);

    if (!topic)
        return NULL;
    topic->time = time;
    topic->length = text.length;
    topic->by_length = by.length;
    memcpy(topic->text, text.data, text.length);
    if (by.length > 0)
        memcpy(topic->text + text.length, by.data, by.length);
    return topic;
}

static int apply_topic(struct chat_world *world, const struct chat_event *event)
{
    struct chat_channel *channel = chat_find_channel(world, event->channel);
    struct chat_topic *topic = NULL;

    if (!channel)
        return CHAT_NO_SUCH_CHANNEL;
    if (event->text.length > 0) {
        topic = chat_topic_new(event->text, event->nick, event->time);
        if (!topic)
            return -ENOMEM;
    }
    chat_tell_channel(event, channel);
    chat_keep_in_channel(world, event, channel, 0);
    free(channel->topic);
    channel->topic = topic;
    chat_note_change(channel);
    chat_keep_channel(channel);
    return 0;
}

static int (*const changes[])(struct chat_world *world, const struct chat_event *event) = {
    [CHAT_REGISTER] = apply_register,
    [CHAT_RENAME] = apply_rename,
    [CHAT_AWAY] = chat_apply_away,
    [CHAT_REALNAME] = chat_apply_realname,
    [CHAT_ACCOUNT] = chat_apply_account,
    [CHAT_HOST] = chat_apply_host,
    [CHAT_USER_MODE] = chat_apply_user_mode,
    [CHAT_JOIN] = apply_join,
    [CHAT_PART] = apply_part,
    [CHAT_QUIT] = apply_quit,
    [CHAT_TOPIC] = apply_topic,
    [CHAT_NEW_NAME] = chat_apply_channel_rename,
    [CHAT_KICK] = chat_apply_kick,
    [CHAT_MODE] = chat_apply_mode,
    [CHAT_INVITE] = chat_apply_invite,
    [CHAT_REDACT] = chat_apply_redact,
    [CHAT_METADATA] = chat_apply_metadata,
    [CHAT_READ] = chat_apply_read,
};

int chat_apply(struct chat_world *world, const struct chat_event *event)
{
    pli_assert_write_held(&world->lock);
    return changes[event->kind](world, event);
}
