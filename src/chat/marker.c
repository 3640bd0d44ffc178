/* SPDX-License-Identifier: MIT */
/*
 * The markers of a user are guarded by the order lock that the user has with themselves: nobody
 * else has to do with them, and reading is too frequent to take the world exclusive for. Holding it
 * so stands for that lock.
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

static struct marker *find(const struct chat_user *user, struct chat_text target)
{
    char buffer[CHAT_NAME_MAX];
    struct chat_text name = chat_fold(target, buffer);

    pli_list_for_each (link, &user->markers) {
        struct marker *marker = marker_of(link);

        if (chat_text_equal((struct chat_text){marker->name, marker->length}, name))
            return marker;
    }
    return NULL;
}

static struct marker *add(struct chat_user *user, struct chat_text target)
{
    char buffer[CHAT_NAME_MAX];
    struct chat_text name = chat_fold(target, buffer);
    struct marker *marker = malloc(sizeof *marker + name.length);

    if (!marker)
        return NULL;
    marker->length = name.length;
    memcpy(marker->name, name.data, name.length);
    pli_list_append(&user->markers, &marker->link);
    user->marker_count++;
    return marker;
}

uint64_t chat_marker_of(const struct chat_user *user, struct chat_text target)
{
    const struct marker *marker = user->marker_count > 0 ? find(user, target) : NULL;

    return marker ? marker->until : 0;
}

uint64_t chat_session_marker(const struct chat_session *session, struct chat_text target)
{
    return chat_marker_of(session->user, target);
}

void chat_forget_markers(struct chat_user *user)
{
    pli_list_for_each_safe (link, after, &user->markers) {
        pli_list_remove(link);
        free(marker_of(link));
    }
    user->marker_count = 0;
}

int chat_apply_read(struct chat_world *world, const struct chat_event *event)
{
    struct chat_user *user = chat_find_user(world, event->user);
    struct marker *marker;

    if (!user)
        return CHAT_NO_SUCH_USER;
    marker = find(user, event->text);
    if (!marker)
        marker = add(user, event->text);
    if (!marker)
        return -ENOMEM;
    marker->until = event->until;
    chat_tell_users(event, user, NULL);
    return 0;
}

/* The order lock is held. */
static int move_on(struct chat_world *world, struct chat_session *session, struct chat_text target,
                   uint64_t until, uint64_t *kept)
{
    struct chat_event event = chat_event_of(session, CHAT_READ);
    const struct marker *marker = find(session->user, target);

    if (!marker && session->user->marker_count == CHAT_MARKERS_MAX)
        return CHAT_LIST_FULL;
    chat_event_stamp(world, &event);
    event.text = target;
    event.until = until < event.time ? until : event.time;
    *kept = marker ? marker->until : 0;
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
        order = chat_pair_lock(world, session->user->id, session->user->id);
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
        order = chat_pair_lock(world, session->user->id, session->user->id);
        pli_lock(order);
        *until = chat_marker_of(session->user, target);
        pli_unlock(order);
        rc = 0;
    }
    pli_read_unlock(&world->lock);
    return rc;
}
