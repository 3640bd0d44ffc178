/* SPDX-License-Identifier: MIT */
/*
 * Nicknames that are watched are in a table of the world, each with those who watch it, and live as
 * long as somebody does.
 */
#include "config.h"

#include "chat/watch.h"

#include "chat/deliver.h"
#include "chat/world.h"

#include <errno.h>
#include <stdlib.h>

static struct chat_watch *watch_of(struct pli_list *link)
{
    return pli_container_of(link, struct chat_watch, in_session);
}

struct chat_watched *chat_find_watched(const struct chat_world *world, struct chat_text nick)
{
    struct pli_hash_node *node = chat_find_folded(&world->watched, nick);

    return node ? pli_container_of(node, struct chat_watched, by_name) : NULL;
}

static struct chat_watch *find(const struct chat_session *session,
                               const struct chat_watched *watched)
{
    pli_list_for_each (link, &session->watches)
        if (watch_of(link)->watched == watched)
            return watch_of(link);
    return NULL;
}

static struct chat_watched *add_watched(struct chat_world *world, struct chat_text nick)
{
    struct chat_watched *watched = malloc(sizeof *watched);

    if (!watched)
        return NULL;
    watched->name = chat_name_new(nick);
    if (!watched->name) {
        free(watched);
        return NULL;
    }
    pli_list_init(&watched->watches);
    pli_hash_add(&world->watched, &watched->by_name);
    return watched;
}

static void remove_if_unwatched(struct chat_world *world, struct chat_watched *watched)
{
    if (!pli_list_is_empty(&watched->watches))
        return;
    pli_hash_remove(&world->watched, &watched->by_name);
    free(watched->name);
    free(watched);
}

static void remove_watch(struct chat_world *world, struct chat_watch *watch)
{
    pli_list_remove(&watch->in_session);
    pli_list_remove(&watch->in_watched);
    watch->session->watch_count--;
    remove_if_unwatched(world, watch->watched);
    free(watch);
}

static int add_watch(struct chat_world *world, struct chat_session *session,
                     struct chat_watched *watched)
{
    struct chat_watch *watch = malloc(sizeof *watch);

    if (!watch) {
        remove_if_unwatched(world, watched);
        return -ENOMEM;
    }
    watch->session = session;
    watch->watched = watched;
    pli_list_append(&session->watches, &watch->in_session);
    pli_list_append(&watched->watches, &watch->in_watched);
    session->watch_count++;
    return 0;
}

static int watch_one(struct chat_world *world, struct chat_session *session, struct chat_text nick)
{
    size_t most = world->settings.watched_nicks;
    struct chat_watched *watched = chat_find_watched(world, nick);

    if (chat_nick_check(nick, world->settings.nick_length) != 0 ||
        (watched && find(session, watched)))
        return 0;
    if (most > 0 && session->watch_count >= most)
        return CHAT_LIST_FULL;
    if (!watched)
        watched = add_watched(world, nick);
    return watched ? add_watch(world, session, watched) : -ENOMEM;
}

static void visit(const struct chat_world *world, const struct chat_session *session,
                  struct chat_text nick, const struct chat_watch_visitor *visitor, void *argument)
{
    const struct chat_user *user = chat_find_nick(world, nick);
    struct chat_user_view view;

    if (user)
        view = chat_user_view_of(session, user);
    visitor->nick(nick, user ? &view : NULL, argument);
}

static void end(const struct chat_watch_visitor *visitor, void *argument)
{
    if (visitor->end)
        visitor->end(argument);
}

int chat_watch(struct chat_world *world, struct chat_session *session,
               const struct chat_text *nicks, size_t count,
               const struct chat_watch_visitor *visitor, void *argument, size_t *taken)
{
    int rc = 0;

    *taken = 0;
    pli_write_lock(&world->lock);
    if (!session->user)
        rc = CHAT_NOT_REGISTERED;
    while (rc == 0 && *taken < count) {
        rc = watch_one(world, session, nicks[*taken]);
        if (rc == 0)
            visit(world, session, nicks[(*taken)++], visitor, argument);
    }
    end(visitor, argument);
    pli_write_unlock(&world->lock);
    return rc;
}

int chat_unwatch(struct chat_world *world, struct chat_session *session, struct chat_text nick)
{
    struct chat_watched *watched;
    struct chat_watch *watch;

    pli_write_lock(&world->lock);
    watched = chat_find_watched(world, nick);
    watch = watched ? find(session, watched) : NULL;
    if (watch)
        remove_watch(world, watch);
    pli_write_unlock(&world->lock);
    return 0;
}

void chat_forget_watches(struct chat_world *world, struct chat_session *session)
{
    pli_list_for_each_safe (link, after, &session->watches)
        remove_watch(world, watch_of(link));
}

int chat_unwatch_all(struct chat_world *world, struct chat_session *session)
{
    pli_write_lock(&world->lock);
    chat_forget_watches(world, session);
    pli_write_unlock(&world->lock);
    return 0;
}

int chat_watches(struct chat_world *world, struct chat_session *session,
                 const struct chat_watch_visitor *visitor, void *argument)
{
    pli_read_lock(&world->lock);
    pli_list_for_each (link, &session->watches)
        visit(world, session, chat_name_text(watch_of(link)->watched->name), visitor, argument);
    end(visitor, argument);
    pli_read_unlock(&world->lock);
    return 0;
}

void chat_tell_watchers(const struct chat_world *world, enum chat_kind kind,
                        const struct chat_event *cause, struct chat_text nick)
{
    const struct chat_watched *watched = chat_find_watched(world, nick);
    struct chat_event event = {
        .kind = kind,
        .id = cause->id,
        .time = cause->time,
        .user = cause->user,
        .nick = nick,
        .username = cause->username,
        .host = cause->host,
    };

    if (!watched)
        return;
    pli_list_for_each (link, &watched->watches) {
        struct chat_session *session =
            pli_container_of(link, struct chat_watch, in_watched)->session;

        event.target = session->user->id;
        event.target_nick = chat_name_text(session->user->name);
        chat_tell_session(&event, session);
    }
}
