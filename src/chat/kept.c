/* SPDX-License-Identifier: MIT */
/*
 * Each presence has a list of what is to be written, by its keys, and what stands under a key then
 * is looked up when its turn comes. The list, and how many writes are on their way, are guarded by the
 * presence's order lock, as its markers are; the world held exclusive stands for that. When a write
 * is over the store's writer begins the next one. One that has failed goes back to the list and is
 * tried again later.
 */
#include "config.h"

#include "chat/kept.h"

#include "base/log.h"
#include "chat/world.h"
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static_assert(CHAT_NAME_MAX <= STORE_NAME_MAX && CHAT_METADATA_KEY_MAX <= STORE_NAME_MAX &&
                  CHAT_METADATA_VALUE_MAX <= STORE_VALUE_MAX,
              "the store takes whatever there is");

/* Writes of one account that are on their way. */
#define WRITES_MAX 16

/* Something that is to be written. */
struct unwritten {
    struct pli_list link;
    enum store_kept_kind kind;
    size_t length;
    char key[];
};

static struct unwritten *unwritten_of(struct pli_list *link)
{
    return pli_container_of(link, struct unwritten, link);
}

/* -- Writing ------------------------------------------------------------------------------------ */

/* The texts of a change. */
struct texts {
    char account[STORE_NAME_MAX + 1];
    char key[STORE_NAME_MAX + 1];
    char value[STORE_VALUE_MAX + 1];
};

static void copy(struct chat_text text, char *out)
{
    if (text.length > 0)
        memcpy(out, text.data, text.length);
    out[text.length] = '\0';
}

static struct chat_text field_of(const struct chat_user *user, enum chat_presence_field field)
{
    switch (field) {
    case CHAT_FIELD_NICK:
        return chat_name_text(user->name);
    case CHAT_FIELD_USERNAME:
        return chat_string_text(user->username);
    case CHAT_FIELD_HOST:
        return chat_string_text(user->host);
    case CHAT_FIELD_ADDRESS:
        return chat_string_text(user->address);
    case CHAT_FIELD_REALNAME:
        return chat_string_text(user->realname);
    case CHAT_FIELD_AWAY:
        return chat_string_text(user->away);
    default:
        return CHAT_NO_TEXT;
    }
}

static uint64_t number_of(const struct chat_user *user, enum chat_presence_field field)
{
    return field == CHAT_FIELD_MODES  ? user->modes
           : field == CHAT_FIELD_CAME ? user->came
           : field == CHAT_FIELD_SEEN ? user->seen
                                      : 0;
}

static bool look_up_field(const struct chat_user *user, struct chat_text key,
                          struct store_kept *kept, struct texts *texts)
{
    struct chat_text value;
    unsigned field = 0;

    while (!chat_text_equal(chat_text(chat_presence_fields[field]), key))
        field++;
    value = field_of(user, (enum chat_presence_field)field);
    copy(value, texts->value);
    kept->number = number_of(user, (enum chat_presence_field)field);
    return value.length > 0 || kept->number > 0;
}

static bool look_up_channel(const struct chat_user *user, struct chat_text key,
                            struct store_kept *kept, struct texts *texts)
{
    pli_list_for_each (link, &user->channels) {
        const struct chat_member *member = chat_member_of_user(link);

        if (!chat_text_equal(chat_name_folded(member->channel->name), key))
            continue;
        copy(chat_name_text(member->channel->name), texts->value);
        kept->number = member->prefix;
        return true;
    }
    return false;
}

/* Puts what stands under the key; false: nothing does. */
static bool look_up(const struct chat_presence *presence, enum store_kept_kind kind,
                    struct chat_text key, struct store_kept *kept, struct texts *texts)
{
    struct chat_text value;

    if (kind == STORE_KEPT_MARKER) {
        kept->number = chat_markers_get(&presence->markers, key);
        return kept->number > 0;
    }
    if (kind == STORE_KEPT_PRESENCE)
        return presence->kept && look_up_field(presence->kept, key, kept, texts);
    if (kind == STORE_KEPT_CHANNEL)
        return presence->kept && look_up_channel(presence->kept, key, kept, texts);
    value = chat_metadata_get(presence->metadata, key);
    copy(value, texts->value);
    return value.length > 0;
}

