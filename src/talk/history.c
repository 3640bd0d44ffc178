/* SPDX-License-Identifier: MIT */
/*
 * What was said before in the room at hand: the last of it, or what has some words. A helper reads it,
 * while the session is parked.
 */
#include "config.h"

#include "talk/command.h"

#include "chat/history.h"
#include "talk/render.h"

#include <paceline/session.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LINES_USUAL 20
#define LINES_MAX   100
#define PATIENCE    1000 /* milliseconds that the latest words are waited for */

struct reading {
    struct history *history;
    struct chat_place place;
    struct chat_findings findings;
    unsigned most;
    int rc;
    size_t length; /* of the words that are searched for; 0: the last lines are wanted */
    char words[];
};

static void discard(struct reading *reading)
{
    chat_findings_deinit(&reading->findings);
    free(reading);
}

/* -- By a helper ---------------------------------------------------------------------------------- */

static int search(struct reading *reading)
{
    const struct history_search wanted = {
        .targets = &reading->place.target,
        .prefixes = &reading->place.prefix,
        .count = 1,
        .words = {reading->words, reading->length},
        .newest = true,
        .most = reading->most,
    };
    int rc;

    (void)history_settle(reading->history, true, PATIENCE); /* else there is what there is */
    rc = history_search(reading->history, &wanted, chat_findings_add, &reading->findings);
    if (rc == 0)
        chat_findings_turn(&reading->findings, 0);
    return rc;
}

static void run(void *argument)
{
    struct reading *reading = argument;
    const struct chat_range range = {.newest = true, .most = reading->most};

    reading->rc = reading->length > 0 ? search(reading)
                                      : chat_history_read(reading->history, &reading->place, &range,
                                                          &reading->findings);
}

/* -- Showing -------------------------------------------------------------------------------------- */

static void day_of(uint64_t milliseconds, char day[static 16])
{
    time_t seconds = (time_t)(milliseconds / 1000);
    struct tm local;

    if (!localtime_r(&seconds, &local) || strftime(day, 16, "%Y-%m-%d", &local) == 0)
        *day = '\0';
}

/* A day is named before its first line; DAY is that of the line before. */
static void show_one(struct talk_person *person, const struct chat_event *event,
                     char day[static 16])
{
    struct pl_message *message;
    char own[16];

    day_of(event->time, own);
    if (strcmp(own, day) != 0)
        talk_reply(person, "--- %s ---", own);
    memcpy(day, own, sizeof own);
    if (talk_face.render(event, 0, &message) < 0)
        return; /* one line less */
    (void)pl_session_send_message(person->session, message);
    pl_message_unref(message);
}

static void show(struct talk_person *person, const struct reading *reading)
{
    const struct chat_findings *findings = &reading->findings;
    char day[16] = "";
    unsigned shown = 0;

    for (size_t i = 0; i < findings->count; i++) {
        struct chat_kept kept;

        if (!chat_kept_read(&findings->found[i]->line, &reading->place, &kept) ||
            kept.event.kind == CHAT_TAGS)
            continue;
        show_one(person, &kept.event, day);
        shown++;
    }
    if (shown == 0)
        talk_reply(person, reading->length > 0 ? "Nothing is found."
                                               : "Nothing has been said here before.");
    else
        talk_reply(person, "--- %u line%s ---", shown, shown == 1 ? "" : "s");
}

static void done(struct pl_session *session, bool open, void *argument)
{
    struct talk_person *person = open ? pl_session_data(session) : NULL;
    struct reading *reading = argument;

    if (person && reading->rc == 0)
        show(person, reading);
    else if (person)
        talk_reply(person, reading->rc == -ETIMEDOUT ? "That takes too long."
                                                     : "The history cannot be read just now.");
    discard(reading);
}

/* -- Commands ------------------------------------------------------------------------------------- */

/* Takes READING over. */
static void begin(struct talk_person *person, struct reading *reading)
{
    int rc = chat_place_find(person->world, &person->chat, CHAT_NO_TEXT, &reading->place);

    if (rc == 0)
        rc = pl_session_work(person->session, run, done, reading);
    if (rc == 0)
        return;
    if (rc == -EAGAIN)
        talk_reply(person, "Too many are doing that just now; try again later.");
    else
        talk_explain(person, rc, CHAT_NO_TEXT);
    discard(reading);
}

/* NULL: it has been said why not. */
static struct reading *reading_new(struct talk_person *person, struct chat_text words)
{
    struct history *history = chat_world_history(person->world);
    struct reading *reading = history ? calloc(1, sizeof *reading + words.length + 1) : NULL;

    if (!history)
        talk_reply(person, "Nothing is kept here.");
    else if (!reading)
        talk_explain(person, -ENOMEM, CHAT_NO_TEXT);
    if (!reading)
        return NULL;
    reading->history = history;
    reading->most = LINES_USUAL;
    reading->length = words.length;
    if (words.length > 0)
        memcpy(reading->words, words.data, words.length);
    return reading;
}

static bool read_number(struct chat_text text, unsigned *number)
{
    *number = 0;
    if (text.length > 6)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        *number = 10 * *number + (unsigned)(text.data[i] - '0');
    }
    return *number > 0;
}

void talk_do_history(struct talk_person *person, struct chat_text arguments)
{
    unsigned most = LINES_USUAL;
    struct reading *reading;

    if (arguments.length > 0 && !read_number(arguments, &most)) {
        talk_reply(person, "Usage: /history [lines]");
        return;
    }
    reading = reading_new(person, CHAT_NO_TEXT);
    if (!reading)
        return;
    reading->most = most < LINES_MAX ? most : LINES_MAX;
    begin(person, reading);
}

void talk_do_search(struct talk_person *person, struct chat_text arguments)
{
    struct reading *reading = reading_new(person, arguments);

    if (reading)
        begin(person, reading);
}
