/* SPDX-License-Identifier: MIT */
/* See force.h; modes are in mode.c. What others are made to do comes from no session. */
#include "config.h"

#include "chat/force.h"

#include "chat/deliver.h"
#include "chat/world.h"

/* Finds whom an operator means: 0 or why not. */
static int find_target(struct chat_world *world, const struct chat_session *session,
                       enum chat_right right, struct chat_text nick, struct chat_user **user)
{
    int rc = chat_check_right(session, right);

    if (rc != 0)
        return rc;
    if (chat_find_service(world, nick))
        return CHAT_SERVICE;
    *user = chat_find_nick(world, nick);
    return *user ? 0 : CHAT_NO_SUCH_NICK;
}

static int join_locked(struct chat_world *world, struct chat_session *session,
                       struct chat_text nick, struct chat_text name)
{
    struct chat_channel *channel;
    struct chat_event event;
    struct chat_user *user;
    int rc = find_target(world, session, CHAT_RIGHT_OVERRIDE, nick, &user);

    if (rc != 0)
        return rc;
    channel = chat_find_name(world, name);
    if (!channel)
        channel = chat_find_former(world, name);
    rc = channel ? 0 : chat_channel_check(name, world->settings.channel_length);
    if (rc != 0)
        return rc;
    if (channel && chat_find_member(user, channel))
        return CHAT_IS_THERE;
    event = chat_event_of_user(user, CHAT_JOIN);
    chat_event_stamp(world, &event);
    event.channel = channel ? channel->id : event.id;
    event.channel_name = channel ? chat_name_text(channel->name) : name;
    event.status = channel ? 0 : CHAT_OP;
    event.away = chat_string_text(user->away);
    event.set = channel ? 0 : CHAT_DEFAULT_FLAGS;
    rc = chat_apply(world, &event);
    if (rc != 0)
        return rc;
    pli_list_for_each (link, &user->sessions)
        chat_session_of(link)->focus = event.channel;
    if (channel)
        chat_greet_member(world, channel, user);
    chat_act_locked(world, session->user, CHAT_NOTICE_OPER, "has had %.*s join %.*s",
                    CHAT_SHOWN(event.nick), CHAT_SHOWN(event.channel_name));
    return 0;
}

int chat_force_join(struct chat_world *world, struct chat_session *session, struct chat_text nick,
                    struct chat_text channel)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = join_locked(world, session, nick, channel);
    pli_write_unlock(&world->lock);
    return rc;
}

static int part_locked(struct chat_world *world, struct chat_session *session,
                       struct chat_text nick, struct chat_text name, struct chat_text reason)
{
    struct chat_channel *channel;
    struct chat_event event;
    struct chat_user *user;
    int rc = find_target(world, session, CHAT_RIGHT_OVERRIDE, nick, &user);

    if (rc != 0)
        return rc;
    channel = chat_find_name(world, name);
    if (!channel)
        return CHAT_NO_SUCH_CHANNEL;
    if (!chat_find_member(user, channel))
        return CHAT_NOT_THERE;
    event = chat_event_of_user(user, CHAT_PART);
    event.channel = channel->id;
    event.channel_name = chat_name_text(channel->name);
    event.text = reason;
    chat_event_stamp(world, &event);
    chat_act_locked(world, session->user, CHAT_NOTICE_OPER, "has had %.*s leave %.*s: %.*s",
                    CHAT_SHOWN(event.nick), CHAT_SHOWN(event.channel_name), CHAT_SHOWN(reason));
    return chat_apply(world, &event);
}

int chat_force_part(struct chat_world *world, struct chat_session *session, struct chat_text nick,
                    struct chat_text channel, struct chat_text reason)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = part_locked(world, session, nick, channel, reason);
    pli_write_unlock(&world->lock);
    return rc;
}

static int nick_locked(struct chat_world *world, struct chat_session *session,
                       struct chat_text nick, struct chat_text name)
{
    struct chat_user *user, *holder;
    struct chat_event event;
    int rc = find_target(world, session, CHAT_RIGHT_OVERRIDE, nick, &user);

