/* SPDX-License-Identifier: MIT */
/*
 * LIST and its conditions (ELIST): all must hold for a channel that is listed. Channels that are
 * named are shown at once, all others in parts (SAFELIST): however many there are, the client is
 * sent no more than it takes.
 */
#include "config.h"

#include "irc/command.h"

#include "base/clock.h"
#include "chat/mask.h"
#include "irc/parts.h"

#include <errno.h>
#include <stdlib.h>

#define MS_PER_MINUTE 60000u
enum about { PEOPLE, CREATED, TOPIC_SET, MASK, NOT_MASK };

struct condition {
    enum about about;
    bool more; /* than NUMBER; else less */
    uint64_t number;
    struct chat_text mask;
};

struct list {
    struct irc_parts parts; /* first */
    struct irc_client *client;
    uint64_t now;
    uint64_t cursor;
    size_t count;
    struct condition *conditions; /* these, and the texts of masks, stand behind the list */
};

static bool compare(const struct condition *condition, uint64_t number)
{
    return condition->more ? number > condition->number : number < condition->number;
}

static uint64_t minutes_since(const struct list *list, uint64_t then)
{
    return list->now > then ? (list->now - then) / MS_PER_MINUTE : 0;
}

static bool holds(const struct list *list, const struct condition *condition,
                  const struct chat_channel_view *view)
{
    switch (condition->about) {
    case PEOPLE:
        return compare(condition, view->members);
    case CREATED:
        return compare(condition, minutes_since(list, view->created));
    case TOPIC_SET:
        return view->topic.length > 0 && compare(condition, minutes_since(list, view->topic_time));
    case MASK:
        return chat_glob_match(condition->mask, view->name);
    case NOT_MASK:
        return !chat_glob_match(condition->mask, view->name);
    }
    return false;
}

static void show(const struct chat_channel_view *view, void *argument)
{
    struct list *list = argument;

    if (!view->shown)
        return;
    for (size_t i = 0; i < list->count; i++)
        if (!holds(list, &list->conditions[i], view))
            return;
    irc_reply(list->client, IRC_RPL_LIST, view->name, IRC_NUMBER(view->members), view->topic);
}

static bool read_number(struct chat_text text, uint64_t *number)
{
    *number = 0;
    if (text.length == 0 || text.length > 9)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        *number = *number * 10 + (uint64_t)(text.data[i] - '0');
    }
    return true;
}

static struct chat_text from(struct chat_text text, size_t at)
{
    return (struct chat_text){text.data + at, text.length - at};
}

/* A comparison, with or without the letter before it; false: it is none. */
static bool read_comparison(struct chat_text text, struct condition *condition)
{
    static const char letters[] = "CT";
    static const enum about meanings[] = {CREATED, TOPIC_SET};
    char first = text.data[0] >= 'a' ? (char)(text.data[0] - 'a' + 'A') : text.data[0];
    const char *letter = first ? strchr(letters, first) : NULL;

    condition->about = letter ? meanings[letter - letters] : PEOPLE;
    if (letter)
        text = from(text, 1);
    if (text.length == 0 || (text.data[0] != '<' && text.data[0] != '>'))
        return false;
    condition->more = text.data[0] == '>';
    return read_number(from(text, 1), &condition->number);
}

static void read_mask(struct chat_text text, struct condition *condition)
{
    bool negated = text.data[0] == '!';

    condition->about = negated ? NOT_MASK : MASK;
    condition->mask = negated ? from(text, 1) : text;
}

static bool is_name(struct chat_text part)
{
    return part.data[0] == '#' && !memchr(part.data, '*', part.length) &&
           !memchr(part.data, '?', part.length);
}

static void add_condition(struct list *list, struct chat_text part)
{
    struct condition *condition = &list->conditions[list->count++];

    if (!read_comparison(part, condition))
        read_mask(part, condition);
}

/* Shows the channel that is named, if it holds to the conditions. */
static void show_named(struct list *list, struct chat_text name)
{
    static const struct chat_channel_visitor visitor = {show, NULL};

    (void)chat_channel_look(list->client->world, &list->client->chat, name, &visitor, list);
}

static bool make_part(struct irc_client *client, struct irc_parts *parts)
{
    struct list *list = (struct list *)(void *)parts;

    if (chat_channel_some(client->world, &client->chat, &list->cursor, IRC_PART, show, list))
        return true;
    irc_reply(client, IRC_RPL_LISTEND);
    return false;
}

/* Makes a list with room for all that the message can say, and a copy of its parameters. */
static struct list *list_new(struct irc_client *client, struct irc_message *message)
{
    size_t room = 0;
    struct list *list;
    char *text;

    for (size_t i = 0; i < message->count; i++)
        room += message->params[i].length;
    /* Each condition has a byte of its own, at least. */
    list = calloc(1, sizeof *list + room * sizeof(struct condition) + room);
    if (!list)
        return NULL;
    list->parts.make = make_part;
    list->client = client;
    list->now = pli_clock_wall_ms();
    list->conditions = (struct condition *)(void *)(list + 1);
    text = (char *)(list->conditions + room);
    for (size_t i = 0; i < message->count; i++) {
        memcpy(text, message->params[i].data, message->params[i].length);
        message->params[i].data = text;
        text += message->params[i].length;
    }
    return list;
}

/* Does something with the names among the parameters, or with all else; returns whether any was. */
static bool each(struct list *list, const struct irc_message *message, bool names,
                 void (*use)(struct list *list, struct chat_text part))
{
    bool any = false;

    for (size_t i = 0; i < message->count; i++) {
        struct chat_text param = message->params[i];
        struct chat_text part;

        while (irc_list_next(&param, &part)) {
            if (is_name(part) != names)
                continue;
            use(list, part);
            any = true;
        }
    }
    return any;
}

void irc_do_list(struct irc_client *client, const struct irc_message *message)
{
    struct irc_message copy = *message;
    struct list *list = list_new(client, &copy);

    if (!list) {
        irc_explain(client, -ENOMEM, "LIST", CHAT_NO_TEXT);
        return;
    }
    irc_reply(client, IRC_RPL_LISTSTART);
    each(list, &copy, false, add_condition);
    if (each(list, &copy, true, show_named)) {
        irc_reply(client, IRC_RPL_LISTEND);
        free(list);
    } else {
        irc_answer_in_parts(client, &list->parts);
    }
}
