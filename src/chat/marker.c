/* SPDX-License-Identifier: MIT */
/*
 * Who is logged in to an account has the account's markers, and shares them with all who are. They are
 * guarded by the presence's order lock, those of a user without one by the order lock that the user has
 * with themselves: nobody else has to do with them, and reading is too frequent to take the world
 * exclusive for. Holding it so stands for that lock.
 */
#include "config.h"

#include "chat/marker.h"

#include "chat/deliver.h"
#include "chat/world.h"

#include <errno.h>
#include <stdlib.h>

struct marker {
    struct pli_list link;
    uint64_t until;
    size_t length; /* of the name, folded */
    char name[];
};

static struct marker *marker_of(struct pli_list *link)
{
    return pli_container_of(link, struct marker, link);
}

static struct chat_text name_of(const struct marker *marker)
{
    return (struct chat_text){marker->name, marker->length};
}

static struct marker *find(const struct chat_markers *markers, struct chat_text target)
{
    char buffer[CHAT_NAME_MAX];
    struct chat_text name = chat_fold(target, buffer);

    pli_list_for_each (link, &markers->list) {
        struct marker *marker = marker_of(link);

        if (chat_text_equal(name_of(marker), name))
            return marker;
    }
    return NULL;
}

static struct marker *add(struct chat_markers *markers, struct chat_text target)
{
    char buffer[CHAT_NAME_MAX];
    struct chat_text name = chat_fold(target, buffer);
    struct marker *marker = malloc(sizeof *marker + name.length);

    if (!marker)
        return NULL;
    marker->length = name.length;
    memcpy(marker->name, name.data, name.length);
    pli_list_append(&markers->list, &marker->link);
    markers->count++;
    return marker;
}

void chat_markers_init(struct chat_markers *markers)
{
    pli_list_init(&markers->list);
    markers->count = 0;
}

uint64_t chat_markers_get(const struct chat_markers *markers, struct chat_text target)
{
    const struct marker *marker = markers->count > 0 ? find(markers, target) : NULL;

    return marker ? marker->until : 0;
}

int chat_markers_put(struct chat_markers *markers, struct chat_text target, uint64_t until)
{
    struct marker *marker = find(markers, target);

    if (!marker && markers->count == CHAT_MARKERS_MAX)
        return CHAT_LIST_FULL;
    if (!marker)
        marker = add(markers, target);
    if (!marker)
        return -ENOMEM;
    marker->until = until;
    return 0;
}

void chat_markers_clear(struct chat_markers *markers)
{
    pli_list_for_each_safe (link, after, &markers->list) {
        pli_list_remove(link);
        free(marker_of(link));
    }
    markers->count = 0;
}

/* Whether the account takes the marker itself, or its time. */
static bool take(struct chat_presence *presence, struct marker *marker)
{
    struct marker *own = find(&presence->markers, name_of(marker));

    if (own && own->until < marker->until)
        own->until = marker->until;
    if (own || presence->markers.count == CHAT_MARKERS_MAX)
        return false;
    pli_list_append(&presence->markers.list, &marker->link);
    presence->markers.count++;
    return true;
}

void chat_markers_move(struct chat_world *world, struct chat_presence *presence,
                       struct chat_markers *markers)
{
    pli_list_for_each_safe (link, after, &markers->list) {
        struct marker *marker = marker_of(link);
        uint64_t until = chat_markers_get(&presence->markers, name_of(marker));
        bool taken;

        pli_list_remove(link);
        taken = take(presence, marker);
        if (chat_markers_get(&presence->markers, name_of(marker)) != until)
            chat_kept_changed(world, presence, STORE_KEPT_MARKER, name_of(marker));
        if (!taken)
            free(marker);
    }
    markers->count = 0;
}

/* Those that hold for a user. */
static struct chat_markers *markers_of(struct chat_user *user)
{
    return user->presence ? &user->presence->markers : &user->markers;
}

uint64_t chat_marker_of(const struct chat_user *user, struct chat_text target)
{
    return chat_markers_get(user->presence ? &user->presence->markers : &user->markers, target);
}

uint64_t chat_session_marker(const struct chat_session *session, struct chat_text target)
{
    return chat_marker_of(session->user, target);
}

/* The order lock that guards them. */
static struct pli_mutex *order_of(struct chat_world *world, const struct chat_user *user)
{
    return user->presence ? chat_presence_order(world, user->presence)
                          : chat_pair_lock(world, user->id, user->id);
}

/* All who are logged in to the account have read it. */
static void tell(const struct chat_event *event, struct chat_user *user)
{
    if (!user->presence) {
        chat_tell_users(event, user, NULL);
        return;
    }
    pli_list_for_each (link, &user->presence->users)
        chat_tell_users(event, pli_container_of(link, struct chat_user, in_presence), NULL);
}

int chat_apply_read(struct chat_world *world, const struct chat_event *event)
{
    struct chat_user *user = chat_find_user(world, event->user);
    char buffer[CHAT_NAME_MAX];
    int rc;

    if (!user)
        return CHAT_NO_SUCH_USER;
    rc = chat_markers_put(markers_of(user), event->text, event->until);
    if (rc != 0)
        return rc;
    tell(event, user);
    if (user->presence)
        chat_kept_changed(world, user->presence, STORE_KEPT_MARKER, chat_fold(event->text, buffer));
    return 0;
}

/* The order lock is held. */
static int move_on(struct chat_world *world, struct chat_session *session, struct chat_text target,
                   uint64_t until, uint64_t *kept)
{
    struct chat_event event = chat_event_of(session, CHAT_READ);
    const struct chat_markers *markers = markers_of(session->user);

    *kept = chat_markers_get(markers, target);
    if (*kept == 0 && markers->count == CHAT_MARKERS_MAX)
        return CHAT_LIST_FULL;
    chat_event_stamp(world, &event);
    event.text = target;
    event.until = until < event.time ? until : event.time;
    if (event.until <= *kept)
        return 0;
    *kept = event.until;
    return chat_apply_read(world, &event);
}

int chat_mark_read(struct chat_world *world, struct chat_session *session, struct chat_text target,
                   uint64_t until, uint64_t *kept)
{
    struct pli_mutex *order;
    int rc = CHAT_NOT_REGISTERED;

    pli_read_lock(&world->lock);
    if (session->user) {
        order = order_of(world, session->user);
        pli_lock(order);
        rc = move_on(world, session, target, until, kept);
        pli_unlock(order);
    }
    pli_read_unlock(&world->lock);
    return rc;
}

int chat_marker_look(struct chat_world *world, struct chat_session *session,
                     struct chat_text target, uint64_t *until)
{
    struct pli_mutex *order;
    int rc = CHAT_NOT_REGISTERED;

    pli_read_lock(&world->lock);
    if (session->user) {
        order = order_of(world, session->user);
        pli_lock(order);
        *until = chat_marker_of(session->user, target);
        pli_unlock(order);
        rc = 0;
    }
    pli_read_unlock(&world->lock);
    return rc;
}
