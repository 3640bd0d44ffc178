/* SPDX-License-Identifier: MIT */
/*
 * Events as bytes, for the history: its text stands by itself, so that it can be searched, and what else
 * there is in fields: a byte that says which, four for the length, lowest first, and so many. What a
 * field's byte, a kind's number and a mode's letter mean never changes, as they stand in files. Fields that
 * are not known are passed over.
 */
#include "config.h"

#include "chat/history_pack.h"

#include <assert.h>

/* -- Kinds and modes ------------------------------------------------------------------------------ */

static const enum chat_kind kinds[] = {
    [1] = CHAT_MESSAGE, [2] = CHAT_ACTION, [3] = CHAT_NOTICE, [4] = CHAT_TAGS,
    [5] = CHAT_JOIN,    [6] = CHAT_PART,   [7] = CHAT_QUIT,   [8] = CHAT_RENAME,
    [9] = CHAT_KICK,    [10] = CHAT_MODE,  [11] = CHAT_TOPIC, [12] = CHAT_NEW_NAME,
};

#define KINDS (sizeof kinds / sizeof kinds[0])

unsigned chat_pack_kind(enum chat_kind kind)
{
    for (unsigned i = 1; i < KINDS; i++)
        if (kinds[i] == kind)
            return i;
    return 0;
}

static const char letters[] = CHAT_MODE_LETTERS;

static_assert(sizeof letters == CHAT_MODE_OWNER + 2, "each mode has a letter");

static bool find_mode(char letter, enum chat_mode *mode)
{
    const char *at = letter ? memchr(letters, letter, sizeof letters - 1) : NULL;

    *mode = at ? (enum chat_mode)(at - letters) : CHAT_MODE_OWNER;
    return at != NULL;
}

/* -- Writing -------------------------------------------------------------------------------------- */

enum field {
    NICK = 1,
    USERNAME = 2,
    HOST = 3,
    ACCOUNT = 4,
    REALNAME = 5,
    TARGET_NICK = 6,
    CHANNEL_NAME = 7, /* if the event is about it */
    MORE = 8,
    TAGS = 9,
    USER = 10, /* an id: two numbers of eight bytes */
    TARGET = 11,
    MODES = 12,  /* a number of eight bytes, as are the next two */
    STATUS = 13, /* of the prefix that it was said to */
    CHANGE = 14, /* + or -, the letter, and the argument; one for each */
    LINE = 15,   /* whether it is joined, and four bytes of its length; one for each */
    ID = 16,     /* under which it was told, if that is another one */
};

static void put_bytes(struct chat_packed *packed, const void *data, size_t length)
{
    if (length > sizeof packed->data - packed->length) {
        packed->full = true;
        return;
    }
    if (length > 0)
        memcpy(packed->data + packed->length, data, length);
    packed->length += length;
}

static void put_number(struct chat_packed *packed, uint64_t number, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        put_bytes(packed, &(unsigned char){(unsigned char)(number >> (8 * i))}, 1);
}

static void put_head(struct chat_packed *packed, enum field field, size_t length)
{
    put_number(packed, field, 1);
    put_number(packed, length, 4);
}

static void put_text(struct chat_packed *packed, enum field field, struct chat_text text)
{
    if (text.length == 0)
        return;
    put_head(packed, field, text.length);
    put_bytes(packed, text.data, text.length);
}

static void put_word(struct chat_packed *packed, enum field field, uint64_t number)
{
    if (number == 0)
        return;
    put_head(packed, field, 8);
    put_number(packed, number, 8);
}

static void put_id(struct chat_packed *packed, enum field field, struct chat_id id)
{
    if (id.time == 0)
        return;
    put_head(packed, field, 16);
    put_number(packed, id.time, 8);
    put_number(packed, id.origin, 8);
}

static void put_changes(struct chat_packed *packed, const struct chat_event *event)
{
    for (size_t i = 0; i < event->change_count; i++) {
        const struct chat_change *change = &event->changes[i];

        put_head(packed, CHANGE, 2 + change->argument.length);
        put_bytes(packed, change->set ? "+" : "-", 1);
        put_bytes(packed, &letters[change->mode], 1);
        put_bytes(packed, change->argument.data, change->argument.length);
    }
}

static void put_lines(struct chat_packed *packed, const struct chat_event *event)
{
    for (size_t i = 0; i < event->line_count; i++) {
        put_head(packed, LINE, 5);
        put_number(packed, event->lines[i].joined, 1);
        put_number(packed, event->lines[i].text.length, 4);
    }
}

