/* SPDX-License-Identifier: MIT */
/*
 * CHATHISTORY (IRCv3 chathistory, event-playback): a page of what was said in a channel that one is in,
 * or with somebody, or which of them have something at all. Ids sort by time, so a message that is gone
 * still names a place; and a time stands for all ids of its millisecond.
 */
#include "config.h"

#include "irc/command.h"

#include "irc/cap.h"
#include "irc/face.h"
#include "irc/history.h"
#include "irc/selector.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#define COMMAND    "CHATHISTORY"
#define PLACES_MAX 256 /* channels of one person that are looked at for TARGETS */
#define UNREAD     "Messages could not be retrieved"

enum subcommand { BEFORE, AFTER, LATEST, AROUND, BETWEEN, TARGETS, SUBCOMMANDS };

static const struct {
    const char *name;
    size_t selectors; /* behind the target, which TARGETS has not */
} subcommands[SUBCOMMANDS] = {
    [BEFORE] = {"BEFORE", 1}, [AFTER] = {"AFTER", 1},     [LATEST] = {"LATEST", 1},
    [AROUND] = {"AROUND", 1}, [BETWEEN] = {"BETWEEN", 2}, [TARGETS] = {"TARGETS", 2},
};

/* What is asked for. */
struct request {
    enum subcommand subcommand;
    const char *name;
    struct chat_text target;
    struct irc_selector selectors[2];
    bool open; /* LATEST *: there is no selector */
    unsigned limit;
};

/* The work of a helper: one reading for a page, two for those around a place. */
struct page {
    struct irc_reading reading;
    enum subcommand subcommand;
    struct irc_selector selectors[2];
    struct chat_range ranges[2];
    size_t range_count;
    bool events;
};

/* -- What is asked for ---------------------------------------------------------------------------- */

static void fail(struct irc_client *client, const char *code, struct chat_text subcommand,
                 struct chat_text context, const char *text)
{
    if (context.length > 0)
        irc_fail_on(client, COMMAND, code, text, subcommand, context);
    else
        irc_fail_on(client, COMMAND, code, text, subcommand);
}

static bool find_subcommand(struct chat_text name, enum subcommand *subcommand)
{
    for (unsigned i = 0; i < SUBCOMMANDS; i++) {
        *subcommand = (enum subcommand)i;
        if (strlen(subcommands[i].name) == name.length &&
            strncasecmp(subcommands[i].name, name.data, name.length) == 0)
            return true;
    }
    return false;
}

/* Reads one of them; what is wrong has been said if it returns false. */
static bool read_selector(struct irc_client *client, struct request *request, struct chat_text text,
                          struct irc_selector *selector)
{
    bool by_time = text.length > 6 && memcmp(text.data, "msgid=", 6) == 0;

    if (request->subcommand == LATEST && chat_text_equal(text, chat_text("*"))) {
        request->open = true;
        return true;
    }
    switch (irc_selector_read(text, selector)) {
    case IRC_SELECTED:
        if (request->subcommand != TARGETS || !by_time)
            return true;
        break;
    case IRC_SELECTOR_BAD:
        break;
    case IRC_SELECTOR_OTHER:
        fail(client, "INVALID_MSGREFTYPE", chat_text(request->name),
             request->subcommand == TARGETS ? text : request->target, UNREAD);
        return false;
    }
    fail(client, "INVALID_PARAMS", chat_text(request->name), text, "Invalid parameters");
    return false;
}

static bool read_request(struct irc_client *client, const struct irc_message *message,
                         struct request *request)
{
    struct chat_text name = irc_param(message, 0);
    size_t next = 1;
    size_t count;

    if (name.length == 0 || !find_subcommand(name, &request->subcommand)) {
        fail(client, "INVALID_PARAMS", name.length > 0 ? name : chat_text("*"), CHAT_NO_TEXT,
             name.length > 0 ? "Unknown command" : "Insufficient parameters");
        return false;
    }
    request->name = subcommands[request->subcommand].name;
    count = subcommands[request->subcommand].selectors;
    if (message->count != 1 + (request->subcommand != TARGETS) + count + 1) {
        fail(client, "INVALID_PARAMS", chat_text(request->name), CHAT_NO_TEXT,
             message->count < 1 + (request->subcommand != TARGETS) + count + 1
                 ? "Insufficient parameters"
                 : "Too many parameters");
        return false;
    }
    if (request->subcommand != TARGETS)
        request->target = message->params[next++];
    for (size_t i = 0; i < count; i++)
        if (!read_selector(client, request, message->params[next++], &request->selectors[i]))
            return false;
    if (irc_limit_read(message->params[next], irc_settings_of(client)->history_page,
                       &request->limit))
        return true;
    fail(client, "INVALID_PARAMS", chat_text(request->name), message->params[next],
         "Invalid parameters");
    return false;
}

