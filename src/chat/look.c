/* SPDX-License-Identifier: MIT */
/* Looking at channels. */
#include "config.h"

#include "chat/world.h"

static struct chat_channel_view view_of_channel(const struct chat_session *session,
                                                const struct chat_channel *channel)
{
    const struct chat_topic *topic = channel->topic;
    const struct chat_member *member =
        session->user ? chat_find_member(session->user, channel) : NULL;
    struct chat_channel_view view = {
        .id = channel->id,
        .name = chat_name_text(channel->name),
        .created = channel->created,
        .members = channel->member_count,
        .flags = channel->flags,
        .key = chat_string_text(channel->key),
        .limit = channel->limit,
        .forward = chat_string_text(channel->forward),
        .throttle_joins = channel->throttle_joins,
        .throttle_seconds = channel->throttle_seconds,
        .prefix = member ? member->prefix : 0,
        .joined = member != NULL,
        .shown = member || !(channel->flags & CHAT_HIDING) ||
                 (session->user && session->user->modes & CHAT_USER_OPERATOR),
        .focused = chat_id_equal(session->focus, channel->id),
    };

    if (channel->pace)
        memcpy(view.rates, channel->pace->rates, sizeof view.rates);
    if (topic) {
        view.topic = (struct chat_text){topic->text, topic->length};
        view.topic_by = (struct chat_text){topic->text + topic->length, topic->by_length};
        view.topic_time = topic->time;
    }
    return view;
}

/*
 * An auditorium shows its audience to who runs it, or the server, only, and themselves; invisible
 * people are shown to who may find them.
 */
static void show_member(const struct chat_session *session, const struct chat_member *member,
                        const struct chat_channel_view *channel,
                        const struct chat_channel_visitor *visitor, void *argument)
{
    struct chat_user_view view;

    if (chat_is_hidden(member->channel, member->prefix) && member->user != session->user &&
        !chat_sees_hidden(session, channel->prefix))
        return;
    if (!channel->joined && !chat_user_is_found(session, member->user))
        return;
    view = chat_user_view_of(session, member->user);
    view.prefix = member->prefix;
    visitor->member(&view, argument);
}

/* Shows members after the one whose number is CURSOR, MOST at most; returns the last one's, or 0. */
static uint64_t show_members(const struct chat_session *session, struct chat_channel *channel,
                             const struct chat_channel_view *view, uint64_t cursor, size_t most,
                             const struct chat_channel_visitor *visitor, void *argument)
{
    pli_list_for_each (link, &channel->members) {
        const struct chat_member *member = chat_member_of_channel(link);

        if (member->number <= cursor)
            continue;
        if (most-- == 0)
            return cursor;
        show_member(session, member, view, visitor, argument);
        cursor = member->number;
    }
    return 0;
}

static int look_locked(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, uint64_t *cursor, size_t most,
                       const struct chat_channel_visitor *visitor, void *argument)
{
    struct chat_channel *channel;
    struct chat_channel_view view;
    uint64_t from = *cursor;
    int rc = chat_find_meant(world, session, name, &channel);

    *cursor = 0;
    if (rc != 0)
        return rc;
    view = view_of_channel(session, channel);
    if (view.flags & chat_mode_flag(CHAT_MODE_SECRET) && !view.shown)
        return CHAT_NO_SUCH_CHANNEL;
    visitor->channel(&view, argument);
    if (visitor->member)
        *cursor = show_members(session, channel, &view, from, most, visitor, argument);
    return 0;
}

int chat_channel_look_on(struct chat_world *world, struct chat_session *session,
                         struct chat_text name, uint64_t *cursor, size_t most,
                         const struct chat_channel_visitor *visitor, void *argument)
{
    int rc;

    pli_read_lock(&world->lock);
    rc = look_locked(world, session, name, cursor, most, visitor, argument);
    pli_read_unlock(&world->lock);
    return rc;
}

int chat_channel_look(struct chat_world *world, struct chat_session *session, struct chat_text name,
                      const struct chat_channel_visitor *visitor, void *argument)
{
    uint64_t cursor = 0;

    return chat_channel_look_on(world, session, name, &cursor, SIZE_MAX, visitor, argument);
}

/* A registered channel in which nobody is need not be told of, unless it is meant to be. */
static bool is_listed(const struct chat_channel *channel)
{
    return channel->member_count > 0 || channel->flags & chat_mode_flag(CHAT_MODE_PERMANENT);
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

        more = !view.shown || !is_listed(channel) || visit(&view, argument);
    }
    pli_read_unlock(&world->lock);
}

static void show_channel(const struct chat_session *session, const struct chat_channel *channel,
                         void (*visit)(const struct chat_channel_view *view, void *argument),
                         void *argument)
{
    struct chat_channel_view view = view_of_channel(session, channel);

    if (view.shown && is_listed(channel))
        visit(&view, argument);
}

bool chat_channel_some(struct chat_world *world, struct chat_session *session, uint64_t *cursor,
                       size_t most,
                       void (*visit)(const struct chat_channel_view *view, void *argument),
                       void *argument)
{
    struct pli_hash_node *node;
    bool more = true;

    pli_read_lock(&world->lock);
    for (size_t looked = 0; more && looked < most; looked++) {
        more = pli_hash_scan(&world->channels, cursor, &node);
        for (; node; node = node->next, looked++)
            show_channel(session, pli_container_of(node, struct chat_channel, by_id), visit,
                         argument);
    }
    pli_read_unlock(&world->lock);
    return more;
}
