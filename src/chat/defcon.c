/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/defcon.h"

#include "base/log.h"
#include "chat/deliver.h"
#include "chat/world.h"

#include <stdio.h>

const struct chat_restriction_name chat_restriction_names[] = {
    {"no-new-channels", CHAT_NO_NEW_CHANNELS},
    {"no-strangers", CHAT_NO_STRANGERS},
    {"no-new-nicks", CHAT_NO_NEW_NICKS},
    {"no-newcomers", CHAT_NO_NEWCOMERS},
    {"nobody-comes", CHAT_NOBODY_COMES},
    {"no-speech", CHAT_NO_SPEECH},
    {NULL, 0},
};

unsigned chat_restriction_find(struct chat_text name)
{
    const struct chat_restriction_name *at = chat_restriction_names;

    while (at->name && !chat_text_equal(chat_text(at->name), name))
        at++;
    return at->restriction;
}

void chat_defcon_init(struct chat_defcon *defcon)
{
    *defcon = (struct chat_defcon){.level = CHAT_DEFCON_NORMAL};
    atomic_init(&defcon->restrictions, 0);
    atomic_init(&defcon->turned_away, 0);
}

/* Puts the level's restrictions in force; the world is held exclusive. */
static void renew(struct chat_defcon *defcon)
{
    unsigned now =
        defcon->level < CHAT_DEFCON_NORMAL ? defcon->settings.restrictions[defcon->level] : 0;

    atomic_store_explicit(&defcon->restrictions, now, memory_order_relaxed);
}

void chat_defcon_configure(struct chat_world *world, const struct chat_defcon_settings *settings)
{
    pli_write_lock(&world->lock);
    world->defcon.settings = *settings;
    renew(&world->defcon);
    pli_write_unlock(&world->lock);
}

static void write_names(unsigned restrictions, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (const struct chat_restriction_name *at = chat_restriction_names; at->name; at++)
        if (restrictions & at->restriction && used < size)
            used +=
                (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? " " : "", at->name);
}

/* Tells everybody; the world is held exclusive. */
static void tell_all(struct chat_world *world)
{
    struct chat_event event = {.kind = CHAT_SERVER_NOTICE};
    char text[CHAT_DEFCON_TEXT_MAX + 20];
    struct pli_hash_node *node = NULL;

    if (!world->defcon.settings.notice[0])
        return;
    snprintf(text, sizeof text, "%s: %u", world->defcon.settings.notice, world->defcon.level);
    event.text = chat_text(text);
    chat_event_stamp(world, &event);
    while ((node = pli_hash_next(&world->users, node))) {
        struct chat_user *user = pli_container_of(node, struct chat_user, by_id);

        event.target = user->id;
        event.target_nick = chat_name_text(user->name);
        chat_tell_users(&event, user, NULL);
    }
}

static void tell_operators(struct chat_world *world, const struct chat_user *user, const char *by)
{
    unsigned level = world->defcon.level;
    char names[120];

    write_names(atomic_load_explicit(&world->defcon.restrictions, memory_order_relaxed), names,
                sizeof names);
    if (user) {
        chat_act_locked(world, user, CHAT_NOTICE_DEFENCE, "has set the level of defence to %u (%s)",
                        level, *names ? names : "nothing is restricted");
        return;
    }
    pli_log(PL_LOG_INFO, "%s has set the level of defence to %u (%s)", by, level,
            *names ? names : "nothing is restricted");
    chat_notify_locked(world, CHAT_NOTICE_DEFENCE, "%s has set the level of defence to %u (%s)", by,
                       level, *names ? names : "nothing is restricted");
}

int chat_defcon_set(struct chat_world *world, struct chat_session *session, const char *by,
                    unsigned level)
{
    int rc = CHAT_MODE_SAME;

    pli_write_lock(&world->lock);
    if (world->defcon.level != level) {
        world->defcon.level = level;
        renew(&world->defcon);
        tell_operators(world, session ? session->user : NULL, by);
        tell_all(world);
        rc = 0;
    }
    pli_write_unlock(&world->lock);
    return rc;
}

void chat_defcon_look(struct chat_world *world, struct chat_defcon_view *view)
{
    struct chat_defcon *defcon = &world->defcon;

    pli_read_lock(&world->lock);
    view->level = defcon->level;
    write_names(atomic_load_explicit(&defcon->restrictions, memory_order_relaxed),
                view->restrictions, sizeof view->restrictions);
    memcpy(view->message, defcon->settings.message, sizeof view->message);
    pli_read_unlock(&world->lock);
    view->turned_away = atomic_load_explicit(&defcon->turned_away, memory_order_relaxed);
}

bool chat_restricts(struct chat_world *world, const struct chat_user *user,
                    enum chat_restriction restriction)
{
    unsigned now = atomic_load_explicit(&world->defcon.restrictions, memory_order_relaxed);

    return now & restriction && !(user && user->modes & CHAT_USER_OPERATOR);
}

bool chat_admits(struct chat_world *world, bool trusted)
{
    unsigned closed = CHAT_NOBODY_COMES | (trusted ? 0 : CHAT_NO_NEWCOMERS);

    if (!(atomic_load_explicit(&world->defcon.restrictions, memory_order_relaxed) & closed))
        return true;
    atomic_fetch_add_explicit(&world->defcon.turned_away, 1, memory_order_relaxed);
    return false;
}
