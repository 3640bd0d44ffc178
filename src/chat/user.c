/* SPDX-License-Identifier: MIT */
/* Coming, changing one's name and going. */
#include "config.h"

#include "chat/world.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "chat/deliver.h"

#include <limits.h>

void chat_session_init(struct chat_session *chat, struct pl_session *session,
                       const struct chat_face *face)
{
    chat->session = session;
    chat->face = face;
    chat->id = pl_session_id(session);
    chat->user = NULL;
    chat->quiet = false;
    chat->secure = false;
    chat->number = 0;
    chat->address = NULL;
    pli_list_init(&chat->link);
    pli_list_init(&chat->watches);
    chat->watch_count = 0;
    chat->subscriptions = NULL;
    chat->focus = CHAT_NO_ID;
    atomic_init(&chat->starved, false);
    atomic_init(&chat->channels, 0);
}

void chat_session_limit_channels(struct chat_session *chat, bool own, unsigned most)
{
    if (!own)
        most = 0;
    else if (most == 0)
        most = UINT_MAX;
    atomic_store_explicit(&chat->channels, most, memory_order_relaxed);
}

struct chat_text chat_session_nick(const struct chat_session *session)
{
    return chat_name_text(session->user->name);
}

bool chat_session_owns(const struct chat_session *session, const struct chat_event *event)
{
    return session->user && chat_id_equal(session->user->id, event->user);
}

bool chat_session_meant(const struct chat_session *session, const struct chat_event *event)
{
    return session->user && chat_id_equal(session->user->id, event->target);
}

bool chat_session_sent(const struct chat_session *session, const struct chat_event *event)
{
    return session->id == event->session;
}

struct chat_event chat_session_event(const struct chat_session *session, enum chat_kind kind)
{
    return chat_event_of(session, kind);
}

bool chat_session_faces(const struct chat_session *session, const struct chat_event *event)
{
    return event->channel.time != 0 && chat_id_equal(session->focus, event->channel);
}

/* TEXT, or OTHERWISE if it is empty, and not more than MOST bytes of it. */
static struct chat_text fit(struct chat_text text, const char *otherwise, size_t most)
{
    if (text.length == 0)
        return chat_text(otherwise);
    text.length = pli_utf8_cut(text.data, text.length, most);
    return text;
}

static struct chat_event arrival(const struct chat_session *session,
                                 const struct chat_identity *identity)
{
    return (struct chat_event){
        .kind = CHAT_REGISTER,
        .nick = identity->nick,
        .username = fit(identity->username, "user", CHAT_USERNAME_MAX),
        .host = fit(identity->host, "unknown", CHAT_HOST_MAX),
        .address = fit(identity->address, "", CHAT_HOST_MAX),
        .realname = fit(identity->realname, "", CHAT_REALNAME_MAX),
        .account = fit(identity->account, "", CHAT_NAME_MAX),
        .more = identity->mark,
        .modes = identity->modes & ~(unsigned)(CHAT_USER_OPERATOR | CHAT_USER_SERVICE),
        .session = session->id,
    };
}

/* Makes the user of whom the event tells. */
static int come(struct chat_world *world, struct chat_session *session, struct chat_event *event)
{
    struct chat_user *user;
    int rc;

    chat_event_stamp(world, event);
    event->user = event->id;
    rc = chat_apply(world, event);
    if (rc != 0)
        return rc;
    user = chat_find_user(world, event->user);
    chat_session_attach(session, user, event->modes & CHAT_USER_SECURE);
    chat_tell_users(event, user, NULL);
    return 0;
}

static int enter_locked(struct chat_world *world, struct chat_session *session,
                        const struct chat_identity *identity)
{
    struct chat_event event = arrival(session, identity);
    struct chat_user *user = NULL;
    uint64_t left;
    int rc;

    if (session->user)
        return CHAT_REGISTERED;
    rc = chat_nick_check(event.nick, world->settings.nick_length);
    if (rc != 0)
        return rc;
    if (identity->attached)
        user = chat_presence_user(world, event.account, event.nick);
    if (!user && chat_find_nick(world, event.nick))
        return CHAT_NICK_TAKEN;
    rc = chat_check_banned(world, &event, identity->why);
    if (rc != 0)
        return rc;
    if (!chat_admits(world, identity->trusted))
        return CHAT_LOCKED_DOWN;
    left = user && user->session_count == 0 ? user->seen : 0;
    rc = user ? chat_session_add(world, session, user, &event) : come(world, session, &event);
    if (rc != 0)
        return rc;
    if (user)
        event.nick = chat_name_text(user->name);
    if (identity->attached) {
        *identity->attached = user;
        *identity->left = left;
    }
    chat_notify_locked(world, CHAT_NOTICE_CONNECT,
                       "Client connecting: %.*s (%.*s@%.*s) [%.*s] {%s} [%.*s]",
                       CHAT_SHOWN(event.nick), CHAT_SHOWN(event.username), CHAT_SHOWN(event.host),
                       CHAT_SHOWN(event.address), session->face->name, CHAT_SHOWN(event.realname));
    return 0;
}

