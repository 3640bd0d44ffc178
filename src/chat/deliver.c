/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/deliver.h"

#include "base/prefetch.h"

/*
 * Renderings that are kept for the length of a delivery. Few are in use at any time; should there
 * be more, the last place is taken by one after the other.
 */
#define KEPT 16

struct rendering {
    const struct chat_face *face;
    int variant;
    struct pl_message *message; /* NULL: there was no memory for it */
};

/*
 * Members of a channel whose turn comes next. Each is some objects in a row, none of them in the
 * cache where there are many people: they are fetched for all of these at the same time.
 */
#define AHEAD 16

/* What a send touches of a session stands at its beginning. */
#define SESSION_HEAD 192

struct delivery {
    const struct chat_event *event;
    size_t count;
    struct rendering kept[KEPT];
    size_t ahead_count;
    struct chat_user *ahead[AHEAD];
};

/* A place for one more. */
static struct rendering *place(struct delivery *delivery)
{
    struct rendering *last = &delivery->kept[KEPT - 1];

    if (delivery->count < KEPT)
        return &delivery->kept[delivery->count++];
    pl_message_unref(last->message);
    return last;
}

/* The rendering, which stands until the next call, or NULL without memory. */
static struct pl_message *rendering(struct delivery *delivery, const struct chat_face *face,
                                    int variant)
{
    struct rendering *made;

    for (size_t i = 0; i < delivery->count; i++) {
        const struct rendering *kept = &delivery->kept[i];

        if (kept->face == face && kept->variant == variant)
            return kept->message;
    }
    made = place(delivery);
    *made = (struct rendering){.face = face, .variant = variant};
    if (face->render(delivery->event, variant, &made->message) < 0)
        made->message = NULL;
    return made->message;
}

/* Whether it ends who is told: that, one hears at any time. */
static bool is_end(const struct chat_event *event)
{
    return event->kind == CHAT_KILL || event->kind == CHAT_EXPEL;
}

/*
 * A session that cannot be sent to is being ended by the library, whatever the reason, and its
 * close will arrive. One that has missed an event for want of memory must not go on as if nothing
 * had happened either.
 */
static void tell_session(struct delivery *delivery, struct chat_session *session)
{
    struct pl_message *message;
    int variant;

    if (session->quiet && !is_end(delivery->event))
        return;
    variant = session->face->variant(session, delivery->event);
    if (variant == CHAT_UNTOLD)
        return;
    message = rendering(delivery, session->face, variant);
    if (!message) {
        atomic_store_explicit(&session->starved, true, memory_order_relaxed);
        pl_session_close(session->session);
        return;
    }
    (void)pl_session_send_message(session->session, message);
}

static void tell_user(struct delivery *delivery, struct chat_user *user)
{
    pli_list_for_each (link, &user->sessions)
        tell_session(delivery, chat_session_of(link));
}

static void tell_ahead(struct delivery *delivery)
{
    struct chat_user **users = delivery->ahead;

    for (size_t i = 0; i < delivery->ahead_count; i++)
        if (!pli_list_is_empty(&users[i]->sessions))
            pli_prefetch(chat_session_of(users[i]->sessions.next), sizeof(struct chat_session));
    for (size_t i = 0; i < delivery->ahead_count; i++)
        if (!pli_list_is_empty(&users[i]->sessions))
            pli_prefetch(chat_session_of(users[i]->sessions.next)->session, SESSION_HEAD);
    for (size_t i = 0; i < delivery->ahead_count; i++)
        tell_user(delivery, users[i]);
    delivery->ahead_count = 0;
}

/* Tells a user soon: when there are some more, or at the end. */
static void tell_soon(struct delivery *delivery, struct chat_user *user)
{
    pli_prefetch(&user->sessions, sizeof(user->sessions));
    delivery->ahead[delivery->ahead_count++] = user;
    if (delivery->ahead_count == AHEAD)
        tell_ahead(delivery);
}

static void finish(struct delivery *delivery)
{
    tell_ahead(delivery);
    for (size_t i = 0; i < delivery->count; i++)
        pl_message_unref(delivery->kept[i].message);
}

void chat_tell_users(const struct chat_event *event, struct chat_user *user,
                     struct chat_user *other)
{
    struct delivery delivery = {.event = event};

    tell_user(&delivery, user);
    if (other && other != user)
        tell_user(&delivery, other);
    finish(&delivery);
}

void chat_tell_channel(const struct chat_event *event, struct chat_channel *channel)
{
    struct delivery delivery = {.event = event};

    pli_list_for_each (link, &channel->members)
        tell_soon(&delivery, chat_member_of_channel(link)->user);
    finish(&delivery);
}

void chat_tell_all(struct chat_world *world, const struct chat_event *event)
{
    struct delivery delivery = {.event = event};
    struct pli_hash_node *node = NULL;

    pli_assert_write_held(&world->lock);
    while ((node = pli_hash_next(&world->users, node)))
        tell_soon(&delivery, pli_container_of(node, struct chat_user, by_id));
    finish(&delivery);
}

void chat_tell_session(const struct chat_event *event, struct chat_session *session)
{
    struct delivery delivery = {.event = event};

    tell_session(&delivery, session);
    finish(&delivery);
}

void chat_tell_some(const struct chat_event *event, struct chat_channel *channel, unsigned least,
                    struct chat_user *user, struct chat_user *other)
{
    struct delivery delivery = {.event = event};

    if (user)
        tell_user(&delivery, user);
    if (other && other != user)
        tell_user(&delivery, other);
    pli_list_for_each (link, &channel->members) {
        const struct chat_member *member = chat_member_of_channel(link);

        if (member->prefix >= least && member->user != user && member->user != other)
            tell_soon(&delivery, member->user);
    }
    finish(&delivery);
}

void chat_tell_member(const struct chat_event *event, struct chat_member *member)
{
    if (chat_is_hidden(member->channel, member->prefix))
        chat_tell_some(event, member->channel, CHAT_HALFOP, member->user, NULL);
    else
        chat_tell_channel(event, member->channel);
}

static void tell_once(struct delivery *delivery, struct chat_user *user, uint64_t mark)
{
    if (user->mark == mark)
        return;
    user->mark = mark;
    tell_user(delivery, user);
}

void chat_tell_around(struct chat_world *world, const struct chat_event *event,
                      struct chat_user *user)
{
    struct delivery delivery = {.event = event};
    uint64_t mark = ++world->mark;

    pli_assert_write_held(&world->lock);
    tell_once(&delivery, user, mark);
    pli_list_for_each (link, &user->channels) {
        const struct chat_member *member = chat_member_of_user(link);
        bool hidden = chat_is_hidden(member->channel, member->prefix);

        pli_list_for_each (inner, &member->channel->members)
            if (!hidden || chat_runs(chat_member_of_channel(inner)->prefix))
                tell_once(&delivery, chat_member_of_channel(inner)->user, mark);
    }
    finish(&delivery);
}

void chat_tell_known(struct chat_world *world, const struct chat_event *event,
                     struct chat_user *user)
{
    const struct chat_watched *watched = chat_find_watched(world, chat_name_text(user->name));
    struct chat_event copy = *event;
    struct delivery delivery = {.event = &copy};

    chat_tell_around(world, event, user);
    if (!watched)
        return;
    copy.watched = true;
    pli_list_for_each (link, &watched->watches) {
        struct chat_session *session =
            pli_container_of(link, struct chat_watch, in_watched)->session;

        if (session->user->mark != world->mark)
            tell_session(&delivery, session);
    }
    finish(&delivery);
}