/* -- A page --------------------------------------------------------------------------------------- */

/* What comes between two places, from the first one on, whichever way that goes. */
static struct chat_range between(const struct irc_selector *one, const struct irc_selector *other)
{
    bool forwards = one->first <= other->first;

    return (struct chat_range){
        .after = forwards ? one->last : other->last,
        .before = forwards ? other->first : one->first,
        .newest = !forwards,
    };
}

/* Half of those around a place are before it; where there are fewer after it, there are fewer. */
static void set_ranges(struct page *page, const struct request *request)
{
    const struct irc_selector *selector = &request->selectors[0];
    struct chat_range *range = &page->ranges[0];

    page->range_count = 1;
    switch (request->subcommand) {
    case BEFORE:
        *range = (struct chat_range){.before = selector->first, .newest = true};
        break;
    case AFTER:
        *range = (struct chat_range){.after = selector->last};
        break;
    case AROUND:
        *range = (struct chat_range){.before = selector->first, .newest = true};
        page->ranges[1] = (struct chat_range){
            .after = selector->first - 1, .most = (request->limit + 1) / 2, .events = page->events};
        page->range_count = 2;
        break;
    case BETWEEN:
        *range = between(selector, &request->selectors[1]);
        break;
    default:
        *range = (struct chat_range){.after = request->open ? 0 : selector->last, .newest = true};
        break;
    }
    range->most = page->range_count == 2 ? request->limit / 2 : request->limit;
    range->events = page->events;
}

static void run_page(struct irc_work *work)
{
    struct page *page = (struct page *)work;
    struct irc_reading *reading = &page->reading;

    for (size_t i = 0; i < page->range_count && reading->rc == 0; i++)
        reading->rc = chat_history_read(reading->history, &reading->places[0], &page->ranges[i],
                                        &reading->findings);
}

static struct chat_text place_name(const struct chat_place *place)
{
    return (struct chat_text){place->name, place->name_length};
}

static bool has_batch(const struct irc_client *client)
{
    return atomic_load_explicit(&client->caps, memory_order_relaxed) & IRC_CAP_BATCH;
}

static void done_page(struct irc_client *client, struct irc_work *work)
{
    const struct page *page = (struct page *)work;
    const struct irc_reading *reading = &page->reading;
    bool batch = has_batch(client);

    if (reading->rc < 0) {
        fail(client, "MESSAGE_ERROR", chat_text(subcommands[page->subcommand].name),
             place_name(&reading->places[0]), UNREAD);
        return;
    }
    if (batch)
        irc_batch_begin(client, "chathistory", place_name(&reading->places[0]));
    irc_reading_show(client, reading, page->events, false);
    if (batch)
        irc_batch_end(client);
}

/* -- Targets -------------------------------------------------------------------------------------- */

struct latest {
    uint64_t id;
    size_t length;
    char name[CHAT_NAME_MAX];
};

struct targets {
    struct page page;
    char account[CHAT_NAME_MAX + 1];
    uint64_t since;
    uint64_t after, before;
    unsigned limit;
    bool newest;
    struct latest *found;
    size_t count, room;
};

static void free_targets(struct irc_work *work)
{
    free(((struct targets *)work)->found);
    irc_reading_free(work);
}

static int add_target(struct targets *targets, struct chat_text name, uint64_t id)
{
    size_t room = targets->room > 0 ? 2 * targets->room : 32;
    struct latest *found;

    if (id <= targets->after || id >= targets->before || name.length > CHAT_NAME_MAX)
        return 0;
    if (targets->count == targets->room) {
        found = realloc(targets->found, room * sizeof *found);
        if (!found)
            return -ENOMEM;
        targets->found = found;
        targets->room = room;
    }
    found = &targets->found[targets->count++];
    *found = (struct latest){.id = id, .length = name.length};
    memcpy(found->name, name.data, name.length);
    return 0;
}

static int add_conversation(struct history_bytes with, uint64_t latest, void *argument)
{
    struct targets *targets = argument;

    if (latest <= targets->since)
        return 0;
    return add_target(targets, (struct chat_text){with.data, with.length}, latest);
}

static int compare(const void *a, const void *b)
{
    const struct latest *one = a, *other = b;

    return (one->id > other->id) - (one->id < other->id);
}

