/* SPDX-License-Identifier: MIT */
/*
 * Giving channels other names. A name that a channel has given up leads to it for a while: such
 * former names are in a table of the world, and belong to the channel, with which they go. One that
 * is over, or whose channel is hidden by now, is as good as none, and is taken out when the name is
 * wanted again.
 */
#include "config.h"

#include "chat/world.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "chat/deliver.h"
#include "chat/history_keep.h"

#include <errno.h>
#include <stdlib.h>

struct chat_former {
    struct pli_hash_node by_name;
    struct chat_name *name;       /* const */
    struct chat_channel *channel; /* const */
    uint64_t since;               /* const: wall clock, milliseconds */
    struct pli_list in_channel;
};

const struct chat_name *chat_former_name(const struct pli_hash_node *node)
{
    const char *former = (const char *)node - offsetof(struct chat_former, by_name);

    return ((const struct chat_former *)(const void *)former)->name;
}

static struct chat_former *former_of(struct pli_list *link)
{
    return pli_container_of(link, struct chat_former, in_channel);
}

static struct chat_former *find(const struct chat_world *world, struct chat_text name)
{
    struct pli_hash_node *node = chat_find_folded(&world->former_names, name);

    return node ? pli_container_of(node, struct chat_former, by_name) : NULL;
}

struct chat_channel *chat_find_former(const struct chat_world *world, struct chat_text name)
{
    const struct chat_former *former = find(world, name);

    if (!former || former->channel->flags & CHAT_HIDING ||
        pli_clock_wall_ms() - former->since >= CHAT_FORMER_MS)
        return NULL;
    return former->channel;
}

static void drop(struct chat_world *world, struct chat_former *former)
{
    pli_hash_remove(&world->former_names, &former->by_name);
    pli_list_remove(&former->in_channel);
    former->channel->former_count--;
    free(former->name);
    free(former);
}

static void drop_name(struct chat_world *world, struct chat_text name)
{
    struct chat_former *former = find(world, name);

    if (former)
        drop(world, former);
}

void chat_forget_formers(struct chat_world *world, struct chat_channel *channel)
{
    pli_list_for_each_safe (link, after, &channel->formers)
        drop(world, former_of(link));
}

/* Keeps NAME, which is the former's from now on. */
static void add(struct chat_world *world, struct chat_former *former, struct chat_name *name)
{
    struct chat_channel *channel = former->channel;

    drop_name(world, chat_name_text(name));
    if (channel->former_count == CHAT_FORMERS_MAX)
        drop(world, former_of(channel->formers.next));
    former->name = name;
    pli_list_append(&channel->formers, &former->in_channel);
    channel->former_count++;
    pli_hash_add(&world->former_names, &former->by_name);
}

/* What replaces the forwards of other channels to one that is renamed. */
struct forwards {
    size_t count;
    struct chat_string **names;
};

static struct chat_channel *channel_of_forward(struct pli_list *link)
{
    return pli_container_of(link, struct chat_channel, forwarding);
}

static bool forwards_to(const struct chat_channel *other, const struct chat_channel *channel)
{
    return chat_text_same(chat_string_text(other->forward), chat_name_text(channel->name));
}

static void forwards_deinit(struct forwards *forwards)
{
    for (size_t i = 0; i < forwards->count; i++)
        free(forwards->names[i]);
    free(forwards->names);
}

/* Makes as many strings as will be needed. Returns 0 or -ENOMEM. */
static int forwards_init(struct forwards *forwards, struct chat_world *world,
                         const struct chat_channel *channel, struct chat_text name)
{
    size_t count = 0;

    *forwards = (struct forwards){0};
    pli_list_for_each (link, &world->forwarding)
        count += forwards_to(channel_of_forward(link), channel);
    if (count == 0)
        return 0;
    forwards->names = calloc(count, sizeof(*forwards->names));
    if (!forwards->names)
        return -ENOMEM;
    for (; forwards->count < count; forwards->count++) {
        if (chat_string_set(&forwards->names[forwards->count], name) < 0) {
            forwards_deinit(forwards);
            return -ENOMEM;
        }
    }
    return 0;
}

/* The strings change places: what is not needed any more is left in FORWARDS. */
static void forwards_replace(struct forwards *forwards, struct chat_world *world,
                             const struct chat_channel *channel)
{
    size_t used = 0;

    pli_list_for_each (link, &world->forwarding) {
        struct chat_channel *other = channel_of_forward(link);
        struct chat_string *old = other->forward;

        if (!forwards_to(other, channel))
            continue;
        other->forward = forwards->names[used];
        forwards->names[used++] = old;
    }
}

int chat_forward_set(struct chat_world *world, struct chat_channel *channel, struct chat_text to)
{
    bool listed = channel->forward;
    int rc = chat_string_set(&channel->forward, to);

    if (listed && !channel->forward)
        pli_list_remove(&channel->forwarding);
    if (!listed && channel->forward)
        pli_list_append(&world->forwarding, &channel->forwarding);
    return rc;
}

/* All that must be there before something is changed. */
struct change {
    struct chat_name *name;
    struct chat_former *former; /* NULL: the old name leads nowhere */
    struct forwards forwards;
};

