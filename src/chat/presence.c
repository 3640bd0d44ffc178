/* SPDX-License-Identifier: MIT */
/*
 * There is a presence as long as anybody is logged in to its account, or something is kept of it. It
 * is found by the account's name, in any case, and stands under the world's lock as everything does,
 * but for what its order lock guards (kept.c, marker.c).
 */
#include "config.h"

#include "chat/presence.h"

#include "base/clock.h"
#include "chat/deliver.h"
#include "chat/world.h"

#include <errno.h>
#include <stdlib.h>

void chat_world_put_policy(struct chat_world *world,
                           unsigned (*policy)(void *context, struct chat_text account),
                           void *context)
{
    world->policy = policy;
    world->policy_context = context;
}

unsigned chat_policy_of(const struct chat_world *world, struct chat_text account)
{
    return world->policy && account.length > 0 ? world->policy(world->policy_context, account) : 0;
}

struct chat_presence *chat_find_presence(const struct chat_world *world, struct chat_text account)
{
    struct pli_hash_node *node = chat_find_folded(&world->presences, account);

    return node ? pli_container_of(node, struct chat_presence, by_account) : NULL;
}

static struct chat_presence *make(struct chat_world *world, struct chat_text account)
{
    struct chat_presence *presence = calloc(1, sizeof *presence);

    if (presence)
        presence->account = chat_name_new(account);
    if (!presence || !presence->account) {
        free(presence);
        return NULL;
    }
    presence->id = chat_id_next(&world->ids, pli_clock_wall_ms());
    pli_list_init(&presence->users);
    pli_list_init(&presence->unwritten);
    chat_markers_init(&presence->markers);
    pli_hash_add(&world->presences, &presence->by_account);
    return presence;
}

int chat_presence_get(struct chat_world *world, struct chat_text account,
                      struct chat_presence **out)
{
    *out = account.length > 0 ? chat_find_presence(world, account) : NULL;
    if (*out || account.length == 0)
        return 0;
    *out = make(world, account);
    return *out ? 0 : -ENOMEM;
}

static void end(struct chat_world *world, struct chat_presence *presence)
{
    chat_kept_forget(presence);
    chat_restored_free(presence->restored);
    pli_hash_remove(&world->presences, &presence->by_account);
    free(presence->account);
    free(presence);
}

static bool is_needed(const struct chat_presence *presence)
{
    return !pli_list_is_empty(&presence->users) || presence->markers.count > 0 ||
           presence->metadata || presence->restored || !pli_list_is_empty(&presence->unwritten);
}

void chat_presence_tidy(struct chat_world *world, struct chat_presence *presence)
{
    if (presence && !is_needed(presence))
        end(world, presence);
}

void chat_presences_remove(struct chat_world *world)
{
    struct pli_hash_node *node;

    pli_write_lock(&world->lock);
    while ((node = pli_hash_next(&world->presences, NULL))) {
        struct chat_presence *presence = pli_container_of(node, struct chat_presence, by_account);
        struct chat_user *user = presence->kept;

        presence->kept = NULL; /* so that it stays in the store */
        if (user)
            chat_user_leave(world, user);
        else
            end(world, presence);
    }
    pli_write_unlock(&world->lock);
}

struct pli_mutex *chat_presence_order(struct chat_world *world,
                                      const struct chat_presence *presence)
{
    return chat_pair_lock(world, presence->id, CHAT_NO_ID);
}

/* -- Logging in and out --------------------------------------------------------------------------- */

/* That the user has another value under the key now. */
static void tell_value(struct chat_world *world, struct chat_user *user, struct chat_text key,
                       struct chat_text value)
{
    struct chat_event event = chat_event_of_user(user, CHAT_METADATA);

    event.more = key;
    event.text = value;
    event.target = user->id;
    event.target_nick = event.nick;
    chat_event_stamp(world, &event);
    chat_tell_known(world, &event, user);
}

