/* SPDX-License-Identifier: MIT */
/* Whom users accept messages from, who else take them from people with an account only. */
#include "config.h"

#include "chat/world.h"

#include <errno.h>
#include <stdlib.h>

static struct chat_accepted *accepted_of(struct pli_list *link)
{
    return pli_container_of(link, struct chat_accepted, in_user);
}

static struct chat_accepted *find(const struct chat_user *user, const struct chat_user *other)
{
    pli_list_for_each (link, &user->accepts)
        if (accepted_of(link)->other == other)
            return accepted_of(link);
    return NULL;
}

bool chat_is_accepted(const struct chat_user *user, const struct chat_user *other)
{
    return !(user->modes & CHAT_USER_REGISTERED_ONLY) || other->account || other == user ||
           find(user, other);
}

static void remove_accepted(struct chat_accepted *accepted)
{
    pli_list_remove(&accepted->in_user);
    pli_list_remove(&accepted->in_other);
    accepted->user->accept_count--;
    free(accepted);
}

/* Makes room for one more; false: there is none, as all were accepted expressly. */
static bool make_room(struct chat_user *user)
{
    if (user->accept_count < CHAT_ACCEPTS_MAX)
        return true;
    pli_list_for_each (link, &user->accepts) {
        if (accepted_of(link)->implied) {
            remove_accepted(accepted_of(link));
            return true;
        }
    }
    return false;
}

static struct chat_accepted *make(struct chat_user *user, struct chat_user *other, bool implied)
{
    struct chat_accepted *accepted = malloc(sizeof *accepted);

    if (accepted)
        *accepted = (struct chat_accepted){.user = user, .other = other, .implied = implied};
    return accepted;
}

/* Takes ACCEPTED over. Returns 0 or CHAT_LIST_FULL. */
static int add(struct chat_accepted *accepted)
{
    if (!make_room(accepted->user)) {
        free(accepted);
        return CHAT_LIST_FULL;
    }
    pli_list_append(&accepted->user->accepts, &accepted->in_user);
    pli_list_append(&accepted->other->accepted_by, &accepted->in_other);
    accepted->user->accept_count++;
    return 0;
}

struct chat_accepted *chat_accept_by_speaking(struct chat_user *user, struct chat_user *other)
{
    return make(user, other, true);
}

void chat_accept_add(struct chat_accepted *accepted)
{
    (void)add(accepted);
}

void chat_forget_accepts(struct chat_user *user)
{
    pli_list_for_each_safe (link, after, &user->accepts)
        remove_accepted(accepted_of(link));
    pli_list_for_each_safe (link, after, &user->accepted_by)
        remove_accepted(pli_container_of(link, struct chat_accepted, in_other));
}

/* One who was accepted by speaking is from now on expressly. */
static int accept_locked(struct chat_world *world, struct chat_session *session,
                         struct chat_text nick)
{
    struct chat_user *other = chat_find_nick(world, nick);
    struct chat_accepted *accepted;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    if (!other)
        return CHAT_NO_SUCH_NICK;
    accepted = find(session->user, other);
    if (!accepted) {
        accepted = make(session->user, other, false);
        return accepted ? add(accepted) : -ENOMEM;
    }
    if (!accepted->implied)
        return CHAT_ACCEPTED;
    accepted->implied = false;
    return 0;
}

int chat_accept(struct chat_world *world, struct chat_session *session, struct chat_text nick)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = accept_locked(world, session, nick);
    pli_write_unlock(&world->lock);
    return rc;
}

static int unaccept_locked(struct chat_world *world, struct chat_session *session,
                           struct chat_text nick)
{
    const struct chat_user *other = chat_find_nick(world, nick);
    struct chat_accepted *accepted;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    if (!other)
        return CHAT_NO_SUCH_NICK;
    accepted = find(session->user, other);
    if (!accepted)
        return CHAT_NOT_ACCEPTED;
    remove_accepted(accepted);
    return 0;
}

int chat_unaccept(struct chat_world *world, struct chat_session *session, struct chat_text nick)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = unaccept_locked(world, session, nick);
    pli_write_unlock(&world->lock);
    return rc;
}

int chat_accepts(struct chat_world *world, struct chat_session *session,
                 void (*visit)(struct chat_text nick, void *argument), void *argument)
{
    int rc = CHAT_NOT_REGISTERED;

    pli_read_lock(&world->lock);
    if (session->user) {
        pli_list_for_each (link, &session->user->accepts)
            visit(chat_name_text(accepted_of(link)->other->name), argument);
        rc = 0;
    }
    pli_read_unlock(&world->lock);
    return rc;
}
