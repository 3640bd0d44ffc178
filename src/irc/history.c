/* SPDX-License-Identifier: MIT */
/* Lines of the history as they are shown, and what is shown to who joins a channel. */
#include "config.h"

#include "irc/history.h"

#include "irc/cap.h"
#include "irc/command.h"
#include "irc/face.h"
#include "irc/multiline.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct irc_reading *irc_reading_new(struct irc_client *client, size_t size, size_t count)
{
    struct irc_reading *reading = calloc(1, size);

    if (!reading)
        return NULL;
    reading->history = chat_world_history(client->world);
    reading->places = calloc(count > 0 ? count : 1, sizeof *reading->places);
    if (!reading->places) {
        free(reading);
        return NULL;
    }
    reading->work.free = irc_reading_free;
    return reading;
}

void irc_reading_free(struct irc_work *work)
{
    struct irc_reading *reading = (struct irc_reading *)work;

    chat_findings_deinit(&reading->findings);
    free(reading->places);
    free(reading);
}

/* Whether it is shown to somebody with these capabilities. */
static bool is_shown(const struct chat_event *event, unsigned caps, bool events)
{
    switch (event->kind) {
    case CHAT_MESSAGE:
    case CHAT_ACTION:
    case CHAT_NOTICE:
        return true;
    case CHAT_TAGS:
        return events && caps & IRC_CAP_MESSAGE_TAGS;
    case CHAT_NEW_NAME:
        return events && caps & IRC_CAP_CHANNEL_RENAME;
    default:
        return events;
    }
}

#define STAMP_MAX 32

/* Puts the time before the text, which TEXT has room for. */
static void stamp(struct chat_event *event, char *text)
{
    time_t seconds = (time_t)(event->time / 1000);
    size_t length = 0;
    struct tm utc;

    if (gmtime_r(&seconds, &utc))
        length = strftime(text, STAMP_MAX, "[%Y-%m-%d %H:%M:%S] ", &utc);
    memcpy(text + length, event->text.data, event->text.length);
    event->text = (struct chat_text){text, length + event->text.length};
}

static void show_stamped(struct irc_client *client, const struct chat_event *event, unsigned caps)
{
    struct chat_event stamped = *event;
    char *text = malloc(STAMP_MAX + event->text.length);
    struct irc_line line;

    if (text)
        stamp(&stamped, text);
    irc_render(&line, &stamped, caps);
    irc_emit(client, &line);
    free(text);
}

static void show_one(struct irc_client *client, const struct chat_event *event, bool stamped)
{
    unsigned caps = irc_changing(event, atomic_load_explicit(&client->caps, memory_order_relaxed));
    struct irc_line line;

    if (event->line_count > 0) {
        irc_multiline_answer(client, event, caps, false);
        return;
    }
    if (stamped && !(caps & IRC_CAP_SERVER_TIME)) {
        show_stamped(client, event, caps);
        return;
    }
    irc_render(&line, event, caps);
    irc_emit(client, &line);
}

void irc_reading_show(struct irc_client *client, const struct irc_reading *reading, bool events,
                      bool stamped)
{
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);

    for (size_t i = 0; i < reading->findings.count; i++) {
        const struct chat_found *found = reading->findings.found[i];
        struct chat_kept kept;

        if (chat_kept_read(&found->line, &reading->places[found->place], &kept) &&
            is_shown(&kept.event, caps, events))
            show_one(client, &kept.event, stamped);
    }
}

/* -- Whoever joins, or comes back ----------------------------------------------------------------- */

#define CHANNELS_MAX      256 /* of who comes back */
#define CONVERSATIONS_MAX 64  /* likewise */

struct playback {
    struct irc_reading reading;
    unsigned lines;
    uint64_t after;
    uint64_t before;                 /* what comes later is told as it is said */
    char account[CHAT_NAME_MAX + 1]; /* whose conversations are read, too; empty: nobody's */
    uint64_t since;                  /* what was said in them before is not theirs */
};

