/* SPDX-License-Identifier: MIT */
/* What people say. The world is held shared, so that any number of them do at once. */
#include "config.h"

#include "chat/world.h"

#include "base/clock.h"
#include "chat/deliver.h"

/* Why a user may not say something in the channel, or 0. */
static int forbidden(struct chat_world *world, struct chat_channel *channel,
                     const struct chat_user *user, struct chat_member *member)
{
    unsigned flags = channel->flags;

    if (member && member->prefix)
        return 0;
    if (flags & chat_mode_flag(CHAT_MODE_MODERATED))
        return CHAT_MODERATED;
    if (flags & chat_mode_flag(CHAT_MODE_REGISTERED_SPEAK) && world->settings.accounts &&
        !user->account)
        return CHAT_NEED_ACCOUNT;
    return chat_is_kept_silent(channel, user, member) ? CHAT_MUTED : 0;
}

/* Finds who speaks in the channel; LEAST receives the least prefix of those who will hear it. */
static int check_channel(struct chat_world *world, struct chat_session *session,
                         struct chat_channel *channel, unsigned *least)
{
    struct chat_member *member = chat_find_member(session->user, channel);
    int rc;

    if (!member && channel->flags & chat_mode_flag(CHAT_MODE_NO_EXTERNAL))
        return CHAT_NOT_ON_CHANNEL;
    rc = forbidden(world, channel, session->user, member);
    if (rc != 0 && channel->flags & chat_mode_flag(CHAT_MODE_OP_MODERATED)) {
        *least = *least > CHAT_OP ? *least : CHAT_OP;
        return 0;
    }
    return rc;
}

static int say_to_channel(struct chat_world *world, struct chat_session *session,
                          struct chat_event *event, struct chat_text name)
{
    struct chat_channel *channel;
    unsigned least = 0;
    int rc = chat_find_meant(world, session, name, &channel);

    if (rc != 0)
        return rc;
    rc = check_channel(world, session, channel, &least);
    if (rc != 0)
        return rc;
    event->channel = channel->id;
    event->channel_name = chat_name_text(channel->name);
    pli_lock(&channel->order);
    chat_event_stamp(world, event);
    chat_tell_some(event, channel, least, session->user, NULL);
    pli_unlock(&channel->order);
    return 0;
}

/* The order lock of two users: the same one whichever of them speaks. */
static struct pli_mutex *pair_lock(struct chat_world *world, struct chat_id a, struct chat_id b)
{
    uint64_t mixed = (a.time ^ b.time ^ a.origin ^ b.origin) * UINT64_C(0x9e3779b97f4a7c15);

    return &world->pairs[(mixed >> 32) % CHAT_PAIR_LOCKS];
}

static int say_to_user(struct chat_world *world, struct chat_session *session,
                       struct chat_event *event, struct chat_text nick)
{
    struct chat_user *target = chat_find_nick(world, nick);
    struct pli_mutex *order;

    if (!target)
        return CHAT_NO_SUCH_NICK;
    event->target = target->id;
    event->target_nick = chat_name_text(target->name);
    order = pair_lock(world, event->user, event->target);
    pli_lock(order);
    chat_event_stamp(world, event);
    chat_tell_users(event, target, session->user);
    pli_unlock(order);
    return 0;
}

static int say_locked(struct chat_world *world, struct chat_session *session, enum chat_kind kind,
                      struct chat_text target, struct chat_text text)
{
    struct chat_event event;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    event = chat_event_of(session, kind);
    event.text = text;
    atomic_store_explicit(&session->user->active, pli_clock_wall_ms(), memory_order_relaxed);
    if (target.length == 0 || target.data[0] == '#')
        return say_to_channel(world, session, &event, target);
    return say_to_user(world, session, &event, target);
}

int chat_say(struct chat_world *world, struct chat_session *session, enum chat_kind kind,
             struct chat_text target, struct chat_text text)
{
    int rc;

    pli_read_lock(&world->lock);
    rc = say_locked(world, session, kind, target, text);
    pli_read_unlock(&world->lock);
    return rc;
}
