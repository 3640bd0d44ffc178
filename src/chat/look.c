/* SPDX-License-Identifier: MIT */
/* Looking at channels. */
#include "config.h"

#include "chat/world.h"

static struct chat_channel_view view_of_channel(const struct chat_session *session,
                                                const struct chat_channel *channel)
{
    const struct chat_topic *topic = channel->topic;
    struct chat_channel_view view = {
        .id = channel->id,
        .name = chat_name_text(channel->name),
        .created = channel->created,
        .members = channel->member_count,
        .joined = session->user && chat_find_member(session->user, channel),
        .focused = chat_id_equal(session->focus, channel->id),
    };

    if (topic) {
        view.topic = (struct chat_text){topic->text, topic->length};
        view.topic_by = (struct chat_text){topic->text + topic->length, topic->by_length};
        view.topic_time = topic->time;
    }
    return view;
}

static int look_locked(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, const struct chat_channel_visitor *visitor,
                       void *argument)
{
    struct chat_channel *channel;
    struct chat_channel_view view;
    int rc = chat_find_meant(world, session, name, &channel);

    if (rc != 0)
        return rc;
    view = view_of_channel(session, channel);
    visitor->channel(&view, argument);
    if (!visitor->member)
        return 0;
    pli_list_for_each (link, &channel->members) {
        struct chat_user_view member =
            chat_user_view_of(session, chat_member_of_channel(link)->user);

        visitor->member(&member, argument);
    }
    return 0;
}

int chat_channel_look(struct chat_world *world, struct chat_session *session, struct chat_text name,
                      const struct chat_channel_visitor *visitor, void *argument)
{
    int rc;

    pli_read_lock(&world->lock);
    rc = look_locked(world, session, name, visitor, argument);
    pli_read_unlock(&world->lock);
    return rc;
}

void chat_channel_each(struct chat_world *world, struct chat_session *session,
                       bool (*visit)(const struct chat_channel_view *view, void *argument),
                       void *argument)
{
    struct pli_hash_node *node = NULL;
    bool more = true;

    pli_read_lock(&world->lock);
    while (more && (node = pli_hash_next(&world->channels, node))) {
        struct chat_channel *channel = pli_container_of(node, struct chat_channel, by_id);
        struct chat_channel_view view = view_of_channel(session, channel);

        more = visit(&view, argument);
    }
    pli_read_unlock(&world->lock);
}
