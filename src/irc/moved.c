/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/moved.h"

#include "chat/marker.h"
#include "irc/apart.h"
#include "irc/cap.h"
#include "irc/face.h"
#include "irc/history.h"
#include "irc/names.h"
#include "irc/parts.h"

#include <paceline/session.h>

#include <stdlib.h>

/* A note, which becomes the answer that tells what is to be told. */
struct irc_moved {
    struct irc_parts parts;
    struct irc_moved *next;
    uint64_t cursor;
    bool begun;
    bool missed; /* what was missed is to be shown instead: since LEFT, up to LAST */
    uint64_t left, last;
    size_t length;
    char name[]; /* of the channel */
};

/* Members that are named in a part: the walk to where it begins must not take longer than it. */
#define MEMBERS 1024

static struct chat_text name_of(const struct irc_moved *moved)
{
    return (struct chat_text){moved->name, moved->length};
}

/* The channel may have got another name meanwhile, of which there is another note, or be left. */
static bool name_members(struct irc_client *client, struct irc_moved *moved)
{
    struct irc_names names = {.client = client};

    if (chat_channel_look_on(client->world, &client->chat, name_of(moved), &moved->cursor, MEMBERS,
                             &irc_names_visitor, &names) != 0 ||
        !names.joined)
        return false;
    if (names.count > 0)
        irc_emit(client, &names.line);
    if (moved->cursor > 0)
        return true;
    irc_names_end(&names);
    return false;
}

static void show_topic_if_joined(const struct chat_channel_view *view, void *argument)
{
    if (view->joined)
        irc_show_topic(view, argument);
}

static bool tell(struct irc_client *client, struct irc_parts *parts)
{
    static const struct chat_channel_visitor visitor = {show_topic_if_joined, NULL};
    struct irc_moved *moved = (struct irc_moved *)parts;

    if (!moved->begun &&
        chat_channel_look(client->world, &client->chat, name_of(moved), &visitor, client) != 0)
        return false;
    moved->begun = true;
    if (atomic_load_explicit(&client->caps, memory_order_relaxed) & IRC_CAP_NO_IMPLICIT_NAMES)
        return false;
    return name_members(client, moved);
}

/* Puts a note before those that are there. */
static void put(struct irc_client *client, struct irc_moved *moved)
{
    moved->next = atomic_load_explicit(&client->moved, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&client->moved, &moved->next, moved,
                                                  memory_order_release, memory_order_relaxed))
        ;
    pl_session_wake(client->session);
}

void irc_moved_note(struct irc_client *client, struct chat_text name)
{
    struct irc_moved *moved = malloc(sizeof *moved + name.length);

    if (!moved) {
        atomic_store_explicit(&client->chat.starved, true, memory_order_relaxed);
        pl_session_close(client->session);
        return;
    }
    *moved = (struct irc_moved){.parts = {.make = tell}, .length = name.length};
    memcpy(moved->name, name.data, name.length);
    put(client, moved);
}

void irc_moved_note_missed(struct irc_client *client, uint64_t left, uint64_t last)
{
    struct irc_moved *moved = malloc(sizeof *moved);

    if (!moved)
        return; /* it is a courtesy */
    *moved = (struct irc_moved){.missed = true, .left = left, .last = last};
    put(client, moved);
}

/* The last one, which is the oldest. */
static struct irc_moved *take_oldest(struct irc_client *client)
{
    struct irc_moved **link = &client->moved_taken;
    struct irc_moved *taken;

    if (!*link)
        *link = atomic_exchange_explicit(&client->moved, NULL, memory_order_acquire);
    while (*link && (*link)->next)
        link = &(*link)->next;
    taken = *link;
    *link = NULL;
    return taken;
}

void irc_moved_go_on(struct irc_client *client)
{
    while (!client->parts && !client->work && !client->gone) {
        struct irc_moved *moved = take_oldest(client);

        if (!moved)
            return;
        if (moved->missed) {
            irc_show_missed(client, moved->left, moved->last);
            free(moved);
        } else {
            irc_answer_in_parts(client, &moved->parts);
        }
    }
}

void irc_moved_free(struct irc_client *client)
{
    struct irc_moved *moved;

    while ((moved = take_oldest(client)))
        irc_parts_free(&moved->parts);
}

void irc_move(const struct chat_session *session, const struct chat_event *event, unsigned caps)
{
    struct irc_client *client = (struct irc_client *)(uintptr_t)session;
    struct chat_event own = chat_session_event(session, CHAT_PART);
    bool sent = chat_session_sent(session, event);
    struct irc_line line;

    if (chat_text_same(event->channel_name, event->more))
        return;
    caps &= ~(unsigned)IRC_CAP_MESSAGE_TAGS; /* the event itself has another id than these */
    own.time = event->time;
    for (int i = 0; i < 2; i++) {
        own.kind = i == 0 ? CHAT_PART : CHAT_JOIN;
        own.channel_name = i == 0 ? event->channel_name : event->more;
        own.text = event->text;
        irc_render(&line, &own, caps);
        if (sent)
            irc_emit_in_order(client, &line);
        else
            irc_emit_aside(client, &line);
    }
    irc_tell_place(client, event->more, chat_session_marker(session, event->more), caps,
                   sent ? irc_emit_in_order : irc_emit_aside);
    if (!sent)
        irc_moved_note(client, event->more);
}