static void run_targets(struct irc_work *work)
{
    struct targets *targets = (struct targets *)work;
    struct irc_reading *reading = &targets->page.reading;
    uint64_t id;
    int rc = 0;

    (void)history_settle(reading->history, false, 1000); /* else there is what there is */
    for (size_t i = 0; i < reading->count && rc == 0; i++) {
        rc = history_latest(reading->history, &reading->places[i].target, &id);
        if (rc == 0 && id != 0)
            rc = add_target(targets, place_name(&reading->places[i]), id);
    }
    if (rc == 0 && *targets->account)
        rc = history_conversations(
            reading->history, (struct history_bytes){targets->account, strlen(targets->account)},
            add_conversation, targets);
    if (targets->count > 0)
        qsort(targets->found, targets->count, sizeof *targets->found, compare);
    reading->rc = rc;
}

static void show_target(struct irc_client *client, const struct latest *latest)
{
    char time[IRC_TIME_LENGTH + 1];
    struct irc_line line;

    if (!irc_time_text(chat_id_ms((struct chat_id){latest->id, 0}), time))
        return;
    irc_begin(client, &line, COMMAND " TARGETS ");
    irc_line_put(&line, (struct chat_text){latest->name, latest->length});
    irc_line_puts(&line, " ");
    irc_line_puts(&line, time);
    irc_emit(client, &line);
}

static void done_targets(struct irc_client *client, struct irc_work *work)
{
    const struct targets *targets = (struct targets *)work;
    size_t count = targets->count < targets->limit ? targets->count : targets->limit;
    size_t first = targets->newest ? targets->count - count : 0;
    bool batch = has_batch(client);

    if (targets->page.reading.rc < 0) {
        fail(client, "MESSAGE_ERROR", chat_text("TARGETS"), CHAT_NO_TEXT, UNREAD);
        return;
    }
    if (batch)
        irc_batch_begin(client, "draft/chathistory-targets", CHAT_NO_TEXT);
    for (size_t i = 0; i < count; i++)
        show_target(client, &targets->found[first + i]);
    if (batch)
        irc_batch_end(client);
}

/* -- Beginning ------------------------------------------------------------------------------------ */

static void begin(struct irc_client *client, const struct request *request, struct irc_work *work)
{
    if (irc_work_begin(client, work) == 0)
        return;
    work->free(work);
    fail(client, "MESSAGE_ERROR", chat_text(request->name), request->target, UNREAD);
}

static void begin_targets(struct irc_client *client, const struct request *request)
{
    struct targets *targets =
        (struct targets *)irc_reading_new(client, sizeof *targets, PLACES_MAX);
    struct chat_range range = between(&request->selectors[0], &request->selectors[1]);
    struct irc_reading *reading;

    if (!targets) {
        fail(client, "MESSAGE_ERROR", chat_text("TARGETS"), CHAT_NO_TEXT, UNREAD);
        return;
    }
    reading = &targets->page.reading;
    reading->count = chat_places(client->world, &client->chat, PLACES_MAX, reading->places,
                                 targets->account, &targets->since);
    targets->after = range.after;
    targets->before = range.before;
    targets->newest = range.newest;
    targets->limit = request->limit;
    reading->work.run = run_targets;
    reading->work.done = done_targets;
    reading->work.free = free_targets;
    begin(client, request, &reading->work);
}

static void begin_page(struct irc_client *client, const struct request *request)
{
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);
    struct page *page = (struct page *)irc_reading_new(client, sizeof *page, 1);
    struct irc_reading *reading;
    int rc;

    if (!page) {
        fail(client, "MESSAGE_ERROR", chat_text(request->name), request->target, UNREAD);
        return;
    }
    reading = &page->reading;
    rc = chat_place_find(client->world, &client->chat, request->target, &reading->places[0]);
    if (rc != 0) {
        irc_reading_free(&reading->work);
        fail(client, "INVALID_TARGET", chat_text(request->name), request->target, UNREAD);
        return;
    }
    reading->count = 1;
    page->subcommand = request->subcommand;
    page->events = caps & IRC_CAP_EVENT_PLAYBACK;
    set_ranges(page, request);
    reading->work.run = run_page;
    reading->work.done = done_page;
    begin(client, request, &reading->work);
}

/* Only who has negotiated it knows the command. */
void irc_do_chathistory(struct irc_client *client, const struct irc_message *message)
{
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);
    struct request request = {.open = false};

    if (!(caps & IRC_CAP_CHATHISTORY)) {
        irc_reply(client, IRC_ERR_UNKNOWNCOMMAND, message->command);
        return;
    }
    if (!read_request(client, message, &request))
        return;
    if (request.subcommand == TARGETS)
        begin_targets(client, &request);
    else
        begin_page(client, &request);
}
