/* SPDX-License-Identifier: MIT */
/*
 * A user who bears another one's nickname stands in a list of the world, in the order of the times when
 * they will be renamed. The list changes with the world held exclusive; whenever its first one does, a
 * timer is set anew, which calls chat_holds_expire().
 */
#include "config.h"

#include "chat/hold.h"

#include "base/clock.h"
#include "base/log.h"
#include "chat/deliver.h"
#include "chat/world.h"

#include <stdio.h>

#define NS_PER_SECOND UINT64_C(1000000000)
#define NS_PER_MS     UINT64_C(1000000)

/* Guests have numbers of five digits; so many are tried until one is free. */
#define DIGITS     5
#define GUESTS     100000u
#define GUEST_SIZE (DIGITS + (int)sizeof "Guest")
#define TRIES      64

static struct chat_user *user_of(struct pli_list *link)
{
    return pli_container_of(link, struct chat_user, hold);
}

void chat_world_put_ownership(struct chat_world *world, const struct chat_ownership *ownership)
{
    world->ownership = *ownership;
}

static bool find_owner(const struct chat_world *world, struct chat_text nick,
                       char owner[static CHAT_NAME_MAX + 1])
{
    const struct chat_ownership *ownership = &world->ownership;

    return ownership->owner && ownership->owner(ownership->context, nick, owner);
}

/* Whether the user may not keep the nickname. */
static bool is_borrowed(const struct chat_world *world, const struct chat_user *user)
{
    char owner[CHAT_NAME_MAX + 1];

    return world->settings.nick_grace > 0 && find_owner(world, chat_name_text(user->name), owner) &&
           !chat_text_same(chat_string_text(user->account), chat_text(owner));
}

/* Has the first one be seen to when its time has come. */
static void wake(const struct chat_world *world, uint64_t now)
{
    const struct chat_ownership *ownership = &world->ownership;
    uint64_t until;

    if (pli_list_is_empty(&world->holds) || !ownership->wake)
        return;
    until = user_of(world->holds.next)->hold_until;
    ownership->wake(ownership->context,
                    until > now ? (unsigned)((until - now + NS_PER_MS - 1) / NS_PER_MS) : 0);
}

/* The time that a hold lasts may have changed since others began. */
static void begin(struct chat_world *world, struct chat_user *user)
{
    uint64_t now = pli_clock_now();
    uint64_t until = now + world->settings.nick_grace * NS_PER_SECOND;
    struct pli_list *before = world->holds.prev;

    while (before != &world->holds && user_of(before)->hold_until > until)
        before = before->prev;
    user->hold_until = until;
    pli_list_append(before->next, &user->hold);
    if (world->holds.next == &user->hold)
        wake(world, now);
}

void chat_hold_end(struct chat_user *user)
{
    if (user->hold_until == 0)
        return;
    pli_list_remove(&user->hold);
    user->hold_until = 0;
}

/* Seconds that are left, of which one has begun. */
static unsigned seconds_left(const struct chat_user *user)
{
    uint64_t now = pli_clock_now();

    if (user->hold_until <= now)
        return 1;
    return (unsigned)((user->hold_until - now + NS_PER_SECOND - 1) / NS_PER_SECOND);
}

static void tell(struct chat_world *world, struct chat_user *user)
{
    const struct chat_user *service =
        world->ownership.service ? chat_find_service(world, chat_text(world->ownership.service))
                                 : NULL;
    struct chat_event event = service ? chat_event_of_user(service, CHAT_NOTICE)
                                      : chat_event_by_server(world, CHAT_SERVER_NOTICE);
    unsigned left = seconds_left(user);
    char text[CHAT_NAME_MAX + 160];

    snprintf(text, sizeof text,
             "The nickname %.*s is registered. Log in to its account within %u second%s, or take "
             "another one; else you are given one.",
             CHAT_SHOWN(chat_name_text(user->name)), left, left == 1 ? "" : "s");
    event.target = user->id;
    event.target_nick = chat_name_text(user->name);
    event.text = chat_text(text);
    chat_event_stamp(world, &event);
    chat_tell_users(&event, user, NULL);
}

void chat_hold_renew(struct chat_world *world, struct chat_user *user)
{
    if (!is_borrowed(world, user)) {
        chat_hold_end(user);
        return;
    }
    if (user->hold_until > 0)
        return;
    begin(world, user);
    tell(world, user);
}

void chat_holds_renew(struct chat_world *world)
{
    struct pli_hash_node *node = NULL;

    while ((node = pli_hash_next(&world->users, node)))
        chat_hold_renew(world, pli_container_of(node, struct chat_user, by_id));
}