static int add_conversation(struct history_bytes with, uint64_t latest, void *argument)
{
    struct playback *playback = argument;
    struct irc_reading *reading = &playback->reading;

    if (latest > playback->after && reading->count < CHANNELS_MAX + CONVERSATIONS_MAX)
        chat_place_between(&reading->places[reading->count++], chat_text(playback->account),
                           (struct chat_text){with.data, with.length}, playback->since);
    return 0;
}

static int find_conversations(struct playback *playback)
{
    struct history *history = playback->reading.history;
    struct history_bytes account = {playback->account, strlen(playback->account)};

    if (account.length == 0)
        return 0;
    (void)history_settle(history, false, 1000); /* else there is what there is */
    return history_conversations(history, account, add_conversation, playback);
}

static void run_playback(struct irc_work *work)
{
    struct playback *playback = (struct playback *)work;
    struct irc_reading *reading = &playback->reading;
    struct chat_range range = {
        .after = playback->after,
        .before = playback->before,
        .newest = true,
        .most = playback->lines,
    };

    reading->rc = find_conversations(playback);
    for (size_t i = 0; i < reading->count && reading->rc == 0; i++) {
        reading->findings.place = i;
        reading->rc =
            chat_history_read(reading->history, &reading->places[i], &range, &reading->findings);
    }
}

/* One who has left meanwhile has been shown that they have joined, so they may see it. */
static void show_playback(struct irc_client *client, struct irc_work *work)
{
    const struct irc_reading *reading = (struct irc_reading *)work;

    irc_reading_show(client, reading, false, true);
}

/* Fills in the places of channels that the client is in. */
static void find_places(struct irc_client *client, struct irc_reading *reading,
                        struct chat_text channels, size_t most)
{
    struct chat_text name;

    while (reading->count < most && irc_list_next(&channels, &name))
        if (name.data[0] == '#' && chat_place_find(client->world, &client->chat, name,
                                                   &reading->places[reading->count]) == 0)
            reading->count++;
}

/* A playback with room for PLACES, if the client cannot read by itself; NULL: none is to be. */
static struct playback *begin_playback(struct irc_client *client, unsigned lines, size_t places)
{
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);
    struct playback *playback;

    if (lines == 0 || caps & IRC_CAP_CHATHISTORY || !chat_world_history(client->world))
        return NULL;
    playback = (struct playback *)irc_reading_new(client, sizeof *playback, places);
    if (!playback)
        return NULL; /* it is a courtesy */
    playback->lines = lines;
    playback->reading.work.run = run_playback;
    playback->reading.work.done = show_playback;
    return playback;
}

static void play(struct irc_client *client, struct playback *playback)
{
    struct irc_reading *reading = &playback->reading;

    if ((reading->count == 0 && !*playback->account) || irc_work_begin(client, &reading->work) < 0)
        irc_reading_free(&reading->work);
}

#define PLAYED_MAX 20 /* channels of one JOIN */

void irc_playback(struct irc_client *client, struct chat_text channels)
{
    struct playback *playback =
        begin_playback(client, irc_settings_of(client)->history_playback, PLAYED_MAX);

    if (!playback)
        return;
    find_places(client, &playback->reading, channels, PLAYED_MAX);
    playback->before = chat_world_last_id(client->world) + 1;
    play(client, playback);
}

void irc_show_missed(struct irc_client *client, uint64_t left, uint64_t last)
{
    struct playback *playback = begin_playback(client, irc_settings_of(client)->history_missed,
                                               CHANNELS_MAX + CONVERSATIONS_MAX);

    if (!playback)
        return;
    playback->reading.count =
        chat_places(client->world, &client->chat, CHANNELS_MAX, playback->reading.places,
                    playback->account, &playback->since);
    playback->after = (left << CHAT_ID_SEQUENCE_BITS) - 1;
    playback->before = last + 1;
    play(client, playback);
}
