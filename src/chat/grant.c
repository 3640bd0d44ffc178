/* SPDX-License-Identifier: MIT */
/*
 * Who is an operator of the server, with which rights, and what they want to be told. An operator's
 * rights are those of the class of their entry in the configuration, also after a reload.
 */
#include "config.h"

#include "chat/world.h"

#include "base/utf8.h"
#include "chat/deliver.h"

#include <errno.h>
#include <stdlib.h>

int chat_check_right(const struct chat_session *session, enum chat_right right)
{
    if (!session->user)
        return CHAT_NOT_REGISTERED;
    if (!session->user->oper)
        return CHAT_NOT_OPERATOR;
    return session->user->oper->rights & right ? 0 : CHAT_NO_RIGHT;
}

static void free_oper(struct chat_oper *oper)
{
    free(oper->name);
    free(oper->class);
    free(oper);
}

struct chat_oper *chat_oper_new(const struct chat_event *event)
{
    struct chat_oper *oper = calloc(1, sizeof *oper);

    if (!oper)
        return NULL;
    pli_list_init(&oper->link);
    oper->rights = event->rights;
    if (chat_string_set(&oper->name, event->more) == 0 &&
        chat_string_set(&oper->class, event->text) == 0)
        return oper;
    free_oper(oper);
    return NULL;
}

void chat_oper_renew_notices(struct chat_world *world)
{
    unsigned all = 0;

    pli_list_for_each (link, &world->opers)
        all |= pli_container_of(link, struct chat_oper, link)->notices;
    atomic_store_explicit(&world->noticed, all, memory_order_relaxed);
}

void chat_oper_remove(struct chat_world *world, struct chat_user *user)
{
    struct chat_oper *oper = user->oper;

    if (!oper)
        return;
    user->oper = NULL;
    pli_list_remove(&oper->link);
    free_oper(oper);
    chat_oper_renew_notices(world);
}

void chat_oper_put(struct chat_world *world, struct chat_user *user, struct chat_oper *oper)
{
    if (user->oper)
        oper->notices = user->oper->notices;
    chat_oper_remove(world, user);
    oper->user = user;
    user->oper = oper;
    pli_list_append(&world->opers, &oper->link);
    chat_oper_renew_notices(world);
}

int chat_apply_user_mode(struct chat_world *world, const struct chat_event *event)
{
    struct chat_user *user = chat_find_user(world, event->user);
    struct chat_oper *oper = NULL;

    if (!user)
        return CHAT_NO_SUCH_USER;
    if (event->set & CHAT_USER_OPERATOR && !(oper = chat_oper_new(event)))
        return -ENOMEM;
    chat_user_set_modes(world, user, (user->modes | event->set) & ~event->cleared);
    if (oper)
        chat_oper_put(world, user, oper);
    if (!(user->modes & CHAT_USER_OPERATOR))
        chat_oper_remove(world, user);
    if (user->oper && (event->notices || event->cleared & CHAT_USER_NOTICES)) {
        user->oper->notices = event->notices;
        chat_oper_renew_notices(world);
    }
    chat_presence_note(world, user, CHAT_FIELD_MODES);
    if (event->set || event->cleared)
        chat_tell_users(event, user, NULL);
    return 0;
}

static struct chat_text cut(struct chat_text text)
{
    text.length = pli_utf8_cut(text.data, text.length, CHAT_NAME_MAX);
    return text;
}

static int grant_locked(struct chat_world *world, struct chat_session *session,
                        const struct chat_grant *grant)
{
    struct chat_event event;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    event = chat_event_of(session, CHAT_USER_MODE);
    event.set = CHAT_USER_OPERATOR;
    event.text = cut(grant->class);
    event.more = cut(grant->name);
    event.rights = grant->rights;
    chat_event_stamp(world, &event);
    rc = chat_apply(world, &event);
    if (rc == 0)
        chat_notify_locked(world, CHAT_NOTICE_OPER, "%.*s (%.*s) is now an operator of the server",
                           CHAT_SHOWN(event.nick), CHAT_SHOWN(event.more));
    return rc;
}

int chat_user_grant(struct chat_world *world, struct chat_session *session,
                    const struct chat_grant *grant)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = grant_locked(world, session, grant);
    pli_write_unlock(&world->lock);
    return rc;
}

int chat_user_oper(struct chat_world *world, struct chat_session *session, struct chat_text class)
{
    struct chat_grant grant = {.name = class, .class = class, .rights = CHAT_RIGHTS_ALL};

    return chat_user_grant(world, session, &grant);
}

static int notices_locked(struct chat_world *world, struct chat_session *session, unsigned set,
                          unsigned cleared)
{
    int rc = chat_check_right(session, CHAT_RIGHT_NOTICES);
    struct chat_event event;
    bool had, has;

    if (rc != 0)
        return rc;
    event = chat_event_of(session, CHAT_USER_MODE);
    event.notices = (session->user->oper->notices | set) & ~cleared;
    had = event.modes & CHAT_USER_NOTICES;
    has = event.notices;
    event.set = has && !had ? CHAT_USER_NOTICES : 0;
    event.cleared = had && !has ? CHAT_USER_NOTICES : 0;
    chat_event_stamp(world, &event);
    return chat_apply(world, &event);
}

int chat_user_notices(struct chat_world *world, struct chat_session *session, unsigned set,
                      unsigned cleared)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = notices_locked(world, session, set, cleared);
    pli_write_unlock(&world->lock);
    return rc;
}

/* Modes that an operator loses who has these rights from now on, or is none. */
static unsigned lost(const struct chat_user *user, bool still, unsigned rights)
{
    unsigned modes = still ? 0 : CHAT_USER_OPERATOR | CHAT_USER_NOTICES;

    if (!(rights & CHAT_RIGHT_NOTICES))
        modes |= CHAT_USER_NOTICES;
    return user->modes & modes;
}

/* Without memory for the name of a class they keep the one that they have. */
static void review(struct chat_world *world, struct chat_oper *oper, bool still,
                   const struct chat_grant *grant)
{
    struct chat_event event = chat_event_of_user(oper->user, CHAT_USER_MODE);

    event.cleared = lost(oper->user, still, grant->rights);
    if (!still)
        chat_act_locked(world, oper->user, CHAT_NOTICE_OPER,
                        "is no longer an operator of the server");
    if (still) {
        oper->rights = grant->rights;
        (void)chat_string_set(&oper->class, cut(grant->class));
    }
    if (!event.cleared)
        return;
    chat_event_stamp(world, &event);
    (void)chat_apply(world, &event); /* clearing cannot fail */
}

void chat_review_opers(struct chat_world *world,
                       bool (*find)(struct chat_text name, struct chat_grant *grant,
                                    void *argument),
                       void *argument)
{
    pli_write_lock(&world->lock);
    pli_list_for_each_safe (link, after, &world->opers) {
        struct chat_oper *oper = pli_container_of(link, struct chat_oper, link);
        struct chat_grant grant = {.rights = 0};
        bool still = find(chat_string_text(oper->name), &grant, argument);

        review(world, oper, still, &grant);
    }
    pli_write_unlock(&world->lock);
}
