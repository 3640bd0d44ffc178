/* SPDX-License-Identifier: MIT */
/* What people say. The world is held shared, so that any number of them do at once. */
#include "config.h"

#include "chat/world.h"

#include "base/clock.h"
#include "chat/deliver.h"

#include <errno.h>
#include <stdlib.h>

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

static bool has(const struct chat_channel *channel, enum chat_mode flag)
{
    return channel->flags & chat_mode_flag(flag);
}

/* Whether the words may be said in the channel; LEAST receives the least prefix that hears them. */
static int check_channel(struct chat_world *world, struct chat_session *session,
                         struct chat_channel *channel, const struct chat_words *words,
                         unsigned *least)
{
    struct chat_member *member = chat_find_member(session->user, channel);

    *least = words->least;
    if (!member && (words->least > 0 || has(channel, CHAT_MODE_NO_EXTERNAL)))
        return CHAT_NOT_ON_CHANNEL;
    if (words->ctcp && has(channel, CHAT_MODE_NO_CTCP))
        return CHAT_CTCP_REFUSED;
    if (has(channel, CHAT_MODE_OP_MODERATED) && !(member && member->prefix)) {
        *least = *least > CHAT_OP ? *least : CHAT_OP;
        return 0;
    }
    return forbidden(world, channel, session->user, member);
}

static int say_to_channel(struct chat_world *world, struct chat_session *session,
                          struct chat_event *event, const struct chat_words *words)
{
    struct chat_channel *channel;
    unsigned least;
    int rc = chat_find_meant(world, session, words->target, &channel);

    if (rc != 0)
        return rc;
    rc = check_channel(world, session, channel, words, &least);
    if (rc != 0)
        return rc;
    event->channel = channel->id;
    event->channel_name = chat_name_text(channel->name);
    event->status = words->least;
    if (words->plain.data && has(channel, CHAT_MODE_NO_COLOUR)) {
        if (words->plain.length == 0)
            return CHAT_NOTHING_SAID;
        event->text = words->plain;
    }
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
                       struct chat_event *event, const struct chat_words *words)
{
    struct chat_user *target = chat_find_nick(world, words->target);
    struct pli_mutex *order;

    if (!target)
        return CHAT_NO_SUCH_NICK;
    if (!chat_is_accepted(target, session->user))
        return CHAT_NEED_ACCOUNT;
    if (words->ctcp && target->modes & CHAT_USER_NO_CTCP && target != session->user)
        return CHAT_CTCP_REFUSED;
    event->target = target->id;
    event->target_nick = chat_name_text(target->name);
    if (words->kind == CHAT_MESSAGE || words->kind == CHAT_ACTION)
        event->away = chat_string_text(target->away);
    order = pair_lock(world, event->user, event->target);
    pli_lock(order);
    chat_event_stamp(world, event);
    chat_tell_users(event, target, session->user);
    pli_unlock(order);
    return 0;
}

static int speak_locked(struct chat_world *world, struct chat_session *session,
                        const struct chat_words *words)
{
    struct chat_event event;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    event = chat_event_of(session, words->kind);
    event.text = words->text;
    event.tags = words->tags;
    if (words->kind != CHAT_TAGS)
        atomic_store_explicit(&session->user->active, pli_clock_wall_ms(), memory_order_relaxed);
    if (words->target.length == 0 || words->target.data[0] == '#')
        return say_to_channel(world, session, &event, words);
    return say_to_user(world, session, &event, words);
}

/* Whom the session's user would accept by saying the words, or NULL. */
static struct chat_user *newly_accepted(const struct chat_world *world,
                                        const struct chat_session *session,
                                        const struct chat_words *words)
{
    struct chat_user *target;

    if (!session->user || !(session->user->modes & CHAT_USER_REGISTERED_ONLY) ||
        words->target.length == 0 || words->target.data[0] == '#')
        return NULL;
    target = chat_find_nick(world, words->target);
    return target && !chat_is_accepted(session->user, target) ? target : NULL;
}

static int accept_and_speak_locked(struct chat_world *world, struct chat_session *session,
                                   const struct chat_words *words)
{
    struct chat_user *target = newly_accepted(world, session, words);
    struct chat_accepted *accepted = NULL;
    int rc;

    if (target && !(accepted = chat_accept_by_speaking(session->user, target)))
        return -ENOMEM; /* before anything is said */
    rc = speak_locked(world, session, words);
    if (rc == 0 && accepted)
        chat_accept_add(accepted);
    else
        free(accepted);
    return rc;
}

/* That somebody is accepted is a change; their answer must not come before it. */
static int accept_and_speak(struct chat_world *world, struct chat_session *session,
                            const struct chat_words *words)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = accept_and_speak_locked(world, session, words);
    pli_write_unlock(&world->lock);
    return rc;
}

int chat_speak(struct chat_world *world, struct chat_session *session,
               const struct chat_words *words)
{
    bool accepts;
    int rc = 0;

    pli_read_lock(&world->lock);
    accepts = newly_accepted(world, session, words);
    if (!accepts)
        rc = speak_locked(world, session, words);
    pli_read_unlock(&world->lock);
    return accepts ? accept_and_speak(world, session, words) : rc;
}

int chat_say(struct chat_world *world, struct chat_session *session, enum chat_kind kind,
             struct chat_text target, struct chat_text text)
{
    struct chat_words words = {.kind = kind, .target = target, .text = text};

    return chat_speak(world, session, &words);
}
