/* SPDX-License-Identifier: MIT */
/*
 * Commands about rooms. What is shown of one is sent from within the visit, under the world's lock,
 * so that it is what the room was like at one moment.
 */
#include "config.h"

#include "talk/command.h"

#include "chat/name.h"

#include <stdio.h>

/* Columns that a line of names takes at most, unless a single name is longer. */
#define WIDTH 76

/* Names beyond that are only counted. */
#define MOST_NAMES 500

/* A line of names in the making. */
struct roll {
    struct talk_person *person;
    size_t members; /* all of them */
    size_t count;   /* those whom one may see */
    size_t used;
    char line[WIDTH + 3 * CHAT_NAME_MAX];
};

static void flush_roll(struct roll *roll)
{
    if (roll->used > 0)
        talk_reply(roll->person, "%.*s", (int)roll->used, roll->line);
    roll->used = 0;
}

static void roll_channel(const struct chat_channel_view *view, void *argument)
{
    struct roll *roll = argument;

    roll->members = view->members;
    roll->used = (size_t)snprintf(roll->line, sizeof roll->line, "%zu %s in %.*s:", view->members,
                                  view->members == 1 ? "person" : "people", TALK_TEXT(view->name));
}

/* The nickname, and who is logged in with what account. */
static void roll_member(const struct chat_user_view *view, void *argument)
{
    char name[2 * CHAT_NAME_MAX + sizeof " ()"];
    struct roll *roll = argument;
    bool named = view->account.length > 0;
    size_t length;

    if (roll->count++ >= MOST_NAMES)
        return;
    length = (size_t)snprintf(name, sizeof name, "%.*s%s%.*s%s", TALK_TEXT(view->nick),
                              named ? " (" : "", TALK_TEXT(view->account), named ? ")" : "");
    if (roll->used > 1 && roll->used + 1 + length > WIDTH) {
        flush_roll(roll);
        roll->line[roll->used++] = ' ';
    }
    roll->line[roll->used++] = ' ';
    memcpy(roll->line + roll->used, name, length);
    roll->used += length;
}

void talk_show_people(struct talk_person *person, struct chat_text room)
{
    static const struct chat_channel_visitor visitor = {roll_channel, roll_member};
    struct roll roll = {.person = person};
    int rc = chat_channel_look(person->world, &person->chat, room, &visitor, &roll);

    if (rc != 0) {
        talk_explain(person, rc, room);
        return;
    }
    flush_roll(&roll);
    if (roll.count > MOST_NAMES)
        talk_reply(person, "  and %zu more", roll.count - MOST_NAMES);
    if (roll.members > roll.count)
        talk_reply(person, "  and %zu whom you do not see", roll.members - roll.count);
}

void talk_do_who(struct talk_person *person, struct chat_text arguments)
{
    talk_show_people(person, arguments.length > 0 ? arguments : CHAT_NO_TEXT);
}

static void show_topic(const struct chat_channel_view *view, void *argument)
{
    if (view->topic.length > 0)
        talk_reply(argument, "Topic of %.*s: %.*s (set by %.*s)", TALK_TEXT(view->name),
                   TALK_TEXT(view->topic), TALK_TEXT(view->topic_by));
}

static void show_topic_or_none(const struct chat_channel_view *view, void *argument)
{
    if (view->topic.length == 0)
        talk_reply(argument, "%.*s has no topic.", TALK_TEXT(view->name));
    else
        show_topic(view, argument);
}

void talk_do_topic(struct talk_person *person, struct chat_text arguments)
{
    static const struct chat_channel_visitor visitor = {show_topic_or_none, NULL};
    int rc;

    if (arguments.length == 0)
        rc = chat_channel_look(person->world, &person->chat, CHAT_NO_TEXT, &visitor, person);
    else if (chat_text_equal(arguments, chat_text("-")))
        rc = chat_channel_topic(person->world, &person->chat, CHAT_NO_TEXT, chat_text(""));
    else
        rc = chat_channel_topic(person->world, &person->chat, CHAT_NO_TEXT, arguments);
    if (rc != 0)
        talk_explain(person, rc, CHAT_NO_TEXT);
}

static void show_focus(const struct chat_channel_view *view, void *argument)
{
    talk_reply(argument, "You talk in %.*s now.", TALK_TEXT(view->name));
}

/* Tells the room at hand after it has changed. */
static void tell_focus(struct talk_person *person)
{
    static const struct chat_channel_visitor visitor = {show_focus, NULL};
    int rc = chat_channel_look(person->world, &person->chat, CHAT_NO_TEXT, &visitor, person);

    if (rc != 0)
        talk_explain(person, rc, CHAT_NO_TEXT);
}

/* What was entered may be another room, to which this one forwards. */
static void enter(struct talk_person *person, struct chat_text room, struct chat_text key)
{
    static const struct chat_channel_visitor visitor = {show_topic, NULL};
    int rc = chat_channel_enter(person->world, &person->chat, room, key);

    if (rc == CHAT_ON_CHANNEL) {
        rc = chat_channel_focus(person->world, &person->chat, room);
        if (rc == 0)
            tell_focus(person);
    } else if (rc == 0) {
        rc = chat_channel_look(person->world, &person->chat, CHAT_NO_TEXT, &visitor, person);
        if (rc == 0)
            talk_show_people(person, CHAT_NO_TEXT);
    }
    if (rc != 0)
        talk_explain(person, rc, room);
}

void talk_enter(struct talk_person *person, struct chat_text room)
{
    enter(person, room, CHAT_NO_TEXT);
}

void talk_settle(struct talk_person *person, struct chat_text room)
{
    static const struct chat_channel_visitor visitor = {show_focus, NULL};

    (void)chat_channel_focus(person->world, &person->chat, room);
    if (chat_channel_look(person->world, &person->chat, CHAT_NO_TEXT, &visitor, person) == 0)
        talk_show_people(person, CHAT_NO_TEXT);
    else
        talk_enter(person, room); /* in none at all */
}

void talk_do_join(struct talk_person *person, struct chat_text arguments)
{
    struct chat_text room = talk_word(&arguments);

    enter(person, room, arguments);
}

static void note_focus(const struct chat_channel_view *view, void *argument)
{
    *(bool *)argument = view->focused;
}

void talk_do_leave(struct talk_person *person, struct chat_text arguments)
{
    static const struct chat_channel_visitor visitor = {note_focus, NULL};
    struct chat_text room = arguments.length > 0 ? arguments : CHAT_NO_TEXT;
    bool at_hand = false;
    int rc = chat_channel_look(person->world, &person->chat, room, &visitor, &at_hand);

    if (rc == 0)
        rc = chat_channel_part(person->world, &person->chat, room, CHAT_NO_TEXT);
    if (rc != 0)
        talk_explain(person, rc, room);
    else if (at_hand)
        tell_focus(person);
}
