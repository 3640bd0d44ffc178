/* SPDX-License-Identifier: MIT */
/* LIST and its conditions (ELIST): all must hold for a channel that is listed. */
#include "config.h"

#include "irc/command.h"

#include "base/clock.h"
#include "irc/glob.h"

#define MS_PER_MINUTE 60000u
#define CONDITIONS    8

enum about { PEOPLE, CREATED, TOPIC_SET, MASK, NOT_MASK };

struct condition {
    enum about about;
    bool more; /* than NUMBER; else less */
    uint64_t number;
    struct chat_text mask;
};

struct list {
    struct irc_client *client;
    uint64_t now;
    size_t count;
    struct condition conditions[CONDITIONS];
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
        return irc_glob(condition->mask, view->name);
    case NOT_MASK:
        return !irc_glob(condition->mask, view->name);
    }
    return false;
}

static void show(const struct chat_channel_view *view, void *argument)
{
    struct list *list = argument;

    for (size_t i = 0; i < list->count; i++)
        if (!holds(list, &list->conditions[i], view))
            return;
    irc_reply(list->client, IRC_RPL_LIST, view->name, IRC_NUMBER(view->members), view->topic);
}

static bool show_each(const struct chat_channel_view *view, void *argument)
{
    show(view, argument);
    return true;
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

/* Takes a parameter apart; what is a plain channel's name is no condition, and shown at once. */
static void take_param(struct list *list, struct chat_text param, bool *named)
{
    static const struct chat_channel_visitor visitor = {show, NULL};
    struct chat_text part;

    while (irc_list_next(&param, &part)) {
        bool plain = part.data[0] == '#' && !memchr(part.data, '*', part.length) &&
                     !memchr(part.data, '?', part.length);

        if (plain) {
            *named = true;
            (void)chat_channel_look(list->client->world, &list->client->chat, part, &visitor, list);
        } else if (list->count < CONDITIONS) {
            struct condition *condition = &list->conditions[list->count++];

            if (!read_comparison(part, condition))
                read_mask(part, condition);
        }
    }
}

void irc_do_list(struct irc_client *client, const struct irc_message *message)
{
    struct list list = {.client = client, .now = pli_clock_wall_ms()};
    bool named = false;

    for (size_t i = 0; i < message->count; i++)
        take_param(&list, message->params[i], &named);
    if (!named)
        chat_channel_each(client->world, &client->chat, show_each, &list);
    irc_reply(client, IRC_RPL_LISTEND);
}
