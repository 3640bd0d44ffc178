/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/metadata.h"

#include "chat/deliver.h"
#include "chat/world.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* -- Sets of keys ------------------------------------------------------------------------------ */

struct entry {
    size_t key_length;
    size_t value_length;
    char text[]; /* the key, and the value behind it */
};

struct chat_metadata {
    size_t count;
    struct entry *entries[CHAT_METADATA_MAX];
};

bool chat_key_is_good(struct chat_text key)
{
    for (size_t i = 0; i < key.length; i++) {
        char byte = key.data[i];

        if (!((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '_' ||
              byte == '.' || byte == '/' || byte == '-'))
            return false;
    }
    return key.length > 0 && key.length <= CHAT_METADATA_KEY_MAX;
}

static struct chat_text key_of(const struct entry *entry)
{
    return (struct chat_text){entry->text, entry->key_length};
}

static struct chat_text value_of(const struct entry *entry)
{
    return (struct chat_text){entry->text + entry->key_length, entry->value_length};
}

static size_t find_entry(const struct chat_metadata *set, struct chat_text key)
{
    size_t i = 0;

    while (i < set->count && !chat_text_equal(key_of(set->entries[i]), key))
        i++;
    return i;
}

static struct entry *entry_new(struct chat_text key, struct chat_text value)
{
    struct entry *entry = malloc(sizeof *entry + key.length + value.length);

    if (!entry)
        return NULL;
    entry->key_length = key.length;
    entry->value_length = value.length;
    memcpy(entry->text, key.data, key.length);
    memcpy(entry->text + key.length, value.data, value.length);
    return entry;
}

static int take_out(struct chat_metadata **set, struct chat_text key)
{
    size_t at = *set ? find_entry(*set, key) : 0;

    if (!*set || at == (*set)->count)
        return CHAT_MODE_SAME;
    free((*set)->entries[at]);
    (*set)->count--;
    memmove(&(*set)->entries[at], &(*set)->entries[at + 1],
            ((*set)->count - at) * sizeof(*set)->entries[0]);
    if ((*set)->count == 0) {
        free(*set);
        *set = NULL;
    }
    return 0;
}

/* Whether the value can be set: what it would be added to may be full, or it is there. */
static int check_put(const struct chat_metadata *set, struct chat_text key, struct chat_text value)
{
    size_t at = set ? find_entry(set, key) : 0;

    if (set && at < set->count)
        return chat_text_equal(value_of(set->entries[at]), value) ? CHAT_MODE_SAME : 0;
    if (value.length == 0)
        return CHAT_MODE_SAME;
    return at == CHAT_METADATA_MAX ? CHAT_LIST_FULL : 0;
}

int chat_metadata_put(struct chat_metadata **set, struct chat_text key, struct chat_text value)
{
    int rc = check_put(*set, key, value);
    struct entry *entry;
    size_t at;

    if (rc != 0)
        return rc;
    if (value.length == 0)
        return take_out(set, key);
    entry = entry_new(key, value);
    if (entry && !*set)
        *set = calloc(1, sizeof **set);
    if (!entry || !*set) {
        free(entry);
        return -ENOMEM;
    }
    at = find_entry(*set, key);
    if (at == (*set)->count)
        (*set)->count++;
    else
        free((*set)->entries[at]);
    (*set)->entries[at] = entry;
    return 0;
}

struct chat_text chat_metadata_get(const struct chat_metadata *set, struct chat_text key)
{
    size_t at = set ? find_entry(set, key) : 0;

    return set && at < set->count ? value_of(set->entries[at]) : chat_text("");
}

size_t chat_metadata_count(const struct chat_metadata *set)
{
    return set ? set->count : 0;
}

struct chat_text chat_metadata_at(const struct chat_metadata *set, size_t index,
                                  struct chat_text *value)
{
    assert(set && index < set->count);
    *value = value_of(set->entries[index]);
    return key_of(set->entries[index]);
}

static int add_missing(struct chat_metadata **set, const struct chat_metadata *from)
{
    struct chat_text value;
    int rc = 0;

    for (size_t i = 0; i < chat_metadata_count(from) && rc >= 0; i++) {
        struct chat_text key = chat_metadata_at(from, i, &value);

        if (chat_metadata_get(*set, key).length == 0)
            rc = chat_metadata_put(set, key, value); /* or there is no more room */
    }
    return rc < 0 ? rc : 0;
}

int chat_metadata_merge(const struct chat_metadata *first, const struct chat_metadata *second,
                        struct chat_metadata **out)
{
    int rc = add_missing(out, first);

    if (rc == 0)
        rc = add_missing(out, second);
    if (rc == 0)
        return 0;
    chat_metadata_free(*out);
    *out = NULL;
    return rc;
}

void chat_metadata_free(struct chat_metadata *set)
{
    for (size_t i = 0; i < chat_metadata_count(set); i++)
        free(set->entries[i]);
    free(set);
}

/* -- In the world ------------------------------------------------------------------------------ */

/* Whose metadata is meant: of the two, the one that is not NULL. */
struct owner {
    struct chat_user *user;
    struct chat_channel *channel;
};

static struct chat_metadata **set_of(const struct owner *owner)
{
    if (!owner->user)
        return &owner->channel->metadata;
    return owner->user->presence ? &owner->user->presence->metadata : &owner->user->metadata;
}

static struct chat_text name_of(const struct owner *owner)
{
    return chat_name_text(owner->user ? owner->user->name : owner->channel->name);
}

bool chat_channel_is_there(const struct chat_session *session, const struct chat_channel *channel)
{
    return !(channel->flags & chat_mode_flag(CHAT_MODE_SECRET)) ||
           session->user->modes & CHAT_USER_OPERATOR || chat_find_member(session->user, channel);
}

static int find_owner(const struct chat_world *world, const struct chat_session *session,
                      struct chat_text target, struct owner *owner)
{
    *owner = (struct owner){NULL, NULL};
    if (!session->user)
        return CHAT_NOT_REGISTERED;
    if (target.length == 0 || target.data[0] != '#') {
        owner->user = target.length > 0 ? chat_find_nick(world, target) : session->user;
        return owner->user ? 0 : CHAT_NO_SUCH_NICK;
    }
    owner->channel = chat_find_name(world, target);
    return owner->channel && chat_channel_is_there(session, owner->channel) ? 0
                                                                            : CHAT_NO_SUCH_CHANNEL;
}

/* The same for who wants to change something. */
static int find_own(const struct chat_world *world, const struct chat_session *session,
                    struct chat_text target, struct owner *owner)
{
    const struct chat_member *member;
    int rc = find_owner(world, session, target, owner);

    if (rc != 0)
        return rc;
    if (owner->user)
        return owner->user == session->user ? 0 : CHAT_NOT_OPERATOR;
    member = chat_find_member(session->user, owner->channel);
    return member && chat_runs(member->prefix) ? 0 : CHAT_NOT_OPERATOR;
}

/* Who else is logged in to the user's account has it, too; and it is kept. */
static void tell_others(struct chat_world *world, const struct chat_event *event,
                        const struct chat_user *user)
{
    pli_list_for_each (link, &user->presence->users) {
        struct chat_user *other = pli_container_of(link, struct chat_user, in_presence);
        struct chat_event copy = *event;

        if (other == user)
            continue;
        copy.target = other->id;
        copy.target_nick = chat_name_text(other->name);
        chat_tell_known(world, &copy, other);
    }
    chat_kept_changed(world, user->presence, STORE_KEPT_METADATA, event->more);
}

int chat_apply_metadata(struct chat_world *world, const struct chat_event *event)
{
    struct owner owner = {chat_find_user(world, event->target),
                          chat_find_channel(world, event->channel)};
    int rc;

    if (!owner.user && !owner.channel)
        return event->channel.time != 0 ? CHAT_NO_SUCH_CHANNEL : CHAT_NO_SUCH_USER;
    rc = chat_metadata_put(set_of(&owner), event->more, event->text);
    if (rc != 0)
        return rc;
    if (!owner.user) {
        chat_tell_channel(event, owner.channel);
        return 0;
    }
    chat_tell_known(world, event, owner.user);
    if (owner.user->presence)
        tell_others(world, event, owner.user);
    return 0;
}

static int change(struct chat_world *world, struct chat_session *session, const struct owner *owner,
                  struct chat_text key, struct chat_text value)
{
    struct chat_event event = chat_event_of(session, CHAT_METADATA);
    int rc = check_put(*set_of(owner), key, value);

    if (rc != 0)
        return rc;
    event.more = key;
    event.text = value;
    if (owner->user) {
        event.target = owner->user->id;
        event.target_nick = name_of(owner);
    } else {
        event.channel = owner->channel->id;
        event.channel_name = name_of(owner);
    }
    chat_event_stamp(world, &event);
    return chat_apply(world, &event);
}

int chat_metadata_set(struct chat_world *world, struct chat_session *session,
                      struct chat_text target, struct chat_text key, struct chat_text value)
{
    struct owner owner;
    int rc;

    pli_write_lock(&world->lock);
    rc = find_own(world, session, target, &owner);
    if (rc == 0)
        rc = change(world, session, &owner, key, value);
    pli_write_unlock(&world->lock);
    return rc == CHAT_MODE_SAME ? 0 : rc;
}

/* From the last one on: none of the others has to move. */
static int clear(struct chat_world *world, struct chat_session *session, const struct owner *owner,
                 chat_metadata_visit *visit, void *argument)
{
    char copy[CHAT_METADATA_KEY_MAX];
    struct chat_text value;
    int rc = 0;

    for (size_t i = chat_metadata_count(*set_of(owner)); i-- > 0 && rc == 0;) {
        struct chat_text key = chat_metadata_at(*set_of(owner), i, &value);

        memcpy(copy, key.data, key.length);
        key.data = copy;
        rc = change(world, session, owner, key, chat_text(""));
        if (rc == 0)
            visit(name_of(owner), key, chat_text(""), argument);
    }
    return rc;
}

int chat_metadata_clear(struct chat_world *world, struct chat_session *session,
                        struct chat_text target, chat_metadata_visit *visit, void *argument)
{
    struct owner owner;
    int rc;

    pli_write_lock(&world->lock);
    rc = find_own(world, session, target, &owner);
    if (rc == 0)
        rc = clear(world, session, &owner, visit, argument);
    pli_write_unlock(&world->lock);
    return rc;
}

int chat_metadata_find(struct chat_world *world, struct chat_session *session,
                       struct chat_text target, struct chat_text key, chat_metadata_visit *visit,
                       void *argument)
{
    struct owner owner;
    int rc;

    pli_read_lock(&world->lock);
    rc = find_owner(world, session, target, &owner);
    if (rc == 0)
        visit(name_of(&owner), key, chat_metadata_get(*set_of(&owner), key), argument);
    pli_read_unlock(&world->lock);
    return rc;
}

int chat_metadata_look(struct chat_world *world, struct chat_session *session,
                       struct chat_text target, chat_metadata_visit *visit, void *argument)
{
    struct owner owner;
    struct chat_text value;
    int rc;

    pli_read_lock(&world->lock);
    rc = find_owner(world, session, target, &owner);
    for (size_t i = 0; rc == 0 && i < chat_metadata_count(*set_of(&owner)); i++) {
        struct chat_text key = chat_metadata_at(*set_of(&owner), i, &value);

        visit(name_of(&owner), key, value, argument);
    }
    pli_read_unlock(&world->lock);
    return rc;
}