/* That the user has the metadata AFTER, and had BEFORE. */
static void tell_metadata(struct chat_world *world, struct chat_user *user,
                          const struct chat_metadata *before, const struct chat_metadata *after)
{
    struct chat_text value;

    for (size_t i = 0; i < chat_metadata_count(before); i++) {
        struct chat_text key = chat_metadata_at(before, i, &value);

        if (chat_metadata_get(after, key).length == 0)
            tell_value(world, user, key, chat_text(""));
    }
    for (size_t i = 0; i < chat_metadata_count(after); i++) {
        struct chat_text key = chat_metadata_at(after, i, &value);

        if (!chat_text_equal(chat_metadata_get(before, key), value))
            tell_value(world, user, key, value);
    }
}

static void keep_metadata(struct chat_world *world, struct chat_presence *presence,
                          const struct chat_metadata *before)
{
    struct chat_text value;

    for (size_t i = 0; i < chat_metadata_count(presence->metadata); i++) {
        struct chat_text key = chat_metadata_at(presence->metadata, i, &value);

        if (!chat_text_equal(chat_metadata_get(before, key), value))
            chat_kept_changed(world, presence, STORE_KEPT_METADATA, key);
    }
}

/* What the account has now is MERGED; who is logged in to it already is seen to have it, too. */
static void take_metadata(struct chat_world *world, struct chat_presence *presence,
                          struct chat_metadata *merged)
{
    struct chat_metadata *before = presence->metadata;

    presence->metadata = merged;
    pli_list_for_each (link, &presence->users)
        tell_metadata(world, pli_container_of(link, struct chat_user, in_presence), before, merged);
    keep_metadata(world, presence, before);
    chat_metadata_free(before);
}

/* Has the user's own metadata, or an account's that they leave, give way to what the account has. */
static void enter(struct chat_world *world, struct chat_user *user, struct chat_presence *presence,
                  struct chat_metadata *merged)
{
    const struct chat_metadata *before = user->presence ? user->presence->metadata : user->metadata;

    take_metadata(world, presence, merged);
    chat_markers_move(world, presence, &user->markers);
    tell_metadata(world, user, before, presence->metadata);
    chat_metadata_free(user->metadata);
    user->metadata = NULL;
}

void chat_presence_put(struct chat_world *world, struct chat_user *user,
                       struct chat_presence *presence, struct chat_metadata *merged)
{
    struct chat_presence *old = user->presence;

    if (old == presence) {
        chat_metadata_free(merged);
        return;
    }
    if (presence)
        enter(world, user, presence, merged);
    else
        tell_metadata(world, user, old->metadata, NULL);
    chat_presence_leave(world, user);
    user->presence = presence;
    if (presence)
        pli_list_append(&presence->users, &user->in_presence);
}

void chat_presence_leave(struct chat_world *world, struct chat_user *user)
{
    struct chat_presence *presence = user->presence;

    if (!presence)
        return;
    if (presence->kept == user)
        chat_presence_unkeep(world, presence);
    pli_list_remove(&user->in_presence);
    user->presence = NULL;
    chat_presence_tidy(world, presence);
}

void chat_presence_end(struct chat_world *world, struct chat_text account)
{
    struct chat_presence *presence = chat_find_presence(world, account);

    if (!presence)
        return;
    chat_kept_forget(presence);
    chat_presence_tidy(world, presence);
}

/* -- Sessions ------------------------------------------------------------------------------------- */

/* The first who has come with it: whoever came later could not be one with them. */
static struct chat_user *first_of(const struct chat_presence *presence)
{
    if (pli_list_is_empty(&presence->users))
        return NULL;
    return pli_container_of(presence->users.next, struct chat_user, in_presence);
}

struct chat_user *chat_presence_user(const struct chat_world *world, struct chat_text account,
                                     struct chat_text nick)
{
    const struct chat_presence *presence =
        account.length > 0 ? chat_find_presence(world, account) : NULL;
    struct chat_user *holder;

    if (!presence || !(chat_policy_of(world, account) & CHAT_SHARES))
        return NULL;
    holder = chat_find_nick(world, nick);
    if (holder && holder->presence == presence)
        return holder;
    if (presence->kept)
        return presence->kept;
    return nick.length == 0 || chat_text_same(nick, account) ? first_of(presence) : NULL;
}
