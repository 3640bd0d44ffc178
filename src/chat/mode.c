/* SPDX-License-Identifier: MIT */
/* Changing modes: who may change what, to which values. */
#include "config.h"

#include "chat/world.h"

#include "chat/deliver.h"
#include "chat/history_keep.h"

#include <errno.h>
#include <stdio.h>

/* A call that changes modes. */
struct asking {
    struct chat_world *world;
    struct chat_channel *channel;
    struct chat_user *user;
    unsigned prefix; /* of the user, before any change */
    bool forced;     /* by an operator of the server */
    bool service;    /* by the service for registered channels */
    char mask[CHAT_CHANGES_MAX][CHAT_MASK_MAX];
    struct chat_change made[CHAT_CHANGES_MAX];
    size_t made_count;
};

unsigned chat_mode_needs(enum chat_mode mode)
{
    switch (mode) {
    case CHAT_MODE_VOICE:
        return CHAT_HALFOP;
    case CHAT_MODE_HALFOP:
    case CHAT_MODE_OP:
        return CHAT_OP;
    default:
        return CHAT_OWNER;
    }
}

static int check_prefix(struct asking *asking, struct chat_change *change)
{
    struct chat_user *target = chat_find_nick(asking->world, change->argument);
    struct chat_member *member = target ? chat_find_member(target, asking->channel) : NULL;
    unsigned bit = chat_mode_prefix(change->mode);

    if (asking->prefix < chat_mode_needs(change->mode) && (change->set || target != asking->user))
        return CHAT_NOT_OPERATOR;
    if (!target)
        return CHAT_NO_SUCH_NICK;
    if (!member)
        return CHAT_NOT_THERE;
    change->user = target->id;
    change->argument = chat_name_text(target->name);
    return change->set == ((member->prefix & bit) != 0) ? CHAT_MODE_SAME : 0;
}

static int check_mask(struct asking *asking, struct chat_change *change)
{
    struct chat_mask_list *list = chat_list_of(asking->channel, change->mode);
    size_t most = asking->world->settings.masks_per_list;
    struct chat_text mask = {asking->mask[asking->made_count], 0};
    const struct chat_mask *there;

    if (chat_mask_normalise(change->argument, asking->mask[asking->made_count], &mask.length) != 0)
        return CHAT_MASK_BAD;
    if (change->mode == CHAT_MODE_INVITE_EXCEPTION && chat_mask_mutes(mask))
        return CHAT_MASK_BAD;
    there = chat_mask_find(list, mask);
    change->argument = there ? (struct chat_text){there->text, there->length} : mask;
    if (change->set == (there != NULL))
        return CHAT_MODE_SAME;
    if (there) { /* its text goes with it */
        memcpy(asking->mask[asking->made_count], there->text, there->length);
        change->argument = mask;
    }
    return change->set && most > 0 && list->count >= most ? CHAT_LIST_FULL : 0;
}

/* Whether TEXT is a number from 1 to 999999999, which the same text says in no other way. */
static bool is_number(struct chat_text text)
{
    if (text.length == 0 || text.length > 9 || text.data[0] == '0')
        return false;
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return true;
}

static bool is_throttle(struct chat_text text)
{
    const char *colon = text.length > 0 ? memchr(text.data, ':', text.length) : NULL;
    struct chat_text joins = text;

    if (!colon)
        return false;
    joins.length = (size_t)(colon - text.data);
    text.data += joins.length + 1;
    text.length -= joins.length + 1;
    return is_number(joins) && joins.length <= 4 && is_number(text) && text.length <= 5;
}

static bool is_key(struct chat_text text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] <= ' ' || text.data[i] == ',' || text.data[i] == 127)
            return false;
    return text.length > 0 && text.length <= CHAT_KEY_MAX && text.data[0] != ':';
}

static int check_forward(struct asking *asking, struct chat_text name)
{
    struct chat_channel *to;
    const struct chat_member *member;

    if (chat_channel_check(name, asking->world->settings.channel_length) != 0)
        return CHAT_BAD_ARGUMENT;
    to = chat_find_name(asking->world, name);
    member = to ? chat_find_member(asking->user, to) : NULL;
    if (!to || (!member && !asking->forced && to->flags & chat_mode_flag(CHAT_MODE_SECRET)))
        return CHAT_NO_SUCH_CHANNEL;
    if (to == asking->channel)
        return CHAT_BAD_ARGUMENT;
    return asking->forced || (member && chat_runs(member->prefix)) ? 0 : CHAT_NOT_OPERATOR;
}

