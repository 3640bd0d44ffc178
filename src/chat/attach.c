/* SPDX-License-Identifier: MIT */
/*
 * Sessions of users. A user who has several is told everything on each. One that comes to a user who
 * is there already is QUIET at first: it is told nothing before its face has let it in and it has been
 * shown where its user is, in one step, so that it misses nothing after that.
 *
 * The user's address is that of the session that has been there longest; those that came later have
 * their own. A user is secure (CHAT_USER_SECURE) as long as all sessions are, and without one what it
 * was with the last.
 */
#include "config.h"

#include "chat/presence.h"

#include "chat/deliver.h"
#include "chat/world.h"

#include <paceline/session.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* A change of the sessions of this server alone, so nobody else need be told. */
static void renew_secure(struct chat_world *world, struct chat_user *user)
{
    unsigned modes = user->modes | CHAT_USER_SECURE;

    if (pli_list_is_empty(&user->sessions))
        return;
    pli_list_for_each (link, &user->sessions)
        if (!chat_session_of(link)->secure)
            modes &= ~(unsigned)CHAT_USER_SECURE;
    if (modes == user->modes)
        return;
    chat_user_set_modes(world, user, modes);
    chat_presence_note(world, user, CHAT_FIELD_MODES);
}

void chat_session_attach(struct chat_session *session, struct chat_user *user, bool secure)
{
    session->user = user;
    session->secure = secure;
    session->number = ++user->sessions_ever;
    pli_list_append(&user->sessions, &session->link);
    user->session_count++;
}

/* The session that has been there longest has no address of its own: it is the user's. */
static void renew_address(struct chat_world *world, struct chat_user *user)
{
    struct chat_session *first;

    if (pli_list_is_empty(&user->sessions))
        return;
    first = chat_session_of(user->sessions.next);
    if (!first->address)
        return;
    free(user->address);
    user->address = first->address;
    first->address = NULL;
    chat_presence_note(world, user, CHAT_FIELD_ADDRESS);
}

void chat_session_detach(struct chat_world *world, struct chat_session *session)
{
    struct chat_user *user = session->user;

    chat_forget_watches(world, session);
    pli_list_remove(&session->link);
    user->session_count--;
    session->user = NULL;
    session->focus = CHAT_NO_ID;
    session->quiet = false;
    free(session->address);
    session->address = NULL;
    renew_address(world, user);
    renew_secure(world, user);
}

/* Whether the user is where only those are who speak TLS. */
static bool is_kept_secure(const struct chat_user *user)
{
    pli_list_for_each (link, &user->channels)
        if (chat_member_of_user(link)->channel->flags & chat_mode_flag(CHAT_MODE_SECURE_JOIN))
            return true;
    return false;
}

struct chat_text chat_session_address(const struct chat_session *session)
{
    return chat_string_text(session->address ? session->address : session->user->address);
}

/* Whether one more session may come: 0 or why not. */
static int check_attach(const struct chat_world *world, const struct chat_user *user, bool secure)
{
    size_t most = world->settings.sessions;

    if (most > 0 && user->session_count >= most)
        return CHAT_TOO_MANY_SESSIONS;
    return !secure && is_kept_secure(user) ? CHAT_NEED_TLS : 0;
}

/* The channel joined last is at hand. */
static struct chat_id last_channel(const struct chat_user *user)
{
    if (pli_list_is_empty(&user->channels))
        return CHAT_NO_ID;
    return chat_member_of_user(user->channels.prev)->channel->id;
}

/* The address is taken over. */
static void add(struct chat_world *world, struct chat_session *session, struct chat_user *user,
                struct chat_string *address, bool secure)
{
    bool returns = user->session_count == 0;

    chat_session_attach(session, user, secure);
    session->quiet = true;
    session->address = address;
    session->focus = last_channel(user);
    renew_address(world, user);
    renew_secure(world, user);
    if (returns)
        chat_user_return(world, user);
}

int chat_session_add(struct chat_world *world, struct chat_session *session, struct chat_user *user,
                     const struct chat_event *arrival)
{
    bool secure = arrival->modes & CHAT_USER_SECURE;
    struct chat_string *address = NULL;
    int rc = check_attach(world, user, secure);

    if (rc == 0)
        rc = chat_string_set(&address, arrival->address);
    if (rc == 0)
        add(world, session, user, address, secure);
    return rc;
}

static void show_name(struct chat_world *world, struct chat_session *session, struct chat_text nick)
{
    struct chat_event event = chat_event_of_user(session->user, CHAT_RENAME);

    if (chat_text_equal(event.nick, nick))
        return;
    event.text = event.nick;
    event.nick = nick;
    chat_event_stamp(world, &event);
    chat_tell_session(&event, session);
}

static void show_modes(struct chat_world *world, struct chat_session *session)
{
    struct chat_event event = chat_event_of_user(session->user, CHAT_USER_MODE);

    event.set = event.modes & ~(unsigned)CHAT_USER_SECURE;
    if (event.set == 0)
        return;
    chat_event_stamp(world, &event);
    chat_tell_session(&event, session);
}

