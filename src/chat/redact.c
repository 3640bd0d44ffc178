/* SPDX-License-Identifier: MIT */
/* Taking back what has been said. */
#include "config.h"

#include "chat/world.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "chat/deliver.h"
#include "chat/history_keep.h"

/* Whether a message has been said in the conversation of two users. */
static bool is_between(const struct chat_said *said, struct chat_id one, struct chat_id other)
{
    return (chat_id_equal(said->by, one) && chat_id_equal(said->to, other)) ||
           (chat_id_equal(said->by, other) && chat_id_equal(said->to, one));
}

static bool is_over(const struct chat_world *world, struct chat_id message)
{
    uint64_t window = world->settings.redact_window * UINT64_C(1000);
    uint64_t now = pli_clock_wall_ms();
    uint64_t then = chat_id_ms(message);

    return window > 0 && now > then && now - then > window;
}

/* Nobody else than who has said it, or who runs the channel, for whom it never is too late. */
static int check_right(const struct chat_world *world, const struct chat_user *user,
                       const struct chat_said *said, struct chat_id message,
                       const struct chat_member *member)
{
    if (member && member->prefix >= CHAT_OP)
        return 0;
    if (!chat_id_equal(said->by, user->id))
        return CHAT_NOT_YOURS;
    return is_over(world, message) ? CHAT_TOO_LATE : 0;
}

static int aim_at_channel(const struct chat_world *world, const struct chat_session *session,
                          struct chat_text target, struct chat_event *event, struct chat_said *said)
{
    struct chat_channel *channel;
    int rc = chat_find_joined(world, session, target, &channel);

    if (rc != 0)
        return rc;
    if (!chat_said_find(&world->said, event->redacted.time, said) ||
        !chat_id_equal(said->to, channel->id))
        return CHAT_NO_SUCH_MESSAGE;
    event->channel = channel->id;
    event->channel_name = chat_name_text(channel->name);
    return check_right(world, session->user, said, event->redacted,
                       chat_find_member(session->user, channel));
}

static int aim_at_user(const struct chat_world *world, const struct chat_session *session,
                       struct chat_text target, struct chat_event *event, struct chat_said *said)
{
    const struct chat_user *user = chat_find_nick(world, target);

    if (!user)
        return CHAT_NO_SUCH_NICK;
    if (!chat_said_find(&world->said, event->redacted.time, said) ||
        !is_between(said, session->user->id, user->id))
        return CHAT_NO_SUCH_MESSAGE;
    event->target = user->id;
    event->target_nick = chat_name_text(user->name);
    return check_right(world, session->user, said, event->redacted, NULL);
}

/* -- From the history ----------------------------------------------------------------------------- */

/* Whoever has said it, then or under the same account. */
static bool is_own(const struct chat_user *user, const struct chat_event *kept)
{
    return chat_id_equal(kept->user, user->id) ||
           (kept->account.length > 0 &&
            chat_text_same(kept->account, chat_string_text(user->account)));
}

static int aim_at_kept(const struct chat_world *world, const struct chat_session *session,
                       struct chat_text target, const struct chat_event *kept,
                       struct chat_event *event)
{
    const struct chat_member *member = NULL;
    struct chat_channel *channel;
    const struct chat_user *user;
    int rc;

    if (target.length > 0 && target.data[0] == '#') {
        rc = chat_find_joined(world, session, target, &channel);
        if (rc != 0)
            return rc;
        member = chat_find_member(session->user, channel);
        event->channel = channel->id;
        event->channel_name = chat_name_text(channel->name);
    } else {
        user = chat_find_nick(world, target);
        if (!user)
            return CHAT_NO_SUCH_NICK;
        event->target = user->id;
        event->target_nick = chat_name_text(user->name);
    }
    if (member && member->prefix >= CHAT_OP)
        return 0;
    if (!is_own(session->user, kept))
        return CHAT_NOT_YOURS;
    return is_over(world, event->redacted) ? CHAT_TOO_LATE : 0;
}

/* Whether the user may give a reason, which is something said, too. */
static bool may_explain(struct chat_world *world, struct chat_session *session,
                        const struct chat_event *event)
{
    struct chat_channel *channel = chat_find_channel(world, event->channel);

    return !channel || chat_may_speak(world, channel, session->user);
}

static void give_reason(struct chat_world *world, struct chat_session *session,
                        struct chat_event *event, struct chat_text reason)
{
    if (!may_explain(world, session, event))
        return;
    event->text = reason;
    event->text.length = pli_utf8_cut(reason.data, reason.length, CHAT_REASON_MAX);
}

static int redact_locked(struct chat_world *world, struct chat_session *session,
                         struct chat_text target, struct chat_id message, struct chat_text reason)
{
    const struct chat_user *by;
    struct chat_event event;
    struct chat_said said;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    event = chat_event_of(session, CHAT_REDACT);
    event.redacted = message;
    if (message.origin != world->ids.origin)
        event.redacted.time = 0; /* which no message has */
    rc = target.length > 0 && target.data[0] == '#'
             ? aim_at_channel(world, session, target, &event, &said)
             : aim_at_user(world, session, target, &event, &said);
    if (rc != 0)
        return rc;
    event.redacted_kind = said.kind;
    event.status = said.least;
    by = chat_find_user(world, said.by);
    event.more = by ? chat_name_text(by->name) : CHAT_NO_TEXT;
    give_reason(world, session, &event, reason);
    chat_event_stamp(world, &event);
    return chat_apply(world, &event);
}

static int redact_kept_locked(struct chat_world *world, struct chat_session *session,
                              struct chat_text target, const struct chat_event *kept,
                              unsigned least, struct chat_text reason)
{
    const struct chat_user *by;
    struct chat_event event;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    event = chat_event_of(session, CHAT_REDACT);
    event.redacted = kept->id;
    rc = aim_at_kept(world, session, target, kept, &event);
    if (rc != 0)
        return rc;
    event.redacted_kind = kept->kind;
    event.status = least;
    by = chat_find_user(world, kept->user);
    event.more = by ? chat_name_text(by->name) : kept->nick;
    give_reason(world, session, &event, reason);
    chat_event_stamp(world, &event);
    return chat_apply(world, &event);
}

int chat_redact_kept(struct chat_world *world, struct chat_session *session,
                     struct chat_text target, const struct chat_event *kept, unsigned least,
                     struct chat_text reason)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = redact_kept_locked(world, session, target, kept, least, reason);
    pli_write_unlock(&world->lock);
    return rc;
}

int chat_redact(struct chat_world *world, struct chat_session *session, struct chat_text target,
                struct chat_id message, struct chat_text reason)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = redact_locked(world, session, target, message, reason);
    pli_write_unlock(&world->lock);
    return rc;
}

/* Those who have heard the message are told, and who takes it back. */
int chat_apply_redact(struct chat_world *world, const struct chat_event *event)
{
    struct chat_user *user = chat_find_user(world, event->user);
    struct chat_channel *channel = chat_find_channel(world, event->channel);
    struct chat_user *target = chat_find_user(world, event->target);
    int rc;

    if (!user)
        return CHAT_NO_SUCH_USER;
    if (!channel && !target)
        return event->target.time != 0 ? CHAT_NO_SUCH_NICK : CHAT_NO_SUCH_CHANNEL;
    rc = chat_history_forget(world, channel, user, target, event->redacted.time);
    if (rc < 0)
        return rc;
    if (channel)
        chat_tell_some(event, channel, event->status, user, NULL);
    else
        chat_tell_users(event, target, user);
    chat_said_forget(&world->said, event->redacted.time);
    return 0;
}
