/* SPDX-License-Identifier: MIT */
/*
 * SEARCH (soju.im/search): what was said in channels that one is in, and in one's own conversations, that
 * has some words, is by somebody, or of some time. Words are those that SQLite's index takes for such,
 * whole, in any case and without accents; all of them must be there.
 */
#include "config.h"

#include "irc/command.h"

#include "base/utf8.h"
#include "irc/cap.h"
#include "irc/history.h"
#include "irc/markread.h"
#include "irc/selector.h"

#include <errno.h>
#include <stdlib.h>

#define COMMAND       "SEARCH"
#define CHANNELS_MAX  128 /* places that are searched at once, if none is named */
#define PLACES_MAX    HISTORY_SEARCHED_MAX
#define PATIENCE      1000 /* milliseconds that the latest words are waited for */
#define ATTRIBUTE_MAX 512

/* What is asked for; the texts stand in the search. */
struct search {
    struct irc_reading reading;
    char account[CHAT_NAME_MAX + 1]; /* whose conversations are searched as well; "": none are */
    uint64_t since;
    struct chat_text words;
    struct chat_text target; /* empty: all */
    struct chat_text sender; /* folded */
    uint64_t after, before;
    unsigned most;
    bool forwards;
    bool incomplete; /* the latest words could not be waited for */
    char texts[3][ATTRIBUTE_MAX];
};

/* -- What is asked for ---------------------------------------------------------------------------- */

static bool take_text(char room[static ATTRIBUTE_MAX], struct chat_text value,
                      struct chat_text *out)
{
    char plain[2 * ATTRIBUTE_MAX];
    size_t length;

    if (value.length > ATTRIBUTE_MAX)
        return false;
    length = irc_tag_unescape(value, plain);
    if (length == 0 || memchr(plain, '\0', length) || !pli_utf8_is_valid(plain, length))
        return false;
    memcpy(room, plain, length);
    *out = (struct chat_text){room, length};
    return true;
}

static bool take_sender(struct search *search, struct chat_text value)
{
    char folded[CHAT_NAME_MAX];
    struct chat_text name;

    if (!take_text(search->texts[2], value, &name))
        return false;
    name = chat_fold(name, folded);
    if (!name.data)
        return false;
    memcpy(search->texts[2], name.data, name.length);
    search->sender = (struct chat_text){search->texts[2], name.length};
    return true;
}

/* Bounds include the time that they name. */
static bool take_time(struct search *search, struct chat_text value, bool after)
{
    uint64_t time;

    if (!irc_time_parse(value, &time))
        return false;
    time <<= CHAT_ID_SEQUENCE_BITS;
    if (after)
        search->after = time > 0 ? time - 1 : 0;
    else
        search->before = time + (UINT64_C(1) << CHAT_ID_SEQUENCE_BITS);
    search->forwards |= after;
    return true;
}

static bool is(struct chat_text text, const char *name)
{
    return chat_text_equal(text, chat_text(name));
}

/* What is not known is an error: without it there would be more than was asked for. */
static bool take_attribute(struct irc_client *client, struct search *search,
                           const struct irc_tag *attribute)
{
    if (is(attribute->key, "text"))
        return take_text(search->texts[0], attribute->value, &search->words);
    if (is(attribute->key, "in"))
        return take_text(search->texts[1], attribute->value, &search->target);
    if (is(attribute->key, "from"))
        return take_sender(search, attribute->value);
    if (is(attribute->key, "after"))
        return take_time(search, attribute->value, true);
    if (is(attribute->key, "before"))
        return take_time(search, attribute->value, false);
    if (is(attribute->key, "limit"))
        return irc_limit_read(attribute->value, irc_settings_of(client)->history_page,
                              &search->most);
    return false;
}

static bool take_attributes(struct irc_client *client, struct search *search, struct chat_text text)
{
    struct irc_tag attribute;

    search->most = irc_settings_of(client)->history_page;
    while (irc_tag_next(&text, &attribute)) {
        if (take_attribute(client, search, &attribute))
            continue;
        irc_fail_on(client, COMMAND, "INVALID_PARAMS", "Invalid parameters", attribute.key);
        return false;
    }
    if (search->words.length > 0 || search->target.length > 0 || search->sender.length > 0 ||
        search->after > 0 || search->before > 0)
        return true;
    irc_fail(client, chat_text(COMMAND), "INVALID_PARAMS", CHAT_NO_TEXT, "Nothing to search for");
    return false;
}

/* -- The search ----------------------------------------------------------------------------------- */

/* The conversations are added behind the channels. */
static int add_conversation(struct history_bytes with, uint64_t latest, void *argument)
{
    struct search *search = argument;
    struct irc_reading *reading = &search->reading;

    if (latest > search->since && reading->count < PLACES_MAX)
        chat_place_between(&reading->places[reading->count++], chat_text(search->account),
                           (struct chat_text){with.data, with.length}, search->since);
    return 0;
}

