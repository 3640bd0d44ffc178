/* SPDX-License-Identifier: MIT */
/* What of the chat goes into the history, and to which target. */
#include "config.h"

#include "chat/history_keep.h"

#include "base/clock.h"
#include "base/log.h"
#include "chat/history_pack.h"

#include <string.h>

/* An id that is further ahead of the clock than that is no reason to go on from it. */
#define AHEAD_MAX_MS (UINT64_C(24) * 3600 * 1000)

void chat_world_put_history(struct chat_world *world, struct history *history, uint64_t newest,
                            const struct chat_account_source *accounts)
{
    struct chat_id id = {.time = newest};

    pli_write_lock(&world->lock);
    world->history = history;
    world->history_accounts = *accounts;
    if (chat_id_ms(id) > pli_clock_wall_ms() + AHEAD_MAX_MS)
        pli_log(PL_LOG_WARNING,
                "history: it has lines of a time to come, behind which others stand");
    else
        chat_id_go_on(&world->ids, newest);
    pli_write_unlock(&world->lock);
}

void chat_world_keep_events(struct chat_world *world, bool events)
{
    atomic_store(&world->history_events, events);
}

struct history *chat_world_history(const struct chat_world *world)
{
    return world->history;
}

uint64_t chat_world_last_id(const struct chat_world *world)
{
    return atomic_load_explicit(&world->ids.last, memory_order_relaxed);
}

/* -- Targets -------------------------------------------------------------------------------------- */

static struct history_bytes bytes_of(struct chat_text text)
{
    return (struct history_bytes){text.data, text.length};
}

static struct history_target target_of_channel(const struct chat_channel *channel)
{
    return (struct history_target){.id = channel->history.time, .origin = channel->history.origin};
}

/* Both names are folded. */
static struct history_target target_between(struct chat_text one, struct chat_text other)
{
    size_t length = one.length < other.length ? one.length : other.length;
    int order = memcmp(one.data, other.data, length);
    bool turned = order > 0 || (order == 0 && one.length > other.length);

    return (struct history_target){
        .one = bytes_of(turned ? other : one),
        .other = bytes_of(turned ? one : other),
    };
}

/* -- Keeping -------------------------------------------------------------------------------------- */

/* Lines that are lost are counted there. */
static void keep(struct chat_world *world, const struct chat_event *event,
                 const struct history_target *target, unsigned least, struct chat_id id)
{
    bool copy = !chat_id_equal(id, event->id);
    char nick[CHAT_NAME_MAX];
    struct chat_packed packed;
    struct history_line line = {
        .target = *target,
        .id = id.time,
        .origin = id.origin,
        .event = event->kind < CHAT_MESSAGE,
        .kind = chat_pack_kind(event->kind),
        .least = least,
        .sender = bytes_of(chat_fold(event->nick, nick)),
        .text = bytes_of(event->text),
    };

    chat_pack(&packed, event, copy ? event->id : CHAT_NO_ID);
    line.body = (struct history_bytes){packed.data, packed.length};
    if (packed.full)
        history_lose(world->history);
    else
        (void)history_keep(world->history, &line);
}

static bool is_wanted(const struct chat_world *world, const struct chat_event *event,
                      const struct chat_channel *channel)
{
    const struct chat_user *user;

    if (channel->flags & chat_mode_flag(CHAT_MODE_NO_HISTORY))
        return false;
    if (event->kind < CHAT_TAGS && !atomic_load(&world->history_events))
        return false;
    user = event->user.time != 0 ? chat_find_user(world, event->user) : NULL;
    return !user || !atomic_load_explicit(&user->unkept, memory_order_relaxed);
}

void chat_keep_in_channel(struct chat_world *world, const struct chat_event *event,
                          const struct chat_channel *channel, unsigned least)
{
    struct history_target target;

    if (!world->history || !is_wanted(world, event, channel))
        return;
    target = target_of_channel(channel);
    keep(world, event, &target, least, event->id);
}

void chat_keep_between(struct chat_world *world, const struct chat_event *event,
                       const struct chat_user *one, const struct chat_user *other)
{
    char names[2][CHAT_NAME_MAX];
    struct history_target target;

    if (!world->history || !one->account || !other->account ||
        atomic_load_explicit(&one->unkept, memory_order_relaxed) ||
        atomic_load_explicit(&other->unkept, memory_order_relaxed))
        return;
    target = target_between(chat_fold(chat_string_text(one->account), names[0]),
                            chat_fold(chat_string_text(other->account), names[1]));
    keep(world, event, &target, 0, event->id);
}

void chat_keep_of_member(struct chat_world *world, const struct chat_event *event,
                         const struct chat_member *member)
{
    chat_keep_in_channel(world, event, member->channel,
                         chat_is_hidden(member->channel, member->prefix) ? CHAT_HALFOP : 0);
}

/*
 * A line's id is its own, so there is one for each channel: the event's for the first of them, and
 * others, later ones, under which nothing is told, for the rest.
 */
void chat_keep_around(struct chat_world *world, const struct chat_event *event,
                      const struct chat_user *user)
{
    struct chat_id id = event->id;

    if (!world->history || !atomic_load(&world->history_events))
        return;
    pli_list_for_each (link, &user->channels) {
        const struct chat_member *member = chat_member_of_user(link);
        bool hidden = chat_is_hidden(member->channel, member->prefix);
        struct history_target target = target_of_channel(member->channel);

        if (!is_wanted(world, event, member->channel))
            continue;
        keep(world, event, &target, hidden ? CHAT_HALFOP : 0, id);
        id = chat_id_next(&world->ids, event->time);
    }
}

