/* SPDX-License-Identifier: MIT */
/*
 * A service is a user who stands in the table of nicknames, but not in that of users, and without a
 * session. As the services are there before everybody else and never change, looking for one takes
 * no lock.
 */
#include "config.h"

#include "chat/service.h"

#include "chat/deliver.h"
#include "chat/world.h"

#include <errno.h>

static int add_locked(struct chat_world *world, struct chat_event *event)
{
    struct chat_user *user;
    int rc = chat_nick_check(event->nick, CHAT_NAME_MAX);

    if (rc != 0)
        return rc;
    if (chat_find_nick(world, event->nick))
        return CHAT_NICK_TAKEN;
    if (world->service_count == CHAT_SERVICES_MAX)
        return CHAT_LIST_FULL;
    chat_event_stamp(world, event);
    event->user = event->id;
    user = chat_user_new(event);
    if (!user)
        return -ENOMEM;
    user->modes = CHAT_USER_SERVICE | CHAT_USER_BOT;
    pli_hash_add(&world->nicks, &user->by_nick);
    world->services[world->service_count++] = user;
    return 0;
}

int chat_service_add(struct chat_world *world, const char *nick, const char *username,
                     const char *host, const char *realname)
{
    struct chat_event event = {
        .kind = CHAT_REGISTER,
        .nick = chat_text(nick),
        .username = chat_text(username),
        .host = chat_text(host),
        .realname = chat_text(realname),
    };
    int rc;

    pli_write_lock(&world->lock);
    rc = add_locked(world, &event);
    pli_write_unlock(&world->lock);
    return rc;
}

void chat_services_remove(struct chat_world *world)
{
    while (world->service_count > 0) {
        struct chat_user *user = world->services[--world->service_count];

        pli_hash_remove(&world->nicks, &user->by_nick);
        chat_user_free(user);
    }
}

struct chat_user *chat_find_service(const struct chat_world *world, struct chat_text nick)
{
    for (size_t i = 0; i < world->service_count; i++)
        if (chat_text_same(chat_name_text(world->services[i]->name), nick))
            return world->services[i];
    return NULL;
}

bool chat_is_service(const struct chat_world *world, struct chat_text nick)
{
    return chat_find_service(world, nick) != NULL;
}

/* An answer is that of one session, whatever others its user has. */
static void notice_locked(struct chat_world *world, const struct chat_user *service,
                          struct chat_session *session, struct chat_text text, bool answers)
{
    struct chat_event event = chat_event_of_user(service, CHAT_NOTICE);
    struct pli_mutex *order = chat_pair_lock(world, service->id, session->user->id);

    event.target = session->user->id;
    event.target_nick = chat_name_text(session->user->name);
    event.text = text;
    event.session = answers ? session->id : 0;
    pli_lock(order);
    chat_event_stamp(world, &event);
    if (answers)
        chat_tell_session(&event, session);
    else
        chat_tell_users(&event, session->user, NULL);
    pli_unlock(order);
}

int chat_service_notice(struct chat_world *world, struct chat_text nick,
                        struct chat_session *session, struct chat_text text, bool answers)
{
    const struct chat_user *service = chat_find_service(world, nick);
    int rc = CHAT_NOT_REGISTERED;

    if (!service)
        return CHAT_NO_SUCH_NICK;
    pli_read_lock(&world->lock);
    if (session->user) {
        notice_locked(world, service, session, text, answers);
        rc = 0;
    }
    pli_read_unlock(&world->lock);
    return rc;
}

static void echo_locked(struct chat_world *world, const struct chat_user *service,
                        struct chat_session *session, const struct chat_words *words)
{
    struct chat_event event = chat_event_of(session, words->kind);
    struct pli_mutex *order = chat_pair_lock(world, event.user, service->id);

    event.target = service->id;
    event.target_nick = chat_name_text(service->name);
    event.text = words->text;
    event.tags = words->tags;
    pli_lock(order);
    chat_event_stamp(world, &event);
    chat_tell_users(&event, session->user, NULL);
    pli_unlock(order);
}

int chat_service_echo(struct chat_world *world, struct chat_session *session,
                      const struct chat_words *words)
{
    const struct chat_user *service = chat_find_service(world, words->target);
    int rc = CHAT_NOT_REGISTERED;

    if (!service)
        return CHAT_NO_SUCH_NICK;
    pli_read_lock(&world->lock);
    if (session->user) {
        echo_locked(world, service, session, words);
        rc = 0;
    }
    pli_read_unlock(&world->lock);
    return rc;
}
