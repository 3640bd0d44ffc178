/* SPDX-License-Identifier: MIT */
/* Modes as text: letters, then the values of those that have one, with spaces between. */
#include "config.h"

#include "chat/world.h"

#include <stdio.h>

/* A text in the making, that has room for all that there can be. */
struct writing {
    char *text;
    size_t length;
};

static void put(struct writing *writing, struct chat_text text)
{
    if (text.length == 0 || writing->length + text.length > CHAT_MODES_TEXT)
        return;
    memcpy(writing->text + writing->length, text.data, text.length);
    writing->length += text.length;
}

static void put_letter(struct writing *writing, size_t mode)
{
    put(writing, (struct chat_text){&CHAT_MODE_LETTERS[mode], 1});
}

/* The value of a mode that has one, in TEXT unless it stands somewhere; none: the mode is not set. */
static struct chat_text value_of(const struct chat_channel *channel, enum chat_mode mode,
                                 char text[static CHAT_RATE_TEXT])
{
    int length = 0;

    if (chat_mode_is_rate(mode))
        return chat_rate_of(channel, mode)->count > 0
                   ? chat_rate_text(mode, chat_rate_of(channel, mode), text)
                   : CHAT_NO_TEXT;
    if (mode == CHAT_MODE_KEY)
        return chat_string_text(channel->key);
    if (mode == CHAT_MODE_FORWARD)
        return chat_string_text(channel->forward);
    if (mode == CHAT_MODE_LIMIT && channel->limit > 0)
        length = snprintf(text, CHAT_RATE_TEXT, "%u", channel->limit);
    if (mode == CHAT_MODE_THROTTLE && channel->throttle_joins > 0)
        length = snprintf(text, CHAT_RATE_TEXT, "%u:%u", channel->throttle_joins,
                          channel->throttle_seconds);
    return (struct chat_text){text, (size_t)length};
}

struct chat_text chat_modes_write(const struct chat_channel *channel,
                                  char text[static CHAT_MODES_TEXT])
{
    struct writing writing = {.text = text};
    char value[CHAT_RATE_TEXT];

    for (size_t mode = 0; mode < CHAT_MODE_FLAGS; mode++)
        if (channel->flags & chat_mode_flag(mode))
            put_letter(&writing, mode);
    for (size_t mode = CHAT_MODE_FLAGS; mode < CHAT_MODE_BAN; mode++)
        if (value_of(channel, mode, value).length > 0)
            put_letter(&writing, mode);
    for (size_t mode = CHAT_MODE_FLAGS; mode < CHAT_MODE_BAN; mode++) {
        struct chat_text word = value_of(channel, mode, value);

        put(&writing, word.length > 0 ? chat_text(" ") : CHAT_NO_TEXT);
        put(&writing, word);
    }
    return (struct chat_text){text, writing.length};
}

/* The mode of a letter, or CHAT_MODE_BAN for what is none of those that stand in such a text. */
static enum chat_mode find_mode(char letter)
{
    const char *at = letter ? strchr(CHAT_MODE_LETTERS, letter) : NULL;

    return at && at < &CHAT_MODE_LETTERS[CHAT_MODE_BAN] ? (enum chat_mode)(at - CHAT_MODE_LETTERS)
                                                        : CHAT_MODE_BAN;
}

static int add(struct chat_change changes[static CHAT_CHANGES_MAX], size_t *count,
               struct chat_change change, struct chat_text *words)
{
    if (*count == CHAT_CHANGES_MAX || change.mode == CHAT_MODE_BAN)
        return CHAT_BAD_ARGUMENT;
    if (change.set && change.mode >= CHAT_MODE_FLAGS &&
        (!chat_text_next(words, ' ', &change.argument) ||
         !chat_mode_value_is_good(change.mode, change.argument)))
        return CHAT_BAD_ARGUMENT;
    changes[(*count)++] = change;
    return 0;
}

int chat_modes_read(struct chat_text text, struct chat_change changes[static CHAT_CHANGES_MAX],
                    size_t *count)
{
    struct chat_text letters;
    bool set = true;
    int rc = 0;

    *count = 0;
    if (!chat_text_next(&text, ' ', &letters))
        return 0;
    for (size_t i = 0; i < letters.length && rc == 0; i++) {
        if (letters.data[i] == '+' || letters.data[i] == '-')
            set = letters.data[i] == '+';
        else
            rc = add(changes, count,
                     (struct chat_change){.set = set, .mode = find_mode(letters.data[i])}, &text);
    }
    return rc == 0 && chat_text_next(&text, ' ', &letters) ? CHAT_BAD_ARGUMENT : rc;
}
