/* SPDX-License-Identifier: MIT */
/* See notice.h. The world is held shared, or exclusive, while operators are told. */
#include "config.h"

#include "chat/world.h"

#include "base/log.h"
#include "base/utf8.h"
#include "chat/deliver.h"

#include <stdarg.h>
#include <stdio.h>

bool chat_is_noticed(struct chat_world *world, enum chat_notice what)
{
    return atomic_load_explicit(&world->noticed, memory_order_relaxed) & what;
}

/* What has been printed to a buffer of SIZE bytes, of which it would have taken LENGTH. */
static struct chat_text printed(const char *text, int length, size_t size)
{
    size_t had = length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;

    return (struct chat_text){text, pli_utf8_cut(text, had, CHAT_NOTICE_MAX)};
}

static void tell(struct chat_world *world, enum chat_notice what, struct chat_text text)
{
    struct chat_event event = {.kind = CHAT_SERVER_NOTICE, .text = text};

    chat_event_stamp(world, &event);
    pli_list_for_each (link, &world->opers) {
        const struct chat_oper *oper = pli_container_of(link, struct chat_oper, link);

        if (!(oper->notices & what))
            continue;
        event.target = oper->user->id;
        event.target_nick = chat_name_text(oper->user->name);
        chat_tell_users(&event, oper->user, NULL);
    }
}

void chat_notify_locked(struct chat_world *world, enum chat_notice what, const char *format, ...)
{
    char text[CHAT_NOTICE_MAX + 8];
    va_list arguments;
    int length;

    if (!chat_is_noticed(world, what))
        return;
    va_start(arguments, format);
    length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    tell(world, what, printed(text, length, sizeof text));
}

void chat_notify(struct chat_world *world, enum chat_notice what, const char *format, ...)
{
    char text[CHAT_NOTICE_MAX + 8];
    va_list arguments;
    int length;

    if (!chat_is_noticed(world, what))
        return;
    va_start(arguments, format);
    length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    pli_read_lock(&world->lock);
    tell(world, what, printed(text, length, sizeof text));
    pli_read_unlock(&world->lock);
}

/* What somebody has written may have more in it than text. */
static void clean(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}

static void act(struct chat_world *world, const struct chat_user *user, enum chat_notice what,
                const char *format, va_list arguments) __attribute__((format(printf, 4, 0)));

static void act(struct chat_world *world, const struct chat_user *user, enum chat_notice what,
                const char *format, va_list arguments)
{
    struct chat_text nick = chat_name_text(user->name);
    struct chat_text name = user->oper ? chat_string_text(user->oper->name) : CHAT_NO_TEXT;
    char text[CHAT_NOTICE_MAX + 8];
    struct chat_text all;
    int length;
    int more;

    length = snprintf(text, sizeof text, "%.*s (%.*s) ", CHAT_SHOWN(nick), CHAT_SHOWN(name));
    more = vsnprintf(text + length, sizeof text - (size_t)length, format, arguments);
    clean(text);
    all = printed(text, more < 0 ? length : length + more, sizeof text);
    pli_log(PL_LOG_INFO, "%.*s", CHAT_SHOWN(all));
    if (chat_is_noticed(world, what))
        tell(world, what, all);
}

void chat_act_locked(struct chat_world *world, const struct chat_user *user, enum chat_notice what,
                     const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    act(world, user, what, format, arguments);
    va_end(arguments);
}

void chat_act(struct chat_world *world, struct chat_session *session, enum chat_notice what,
              const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    pli_read_lock(&world->lock);
    if (session->user)
        act(world, session->user, what, format, arguments);
    pli_read_unlock(&world->lock);
    va_end(arguments);
}
