/* SPDX-License-Identifier: MIT */
/*
 * Users who stay while no session of theirs is there. A presence whose account is always on KEEPS one
 * of its users, the first who has come: what that user is, and where, is written as it changes (kept.c),
 * so that it is there again after a restart, however that came (restore.c). It is the user with which
 * sessions of the account become one.
 *
 * Without a session the user is no operator of the server, and is away, unless it has said so itself or
 * its owner does not want that.
 */
#include "config.h"

#include "chat/presence.h"

#include "base/clock.h"
#include "chat/world.h"

#define MS_PER_DAY (UINT64_C(24) * 3600 * 1000)

/* -- What is kept --------------------------------------------------------------------------------- */

const char *const chat_presence_fields[] = {
    [CHAT_FIELD_NICK] = "nick",         [CHAT_FIELD_USERNAME] = "username",
    [CHAT_FIELD_HOST] = "host",         [CHAT_FIELD_ADDRESS] = "address",
    [CHAT_FIELD_REALNAME] = "realname", [CHAT_FIELD_AWAY] = "away",
    [CHAT_FIELD_MODES] = "modes",       [CHAT_FIELD_CAME] = "came",
    [CHAT_FIELD_SEEN] = "seen",
};

static bool is_kept(const struct chat_user *user)
{
    return user->presence && user->presence->kept == user;
}

static void write_field(struct chat_world *world, struct chat_presence *presence,
                        enum chat_presence_field field)
{
    chat_kept_changed(world, presence, STORE_KEPT_PRESENCE, chat_text(chat_presence_fields[field]));
}

static void write_all(struct chat_world *world, struct chat_presence *presence,
                      const struct chat_user *user)
{
    for (unsigned field = 0; field < CHAT_PRESENCE_FIELDS; field++)
        write_field(world, presence, (enum chat_presence_field)field);
    pli_list_for_each (link, &user->channels)
        chat_kept_changed(world, presence, STORE_KEPT_CHANNEL,
                          chat_name_folded(chat_member_of_user(link)->channel->name));
}

void chat_presence_note(struct chat_world *world, struct chat_user *user,
                        enum chat_presence_field field)
{
    if (is_kept(user))
        write_field(world, user->presence, field);
}

void chat_presence_note_channel(struct chat_world *world, struct chat_user *user,
                                const struct chat_name *channel)
{
    if (is_kept(user))
        chat_kept_changed(world, user->presence, STORE_KEPT_CHANNEL, chat_name_folded(channel));
}

static void keep(struct chat_world *world, struct chat_presence *presence, struct chat_user *user)
{
    presence->kept = user;
    user->seen = pli_clock_wall_ms();
    write_all(world, presence, user);
}

void chat_presence_unkeep(struct chat_world *world, struct chat_presence *presence)
{
    struct chat_user *user = presence->kept;

    presence->kept = NULL;
    write_all(world, presence, user); /* which is nothing, now */
}

/* -- Staying and going ---------------------------------------------------------------------------- */

/* Sets or clears modes, or whether it is away, as the server's own doing. */
static void change(struct chat_world *world, struct chat_user *user, enum chat_kind kind,
                   unsigned cleared, struct chat_text text)
{
    struct chat_event event = chat_event_of_user(user, kind);

    event.cleared = cleared;
    event.text = text;
    chat_event_stamp(world, &event);
    (void)chat_apply(world, &event); /* without memory it is not away: no more than that */
}

static bool is_auto_away(const struct chat_user *user)
{
    return chat_text_equal(chat_string_text(user->away), chat_text(CHAT_AWAY_AUTO));
}

static void leave_alone(struct chat_world *world, struct chat_user *user)
{
    unsigned rights = user->modes & (CHAT_USER_OPERATOR | CHAT_USER_NOTICES);
    unsigned policy = chat_policy_of(world, chat_string_text(user->account));

    if (rights)
        change(world, user, CHAT_USER_MODE, rights, CHAT_NO_TEXT);
    if (policy & CHAT_AUTO_AWAY && !user->away)
        change(world, user, CHAT_AWAY, 0, chat_text(CHAT_AWAY_AUTO));
}