    if (rc == 0)
        rc = chat_nick_check(name, world->settings.nick_length);
    if (rc != 0)
        return rc;
    holder = chat_find_nick(world, name);
    if (holder && holder != user)
        return CHAT_NICK_TAKEN;
    if (chat_text_equal(chat_name_text(user->name), name))
        return CHAT_NICK_SAME;
    event = chat_event_of_user(user, CHAT_RENAME);
    event.text = name;
    chat_event_stamp(world, &event);
    chat_act_locked(world, session->user, CHAT_NOTICE_OPER, "has renamed %.*s to %.*s",
                    CHAT_SHOWN(event.nick), CHAT_SHOWN(name));
    return chat_apply(world, &event);
}

int chat_force_nick(struct chat_world *world, struct chat_session *session, struct chat_text nick,
                    struct chat_text name)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = nick_locked(world, session, nick, name);
    pli_write_unlock(&world->lock);
    return rc;
}

/* Whether it is letters, digits and what SIGNS has, and can be a parameter. */
static bool is_made_of(struct chat_text text, const char *signs, size_t most)
{
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.data[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                      (byte >= '0' && byte <= '9');

        if (byte == '\0' || (!letter && !strchr(signs, byte)))
            return false;
    }
    return text.length > 0 && text.length <= most && text.data[0] != ':';
}

static int host_locked(struct chat_world *world, struct chat_session *session,
                       struct chat_text nick, struct chat_text username, struct chat_text host)
{
    struct chat_event event;
    struct chat_user *user;
    int rc = find_target(world, session, CHAT_RIGHT_CHGHOST, nick, &user);

    if (rc != 0)
        return rc;
    if (!is_made_of(host, ".-:/_", CHAT_HOST_MAX) ||
        (username.length > 0 && !is_made_of(username, ".-_~", CHAT_USERNAME_MAX)))
        return CHAT_BAD_ARGUMENT;
    event = chat_event_of_user(user, CHAT_HOST);
    event.text = host;
    event.more = username.length > 0 ? username : event.username;
    chat_event_stamp(world, &event);
    chat_act_locked(world, session->user, CHAT_NOTICE_OPER,
                    "has changed the host of %.*s to "
                    "%.*s@%.*s",
                    CHAT_SHOWN(event.nick), CHAT_SHOWN(event.more), CHAT_SHOWN(host));
    return chat_apply(world, &event);
}

int chat_force_host(struct chat_world *world, struct chat_session *session, struct chat_text nick,
                    struct chat_text username, struct chat_text host)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = host_locked(world, session, nick, username, host);
    pli_write_unlock(&world->lock);
    return rc;
}

static int speak_locked(struct chat_world *world, struct chat_session *session,
                        const struct chat_words *words)
{
    int rc = chat_check_right(session, CHAT_RIGHT_GLOBAL);
    struct chat_event event;

    if (rc != 0)
        return rc;
    event = chat_event_of(session, words->kind);
    event.text = words->text;
    event.tags = words->tags;
    event.channel_name = words->target;
    chat_event_stamp(world, &event);
    chat_act_locked(world, session->user, CHAT_NOTICE_OPER, "speaks to all (%.*s)",
                    CHAT_SHOWN(words->target));
    chat_tell_all(world, &event);
    return 0;
}

int chat_speak_to_all(struct chat_world *world, struct chat_session *session,
                      const struct chat_words *words)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = speak_locked(world, session, words);
    pli_write_unlock(&world->lock);
    return rc;
}

/* Each is told by their name. */
void chat_announce(struct chat_world *world, struct chat_text text)
{
    struct chat_event event = {.kind = CHAT_SERVER_NOTICE, .text = text};
    struct pli_hash_node *node = NULL;

    pli_write_lock(&world->lock);
    chat_event_stamp(world, &event);
    while ((node = pli_hash_next(&world->users, node))) {
        struct chat_user *user = pli_container_of(node, struct chat_user, by_id);

        event.target = user->id;
        event.target_nick = chat_name_text(user->name);
        chat_tell_users(&event, user, NULL);
    }
    pli_write_unlock(&world->lock);
}
