/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/message.h"

static void skip_spaces(struct chat_text *text)
{
    while (text->length > 0 && text->data[0] == ' ') {
        text->data++;
        text->length--;
    }
}

/* Takes what stands before the next SEPARATOR, or the end, off TEXT, and the separator with it. */
static struct chat_text take(struct chat_text *text, char separator)
{
    const char *end = text->length > 0 ? memchr(text->data, separator, text->length) : NULL;
    struct chat_text taken = {text->data, end ? (size_t)(end - text->data) : text->length};
    size_t used = taken.length + (end ? 1 : 0);

    if (used > 0) {
        text->data += used;
        text->length -= used;
    }
    return taken;
}

static struct chat_text take_word(struct chat_text *text)
{
    struct chat_text word = take(text, ' ');

    skip_spaces(text);
    return word;
}

static struct chat_text without_first(struct chat_text text)
{
    return (struct chat_text){text.data + 1, text.length - 1};
}

static void take_params(struct chat_text rest, struct irc_message *message)
{
    while (rest.length > 0) {
        bool trailing = rest.data[0] == ':';

        if (trailing || message->count == IRC_PARAMS_MAX - 1) {
            message->params[message->count++] = trailing ? without_first(rest) : rest;
            return;
        }
        message->params[message->count++] = take_word(&rest);
    }
}

enum irc_parsed irc_message_parse(struct chat_text line, size_t longest,
                                  struct irc_message *message)
{
    *message = (struct irc_message){.count = 0};
    skip_spaces(&line);
    if (line.length > 0 && line.data[0] == '@') {
        message->tags = without_first(take(&line, ' '));
        if (message->tags.length > IRC_OWN_TAGS_MAX - 2) {
            message->tags = CHAT_NO_TEXT;
            return IRC_TOO_LONG;
        }
        skip_spaces(&line);
    }
    if (line.length + 2 > longest)
        return IRC_TOO_LONG;
    if (line.length > 0 && line.data[0] == ':')
        take_word(&line);
    message->command = take_word(&line);
    if (message->command.length == 0)
        return IRC_EMPTY;
    take_params(line, message);
    return IRC_PARSED;
}

struct chat_text irc_param(const struct irc_message *message, size_t index)
{
    return index < message->count ? message->params[index] : chat_text("");
}

bool irc_tag_next(struct chat_text *tags, struct irc_tag *tag)
{
    while (tags->length > 0) {
        tag->value = take(tags, ';');
        tag->key = take(&tag->value, '=');
        if (tag->key.length > 0)
            return true;
    }
    return false;
}

bool irc_tag_find(struct chat_text tags, struct chat_text key, struct irc_tag *found)
{
    struct irc_tag tag;
    bool any = false;

    while (irc_tag_next(&tags, &tag)) {
        if (!chat_text_equal(tag.key, key))
            continue;
        *found = tag;
        any = true;
    }
    return any;
}

/* What stands behind a backslash, and what it means. */
static const char escapes[][2] = {{':', ';'}, {'s', ' '}, {'\\', '\\'}, {'r', '\r'}, {'n', '\n'}};

#define ESCAPES (sizeof escapes / sizeof escapes[0])

static char meaning(char escape)
{
    for (size_t i = 0; i < ESCAPES; i++)
        if (escapes[i][0] == escape)
            return escapes[i][1];
    return escape;
}

size_t irc_tag_unescape(struct chat_text value, char *out)
{
    size_t length = 0;

    for (size_t i = 0; i < value.length; i++) {
        char byte = value.data[i];

        if (byte != '\\')
            out[length++] = byte;
        else if (++i < value.length)
            out[length++] = meaning(value.data[i]);
    }
    return length;
}

size_t irc_tag_escape(struct chat_text value, char *out)
{
    size_t length = 0;

    for (size_t i = 0; i < value.length; i++) {
        size_t k = 0;

        while (k < ESCAPES && escapes[k][1] != value.data[i])
            k++;
        if (k < ESCAPES) {
            out[length++] = '\\';
            out[length++] = escapes[k][0];
        } else {
            out[length++] = value.data[i];
        }
    }
    return length;
}