static struct store_change change_of(const struct chat_presence *presence,
                                     const struct unwritten *what, struct texts *texts)
{
    struct chat_text key = {what->key, what->length};
    struct store_change change = {
        .operation = STORE_PUT,
        .record = {.kind = STORE_KEPT,
                   .kept = {.kind = what->kind,
                            .account = texts->account,
                            .key = texts->key,
                            .value = texts->value}},
    };

    texts->value[0] = '\0';
    copy(chat_name_folded(presence->account), texts->account);
    copy(key, texts->key);
    if (!look_up(presence, what->kind, key, &change.record.kept, texts))
        change.operation = STORE_DROP;
    return change;
}

/* Submits what comes first of what is to be written, and takes it from the list. */
static int submit_first(struct chat_world *world, struct chat_presence *presence, store_done *done)
{
    struct unwritten *first = unwritten_of(presence->unwritten.next);
    struct texts texts = {.value = ""};
    struct store_change change = change_of(presence, first, &texts);
    int rc = store_submit(world->store, &change, done, world);

    if (rc != 0)
        return rc;
    pli_list_remove(&first->link);
    free(first);
    return 0;
}

static void on_written(const struct store_change *change, int outcome, void *argument);

static void write_next(struct chat_world *world, struct chat_presence *presence)
{
    while (presence->writing < WRITES_MAX && !pli_list_is_empty(&presence->unwritten)) {
        if (submit_first(world, presence, on_written) != 0) {
            atomic_store_explicit(&world->kept_stuck, true, memory_order_relaxed);
            return;
        }
        presence->writing++;
    }
}

static bool is_noted(const struct chat_presence *presence, enum store_kept_kind kind,
                     struct chat_text key)
{
    pli_list_for_each (link, &presence->unwritten) {
        const struct unwritten *what = unwritten_of(link);

        if (what->kind == kind && chat_text_equal((struct chat_text){what->key, what->length}, key))
            return true;
    }
    return false;
}

/* Without memory it is lost with the next restart, unless it changes again. */
static void note(struct chat_presence *presence, enum store_kept_kind kind, struct chat_text key)
{
    struct unwritten *what;

    if (is_noted(presence, kind, key))
        return;
    what = malloc(sizeof *what + key.length);
    if (!what) {
        pli_log(PL_LOG_WARNING, "out of memory: a restart will lose a %s of the account %s",
                store_kept_kind_name(kind), presence->account->text);
        return;
    }
    what->kind = kind;
    what->length = key.length;
    memcpy(what->key, key.data, key.length);
    pli_list_append(&presence->unwritten, &what->link);
}

void chat_kept_changed(struct chat_world *world, struct chat_presence *presence,
                       enum store_kept_kind kind, struct chat_text key)
{
    if (!world->store)
        return;
    note(presence, kind, key);
    write_next(world, presence);
}

/* By the store's writer. That there is no such account is no matter: then all of it has gone. */
static void on_written(const struct store_change *change, int outcome, void *argument)
{
    const struct store_kept *kept = &change->record.kept;
    struct chat_world *world = argument;
    struct chat_presence *presence;
    struct pli_mutex *order;

    pli_read_lock(&world->lock);
    presence = chat_find_presence(world, chat_text(kept->account));
    if (presence) {
        order = chat_presence_order(world, presence);
        pli_lock(order);
        if (presence->writing > 0) /* it may be another one by now */
            presence->writing--;
        if (outcome < 0) {
            note(presence, kept->kind, chat_text(kept->key));
            atomic_store_explicit(&world->kept_stuck, true, memory_order_relaxed);
        } else {
            write_next(world, presence);
        }
        pli_unlock(order);
    }
    pli_read_unlock(&world->lock);
}

