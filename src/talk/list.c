/* SPDX-License-Identifier: MIT */
/* The list of rooms: the most visited first, a screenful or some, the others only counted. */
#include "config.h"

#include "talk/command.h"

#include "base/utf8.h"
#include "chat/name.h"

#include <errno.h>
#include <stdlib.h>

#define MOST_ROOMS 100

/* Bytes of a topic that are shown. */
#define TOPIC_SHOWN 200

struct entry {
    size_t members;
    char mark;
    bool cut; /* the topic goes on */
    size_t name_length;
    size_t topic_length;
    char name[CHAT_NAME_MAX];
    char topic[TOPIC_SHOWN];
};

struct list {
    size_t total;
    size_t count;
    struct entry *entries[MOST_ROOMS]; /* the least first */
    struct entry memory[MOST_ROOMS];
};

static struct chat_text name_of(const struct entry *entry)
{
    return (struct chat_text){entry->name, entry->name_length};
}

static int compare_names(struct chat_text a, struct chat_text b)
{
    int order = memcmp(a.data, b.data, a.length < b.length ? a.length : b.length);

    return order != 0 ? order : a.length < b.length ? -1 : a.length > b.length;
}

/* Whether ENTRY stands further down than the room of VIEW. */
static bool is_less(const struct entry *entry, const struct chat_channel_view *view)
{
    if (entry->members != view->members)
        return entry->members < view->members;
    return compare_names(name_of(entry), view->name) > 0;
}

static void fill(struct entry *entry, const struct chat_channel_view *view)
{
    entry->members = view->members;
    entry->mark = view->focused ? '*' : view->joined ? '+' : ' ';
    entry->name_length = view->name.length;
    memcpy(entry->name, view->name.data, view->name.length);
    entry->topic_length = pli_utf8_cut(view->topic.data, view->topic.length, TOPIC_SHOWN);
    entry->cut = entry->topic_length < view->topic.length;
    if (entry->topic_length > 0)
        memcpy(entry->topic, view->topic.data, entry->topic_length);
}

/* The least one makes room, if it is less and the list is full. */
static bool note(const struct chat_channel_view *view, void *argument)
{
    struct list *list = argument;
    struct entry *entry;
    size_t at = 0;

    list->total++;
    if (list->count == MOST_ROOMS && !is_less(list->entries[0], view))
        return true;
    if (list->count == MOST_ROOMS) {
        entry = list->entries[0];
        list->count--;
        memmove(&list->entries[0], &list->entries[1], list->count * sizeof list->entries[0]);
    } else {
        entry = &list->memory[list->count];
    }
    while (at < list->count && is_less(list->entries[at], view))
        at++;
    memmove(&list->entries[at + 1], &list->entries[at],
            (list->count - at) * sizeof list->entries[0]);
    list->entries[at] = entry;
    list->count++;
    fill(entry, view);
    return true;
}

static void show(struct talk_person *person, const struct entry *entry)
{
    struct chat_text topic = {entry->topic, entry->topic_length};

    talk_reply(person, "%c %.*s (%zu)%s%.*s%s", entry->mark, TALK_TEXT(name_of(entry)),
               entry->members, topic.length > 0 ? ": " : "", TALK_TEXT(topic),
               entry->cut ? "..." : "");
}

void talk_do_rooms(struct talk_person *person, struct chat_text arguments)
{
    struct list *list = malloc(sizeof *list);

    (void)arguments;
    if (!list) {
        talk_explain(person, -ENOMEM, CHAT_NO_TEXT);
        return;
    }
    list->total = 0;
    list->count = 0;
    chat_channel_each(person->world, &person->chat, note, list);
    talk_reply(person, "%zu room%s:", list->total, list->total == 1 ? "" : "s");
    for (size_t i = list->count; i-- > 0;)
        show(person, list->entries[i]);
    if (list->total > list->count)
        talk_reply(person, "  and %zu more", list->total - list->count);
    free(list);
}