void chat_nick_review(struct chat_world *world, struct chat_text nick)
{
    struct chat_user *user;

    pli_write_lock(&world->lock);
    user = chat_find_person(world, nick);
    if (user)
        chat_hold_renew(world, user);
    pli_write_unlock(&world->lock);
}

void chat_hold_tell(struct chat_world *world, struct chat_session *session)
{
    pli_write_lock(&world->lock);
    if (session->user && session->user->hold_until > 0)
        tell(world, session->user);
    pli_write_unlock(&world->lock);
}

/* -- Guests --------------------------------------------------------------------------------------- */

/* Where names are short, a guest has less of the word, and then fewer digits. */
static struct chat_text make_guest(struct chat_world *world, char text[static GUEST_SIZE])
{
    int most = world->settings.nick_length < GUEST_SIZE ? (int)world->settings.nick_length
                                                        : GUEST_SIZE - 1;
    int word = most > DIGITS ? most - DIGITS : 1;
    char number[DIGITS + 1];

    world->guest = world->guest * UINT64_C(6364136223846793005) + (pli_clock_now() | 1);
    snprintf(number, sizeof number, "%05u", (unsigned)((world->guest >> 33) % GUESTS));
    snprintf(text, GUEST_SIZE, "%.*s%.*s", word, "Guest", most - word, number);
    return chat_text(text);
}

/* Finds a name that nobody has or owns; false: none of those that were tried. */
static bool find_guest(struct chat_world *world, char text[static GUEST_SIZE],
                       struct chat_text *nick)
{
    char owner[CHAT_NAME_MAX + 1];

    for (unsigned i = 0; i < TRIES; i++) {
        *nick = make_guest(world, text);
        if (!chat_find_nick(world, *nick) && !find_owner(world, *nick, owner))
            return true;
    }
    return false;
}

/* Who cannot be renamed is ended: the nickname is somebody else's. */
static void rename_to_guest(struct chat_world *world, struct chat_user *user)
{
    struct chat_event event = chat_event_of_user(user, CHAT_RENAME);
    char text[GUEST_SIZE];

    if (find_guest(world, text, &event.text)) {
        chat_event_stamp(world, &event);
        if (chat_apply(world, &event) == 0)
            return;
    }
    pli_log(PL_LOG_WARNING, "%.*s cannot be renamed, and is ended", CHAT_SHOWN(event.nick));
    chat_user_strike(world, user, chat_text("That nickname is somebody else's"));
}

void chat_holds_expire(struct chat_world *world, uint64_t now)
{
    pli_write_lock(&world->lock);
    while (!pli_list_is_empty(&world->holds) && user_of(world->holds.next)->hold_until <= now)
        rename_to_guest(world, user_of(world->holds.next));
    wake(world, now);
    pli_write_unlock(&world->lock);
}

/* -- What an owner does --------------------------------------------------------------------------- */

static bool is_own(const struct chat_world *world, const struct chat_user *user,
                   struct chat_text nick)
{
    struct chat_text account = chat_string_text(user->account);
    char owner[CHAT_NAME_MAX + 1];

    if (account.length == 0)
        return false;
    return chat_text_same(account, nick) ||
           (find_owner(world, nick, owner) && chat_text_same(account, chat_text(owner)));
}

static void end_holder(struct chat_world *world, struct chat_user *holder,
                       const struct chat_user *owner)
{
    char reason[CHAT_NAME_MAX + 40];

    snprintf(reason, sizeof reason, "The nickname is %.*s's",
             CHAT_SHOWN(chat_string_text(owner->account)));
    chat_user_strike(world, holder, chat_text(reason));
}

static int claim_locked(struct chat_world *world, struct chat_session *session,
                        struct chat_text nick, bool regain)
{
    struct chat_user *holder = chat_find_nick(world, nick);
    struct chat_event event;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    if (chat_find_service(world, nick))
        return CHAT_SERVICE;
    if (!is_own(world, session->user, nick))
        return CHAT_NOT_YOURS;
    if (holder == session->user)
        return CHAT_NICK_SAME;
    if (!holder && !regain)
        return CHAT_NO_SUCH_NICK;
    rc = regain ? chat_nick_check(nick, world->settings.nick_length) : 0;
    if (rc != 0)
        return rc;
    if (holder)
        end_holder(world, holder, session->user);
    if (!regain)
        return 0;
    event = chat_event_of_user(session->user, CHAT_RENAME);
    event.text = nick;
    chat_event_stamp(world, &event);
    return chat_apply(world, &event);
}

int chat_nick_claim(struct chat_world *world, struct chat_session *session, struct chat_text nick,
                    bool regain)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = claim_locked(world, session, nick, regain);
    pli_write_unlock(&world->lock);
    return rc;
}