bool chat_user_stays(const struct chat_world *world, const struct chat_user *user)
{
    return is_kept(user) && chat_policy_of(world, chat_string_text(user->account)) & CHAT_ALWAYS_ON;
}

void chat_user_stay(struct chat_world *world, struct chat_user *user)
{
    user->seen = pli_clock_wall_ms();
    chat_presence_note(world, user, CHAT_FIELD_SEEN);
    leave_alone(world, user);
}

void chat_user_return(struct chat_world *world, struct chat_user *user)
{
    user->seen = pli_clock_wall_ms();
    chat_presence_note(world, user, CHAT_FIELD_SEEN);
    if (is_auto_away(user))
        change(world, user, CHAT_AWAY, 0, CHAT_NO_TEXT);
}

void chat_user_restored(struct chat_world *world, struct chat_presence *presence,
                        struct chat_user *user)
{
    presence->kept = user;
    leave_alone(world, user);
}

/* -- When what holds for an account has changed --------------------------------------------------- */

static struct chat_user *first_of(const struct chat_presence *presence)
{
    if (pli_list_is_empty(&presence->users))
        return NULL;
    return pli_container_of(presence->users.next, struct chat_user, in_presence);
}

void chat_presence_review_locked(struct chat_world *world, struct chat_presence *presence)
{
    unsigned policy = chat_policy_of(world, chat_name_text(presence->account));
    struct chat_user *user = presence->kept;

    if (presence->restored) /* who is to come again has not yet */
        return;
    if (policy & CHAT_ALWAYS_ON && !user && first_of(presence))
        keep(world, presence, first_of(presence));
    if (policy & CHAT_ALWAYS_ON || !user)
        return;
    chat_presence_unkeep(world, presence);
    if (user->session_count == 0)
        chat_user_end(world, user, chat_text("Does not stay any more"));
}

void chat_presence_review(struct chat_world *world, struct chat_text account)
{
    struct chat_presence *presence;

    pli_write_lock(&world->lock);
    presence = chat_find_presence(world, account);
    if (presence)
        chat_presence_review_locked(world, presence);
    pli_write_unlock(&world->lock);
}

/* A presence may go with its last user. */
static void each(struct chat_world *world,
                 void (*call)(struct chat_world *world, struct chat_presence *presence,
                              uint64_t now),
                 uint64_t now)
{
    struct pli_hash_node *node = pli_hash_next(&world->presences, NULL);
    struct pli_hash_node *next;

    for (; node; node = next) {
        next = pli_hash_next(&world->presences, node);
        call(world, pli_container_of(node, struct chat_presence, by_account), now);
    }
}

static void review_one(struct chat_world *world, struct chat_presence *presence, uint64_t now)
{
    (void)now;
    chat_presence_review_locked(world, presence);
}

void chat_presences_review(struct chat_world *world)
{
    pli_write_lock(&world->lock);
    each(world, review_one, 0);
    pli_write_unlock(&world->lock);
}

bool chat_presence_is_over(const struct chat_world *world, uint64_t seen, uint64_t now)
{
    uint64_t most = world->settings.always_on_expiry * MS_PER_DAY;

    return most > 0 && seen + most <= now;
}

static void expire_one(struct chat_world *world, struct chat_presence *presence, uint64_t now)
{
    struct chat_user *user = presence->kept;

    if (!user) {
        chat_presence_tidy(world, presence);
        return;
    }
    if (user->session_count > 0 && user->seen + MS_PER_DAY <= now) {
        user->seen = now;
        write_field(world, presence, CHAT_FIELD_SEEN);
    } else if (user->session_count == 0 && chat_presence_is_over(world, user->seen, now)) {
        chat_user_end(world, user, chat_text("Not seen for too long"));
    }
}

void chat_presences_expire(struct chat_world *world, uint64_t now)
{
    pli_write_lock(&world->lock);
    each(world, expire_one, now);
    pli_write_unlock(&world->lock);
}
