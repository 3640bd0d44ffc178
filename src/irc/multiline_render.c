/* SPDX-License-Identifier: MIT */
/*
 * Messages on several lines, as they go out. Whoever gets one knows batches, and gets what the
 * message has for tags with the line that opens it; or else gets the lines as messages of their
 * own, blank ones left out, of which the first has all tags, and the others those that tell when
 * and by whom it is said.
 */
#include "config.h"

#include "irc/multiline.h"

#include "irc/cap.h"
#include "irc/face.h"
#include "irc/say.h"

#include <paceline/message.h>

#include <errno.h>
#include <stdlib.h>

/*
 * The names of batches. What others say comes in one piece, so that it can be the same for all;
 * what comes to oneself does not, and others may speak in between.
 */
#define OF_OTHERS  "m"
#define ECHO       "e"
#define OF_ONESELF "s"

static void open_batch(struct irc_line *line, const struct chat_event *event, unsigned caps,
                       const char *name)
{
    irc_put_tags(line, event, caps);
    irc_put_source(line, event);
    irc_line_puts(line, "BATCH +");
    irc_line_puts(line, name);
    irc_line_puts(line, " draft/multiline");
    irc_put_target(line, event);
}

/* The frame of an action goes around the whole. */
static void put_in_batch(struct irc_line *line, const struct chat_event *event, const char *name,
                         size_t index)
{
    bool action = event->kind == CHAT_ACTION;
    bool last = index + 1 == event->line_count;

    irc_line_tag(line, "batch", chat_text(name));
    if (event->lines[index].joined)
        irc_line_tag(line, "draft/multiline-concat", CHAT_NO_TEXT);
    irc_put_source(line, event);
    irc_line_puts(line, irc_command_of(event->kind));
    irc_put_target(line, event);
    irc_line_puts(line, " :");
    if (action && index == 0)
        irc_line_puts(line, IRC_ACTION_BEGIN);
    if (action && last)
        irc_line_reserve(line, 1);
    irc_line_put(line, event->lines[index].text);
    if (action && last) {
        irc_line_release(line, 1);
        irc_line_put(line, (struct chat_text){(const char[]){IRC_ACTION_END}, 1});
    }
}

static void close_batch(struct irc_line *line, const struct chat_event *event, const char *name)
{
    irc_put_source(line, event);
    irc_line_puts(line, "BATCH -");
    irc_line_puts(line, name);
}

/* A line by itself; FIRST: nothing of the message has been sent before it. */
static void put_alone(struct irc_line *line, const struct chat_event *event, unsigned caps,
                      size_t index, bool first)
{
    struct chat_event single = *event;

    single.text = event->lines[index].text;
    single.line_count = 0;
    if (!first) {
        single.id = CHAT_NO_ID;
        single.tags = CHAT_NO_TEXT;
    }
    irc_render(line, &single, caps);
}

/* Going through the lines that are sent. */
struct walk {
    const struct chat_event *event;
    unsigned caps;
    const char *name; /* of the batch */
    size_t next;      /* of a batch: 0 opens it, then come the lines, and then its end */
    bool begun;       /* a line has been made */
};

static bool next_of_batch(struct walk *walk, struct irc_line *line)
{
    size_t at = walk->next++;

    if (at > walk->event->line_count + 1)
        return false;
    irc_line_begin(line);
    if (at == 0)
        open_batch(line, walk->event, walk->caps, walk->name);
    else if (at <= walk->event->line_count)
        put_in_batch(line, walk->event, walk->name, at - 1);
    else
        close_batch(line, walk->event, walk->name);
    return true;
}

static bool next_alone(struct walk *walk, struct irc_line *line)
{
    const struct chat_event *event = walk->event;

    while (walk->next < event->line_count && event->lines[walk->next].text.length == 0)
        walk->next++;
    if (walk->next == event->line_count)
        return false;
    put_alone(line, event, walk->caps, walk->next++, !walk->begun);
    walk->begun = true;
    return true;
}

static bool next_line(struct walk *walk, struct irc_line *line)
{
    return walk->caps & IRC_CAP_MULTILINE ? next_of_batch(walk, line) : next_alone(walk, line);
}

/* Room for all lines: those of others than the first have few tags. */
static size_t room_for(const struct chat_event *event)
{
    size_t few = 200 + 2 * event->account.length;

    return IRC_TAGS_MAX + IRC_LINE_MAX + (event->line_count + 1) * (few + IRC_LINE_MAX);
}

int irc_multiline_render(const struct chat_event *event, unsigned caps, struct pl_message **message)
{
    struct walk walk = {.event = event, .caps = caps, .name = OF_OTHERS};
    char *bytes = malloc(room_for(event));
    struct irc_line line;
    size_t length = 0;
    int rc;

    if (!bytes)
        return -ENOMEM;
    while (next_line(&walk, &line)) {
        irc_line_end(&line);
        memcpy(bytes + length, line.data, line.length);
        length += line.length;
    }
    rc = pl_message_new(bytes, length, message);
    free(bytes);
    return rc;
}

/*
 * A label stands at what opens the batch, which then need not be in another one; unless more comes
 * after it, that one is away.
 */
void irc_multiline_answer(struct irc_client *client, const struct chat_event *event, unsigned caps,
                          bool aside)
{
    bool batch = caps & IRC_CAP_MULTILINE;
    struct walk walk = {.event = event, .caps = caps, .name = aside ? OF_ONESELF : ECHO};
    struct irc_line line;

    if (!aside && batch && event->away.length == 0)
        irc_answer_single(client);
    while (next_line(&walk, &line)) {
        bool inside = batch && walk.next > 1 && walk.next <= event->line_count + 1;

        if (aside || inside)
            irc_emit_aside(client, &line);
        else
            irc_emit_in_order(client, &line);
    }
}
