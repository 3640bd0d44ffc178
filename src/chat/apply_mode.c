/* SPDX-License-Identifier: MIT */
/* Changes of modes, made by the values of events. */
#include "config.h"

#include "chat/world.h"

#include "chat/deliver.h"
#include "chat/history_keep.h"

#include <stdlib.h>

/* The number that TEXT begins with, which is moved past it. */
static unsigned take_number(struct chat_text *text)
{
    unsigned value = 0;

    while (text->length > 0 && *text->data >= '0' && *text->data <= '9') {
        value = value * 10 + (unsigned)(*text->data - '0');
        text->data++;
        text->length--;
    }
    return value;
}

static void set_throttle(struct chat_channel *channel, struct chat_text value)
{
    channel->throttle_joins = take_number(&value);
    if (value.length > 0) { /* past the colon */
        value.data++;
        value.length--;
    }
    channel->throttle_seconds = take_number(&value);
    channel->throttle_count = 0;
    channel->throttle_since = 0;
}

/* A value that is no rate clears it. */
static int set_rate(struct chat_channel *channel, enum chat_mode mode, struct chat_text value)
{
    struct chat_rate rate = {0};

    if (!chat_rate_parse(mode, value, &rate))
        rate = (struct chat_rate){0};
    return chat_pace_set(&channel->pace, mode, &rate);
}

static int apply_mask(struct chat_channel *channel, const struct chat_event *event,
                      const struct chat_change *change)
{
    struct chat_mask_list *list = chat_list_of(channel, change->mode);
    struct chat_mask *mask = chat_mask_find(list, change->argument);
    int rc = 0;

    if (change->set && !mask)
        rc = chat_mask_add(list, change->argument, event);
    else if (!change->set && mask)
        chat_drop_mask(channel, change->mode, mask);
    chat_forget_verdicts(channel);
    return rc;
}

static void apply_prefix(struct chat_world *world, struct chat_channel *channel,
                         const struct chat_change *change)
{
    struct chat_user *user = chat_find_user(world, change->user);
    struct chat_member *member = user ? chat_find_member(user, channel) : NULL;
    unsigned bit = chat_mode_prefix(change->mode);

    if (!member)
        return;
    member->prefix = change->set ? member->prefix | bit : member->prefix & ~bit;
    chat_presence_note_channel(world, user, channel->name);
}

static void apply_flag(struct chat_channel *channel, const struct chat_change *change)
{
    unsigned bit = chat_mode_flag(change->mode);

    channel->flags = change->set ? channel->flags | bit : channel->flags & ~bit;
}

static int apply(struct chat_world *world, struct chat_channel *channel,
                 const struct chat_event *event, const struct chat_change *change)
{
    struct chat_text value = change->set ? change->argument : CHAT_NO_TEXT;

    switch (change->mode) {
    case CHAT_MODE_KEY:
        return chat_string_set(&channel->key, value);
    case CHAT_MODE_FORWARD:
        return chat_forward_set(world, channel, value);
    case CHAT_MODE_LIMIT:
        channel->limit = take_number(&value);
        return 0;
    case CHAT_MODE_THROTTLE:
        set_throttle(channel, value);
        return 0;
    case CHAT_MODE_SLOW:
    case CHAT_MODE_LINES:
    case CHAT_MODE_REPEATS:
    case CHAT_MODE_NICKS:
        return set_rate(channel, change->mode, value);
    case CHAT_MODE_BAN:
    case CHAT_MODE_EXCEPTION:
    case CHAT_MODE_INVITE_EXCEPTION:
        return apply_mask(channel, event, change);
    default:
        break;
    }
    if (change->mode < CHAT_MODE_FLAGS)
        apply_flag(channel, change);
    else
        apply_prefix(world, channel, change);
    return 0;
}

int chat_change_apply(struct chat_world *world, struct chat_channel *channel,
                      const struct chat_event *event, const struct chat_change *change)
{
    int rc = apply(world, channel, event, change);

    if (rc == 0 && change->mode < CHAT_MODE_BAN)
        chat_note_change(channel);
    return rc;
}

/* An event from elsewhere. What there is no memory for is not made, and not told either. */
int chat_apply_mode(struct chat_world *world, const struct chat_event *event)
{
    struct chat_channel *channel = chat_find_channel(world, event->channel);
    struct chat_event told = *event;
    int rc = 0;

    if (!channel)
        return CHAT_NO_SUCH_CHANNEL;
    for (told.change_count = 0; told.change_count < event->change_count; told.change_count++) {
        rc = chat_change_apply(world, channel, event, &event->changes[told.change_count]);
        if (rc < 0)
            break;
    }
    if (told.change_count > 0) {
        chat_tell_channel(&told, channel);
        chat_keep_in_channel(world, &told, channel, 0);
    }
    chat_keep_channel(channel);
    chat_channel_settle(world, channel);
    return rc;
}
