/* SPDX-License-Identifier: MIT */
/* What becomes of members who go beyond a rate of their channel: the server takes them out. */
#include "config.h"

#include "chat/world.h"

#include "chat/deliver.h"

#include <stdio.h>

static struct chat_event begin(struct chat_world *world, enum chat_kind kind,
                               const struct chat_channel *channel)
{
    struct chat_event event = chat_event_by_server(world, kind);

    event.channel = channel->id;
    event.channel_name = chat_name_text(channel->name);
    chat_event_stamp(world, &event);
    return event;
}

/* Bans the user's host, unless it is already, or there is no room. */
static void ban(struct chat_world *world, struct chat_channel *channel,
                const struct chat_user *user)
{
    struct chat_event event = begin(world, CHAT_MODE, channel);
    const struct chat_mask_list *list = chat_list_of(channel, CHAT_MODE_BAN);
    size_t most = world->settings.masks_per_list;
    char wanted[CHAT_HOST_MAX + 8];
    char mask[CHAT_MASK_MAX];
    struct chat_change change = {.set = true, .mode = CHAT_MODE_BAN, .argument = {mask, 0}};
    struct chat_text host = chat_string_text(user->host);
    int length = snprintf(wanted, sizeof wanted, "*!*@%.*s", (int)host.length, host.data);

    if (chat_mask_normalise((struct chat_text){wanted, (size_t)length}, mask,
                            &change.argument.length) != 0 ||
        chat_mask_find(list, change.argument) || (most > 0 && list->count >= most))
        return;
    event.changes = &change;
    event.change_count = 1;
    (void)chat_apply(world, &event); /* without memory the kick must do */
}

static void kick(struct chat_world *world, struct chat_channel *channel,
                 const struct chat_user *user, enum chat_mode mode)
{
    struct chat_event event = begin(world, CHAT_KICK, channel);
    char rate[CHAT_RATE_TEXT];
    char reason[80];
    struct chat_text value = chat_rate_text(mode, chat_rate_of(channel, mode), rate);

    snprintf(reason, sizeof reason, "%s %.*s)", /* with the mode as IRC writes it */
             mode == CHAT_MODE_LINES ? "Too many lines (+L" : "Said too often (+E",
             (int)value.length, value.data);
    event.target = user->id;
    event.target_nick = chat_name_text(user->name);
    event.text = chat_text(reason);
    (void)chat_apply(world, &event); /* that they are there has been seen */
}

/* The channel, its modes and its members may have changed since. */
void chat_penalise(struct chat_world *world, const struct chat_penalty *penalty)
{
    struct chat_channel *channel = chat_find_channel(world, penalty->channel);
    struct chat_user *user = chat_find_user(world, penalty->user);
    const struct chat_member *member;
    const struct chat_rate *rate;

    if (!channel || !user || !channel->pace)
        return;
    chat_pace_forgive(channel->pace, user->id);
    member = chat_find_member(user, channel);
    rate = chat_rate_of(channel, penalty->mode);
    if (!member || member->prefix || rate->count == 0 || rate->action == CHAT_RATE_REFUSES)
        return;
    if (rate->action == CHAT_RATE_BANS)
        ban(world, channel, user);
    kick(world, channel, user, penalty->mode);
}
