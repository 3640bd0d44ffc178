/* SPDX-License-Identifier: MIT */
/* What operators of the server do. */
#include "config.h"

#include "chat/world.h"

#include "chat/deliver.h"

#include <paceline/session.h>

#include <assert.h>

/* It is of no session. */
void chat_user_end(struct chat_world *world, struct chat_user *user, struct chat_text reason)
{
    struct chat_event event = chat_event_of_user(user, CHAT_QUIT);
    int rc;

    event.text = reason;
    chat_event_stamp(world, &event);
    rc = chat_apply(world, &event);
    assert(rc == 0);
}

/* Their sessions are closed after that has been told. */
void chat_user_strike(struct chat_world *world, struct chat_user *user, struct chat_text reason)
{
    struct chat_event event = chat_event_by_server(world, CHAT_KILL);

    event.target = user->id;
    event.target_nick = chat_name_text(user->name);
    event.text = reason;
    event.more = chat_string_text(user->host);
    chat_event_stamp(world, &event);
    chat_tell_users(&event, user, NULL);
    pli_list_for_each (link, &user->sessions)
        pl_session_close(chat_session_of(link)->session);
    chat_user_end(world, user, reason);
}

static int kill_locked(struct chat_world *world, struct chat_session *session,
                       struct chat_text nick, struct chat_text reason, struct chat_text quit_reason)
{
    struct chat_user *target;
    struct chat_event event;
    int rc = chat_check_right(session, CHAT_RIGHT_KILL);

    if (rc != 0)
        return rc;
    if (chat_find_service(world, nick))
        return CHAT_SERVICE;
    target = chat_find_nick(world, nick);
    if (!target)
        return CHAT_NO_SUCH_NICK;
    event = chat_event_of(session, CHAT_KILL);
    event.target = target->id;
    event.target_nick = chat_name_text(target->name);
    event.text = reason;
    event.more = chat_string_text(target->host);
    chat_event_stamp(world, &event);
    chat_act_locked(world, session->user, CHAT_NOTICE_KILL, "has killed %.*s (%.*s@%.*s): %.*s",
                    CHAT_SHOWN(event.target_nick), CHAT_SHOWN(chat_string_text(target->username)),
                    CHAT_SHOWN(event.more), CHAT_SHOWN(reason));
    chat_tell_users(&event, target, NULL);
    pli_list_for_each (link, &target->sessions)
        pl_session_close(chat_session_of(link)->session);
    chat_user_end(world, target, quit_reason);
    return 0;
}

int chat_kill(struct chat_world *world, struct chat_session *session, struct chat_text nick,
              struct chat_text reason, struct chat_text quit_reason)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = kill_locked(world, session, nick, reason, quit_reason);
    pli_write_unlock(&world->lock);
    return rc;
}

static int wallops_locked(struct chat_world *world, struct chat_session *session,
                          struct chat_text text)
{
    struct pli_hash_node *node = NULL;
    struct chat_event event;
    int rc = chat_check_right(session, CHAT_RIGHT_WALLOPS);

    if (rc != 0)
        return rc;
    event = chat_event_of(session, CHAT_WALLOPS);
    event.text = text;
    chat_event_stamp(world, &event);
    chat_act_locked(world, session->user, CHAT_NOTICE_OPER, "speaks to all who listen");
    while ((node = pli_hash_next(&world->users, node))) {
        struct chat_user *user = pli_container_of(node, struct chat_user, by_id);

        if (user->modes & CHAT_USER_WALLOPS)
            chat_tell_users(&event, user, NULL);
    }
    return 0;
}

int chat_wallops(struct chat_world *world, struct chat_session *session, struct chat_text text)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = wallops_locked(world, session, text);
    pli_write_unlock(&world->lock);
    return rc;
}
