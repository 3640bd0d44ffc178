/* SPDX-License-Identifier: MIT */
/*
 * There is a presence as long as anybody is logged in to its account. It is found by the account's
 * name, in any case, and stands under the world's lock as everything does.
 */
#include "config.h"

#include "chat/presence.h"

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
    pli_list_init(&presence->users);
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

void chat_presence_tidy(struct chat_world *world, struct chat_presence *presence)
{
    if (!presence || !pli_list_is_empty(&presence->users))
        return;
    pli_hash_remove(&world->presences, &presence->by_account);
    free(presence->account);
    free(presence);
}

void chat_presence_put(struct chat_world *world, struct chat_user *user,
                       struct chat_presence *presence)
{
    struct chat_presence *old = user->presence;

    if (old == presence)
        return;
    if (old)
        pli_list_remove(&user->in_presence);
    user->presence = presence;
    if (presence)
        pli_list_append(&presence->users, &user->in_presence);
    chat_presence_tidy(world, old);
}

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
    return nick.length == 0 || chat_text_same(nick, account) ? first_of(presence) : NULL;
}