/* Whether a mode with a value has one. */
static bool has_value(const struct chat_channel *channel, enum chat_mode mode)
{
    return (mode == CHAT_MODE_KEY && channel->key) || (mode == CHAT_MODE_LIMIT && channel->limit) ||
           (mode == CHAT_MODE_FORWARD && channel->forward) ||
           (mode == CHAT_MODE_THROTTLE && channel->throttle_joins) ||
           (chat_mode_is_rate(mode) && chat_rate_of(channel, mode)->count);
}

static bool is_same(const struct chat_channel *channel, enum chat_mode mode, struct chat_text value)
{
    char text[32];

    if (chat_mode_is_rate(mode))
        return chat_text_equal(chat_rate_text(mode, chat_rate_of(channel, mode), text), value);
    switch (mode) {
    case CHAT_MODE_KEY:
        return chat_text_equal(chat_string_text(channel->key), value);
    case CHAT_MODE_FORWARD:
        return chat_text_same(chat_string_text(channel->forward), value);
    case CHAT_MODE_LIMIT:
        snprintf(text, sizeof text, "%u", channel->limit);
        break;
    default:
        snprintf(text, sizeof text, "%u:%u", channel->throttle_joins, channel->throttle_seconds);
        break;
    }
    return chat_text_equal(chat_text(text), value);
}

bool chat_mode_value_is_good(enum chat_mode mode, struct chat_text value)
{
    struct chat_rate rate;

    if (chat_mode_is_rate(mode))
        return chat_rate_parse(mode, value, &rate);
    if (mode == CHAT_MODE_FORWARD)
        return chat_channel_check(value, CHAT_NAME_MAX) == 0;
    return mode == CHAT_MODE_KEY     ? is_key(value)
           : mode == CHAT_MODE_LIMIT ? is_number(value)
                                     : is_throttle(value);
}

/* Whether a mode can have the value. */
static int check_new_value(struct asking *asking, enum chat_mode mode, struct chat_text value)
{
    if (mode == CHAT_MODE_FORWARD)
        return check_forward(asking, value);
    return chat_mode_value_is_good(mode, value) ? 0 : CHAT_BAD_ARGUMENT;
}

/* A key that is taken off is not repeated; other values are of no use then. */
static int check_value(struct asking *asking, struct chat_change *change)
{
    struct chat_text value = change->argument;
    int rc;

    if (!change->set) {
        change->argument = change->mode == CHAT_MODE_KEY ? chat_text("*") : CHAT_NO_TEXT;
        return has_value(asking->channel, change->mode) ? 0 : CHAT_MODE_SAME;
    }
    rc = check_new_value(asking, change->mode, value);
    return rc == 0 && is_same(asking->channel, change->mode, value) ? CHAT_MODE_SAME : rc;
}

static bool is_locked(const struct asking *asking, enum chat_mode mode)
{
    return !asking->forced && !asking->service && chat_mode_is_locked(asking->channel, mode);
}

/* Whether the user runs the server, so far as channels that stay are concerned. */
static bool runs_channels(const struct asking *asking)
{
    return asking->forced ||
           (asking->user->oper && asking->user->oper->rights & CHAT_RIGHT_CHANNELS);
}

/* A mode that is yes or no, or has a value. */
static int check_plain(struct asking *asking, struct chat_change *change)
{
    int rc;

    if (change->mode >= CHAT_MODE_FLAGS) {
        rc = check_value(asking, change);
    } else {
        change->argument = CHAT_NO_TEXT;
        rc = change->set == ((asking->channel->flags & chat_mode_flag(change->mode)) != 0)
                 ? CHAT_MODE_SAME
                 : 0;
    }
    if (rc == 0 && change->mode == CHAT_MODE_PERMANENT && !runs_channels(asking))
        return CHAT_NO_RIGHT;
    return rc == 0 && is_locked(asking, change->mode) ? CHAT_MODE_LOCKED : rc;
}

static int check(struct asking *asking, struct chat_change *change)
{
    if (change->mode >= CHAT_MODE_VOICE)
        return check_prefix(asking, change);
    if (!chat_runs(asking->prefix))
        return CHAT_NOT_OPERATOR;
    return change->mode >= CHAT_MODE_BAN ? check_mask(asking, change) : check_plain(asking, change);
}

