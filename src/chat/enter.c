/* SPDX-License-Identifier: MIT */
/* Joining channels. */
#include "config.h"

#include "chat/world.h"

#include "base/clock.h"
#include "chat/deliver.h"

static bool is_throttled(const struct chat_channel *channel)
{
    return channel->throttle_joins > 0 && channel->throttle_count >= channel->throttle_joins &&
           pli_clock_wall_ms() - channel->throttle_since <
               channel->throttle_seconds * UINT64_C(1000);
}

static bool has(const struct chat_channel *channel, enum chat_mode flag)
{
    return channel->flags & chat_mode_flag(flag);
}

/* Why the channel's modes and masks do not let the user in, or 0. */
static int refusal(struct chat_world *world, struct chat_channel *channel,
                   const struct chat_user *user, struct chat_text key)
{
    if (has(channel, CHAT_MODE_SECURE_JOIN) && !(user->modes & CHAT_USER_SECURE))
        return CHAT_NEED_TLS;
    if (chat_find_invitation(user, channel))
        return 0;
    if (chat_is_banned(channel, user))
        return CHAT_BANNED;
    if (has(channel, CHAT_MODE_INVITE_ONLY) && !chat_is_expected(channel, user))
        return CHAT_INVITE_ONLY;
    if (channel->key && !chat_text_equal(chat_string_text(channel->key), key))
        return CHAT_BAD_KEY;
    if (channel->limit > 0 && channel->member_count >= channel->limit)
        return CHAT_FULL;
    if (has(channel, CHAT_MODE_REGISTERED_JOIN) && world->settings.accounts && !user->account)
        return CHAT_NEED_ACCOUNT;
    return is_throttled(channel) ? CHAT_THROTTLED : 0;
}

/*
 * Where a user who is refused by CHANNEL goes instead: one that is there, where they are not, and
 * which lets them in; NULL: nowhere.
 */
static struct chat_channel *forwarded(struct chat_world *world, const struct chat_channel *channel,
                                      const struct chat_user *user, struct chat_text key)
{
    struct chat_channel *other =
        channel->forward ? chat_find_name(world, chat_string_text(channel->forward)) : NULL;

    if (!other || chat_find_member(user, other) ||
        chat_bans_on_channel(&world->bans, chat_name_text(other->name), pli_clock_wall_ms()) ||
        refusal(world, other, user, key) != 0)
        return NULL;
    return other;
}

/* Tells the session that it is led from a channel, or a former name, to another one. */
static void tell_way(struct chat_world *world, struct chat_session *session, enum chat_kind kind,
                     const struct chat_channel *from, struct chat_text name, struct chat_text to)
{
    struct chat_event event = chat_event_in(session, kind, from);

    event.channel_name = name;
    event.text = to;
    chat_event_stamp(world, &event);
    chat_tell_session(&event, session);
}

/* Joins the channel, or makes one if it is NULL. */
static int join(struct chat_world *world, struct chat_session *session,
                struct chat_channel *channel, struct chat_text name)
{
    struct chat_event event = chat_event_of(session, CHAT_JOIN);
    int rc;

    chat_event_stamp(world, &event);
    event.channel = channel ? channel->id : event.id;
    event.channel_name = channel ? chat_name_text(channel->name) : name;
    event.status = channel ? 0 : CHAT_OP;
    event.away = chat_string_text(session->user->away);
    event.until = chat_marker_of(session->user, event.channel_name);
    event.set = channel ? 0 : CHAT_DEFAULT_FLAGS;
    rc = chat_apply(world, &event);
    if (rc != 0)
        return rc;
    session->focus = event.channel;
    if (channel)
        chat_greet_member(world, channel, session->user);
    return 0;
}

/* How many channels the session's user may be in; 0: no limit. */
static size_t channels_of(const struct chat_world *world, const struct chat_session *session)
{
    unsigned own = atomic_load_explicit(&session->channels, memory_order_relaxed);

    return own > 0 ? own : world->settings.channels_per_user;
}

static int enter_locked(struct chat_world *world, struct chat_session *session,
                        struct chat_text name, struct chat_text key)
{
    size_t most = channels_of(world, session);
    struct chat_channel *channel;
    struct chat_channel *other;
    bool former;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    channel = chat_find_name(world, name);
    former = !channel;
    if (!channel)
        channel = chat_find_former(world, name);
    if (channel && chat_find_member(session->user, channel))
        return CHAT_ON_CHANNEL;
    rc = channel ? 0 : chat_channel_check(name, world->settings.channel_length);
    if (rc != 0)
        return rc;
    if (chat_bans_on_channel(&world->bans, name, pli_clock_wall_ms()))
        return CHAT_CLOSED;
    if (most > 0 && session->user->channel_count >= most)
        return CHAT_TOO_MANY_CHANNELS;
    if (!channel && chat_restricts(world, session->user, CHAT_NO_NEW_CHANNELS))
        return CHAT_LOCKED_DOWN;
    if (!channel)
        return join(world, session, NULL, name);
    rc = refusal(world, channel, session->user, key);
    other = rc == 0 ? channel : forwarded(world, channel, session->user, key);
    if (!other)
        return rc;
    if (former)
        tell_way(world, session, CHAT_REDIRECT, channel, name, chat_name_text(channel->name));
    if (other != channel)
        tell_way(world, session, CHAT_FORWARD, channel, chat_name_text(channel->name),
                 chat_name_text(other->name));
    return join(world, session, other, name);
}

int chat_channel_enter(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, struct chat_text key)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = enter_locked(world, session, name, key);
    pli_write_unlock(&world->lock);
    return rc;
}

int chat_channel_join(struct chat_world *world, struct chat_session *session, struct chat_text name)
{
    return chat_channel_enter(world, session, name, CHAT_NO_TEXT);
}
