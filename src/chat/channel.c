/* SPDX-License-Identifier: MIT */
/* Joining and leaving channels, and their topics. */
#include "config.h"

#include "chat/world.h"

#include "base/utf8.h"

static int join_locked(struct chat_world *world, struct chat_session *session,
                       struct chat_text name)
{
    size_t most = world->settings.channels_per_user;
    struct chat_channel *channel;
    struct chat_event event;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    channel = chat_find_name(world, name);
    if (channel && chat_find_member(session->user, channel))
        return CHAT_ON_CHANNEL;
    rc = channel ? 0 : chat_channel_check(name, world->settings.channel_length);
    if (rc != 0)
        return rc;
    if (most > 0 && session->user->channel_count >= most)
        return CHAT_TOO_MANY_CHANNELS;
    event = chat_event_of(session, CHAT_JOIN);
    chat_event_stamp(world, &event);
    event.channel = channel ? channel->id : event.id;
    event.channel_name = channel ? chat_name_text(channel->name) : name;
    rc = chat_apply(world, &event);
    if (rc == 0)
        session->focus = event.channel;
    return rc;
}

int chat_channel_join(struct chat_world *world, struct chat_session *session, struct chat_text name)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = join_locked(world, session, name);
    pli_write_unlock(&world->lock);
    return rc;
}

static int part_locked(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, struct chat_text reason)
{
    struct chat_channel *channel;
    struct chat_event event;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    rc = chat_find_joined(world, session, name, &channel);
    if (rc != 0)
        return rc;
    event = chat_event_of(session, CHAT_PART);
    event.channel = channel->id;
    event.channel_name = chat_name_text(channel->name);
    event.text = reason;
    chat_event_stamp(world, &event);
    return chat_apply(world, &event);
}

int chat_channel_part(struct chat_world *world, struct chat_session *session, struct chat_text name,
                      struct chat_text reason)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = part_locked(world, session, name, reason);
    pli_write_unlock(&world->lock);
    return rc;
}

static int topic_locked(struct chat_world *world, struct chat_session *session,
                        struct chat_text name, struct chat_text topic)
{
    struct chat_channel *channel;
    struct chat_event event;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    rc = chat_find_joined(world, session, name, &channel);
    if (rc != 0)
        return rc;
    topic.length = pli_utf8_cut(topic.data, topic.length, world->settings.topic_length);
    event = chat_event_of(session, CHAT_TOPIC);
    event.channel = channel->id;
    event.channel_name = chat_name_text(channel->name);
    event.text = topic;
    chat_event_stamp(world, &event);
    return chat_apply(world, &event);
}

int chat_channel_topic(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, struct chat_text topic)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = topic_locked(world, session, name, topic);
    pli_write_unlock(&world->lock);
    return rc;
}

static int focus_locked(struct chat_world *world, struct chat_session *session,
                        struct chat_text name)
{
    struct chat_channel *channel;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    rc = chat_find_joined(world, session, name, &channel);
    if (rc == 0)
        session->focus = channel->id;
    return rc;
}

int chat_channel_focus(struct chat_world *world, struct chat_session *session,
                       struct chat_text name)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = focus_locked(world, session, name);
    pli_write_unlock(&world->lock);
    return rc;
}