int chat_history_forget(struct chat_world *world, const struct chat_channel *channel,
                        const struct chat_user *one, const struct chat_user *other,
                        uint64_t message)
{
    char names[2][CHAT_NAME_MAX];
    struct history_target target;

    if (!world->history || (!channel && (!one->account || !other->account)))
        return 0;
    target = channel ? target_of_channel(channel)
                     : target_between(chat_fold(chat_string_text(one->account), names[0]),
                                      chat_fold(chat_string_text(other->account), names[1]));
    return history_redact(world->history, &target, message);
}

/* -- Accounts ------------------------------------------------------------------------------------- */

static bool look(const struct chat_world *world, struct chat_text account,
                 struct chat_account_facts *facts)
{
    const struct chat_account_source *source = &world->history_accounts;

    *facts = (struct chat_account_facts){.created = 0};
    return source->look && source->look(source->context, account, facts);
}

void chat_history_renew(struct chat_world *world, struct chat_user *user)
{
    struct chat_account_facts facts = {.created = 0};

    if (world->history && user->account)
        (void)look(world, chat_string_text(user->account), &facts);
    atomic_store_explicit(&user->unkept, facts.unkept, memory_order_relaxed);
}

void chat_history_review(struct chat_world *world, struct chat_text account, bool gone)
{
    struct pli_hash_node *node = NULL;
    char folded[CHAT_NAME_MAX];
    int rc;

    if (!world->history)
        return;
    pli_write_lock(&world->lock);
    while ((node = pli_hash_next(&world->users, node))) {
        struct chat_user *user = pli_container_of(node, struct chat_user, by_id);

        if (user->account && chat_text_same(chat_string_text(user->account), account))
            chat_history_renew(world, user);
    }
    pli_write_unlock(&world->lock);
    if (!gone)
        return;
    rc = history_forget(world->history, bytes_of(chat_fold(account, folded)));
    if (rc < 0)
        pli_log(PL_LOG_WARNING,
                "history: conversations of an account that is gone are still kept: %s",
                store_problem(rc));
}

/* -- Places --------------------------------------------------------------------------------------- */

static struct history_bytes put_name(char room[static CHAT_NAME_MAX], struct history_bytes name)
{
    if (name.length > 0)
        memcpy(room, name.data, name.length);
    return (struct history_bytes){room, name.length};
}

static void put_shown(struct chat_place *place, struct chat_text name)
{
    place->name_length = name.length < CHAT_NAME_MAX ? name.length : CHAT_NAME_MAX;
    memcpy(place->name, name.data, place->name_length);
}

static void place_in(struct chat_place *place, const struct chat_member *member)
{
    *place = (struct chat_place){
        .target = target_of_channel(member->channel),
        .prefix = member->prefix,
        .is_channel = true,
    };
    put_shown(place, chat_name_text(member->channel->name));
}

void chat_place_between(struct chat_place *place, struct chat_text account, struct chat_text other,
                        uint64_t since)
{
    struct history_target target = target_between(account, other);

    *place = (struct chat_place){.since = since};
    place->target.one = put_name(place->names[0], target.one);
    place->target.other = put_name(place->names[1], target.other);
    put_shown(place, other);
}

/* What was said before an account was made was said by, or to, another one. */
static uint64_t since_of(const struct chat_world *world, struct chat_text account)
{
    struct chat_account_facts facts;

    return look(world, account, &facts) ? facts.created << CHAT_ID_SEQUENCE_BITS : UINT64_MAX;
}

/* Who has that nickname, or whose account it is. */
static int place_with(struct chat_world *world, const struct chat_session *session,
                      struct chat_text name, struct chat_place *place)
{
    const struct chat_user *other = chat_find_person(world, name);
    struct chat_text account = chat_string_text(session->user->account);
    char names[2][CHAT_NAME_MAX];
    struct chat_account_facts facts;
    struct chat_text with = name;

    if (account.length == 0)
        return CHAT_NEED_ACCOUNT;
    if (other && other->account)
        with = chat_string_text(other->account);
    else if (!look(world, name, &facts))
        return CHAT_NO_SUCH_NICK;
    chat_place_between(place, chat_fold(account, names[0]), chat_fold(with, names[1]),
                       since_of(world, account));
    put_shown(place, name);
    return 0;
}

int chat_place_find(struct chat_world *world, struct chat_session *session, struct chat_text name,
                    struct chat_place *place)
{
    struct chat_channel *channel;
    int rc = 0;

    pli_read_lock(&world->lock);
    if (!session->user)
        rc = CHAT_NOT_REGISTERED;
    else if (name.length > 0 && name.data[0] != '#')
        rc = place_with(world, session, name, place);
    else if ((rc = chat_find_joined(world, session, name, &channel)) == 0)
        place_in(place, chat_find_member(session->user, channel));
    pli_read_unlock(&world->lock);
    return rc;
}

size_t chat_places(struct chat_world *world, struct chat_session *session, size_t most,
                   struct chat_place *places, char account[static CHAT_NAME_MAX + 1],
                   uint64_t *since)
{
    char folded[CHAT_NAME_MAX];
    struct chat_text name;
    size_t count = 0;

    *account = '\0';
    *since = UINT64_MAX;
    pli_read_lock(&world->lock);
    if (session->user) {
        pli_list_for_each (link, &session->user->channels)
            if (count < most)
                place_in(&places[count++], chat_member_of_user(link));
        name = chat_fold(chat_string_text(session->user->account), folded);
        if (name.length > 0) {
            memcpy(account, name.data, name.length);
            account[name.length] = '\0';
            *since = since_of(world, name);
        }
    }
    pli_read_unlock(&world->lock);
    return count;
}
