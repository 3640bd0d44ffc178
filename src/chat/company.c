/* SPDX-License-Identifier: MIT */
/* What people do to each other in channels: kicking, inviting, and asking for it. */
#include "config.h"

#include "chat/world.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "chat/deliver.h"
#include "chat/history_keep.h"

/* Operators kick all up to their own kind, half-operators only those below. */
static bool may_kick(unsigned prefix, unsigned target)
{
    unsigned highest = CHAT_OWNER;

    while (highest > prefix)
        highest >>= 1;
    if (!chat_runs(prefix))
        return false;
    return highest == CHAT_HALFOP ? target < CHAT_HALFOP : target < highest << 1;
}

static int kick_locked(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, struct chat_text nick, struct chat_text reason)
{
    const struct chat_member *member;
    struct chat_channel *channel;
    struct chat_user *target;
    struct chat_event event;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    rc = chat_find_joined(world, session, name, &channel);
    if (rc != 0)
        return rc;
    member = chat_find_member(session->user, channel);
    if (!chat_runs(member->prefix))
        return CHAT_NOT_OPERATOR;
    target = chat_find_nick(world, nick);
    if (!target)
        return CHAT_NO_SUCH_NICK;
    if (!chat_find_member(target, channel))
        return CHAT_NOT_THERE;
    if (target != session->user &&
        !may_kick(member->prefix, chat_find_member(target, channel)->prefix))
        return CHAT_NOT_OPERATOR;
    event = chat_event_in(session, CHAT_KICK, channel);
    event.target = target->id;
    event.target_nick = chat_name_text(target->name);
    event.text = reason;
    event.text.length = pli_utf8_cut(reason.data, reason.length, CHAT_REASON_MAX);
    chat_event_stamp(world, &event);
    return chat_apply(world, &event);
}

int chat_channel_kick(struct chat_world *world, struct chat_session *session, struct chat_text name,
                      struct chat_text nick, struct chat_text reason)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = kick_locked(world, session, name, nick, reason);
    pli_write_unlock(&world->lock);
    return rc;
}

/* What is said next was meant for the channel, and must not end up in another one. */
void chat_drop_focus(struct chat_user *user, const struct chat_channel *channel)
{
    pli_list_for_each (link, &user->sessions) {
        struct chat_session *session = chat_session_of(link);

        if (chat_id_equal(session->focus, channel->id))
            session->focus = CHAT_NO_ID;
    }
}

int chat_apply_kick(struct chat_world *world, const struct chat_event *event)
{
    struct chat_user *target = chat_find_user(world, event->target);
    struct chat_channel *channel = chat_find_channel(world, event->channel);
    struct chat_member *member;

    if (!target)
        return CHAT_NO_SUCH_USER;
    if (!channel)
        return CHAT_NO_SUCH_CHANNEL;
    member = chat_find_member(target, channel);
    if (!member)
        return CHAT_NOT_THERE;
    chat_tell_member(event, member);
    chat_keep_of_member(world, event, member);
    chat_drop_focus(target, channel);
    chat_member_remove(world, member);
    return 0;
}

static int invite_locked(struct chat_world *world, struct chat_session *session,
                         struct chat_text name, struct chat_text nick)
{
    struct chat_channel *channel;
    struct chat_user *target;
    struct chat_event event;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    if (chat_find_service(world, nick))
        return CHAT_SERVICE;
    target = chat_find_nick(world, nick);
    if (!target)
        return CHAT_NO_SUCH_NICK;
    rc = chat_find_joined(world, session, name, &channel);
    if (rc != 0)
        return rc;
    if (channel->flags & chat_mode_flag(CHAT_MODE_INVITE_ONLY) &&
        !chat_runs(chat_find_member(session->user, channel)->prefix))
        return CHAT_NOT_OPERATOR;
    if (chat_find_member(target, channel))
        return CHAT_IS_THERE;
    event = chat_event_in(session, CHAT_INVITE, channel);
    event.target = target->id;
    event.target_nick = chat_name_text(target->name);
    event.away = chat_string_text(target->away);
    chat_event_stamp(world, &event);
    return chat_apply(world, &event);
}

