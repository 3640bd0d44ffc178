/* SPDX-License-Identifier: MIT */
/* Looking at users, and counting them. */
#include "config.h"

#include "chat/world.h"

struct chat_user_view chat_user_view_of(const struct chat_session *session,
                                        const struct chat_user *user)
{
    return (struct chat_user_view){
        .id = user->id,
        .nick = chat_name_text(user->name),
        .username = chat_string_text(user->username),
        .host = chat_string_text(user->host),
        .address = chat_string_text(user->address),
        .realname = chat_string_text(user->realname),
        .account = chat_string_text(user->account),
        .away = chat_string_text(user->away),
        .mark = chat_string_text(user->listed),
        .oper_class = user->oper ? chat_string_text(user->oper->class) : CHAT_NO_TEXT,
        .oper_name = user->oper ? chat_string_text(user->oper->name) : CHAT_NO_TEXT,
        .rights = user->oper ? user->oper->rights : 0,
        .notices = user->oper ? user->oper->notices : 0,
        .modes = user->modes,
        .came = user->came,
        .active = atomic_load_explicit(&user->active, memory_order_relaxed),
        .self = user == session->user,
        .to_operator = session->user && session->user->modes & CHAT_USER_OPERATOR,
    };
}

int chat_user_look(struct chat_world *world, struct chat_session *session,
                   void (*visit)(const struct chat_user_view *view, void *argument), void *argument)
{
    int rc = CHAT_NOT_REGISTERED;

    pli_read_lock(&world->lock);
    if (session->user) {
        struct chat_user_view view = chat_user_view_of(session, session->user);

        visit(&view, argument);
        rc = 0;
    }
    pli_read_unlock(&world->lock);
    return rc;
}

int chat_nick_look(struct chat_world *world, struct chat_session *session, struct chat_text nick,
                   void (*visit)(const struct chat_user_view *view, void *argument), void *argument)
{
    struct chat_user *user;

    pli_read_lock(&world->lock);
    user = chat_find_nick(world, nick);
    if (user) {
        struct chat_user_view view = chat_user_view_of(session, user);

        visit(&view, argument);
    }
    pli_read_unlock(&world->lock);
    return user ? 0 : CHAT_NO_SUCH_NICK;
}

static bool share_a_channel(const struct chat_user *one, const struct chat_user *other)
{
    pli_list_for_each (link, &one->channels)
        if (chat_find_member(other, chat_member_of_user(link)->channel))
            return true;
    return false;
}

bool chat_user_is_found(const struct chat_session *session, const struct chat_user *user)
{
    const struct chat_user *seeker = session->user;

    if (!(user->modes & CHAT_USER_INVISIBLE) || user == seeker)
        return true;
    return seeker && (seeker->modes & CHAT_USER_OPERATOR || share_a_channel(seeker, user));
}

/* Whether the session may know that the member is in the channel. */
static bool is_known(const struct chat_session *session, const struct chat_member *member)
{
    const struct chat_user *seeker = session->user;
    const struct chat_member *own = seeker ? chat_find_member(seeker, member->channel) : NULL;

    if (member->user == seeker)
        return true;
    if (chat_is_hidden(member->channel, member->prefix) &&
        !chat_sees_hidden(session, own ? own->prefix : 0))
        return false;
    if (own || (seeker && seeker->modes & CHAT_USER_OPERATOR))
        return true;
    return !(member->user->modes & CHAT_USER_INVISIBLE) && !(member->channel->flags & CHAT_HIDING);
}

/* Gives the view a channel that the user is known to be in, best one where the seeker is, too. */
static void add_channel(const struct chat_session *session, const struct chat_user *user,
                        struct chat_user_view *view)
{
    const struct chat_member *found = NULL;

    pli_list_for_each (link, &user->channels) {
        const struct chat_member *member = chat_member_of_user(link);

        if (!is_known(session, member))
            continue;
        if (!found)
            found = member;
        if (session->user && chat_find_member(session->user, member->channel)) {
            found = member;
            break;
        }
    }
    if (!found)
        return;
    view->channel = chat_name_text(found->channel->name);
    view->prefix = found->prefix;
}

static void look_around(const struct chat_session *session, const struct chat_user *user,
                        const struct chat_nick_visitor *visitor, void *argument)
{
    struct chat_user_view view = chat_user_view_of(session, user);

    add_channel(session, user, &view);
    visitor->user(&view, argument);
    if (!visitor->channel)
        return;
    pli_list_for_each (link, &user->channels) {
        const struct chat_member *member = chat_member_of_user(link);

        if (is_known(session, member))
            visitor->channel(chat_name_text(member->channel->name), member->prefix, argument);
    }
    visitor->end(&view, argument);
}

int chat_nick_look_around(struct chat_world *world, struct chat_session *session,
                          struct chat_text nick, const struct chat_nick_visitor *visitor,
                          void *argument)
{
    struct chat_user *user;

    pli_read_lock(&world->lock);
    user = chat_find_nick(world, nick);
    if (user)
        look_around(session, user, visitor, argument);
    pli_read_unlock(&world->lock);
    return user ? 0 : CHAT_NO_SUCH_NICK;
}

static void show_user(const struct chat_session *session, const struct chat_user *user,
                      const struct chat_user_visitor *visitor, void *argument)
{
    struct chat_user_view view;

    if (!chat_user_is_found(session, user))
        return;
    view = chat_user_view_of(session, user);
    if (!visitor->wants(&view, argument))
        return;
    add_channel(session, user, &view);
    visitor->visit(&view, argument);
}

bool chat_user_each(struct chat_world *world, struct chat_session *session, uint64_t *cursor,
                    size_t most, const struct chat_user_visitor *visitor, void *argument)
{
    struct pli_hash_node *node;
    bool more = true;

    pli_read_lock(&world->lock);
    for (size_t looked = 0; more && looked < most; looked++) {
        more = pli_hash_scan(&world->users, cursor, &node);
        for (; node; node = node->next, looked++)
            show_user(session, pli_container_of(node, struct chat_user, by_id), visitor, argument);
    }
    pli_read_unlock(&world->lock);
    return more;
}

void chat_counts(struct chat_world *world, struct chat_counts *counts)
{
    pli_read_lock(&world->lock);
    *counts = (struct chat_counts){
        .users = world->users.count,
        .invisible = world->invisible,
        .operators = world->operators,
        .channels = world->channels.count,
        .strangers = atomic_load_explicit(&world->strangers, memory_order_relaxed),
        .most_users = world->most_users,
    };
    pli_read_unlock(&world->lock);
}

void chat_stranger_comes(struct chat_world *world)
{
    atomic_fetch_add_explicit(&world->strangers, 1, memory_order_relaxed);
}

void chat_stranger_goes(struct chat_world *world)
{
    atomic_fetch_sub_explicit(&world->strangers, 1, memory_order_relaxed);
}