void chat_pack(struct chat_packed *packed, const struct chat_event *event, struct chat_id told_as)
{
    packed->length = 0;
    packed->full = false;
    put_text(packed, NICK, event->nick);
    put_text(packed, USERNAME, event->username);
    put_text(packed, HOST, event->host);
    put_text(packed, ACCOUNT, event->account);
    if (event->kind == CHAT_JOIN)
        put_text(packed, REALNAME, event->realname);
    put_text(packed, TARGET_NICK, event->target_nick);
    if (event->kind == CHAT_NEW_NAME)
        put_text(packed, CHANNEL_NAME, event->channel_name);
    put_text(packed, MORE, event->more);
    put_text(packed, TAGS, event->tags);
    put_id(packed, USER, event->user);
    put_id(packed, TARGET, event->target);
    put_word(packed, MODES, event->modes & CHAT_USER_BOT);
    put_word(packed, STATUS, event->kind == CHAT_JOIN ? 0 : event->status);
    put_changes(packed, event);
    put_lines(packed, event);
    put_id(packed, ID, told_as);
}

/* -- Reading -------------------------------------------------------------------------------------- */

static uint64_t number_at(const char *data, unsigned bytes)
{
    uint64_t number = 0;

    for (unsigned i = 0; i < bytes; i++)
        number |= (uint64_t)(unsigned char)data[i] << (8 * i);
    return number;
}

/* An id without a time is none. */
static void take_id(struct chat_id *id, struct chat_text value)
{
    if (value.length == 16 && number_at(value.data, 8) != 0)
        *id = (struct chat_id){number_at(value.data, 8), number_at(value.data + 8, 8)};
}

static void take_word(unsigned *number, struct chat_text value)
{
    if (value.length == 8)
        *number = (unsigned)number_at(value.data, 8);
}

static bool take_change(struct chat_kept *kept, struct chat_text value)
{
    size_t count = kept->event.change_count;
    struct chat_change change = {.set = false};

    if (value.length < 2 || count == CHAT_CHANGES_MAX || !find_mode(value.data[1], &change.mode))
        return false;
    change.set = value.data[0] == '+';
    change.argument = (struct chat_text){value.data + 2, value.length - 2};
    kept->changes[count] = change;
    kept->event.changes = kept->changes;
    kept->event.change_count++;
    return true;
}

/* Lines follow each other in the text, with an LF between any two that are not joined. */
static bool take_line(struct chat_kept *kept, struct chat_text value, size_t *used)
{
    struct chat_event *event = &kept->event;
    size_t count = event->line_count;
    struct chat_line *line = &kept->lines[count];

    if (value.length != 5 || count == CHAT_KEPT_LINES)
        return false;
    line->joined = value.data[0] != 0;
    line->text.length = (size_t)number_at(value.data + 1, 4);
    if (count > 0 && !line->joined)
        ++*used;
    if (*used > event->text.length || line->text.length > event->text.length - *used)
        return false;
    line->text.data = event->text.data + *used;
    *used += line->text.length;
    event->lines = kept->lines;
    event->line_count++;
    return true;
}

static bool take_field(struct chat_kept *kept, unsigned field, struct chat_text value, size_t *used)
{
    struct chat_event *event = &kept->event;
    struct chat_text *const texts[] = {
        [NICK] = &event->nick,
        [USERNAME] = &event->username,
        [HOST] = &event->host,
        [ACCOUNT] = &event->account,
        [REALNAME] = &event->realname,
        [TARGET_NICK] = &event->target_nick,
        [CHANNEL_NAME] = &event->channel_name,
        [MORE] = &event->more,
        [TAGS] = &event->tags,
    };

    if (field >= NICK && field <= TAGS)
        *texts[field] = value;
    else if (field == USER)
        take_id(&event->user, value);
    else if (field == TARGET)
        take_id(&event->target, value);
    else if (field == ID)
        take_id(&event->id, value);
    else if (field == MODES)
        take_word(&event->modes, value);
    else if (field == STATUS)
        take_word(&event->status, value);
    else if (field == CHANGE)
        return take_change(kept, value);
    else if (field == LINE)
        return take_line(kept, value, used);
    return true;
}

bool chat_unpack(unsigned kind, struct chat_text body, struct chat_kept *kept)
{
    size_t used = 0; /* of the text, by lines */

    if (kind == 0 || kind >= KINDS)
        return false;
    kept->event.kind = kinds[kind];
    while (body.length > 0) {
        struct chat_text value;

        if (body.length < 5)
            return false;
        value = (struct chat_text){body.data + 5, (size_t)number_at(body.data + 1, 4)};
        if (value.length > body.length - 5 ||
            !take_field(kept, (unsigned char)body.data[0], value, &used))
            return false;
        body.data += 5 + value.length;
        body.length -= 5 + value.length;
    }
    return kept->event.nick.length > 0;
}
