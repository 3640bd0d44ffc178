/* SPDX-License-Identifier: MIT */
/* What people say. The world is held shared, so that any number of them do at once. */
#include "config.h"

#include "chat/world.h"

#include "base/clock.h"
#include "chat/deliver.h"
#include "chat/history_keep.h"

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

bool chat_may_speak(struct chat_world *world, struct chat_channel *channel,
                    const struct chat_user *user)
{
    struct chat_member *member = chat_find_member(user, channel);

    return forbidden(world, channel, user, member) == 0 &&
           (!has(channel, CHAT_MODE_OP_MODERATED) || (member && member->prefix));
}

/* Notes what is being said, so that it can be taken back. */
static void note(struct chat_world *world, const struct chat_event *event, struct chat_id to,
                 unsigned least)
{
    struct chat_said said = {
        .message = event->id.time,
        .by = event->user,
        .to = to,
        .kind = event->kind,
        .least = least,
    };

    chat_said_note(&world->said, &said);
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

#define NS_PER_SECOND 1000000000u

/*
 * Counts a line in a channel that has a rate; its order lock is held. Who only sends tags says
 * nothing, and is not counted. PENALTY receives what the line brings, once the world can change.
 */
static int keep_pace(struct chat_channel *channel, const struct chat_user *user,
                     const struct chat_words *words, struct chat_penalty *penalty)
{
    const struct chat_member *member = chat_find_member(user, channel);
    struct chat_verdict_on_line verdict;
    struct chat_spoken line = {user->id, words->plain.data ? words->plain : words->text,
                               pli_clock_now(), words->line_count};

    if (words->kind == CHAT_TAGS || (member && member->prefix))
        return 0;
    verdict = chat_pace_take(channel->pace, &line);
    if (verdict.outcome == 0)
        return 0;
    if (words->wait)
        *words->wait = (unsigned)((verdict.wait + NS_PER_SECOND - 1) / NS_PER_SECOND);
    if (!member || chat_rate_of(channel, verdict.mode)->action == CHAT_RATE_REFUSES)
        return verdict.outcome;
    *penalty = (struct chat_penalty){user->id, channel->id, verdict.mode};
    return CHAT_TAKEN_OUT;
}

static int say_to_channel(struct chat_world *world, struct chat_session *session,
                          struct chat_event *event, const struct chat_words *words,
                          struct chat_penalty *penalty)
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
        event->lines = words->plain_lines;
    }
    pli_lock(&channel->order);
    if (channel->pace)
        rc = keep_pace(channel, session->user, words, penalty);
    if (rc == 0) {
        chat_event_stamp(world, event);
        note(world, event, event->channel, least);
        chat_keep_in_channel(world, event, channel, least);
        chat_tell_some(event, channel, least, session->user, NULL);
    }
    pli_unlock(&channel->order);
    return rc;
}

struct pli_mutex *chat_pair_lock(struct chat_world *world, struct chat_id a, struct chat_id b)
{
    uint64_t mixed = (a.time ^ b.time ^ a.origin ^ b.origin) * UINT64_C(0x9e3779b97f4a7c15);

    return &world->pairs[(mixed >> 32) % CHAT_PAIR_LOCKS];
}

/* Whether it is a stranger, of whom nobody wants to hear just now. */
static bool is_stranger(struct chat_world *world, const struct chat_user *user,
                        const struct chat_user *target)
{
    if (!chat_restricts(world, user, CHAT_NO_STRANGERS) || target == user ||
        target->modes & CHAT_USER_OPERATOR)
        return false;
    pli_list_for_each (link, &user->channels)
        if (chat_find_member(target, chat_member_of_user(link)->channel))
            return false;
    return true;
}

static int say_to_user(struct chat_world *world, struct chat_session *session,
                       struct chat_event *event, const struct chat_words *words)
{
    struct chat_user *target = chat_find_nick(world, words->target);
    struct pli_mutex *order;

    if (!target)
        return CHAT_NO_SUCH_NICK;
    if (is_stranger(world, session->user, target))
        return CHAT_LOCKED_DOWN;
    if (!chat_is_accepted(target, session->user))
        return CHAT_NEED_ACCOUNT;
    if (words->ctcp && target->modes & CHAT_USER_NO_CTCP && target != session->user)
        return CHAT_CTCP_REFUSED;
    event->target = target->id;
    event->target_nick = chat_name_text(target->name);
    if (words->kind == CHAT_MESSAGE || words->kind == CHAT_ACTION)
        event->away = chat_string_text(target->away);
    order = chat_pair_lock(world, event->user, event->target);
    pli_lock(order);
    chat_event_stamp(world, event);
    note(world, event, event->target, 0);
    chat_keep_between(world, event, session->user, target);
    chat_tell_users(event, target, session->user);
    pli_unlock(order);
    return 0;
}

static int speak_locked(struct chat_world *world, struct chat_session *session,
                        const struct chat_words *words, struct chat_penalty *penalty)
{
    struct chat_event event;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    if (chat_restricts(world, session->user, CHAT_NO_SPEECH))
        return CHAT_LOCKED_DOWN;
    event = chat_event_of(session, words->kind);
    event.text = words->text;
    event.tags = words->tags;
    event.lines = words->lines;
    event.line_count = words->line_count;
    if (words->kind != CHAT_TAGS)
        atomic_store_explicit(&session->user->active, pli_clock_wall_ms(), memory_order_relaxed);
    if (words->target.length == 0 || words->target.data[0] == '#')
        return say_to_channel(world, session, &event, words, penalty);
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
    struct chat_penalty none; /* as they are for a user */
    int rc;

    if (target && !(accepted = chat_accept_by_speaking(session->user, target)))
        return -ENOMEM; /* before anything is said */
    rc = speak_locked(world, session, words, &none);
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
    struct chat_penalty penalty;
    bool accepts;
    int rc;

    if (chat_find_service(world, words->target))
        return CHAT_SERVICE;
    rc = words->kind == CHAT_TAGS ? 0 : chat_judge_words(world, session, words);
    if (rc != 0)
        return rc;

    pli_read_lock(&world->lock);
    accepts = newly_accepted(world, session, words);
    if (!accepts)
        rc = speak_locked(world, session, words, &penalty);
    pli_read_unlock(&world->lock);
    if (rc == CHAT_TAKEN_OUT) {
        pli_write_lock(&world->lock);
        chat_penalise(world, &penalty);
        pli_write_unlock(&world->lock);
    }
    return accepts ? accept_and_speak(world, session, words) : rc;
}

int chat_say(struct chat_world *world, struct chat_session *session, enum chat_kind kind,
             struct chat_text target, struct chat_text text)
{
    struct chat_words words = {.kind = kind, .target = target, .text = text};

    return chat_speak(world, session, &words);
}
