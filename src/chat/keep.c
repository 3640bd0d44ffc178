/* SPDX-License-Identifier: MIT */
/*
 * Bans go to the store as they are set, in that order, and what was kept is told by the store's
 * writer later. One that is over is forgotten at the next start at the latest, so nobody needs to be
 * told if that fails.
 */
#include "config.h"

#include "chat/keep.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "chat/world.h"
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static_assert((int)STORE_BAN_USER == (int)CHAT_BAN_USER &&
                  (int)STORE_BAN_ADDRESS == (int)CHAT_BAN_ADDRESS &&
                  (int)STORE_BAN_CHANNEL == (int)CHAT_BAN_CHANNEL &&
                  (int)STORE_BAN_KINDS == (int)CHAT_BAN_KINDS,
              "kinds of bans have the same numbers in the store");
static_assert(CHAT_BAN_MASK_MAX <= STORE_MASK_MAX && CHAT_NAME_MAX <= STORE_NAME_MAX &&
                  CHAT_BAN_REASON_MAX <= STORE_REASON_MAX,
              "the store takes whatever there is");

/* The texts of a ban as the store wants them. */
struct texts {
    char mask[STORE_MASK_MAX + 1];
    char reason[STORE_REASON_MAX + 1];
    char by[STORE_NAME_MAX + 1];
};

static const char *copy(struct chat_text text, char *out, size_t size)
{
    size_t length = pli_utf8_cut(text.data, text.length, size - 1);

    if (length > 0)
        memcpy(out, text.data, length);
    out[length] = '\0';
    return out;
}

static struct store_change change_of(enum store_operation operation, const struct chat_ban *ban,
                                     struct texts *texts)
{
    return (struct store_change){
        .operation = operation,
        .record = {.kind = STORE_BAN,
                   .ban = {.kind = (enum store_ban_kind)ban->kind,
                           .mask =
                               copy(chat_string_text(ban->mask), texts->mask, sizeof texts->mask),
                           .reason = copy(chat_string_text(ban->reason), texts->reason,
                                          sizeof texts->reason),
                           .by = copy(chat_string_text(ban->by), texts->by, sizeof texts->by),
                           .set = ban->set,
                           .expires = ban->expires}},
    };
}

/* Which notice it is, as a part of the line that TEXT becomes. */
static void describe(char *text, size_t size, const struct store_change *change, int error)
{
    const struct store_ban *ban = &change->record.ban;

    snprintf(text, size, "The %s on %s %s: %s", chat_ban_what((enum chat_ban_kind)ban->kind),
             ban->mask,
             change->operation == STORE_DROP ? "is lifted, but a restart will bring it back"
                                             : "is in force, but a restart will lose it",
             store_problem(error));
}

/* By the store's writer. */
static void on_kept(const struct store_change *change, int outcome, void *argument)
{
    struct chat_world *world = argument;
    char text[CHAT_NOTICE_MAX];

    if (outcome >= 0)
        return;
    describe(text, sizeof text, change, outcome);
    pli_log(PL_LOG_WARNING, "%s", text);
    chat_notify(world, CHAT_NOTICE_BAN, "%s", text);
}

static void submit_locked(struct chat_world *world, const struct store_change *change)
{
    int rc = store_submit(world->store, change, on_kept, world);
    char text[CHAT_NOTICE_MAX];

    if (rc == 0)
        return;
    describe(text, sizeof text, change, rc);
    pli_log(PL_LOG_WARNING, "%s", text);
    chat_notify_locked(world, CHAT_NOTICE_BAN, "%s", text);
}

void chat_keep_ban_locked(struct chat_world *world, const struct chat_ban *ban)
{
    struct texts texts;
    struct store_change change;

    if (!world->store)
        return;
    change = change_of(STORE_PUT, ban, &texts);
    submit_locked(world, &change);
}

void chat_forget_ban_locked(struct chat_world *world, const struct chat_ban *ban, bool lifted)
{
    struct texts texts;
    struct store_change change;

    if (!world->store)
        return;
    change = change_of(STORE_DROP, ban, &texts);
    if (lifted)
        submit_locked(world, &change);
    else
        (void)store_submit(world->store, &change, NULL, NULL);
}

/* -- At a start --------------------------------------------------------------------------------- */

struct loading {
    struct chat_world *world;
    bool merges; /* there are bans already */
    size_t count;
};

static int load_one(const struct store_record *record, void *argument)
{
    struct loading *loading = argument;
    struct chat_bans *bans = &loading->world->bans;
    const struct store_ban *ban = &record->ban;
    struct chat_ban_view view = {
        .kind = (enum chat_ban_kind)ban->kind,
        .mask = chat_text(ban->mask),
        .reason = chat_text(ban->reason),
        .by = chat_text(ban->by),
        .set = ban->set,
        .expires = ban->expires,
    };

    if (loading->merges && chat_bans_find(bans, view.kind, view.mask))
        return 0;
    if (!chat_bans_add(bans, &view))
        return -ENOMEM;
    loading->count++;
    return 0;
}

/* With the world held, though the disk is waited for: nobody is there yet. */
int chat_bans_keep(struct chat_world *world, struct store *store, size_t *loaded)
{
    struct loading loading = {.world = world};
    int rc;

    pli_write_lock(&world->lock);
    loading.merges = world->bans.count > 0;
    rc = store_keeps(store) ? store_read(store, STORE_ALL_BANS, NULL, load_one, &loading) : 0;
    if (rc == 0 && store_keeps(store))
        world->store = store;
    if (rc == 0)
        chat_bans_expire(world);
    pli_write_unlock(&world->lock);
    *loaded = loading.count;
    return rc;
}