/* A name that only differs by case leads there anyway, and one of a hidden channel tells too much. */
static bool leaves_a_former(const struct chat_channel *channel, const struct chat_event *event)
{
    return !chat_text_same(chat_name_text(channel->name), event->more) &&
           !(channel->flags & CHAT_HIDING);
}

static int prepare(struct change *change, struct chat_world *world, struct chat_channel *channel,
                   const struct chat_event *event)
{
    *change = (struct change){.name = chat_name_new(event->more)};
    if (change->name && leaves_a_former(channel, event)) {
        change->former = malloc(sizeof *change->former);
        if (change->former)
            *change->former = (struct chat_former){.channel = channel, .since = event->time};
    }
    if (change->name && (change->former || !leaves_a_former(channel, event)) &&
        forwards_init(&change->forwards, world, channel, event->more) == 0)
        return 0;
    free(change->former);
    free(change->name);
    return -ENOMEM;
}

/* The event's texts may be those that go here, so everybody has been told. */
static void make(struct change *change, struct chat_world *world, struct chat_channel *channel,
                 const struct chat_event *event)
{
    struct chat_name *old = channel->name;

    forwards_replace(&change->forwards, world, channel);
    drop_name(world, event->more);
    pli_hash_remove(&world->channel_names, &channel->by_name);
    channel->name = change->name;
    pli_hash_add(&world->channel_names, &channel->by_name);
    channel->renamed = event->time;
    pli_list_for_each (link, &channel->members) {
        chat_presence_note_channel(world, chat_member_of_channel(link)->user, old);
        chat_presence_note_channel(world, chat_member_of_channel(link)->user, channel->name);
    }
    if (change->former)
        add(world, change->former, old);
    else
        free(old);
    forwards_deinit(&change->forwards);
}

int chat_apply_channel_rename(struct chat_world *world, const struct chat_event *event)
{
    struct chat_channel *channel = chat_find_channel(world, event->channel);
    struct chat_channel *holder = chat_find_name(world, event->more);
    struct change change;
    int rc;

    if (!channel)
        return CHAT_NO_SUCH_CHANNEL;
    if (holder && holder != channel)
        return CHAT_NAME_TAKEN;
    rc = prepare(&change, world, channel, event);
    if (rc < 0)
        return rc;
    chat_tell_channel(event, channel);
    chat_keep_in_channel(world, event, channel, 0);
    make(&change, world, channel, event);
    chat_note_change(channel);
    chat_keep_channel(channel);
    return 0;
}

/* Whether the channel may have that name, or 0. */
static int check_name(const struct chat_world *world, const struct chat_channel *channel,
                      struct chat_text name)
{
    struct chat_channel *holder = chat_find_name(world, name);
    int rc = chat_channel_check(name, world->settings.channel_length);

    if (rc != 0)
        return rc;
    if (chat_bans_on_channel(&world->bans, name, pli_clock_wall_ms()))
        return CHAT_CLOSED;
    if (!holder)
        holder = chat_find_former(world, name);
    if (holder && holder != channel)
        return CHAT_NAME_TAKEN;
    return chat_text_equal(chat_name_text(channel->name), name) ? CHAT_NAME_SAME : 0;
}

static int rename_locked(struct chat_world *world, struct chat_session *session,
                         struct chat_text name, struct chat_text to, struct chat_text reason)
{
    struct chat_channel *channel;
    struct chat_event event;
    int rc;

    if (!session->user)
        return CHAT_NOT_REGISTERED;
    rc = chat_find_joined(world, session, name, &channel);
    if (rc != 0)
        return rc;
    if (chat_find_member(session->user, channel)->prefix < CHAT_OP)
        return CHAT_NOT_OPERATOR;
    if (channel->registration && chat_authority(session, channel) < CHAT_OP)
        return CHAT_NO_ACCESS;
    rc = check_name(world, channel, to);
    if (rc != 0)
        return rc;
    if (chat_text_same(chat_name_text(channel->name), chat_text(world->settings.fixed_channel)))
        return CHAT_NAME_FIXED;
    if (channel->renamed > 0 && pli_clock_wall_ms() - channel->renamed < CHAT_RENAME_PAUSE_MS)
        return CHAT_RENAMED;
    event = chat_event_in(session, CHAT_NEW_NAME, channel);
    event.more = to;
    event.text = reason;
    event.text.length = pli_utf8_cut(reason.data, reason.length, CHAT_REASON_MAX);
    chat_event_stamp(world, &event);
    return chat_apply(world, &event);
}

int chat_channel_rename(struct chat_world *world, struct chat_session *session,
                        struct chat_text name, struct chat_text to, struct chat_text reason)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = rename_locked(world, session, name, to, reason);
    pli_write_unlock(&world->lock);
    return rc;
}

int chat_channel_former(struct chat_world *world, struct chat_text name,
                        void (*visit)(struct chat_text now, void *argument), void *argument)
{
    const struct chat_channel *channel;

    pli_read_lock(&world->lock);
    channel = chat_find_name(world, name) ? NULL : chat_find_former(world, name);
    if (channel)
        visit(chat_name_text(channel->name), argument);
    pli_read_unlock(&world->lock);
    return channel ? 0 : CHAT_NO_SUCH_CHANNEL;
}