static void show_channel(struct chat_world *world, struct chat_session *session,
                         const struct chat_channel *channel)
{
    struct chat_event event = chat_event_of_user(session->user, CHAT_JOIN);

    event.channel = channel->id;
    event.channel_name = chat_name_text(channel->name);
    event.until = chat_marker_of(session->user, event.channel_name);
    chat_event_stamp(world, &event);
    chat_tell_session(&event, session);
}

static void greet(struct chat_world *world, struct chat_session *session, struct chat_text nick)
{
    session->quiet = false;
    show_name(world, session, nick);
    show_modes(world, session);
    pli_list_for_each (link, &session->user->channels)
        show_channel(world, session, chat_member_of_user(link)->channel);
}

int chat_presence_greet(struct chat_world *world, struct chat_session *session,
                        struct chat_text nick, uint64_t *last)
{
    int rc = CHAT_NOT_REGISTERED;

    pli_write_lock(&world->lock);
    if (session->user) {
        greet(world, session, nick);
        *last = chat_world_last_id(world);
        rc = 0;
    }
    pli_write_unlock(&world->lock);
    return rc;
}

void chat_session_leave(struct chat_world *world, struct chat_session *session,
                        struct chat_text reason)
{
    struct chat_event event = chat_event_of(session, CHAT_QUIT);
    struct chat_user *user = session->user;
    int rc;

    if (user->session_count > 1) {
        chat_session_detach(world, session);
        return;
    }
    if (chat_user_stays(world, user)) {
        chat_session_detach(world, session);
        chat_user_stay(world, user);
        return;
    }
    event.text = reason;
    chat_event_stamp(world, &event);
    rc = chat_apply(world, &event);
    assert(rc == 0);
}

/* The name that the session had is told to it last, so that it hears of its new one. */
static int join_locked(struct chat_world *world, struct chat_session *session,
                       struct chat_text account)
{
    struct chat_user *user = chat_presence_user(world, account, CHAT_NO_TEXT);
    struct chat_string *address = NULL;
    struct chat_name *nick;
    bool secure = session->secure;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    if (!user || user == session->user)
        return CHAT_NO_SUCH_USER;
    rc = check_attach(world, user, secure);
    if (rc != 0)
        return rc;
    nick = chat_name_new(chat_name_text(session->user->name));
    if (!nick || chat_string_set(&address, chat_session_address(session)) < 0) {
        free(nick);
        return -ENOMEM;
    }
    chat_session_leave(world, session, chat_text("Goes on as somebody else"));
    add(world, session, user, address, secure);
    greet(world, session, chat_name_text(nick));
    free(nick);
    return 0;
}

int chat_presence_join(struct chat_world *world, struct chat_session *session,
                       struct chat_text account)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = join_locked(world, session, account);
    pli_write_unlock(&world->lock);
    return rc;
}

/* -- What one sees of one's own sessions --------------------------------------------------------- */

int chat_presence_sessions(struct chat_world *world, struct chat_session *session,
                           void (*visit)(const struct chat_session_view *view, void *argument),
                           void *argument)
{
    int rc = CHAT_NOT_REGISTERED;

    pli_read_lock(&world->lock);
    if (session->user) {
        pli_list_for_each (link, &session->user->sessions) {
            const struct chat_session *other = chat_session_of(link);
            struct chat_session_view view = {
                .number = other->number,
                .face = other->face->name,
                .address = chat_session_address(other),
                .secure = other->secure,
                .self = other == session,
            };

            visit(&view, argument);
        }
        rc = 0;
    }
    pli_read_unlock(&world->lock);
    return rc;
}

/* It is told so, and leaves when its close arrives. */
static void end_one(struct chat_world *world, struct chat_session *session)
{
    struct chat_event event = chat_event_by_server(world, CHAT_KILL);

    event.target = session->user->id;
    event.target_nick = chat_name_text(session->user->name);
    event.text = chat_text("Logged out by another client");
    event.more = chat_string_text(session->user->host);
    chat_event_stamp(world, &event);
    chat_tell_session(&event, session);
    pl_session_close(session->session);
}

static int end_locked(struct chat_world *world, struct chat_session *session, unsigned number)
{
    if (!session->user)
        return CHAT_NOT_REGISTERED;
    pli_list_for_each (link, &session->user->sessions) {
        if (chat_session_of(link)->number != number)
            continue;
        if (chat_session_of(link) == session)
            return CHAT_REGISTERED;
        end_one(world, chat_session_of(link));
        return 0;
    }
    return CHAT_NO_SUCH_USER;
}

int chat_presence_end_session(struct chat_world *world, struct chat_session *session,
                              unsigned number)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = end_locked(world, session, number);
    pli_write_unlock(&world->lock);
    return rc;
}