int chat_user_enter(struct chat_world *world, struct chat_session *session,
                    const struct chat_identity *identity)
{
    int rc = chat_judge_identity(world, identity);

    if (rc != 0)
        return rc;
    pli_write_lock(&world->lock);
    rc = enter_locked(world, session, identity);
    pli_write_unlock(&world->lock);
    return rc;
}

int chat_user_register(struct chat_world *world, struct chat_session *session,
                       struct chat_text nick)
{
    struct chat_identity identity = {.nick = nick};

    return chat_user_enter(world, session, &identity);
}

static int attach_locked(struct chat_world *world, struct chat_session *session, struct chat_id id)
{
    struct chat_user *user = chat_find_user(world, id);

    if (session->user)
        return CHAT_REGISTERED;
    if (!user)
        return CHAT_NO_SUCH_USER;
    chat_session_attach(session, user, user->modes & CHAT_USER_SECURE);
    return 0;
}

int chat_user_attach(struct chat_world *world, struct chat_session *session, struct chat_id user)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = attach_locked(world, session, user);
    pli_write_unlock(&world->lock);
    return rc;
}

/* Whether the user is, without a prefix, where there were too many new nicknames. */
static bool must_keep_nick(const struct chat_user *user)
{
    pli_list_for_each (link, &user->channels) {
        const struct chat_member *member = chat_member_of_user(link);

        if (member->channel->pace && member->prefix == 0 &&
            chat_pace_holds_nicks(member->channel->pace, pli_clock_now()))
            return true;
    }
    return false;
}

static int rename_locked(struct chat_world *world, struct chat_session *session,
                         struct chat_text nick)
{
    struct chat_event event;
    struct chat_user *holder;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    rc = chat_nick_check(nick, world->settings.nick_length);
    if (rc != 0)
        return rc;
    holder = chat_find_nick(world, nick);
    if (holder && holder != session->user)
        return CHAT_NICK_TAKEN;
    if (chat_text_equal(chat_name_text(session->user->name), nick))
        return CHAT_NICK_SAME;
    if (chat_restricts(world, session->user, CHAT_NO_NEW_NICKS))
        return CHAT_LOCKED_DOWN;
    if (must_keep_nick(session->user))
        return CHAT_TOO_MANY_NICKS;
    event = chat_event_of(session, CHAT_RENAME);
    event.text = nick;
    chat_event_stamp(world, &event);
    return chat_apply(world, &event);
}

int chat_user_rename(struct chat_world *world, struct chat_session *session, struct chat_text nick)
{
    int rc = chat_judge_name(world, session, nick, CHAT_NO_TEXT);

    if (rc != 0)
        return rc;

    pli_write_lock(&world->lock);
    rc = rename_locked(world, session, nick);
    pli_write_unlock(&world->lock);
    return rc;
}

int chat_quit(struct chat_world *world, struct chat_session *session, struct chat_text reason)
{
    int rc = 0;

    pli_write_lock(&world->lock);
    chat_forget_subscriptions(session);
    if (!session->user)
        rc = CHAT_NOT_REGISTERED;
    else
        chat_session_leave(world, session, reason);
    pli_write_unlock(&world->lock);
    return rc;
}

int chat_quit_untold(struct chat_world *world, struct chat_session *session)
{
    int rc = 0;

    pli_write_lock(&world->lock);
    chat_forget_subscriptions(session);
    if (!session->user)
        rc = CHAT_NOT_REGISTERED;
    else if (session->user->session_count > 1 || chat_user_stays(world, session->user))
        chat_session_detach(world, session);
    else
        chat_user_leave(world, session->user);
    pli_write_unlock(&world->lock);
    return rc;
}
