/* SPDX-License-Identifier: MIT */
/* Leaving channels, and their topics; joining is in enter.c. */
#include "config.h"

#include "chat/world.h"

#include "base/utf8.h"

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
    event = chat_event_in(session, CHAT_PART, channel);
    event.text = reason;
    chat_event_stamp(world, &event);
    return chat_apply(world, &event);
}

int chat_channel_part(struct chat_world *world, struct chat_session *session, struct chat_text name,
                      struct chat_text reason)
{
    int rc = chat_judge(world, session, CHAT_FILTER_PART, reason, name);

    if (rc == CHAT_FILTERED)
        reason = CHAT_NO_TEXT;
    else if (rc != 0)
        return rc;
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
    if (channel->flags & chat_mode_flag(CHAT_MODE_TOPIC) &&
        !chat_runs(chat_find_member(session->user, channel)->prefix))
        return CHAT_NOT_OPERATOR;
    if (channel->registration && chat_topic_is_locked(channel) &&
        !chat_runs(chat_authority(session, channel)))
        return CHAT_NO_ACCESS;
    if (topic.length > world->settings.topic_length)
        chat_limit_hit(world, CHAT_LIMIT_TOPIC_LENGTH);
    topic.length = pli_utf8_cut(topic.data, topic.length, world->settings.topic_length);
    event = chat_event_in(session, CHAT_TOPIC, channel);
    event.text = topic;
    chat_event_stamp(world, &event);
    return chat_apply(world, &event);
}

int chat_channel_topic(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, struct chat_text topic)
{
    int rc = chat_judge(world, session, CHAT_FILTER_TOPIC, topic, name);

    if (rc != 0)
        return rc;
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
    if (rc == CHAT_NO_SUCH_CHANNEL && (channel = chat_find_former(world, name)))
        rc = chat_find_member(session->user, channel) ? 0 : CHAT_NOT_ON_CHANNEL;
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
