/* SPDX-License-Identifier: MIT */
/* The ring of those who were here, in the order in which they gave their nicknames up. */
#include "config.h"

#include "chat/past.h"

#include "chat/world.h"

#include "base/clock.h"

#include <stdlib.h>

#define MS_PER_DAY UINT64_C(86400000)

/* The texts stand behind each other. */
struct chat_past {
    uint64_t time;
    size_t nick, username, host, address, realname; /* lengths */
    char text[];
};

static char *put(char *at, size_t *length, struct chat_text text)
{
    *length = text.length;
    if (text.length > 0)
        memcpy(at, text.data, text.length);
    return at + text.length;
}

static struct chat_text take(const char **at, size_t length)
{
    struct chat_text text = {*at, length};

    *at += length;
    return text;
}

static struct chat_past *past_new(const struct chat_user *user, uint64_t time)
{
    struct chat_text nick = chat_name_text(user->name);
    struct chat_text username = chat_string_text(user->username);
    struct chat_text host = chat_string_text(user->host);
    struct chat_text address = chat_string_text(user->address);
    struct chat_text realname = chat_string_text(user->realname);
    struct chat_past *past = malloc(sizeof *past + nick.length + username.length + host.length +
                                    address.length + realname.length);
    char *at;

    if (!past)
        return NULL;
    past->time = time;
    at = put(past->text, &past->nick, nick);
    at = put(at, &past->username, username);
    at = put(at, &past->host, host);
    at = put(at, &past->address, address);
    put(at, &past->realname, realname);
    return past;
}

/* The place of the one that is AGE places older than the newest. */
static struct chat_past **place(struct chat_past_ring *ring, size_t age)
{
    return &ring->kept[(ring->next + CHAT_PAST_MAX - 1 - age) % CHAT_PAST_MAX];
}

static bool is_over(const struct chat_past *past, uint64_t now)
{
    return now > past->time && now - past->time > CHAT_PAST_DAYS * MS_PER_DAY;
}

static void drop_oldest(struct chat_past_ring *ring)
{
    struct chat_past **oldest = place(ring, ring->count - 1);

    free(*oldest);
    *oldest = NULL;
    ring->count--;
}

void chat_past_add(struct chat_past_ring *ring, const struct chat_user *user, uint64_t time)
{
    struct chat_past *past = past_new(user, time);

    while (ring->count > 0 &&
           (ring->count == CHAT_PAST_MAX || is_over(*place(ring, ring->count - 1), time)))
        drop_oldest(ring);
    if (!past)
        return;
    ring->kept[ring->next] = past;
    ring->next = (ring->next + 1) % CHAT_PAST_MAX;
    ring->count++;
}

void chat_past_clear(struct chat_past_ring *ring)
{
    while (ring->count > 0)
        drop_oldest(ring);
}

static struct chat_past_view view_of(const struct chat_session *session,
                                     const struct chat_past *past)
{
    const char *at = past->text;
    struct chat_past_view view = {
        .time = past->time,
        .to_operator = session->user && session->user->modes & CHAT_USER_OPERATOR,
    };

    view.nick = take(&at, past->nick);
    view.username = take(&at, past->username);
    view.host = take(&at, past->host);
    view.address = take(&at, past->address);
    view.realname = take(&at, past->realname);
    return view;
}

int chat_past_look(struct chat_world *world, struct chat_session *session, struct chat_text nick,
                   size_t most, void (*visit)(const struct chat_past_view *view, void *argument),
                   void *argument)
{
    uint64_t now = pli_clock_wall_ms();
    size_t found = 0;

    pli_read_lock(&world->lock);
    for (size_t age = 0; age < world->past.count && found < most; age++) {
        const struct chat_past *past = *place(&world->past, age);
        struct chat_past_view view;

        if (!chat_text_same((struct chat_text){past->text, past->nick}, nick) || is_over(past, now))
            continue;
        view = view_of(session, past);
        visit(&view, argument);
        found++;
    }
    pli_read_unlock(&world->lock);
    return found > 0 ? 0 : CHAT_NO_SUCH_NICK;
}