static bool same_target(const struct history_target *one, const struct history_target *other)
{
    return one->id == other->id && one->origin == other->origin &&
           one->one.data == other->one.data && one->other.data == other->other.data;
}

static int collect(const struct history_line *line, void *argument)
{
    struct irc_reading *reading = argument;

    reading->findings.place = 0;
    /* It is one of those that were searched. */
    while (!same_target(&line->target, &reading->places[reading->findings.place].target))
        reading->findings.place++;
    if (line->id <= reading->places[reading->findings.place].since)
        return 0;
    return chat_findings_add(line, &reading->findings);
}

static int search_places(struct search *search)
{
    struct irc_reading *reading = &search->reading;
    struct history_target targets[PLACES_MAX];
    unsigned prefixes[PLACES_MAX];
    struct history_search wanted = {
        .targets = targets,
        .prefixes = prefixes,
        .count = reading->count,
        .words = {search->words.data, search->words.length},
        .sender = {search->sender.data, search->sender.length},
        .after = search->after,
        .before = search->before,
        .newest = !search->forwards,
        .most = search->most,
    };
    int rc;

    for (size_t i = 0; i < reading->count; i++) {
        targets[i] = reading->places[i].target;
        prefixes[i] = reading->places[i].prefix;
    }
    rc = history_search(reading->history, &wanted, collect, reading);
    if (rc == 0 && wanted.newest)
        chat_findings_turn(&reading->findings, 0);
    return rc;
}

static void run(struct irc_work *work)
{
    struct search *search = (struct search *)work;
    struct irc_reading *reading = &search->reading;
    int rc = 0;

    search->incomplete = history_settle(reading->history, true, PATIENCE) < 0;
    if (*search->account)
        rc = history_conversations(reading->history,
                                   (struct history_bytes){search->account, strlen(search->account)},
                                   add_conversation, search);
    reading->rc = rc == 0 && reading->count > 0 ? search_places(search) : rc;
}

static void done(struct irc_client *client, struct irc_work *work)
{
    const struct search *search = (struct search *)work;
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);
    const struct chat_text none[] = {CHAT_NO_TEXT};

    if (search->reading.rc < 0) {
        irc_fail(client, chat_text(COMMAND), "INTERNAL_ERROR", CHAT_NO_TEXT,
                 search->reading.rc == -ETIMEDOUT ? "The search takes too long"
                                                  : "The search could not be run");
        return;
    }
    if (caps & IRC_CAP_BATCH)
        irc_batch_begin(client, "soju.im/search", CHAT_NO_TEXT);
    irc_reading_show(client, &search->reading, false, false);
    if (caps & IRC_CAP_BATCH)
        irc_batch_end(client);
    if (search->incomplete)
        irc_standard(client, "WARN", chat_text(COMMAND), "INCOMPLETE",
                     "What was said last may be missing", none);
}

/* -- Beginning ------------------------------------------------------------------------------------ */

static int find_places(struct irc_client *client, struct search *search)
{
    struct irc_reading *reading = &search->reading;
    int rc;

    if (search->target.length == 0) {
        reading->count = chat_places(client->world, &client->chat, CHANNELS_MAX, reading->places,
                                     search->account, &search->since);
        return 0;
    }
    rc = chat_place_find(client->world, &client->chat, search->target, &reading->places[0]);
    reading->count = rc == 0;
    return rc;
}

static void begin(struct irc_client *client, struct search *search)
{
    int rc = find_places(client, search);

    if (rc == 0) {
        search->reading.work.run = run;
        search->reading.work.done = done;
        rc = irc_work_begin(client, &search->reading.work);
        if (rc == 0)
            return;
        irc_fail(client, chat_text(COMMAND), "INTERNAL_ERROR", CHAT_NO_TEXT,
                 "The search could not be run");
    } else {
        irc_fail_on(client, COMMAND, "INVALID_TARGET", "You cannot search there", search->target);
    }
    irc_reading_free(&search->reading.work);
}

/* SEARCH attributes. Only who has negotiated it knows the command. */
void irc_do_search(struct irc_client *client, const struct irc_message *message)
{
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);
    struct search *search;

    if (!(caps & IRC_CAP_SEARCH)) {
        irc_reply(client, IRC_ERR_UNKNOWNCOMMAND, message->command);
        return;
    }
    search = (struct search *)irc_reading_new(client, sizeof *search, PLACES_MAX);
    if (!search) {
        irc_fail(client, chat_text(COMMAND), "INTERNAL_ERROR", CHAT_NO_TEXT,
                 "The search could not be run");
        return;
    }
    if (take_attributes(client, search, irc_param(message, 0)))
        begin(client, search);
    else
        irc_reading_free(&search->reading.work);
}