void chat_kept_retry(struct chat_world *world)
{
    struct pli_hash_node *node = NULL;

    if (!atomic_exchange_explicit(&world->kept_stuck, false, memory_order_relaxed))
        return;
    pli_read_lock(&world->lock);
    while ((node = pli_hash_next(&world->presences, node))) {
        struct chat_presence *presence = pli_container_of(node, struct chat_presence, by_account);
        struct pli_mutex *order = chat_presence_order(world, presence);

        pli_lock(order);
        write_next(world, presence);
        pli_unlock(order);
    }
    pli_read_unlock(&world->lock);
}

/* Submits as much as there is room for. Returns 0 or why there is more. */
static int submit_all(struct chat_world *world)
{
    struct pli_hash_node *node = NULL;
    int rc = 0;

    pli_write_lock(&world->lock);
    while (rc == 0 && (node = pli_hash_next(&world->presences, node))) {
        struct chat_presence *presence = pli_container_of(node, struct chat_presence, by_account);

        while (rc == 0 && !pli_list_is_empty(&presence->unwritten))
            rc = submit_first(world, presence, NULL);
    }
    pli_write_unlock(&world->lock);
    return rc;
}

/* The second flush is for what has failed, or was begun, while the first one was waited for. */
void chat_kept_flush(struct chat_world *world)
{
    int rc;

    if (!world->store)
        return;
    while ((rc = submit_all(world)) == -EAGAIN)
        if ((rc = store_flush(world->store)) < 0)
            break;
    if (rc == 0)
        rc = store_flush(world->store);
    if (rc < 0)
        pli_log(PL_LOG_WARNING, "not all of what is kept of accounts could be written: %s",
                store_problem(rc));
}

void chat_kept_forget(struct chat_presence *presence)
{
    pli_list_for_each_safe (link, after, &presence->unwritten) {
        pli_list_remove(link);
        free(unwritten_of(link));
    }
    chat_markers_clear(&presence->markers);
    chat_metadata_free(presence->metadata);
    presence->metadata = NULL;
}

/* -- At a start --------------------------------------------------------------------------------- */

struct loading {
    struct chat_world *world;
    size_t count;
};

static int load_marker(struct chat_presence *presence, struct chat_text key, uint64_t until)
{
    if (key.length > CHAT_NAME_MAX || until == 0)
        return 0;
    return chat_markers_put(&presence->markers, key, until);
}

static int load_metadata(struct chat_presence *presence, struct chat_text key,
                         struct chat_text value)
{
    if (!chat_key_is_good(key) || value.length > CHAT_METADATA_VALUE_MAX)
        return 0;
    return chat_metadata_put(&presence->metadata, key, value);
}

static int load_into(struct chat_presence *presence, const struct store_kept *kept)
{
    switch (kept->kind) {
    case STORE_KEPT_MARKER:
        return load_marker(presence, chat_text(kept->key), kept->number);
    case STORE_KEPT_METADATA:
        return load_metadata(presence, chat_text(kept->key), chat_text(kept->value));
    default:
        return chat_restore_note(presence, kept);
    }
}

/* Of an import there may be something that nobody could have set, or more than there may be. */
static int load_one(const struct store_record *record, void *argument)
{
    const struct store_kept *kept = &record->kept;
    struct loading *loading = argument;
    struct chat_presence *presence;
    struct chat_text account = chat_text(kept->account);
    int rc;

    if (account.length > CHAT_NAME_MAX)
        return 0;
    rc = chat_presence_get(loading->world, account, &presence);
    if (rc == 0)
        rc = load_into(presence, kept);
    if (rc < 0)
        return rc;
    loading->count++;
    chat_presence_tidy(loading->world, presence);
    return 0;
}

int chat_kept_load(struct chat_world *world, struct store *store, size_t *loaded)
{
    struct loading loading = {.world = world};
    int rc;

    pli_write_lock(&world->lock);
    rc = store_keeps(store) ? store_read(store, STORE_ALL_KEPT, NULL, load_one, &loading) : 0;
    pli_write_unlock(&world->lock);
    *loaded = loading.count;
    return rc;
}