/* Each change is checked in the state that those before it have made. */
static void change_each(struct asking *asking, struct chat_event *event,
                        struct chat_change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct chat_change *made = &asking->made[asking->made_count];

        *made = changes[i];
        changes[i].outcome = check(asking, made);
        if (changes[i].outcome == 0)
            changes[i].outcome = chat_change_apply(asking->world, asking->channel, event, made);
        if (changes[i].outcome == 0)
            asking->made_count++;
    }
}

/*
 * Tells what has been changed, in as many events as it takes for none to have more than so many
 * bytes of arguments: all protocols can then write one as a line.
 */
#define ARGUMENTS_MAX 200

static void tell_changes(struct asking *asking, struct chat_event *event)
{
    size_t told = 0;

    while (told < asking->made_count) {
        size_t count = 0;
        size_t bytes = 0;

        do {
            bytes += asking->made[told + count++].argument.length + 1;
        } while (told + count < asking->made_count &&
                 bytes + asking->made[told + count].argument.length + 1 <= ARGUMENTS_MAX);
        event->changes = asking->made + told;
        event->change_count = count;
        if (told > 0)
            chat_event_stamp(asking->world, event);
        chat_tell_channel(event, asking->channel);
        chat_keep_in_channel(asking->world, event, asking->channel, 0);
        told += count;
    }
}

static int mode_locked(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, struct chat_change *changes, size_t count)
{
    struct asking asking = {.world = world, .user = session->user};
    const struct chat_member *member;
    struct chat_event event;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    rc = chat_find_meant(world, session, name, &asking.channel);
    if (rc != 0)
        return rc;
    member = chat_find_member(session->user, asking.channel);
    if (!member)
        return CHAT_NOT_ON_CHANNEL;
    asking.prefix = member->prefix;
    event = chat_event_in(session, CHAT_MODE, asking.channel);
    chat_event_stamp(world, &event);
    change_each(&asking, &event, changes, count);
    tell_changes(&asking, &event);
    chat_keep_channel(asking.channel);
    return 0;
}

void chat_modes_by_service(struct chat_world *world, struct chat_channel *channel,
                           struct chat_user *user, struct chat_change *changes, size_t count)
{
    struct asking asking = {
        .world = world, .channel = channel, .user = user, .prefix = CHAT_OWNER, .service = true};
    struct chat_event event = chat_event_by_service(world, CHAT_MODE, channel);

    chat_event_stamp(world, &event);
    change_each(&asking, &event, changes, count);
    tell_changes(&asking, &event);
    chat_keep_channel(channel);
}

static int force_locked(struct chat_world *world, struct chat_session *session,
                        struct chat_text name, struct chat_change *changes, size_t count)
{
    struct asking asking = {.world = world, .user = session->user, .prefix = CHAT_OWNER};
    struct chat_event event;
    int rc = chat_check_right(session, CHAT_RIGHT_OVERRIDE);

    if (rc == 0)
        rc = chat_find_meant(world, session, name, &asking.channel);
    if (rc != 0)
        return rc;
    asking.forced = true;
    event = chat_event_in(session, CHAT_MODE, asking.channel);
    chat_event_stamp(world, &event);
    change_each(&asking, &event, changes, count);
    if (asking.made_count == 0)
        return 0;
    chat_act_locked(world, session->user, CHAT_NOTICE_OPER, "has changed the modes of %.*s",
                    CHAT_SHOWN(event.channel_name));
    tell_changes(&asking, &event);
    chat_keep_channel(asking.channel);
    chat_channel_settle(world, asking.channel);
    return 0;
}

int chat_force_mode(struct chat_world *world, struct chat_session *session,
                    struct chat_text channel, struct chat_change *changes, size_t count)
{
    int rc;

    if (count > CHAT_CHANGES_MAX)
        return -EINVAL;
    pli_write_lock(&world->lock);
    rc = force_locked(world, session, channel, changes, count);
    pli_write_unlock(&world->lock);
    return rc;
}

int chat_channel_mode(struct chat_world *world, struct chat_session *session,
                      struct chat_text channel, struct chat_change *changes, size_t count)
{
    int rc;

    if (count > CHAT_CHANGES_MAX)
        return -EINVAL;
    pli_write_lock(&world->lock);
    rc = mode_locked(world, session, channel, changes, count);
    pli_write_unlock(&world->lock);
    return rc;
}