int chat_channel_invite(struct chat_world *world, struct chat_session *session,
                        struct chat_text name, struct chat_text nick)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = invite_locked(world, session, name, nick);
    pli_write_unlock(&world->lock);
    return rc;
}

int chat_apply_invite(struct chat_world *world, const struct chat_event *event)
{
    struct chat_user *target = chat_find_user(world, event->target);
    struct chat_channel *channel = chat_find_channel(world, event->channel);
    int rc = 0;

    if (!target)
        return CHAT_NO_SUCH_USER;
    if (!channel)
        return CHAT_NO_SUCH_CHANNEL;
    if (!chat_find_invitation(target, channel))
        rc = chat_invitation_add(target, channel);
    if (rc == 0)
        chat_tell_some(event, channel, CHAT_HALFOP, target, chat_find_user(world, event->user));
    return rc;
}

int chat_invitations(struct chat_world *world, struct chat_session *session,
                     void (*visit)(struct chat_text channel, void *argument), void *argument)
{
    int rc = CHAT_NOT_REGISTERED;

    pli_read_lock(&world->lock);
    if (session->user) {
        pli_list_for_each (link, &session->user->invitations) {
            const struct chat_invitation *invitation =
                pli_container_of(link, struct chat_invitation, in_user);

            visit(chat_name_text(invitation->channel->name), argument);
        }
        rc = 0;
    }
    pli_read_unlock(&world->lock);
    return rc;
}

static bool is_over(uint64_t since, uint64_t now)
{
    return since == 0 || now - since >= CHAT_KNOCK_PAUSE;
}

/*
 * Whether the channel hears a knock, and so does not for a while; its order lock is held. The user
 * may be knocking elsewhere at the same time, from another session.
 */
static int take_knock(struct chat_channel *channel, struct chat_user *user)
{
    uint64_t now = pli_clock_now();
    uint64_t since = atomic_load_explicit(&user->knocked, memory_order_relaxed);

    if (!is_over(since, now))
        return CHAT_KNOCKED;
    if (!is_over(channel->knocked, now))
        return CHAT_KNOCKED_AT;
    if (!atomic_compare_exchange_strong_explicit(&user->knocked, &since, now, memory_order_relaxed,
                                                 memory_order_relaxed))
        return CHAT_KNOCKED;
    channel->knocked = now;
    return 0;
}

static int knock_locked(struct chat_world *world, struct chat_session *session,
                        struct chat_text name, struct chat_text reason)
{
    struct chat_channel *channel;
    struct chat_event event;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    rc = chat_find_meant(world, session, name, &channel);
    if (rc != 0)
        return rc;
    if (chat_find_member(session->user, channel))
        return CHAT_ON_CHANNEL;
    if (!(channel->flags & chat_mode_flag(CHAT_MODE_INVITE_ONLY)))
        return CHAT_NOT_INVITE_ONLY;
    if (chat_is_banned(channel, session->user))
        return CHAT_BANNED;
    event = chat_event_in(session, CHAT_KNOCK, channel);
    event.text = reason;
    pli_lock(&channel->order);
    rc = take_knock(channel, session->user);
    if (rc == 0) {
        chat_event_stamp(world, &event);
        chat_tell_some(&event, channel, CHAT_HALFOP, NULL, NULL);
    }
    pli_unlock(&channel->order);
    return rc;
}

int chat_channel_knock(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, struct chat_text reason)
{
    int rc = chat_judge(world, session, CHAT_FILTER_CHANNEL, reason, name);

    if (rc != 0)
        return rc;
    pli_read_lock(&world->lock);
    rc = knock_locked(world, session, name, reason);
    pli_read_unlock(&world->lock);
    return rc;
}
