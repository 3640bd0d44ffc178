/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/line.h"

#include "base/utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#define END_LENGTH 2

void irc_line_begin(struct irc_line *line)
{
    line->tags = 0;
    line->length = 0;
    line->limit = IRC_LINE_MAX - END_LENGTH;
    line->full = false;
}

/* Makes room for one more tag; without any, the first one puts the @ and the space. */
static bool open_tag(struct irc_line *line, size_t room)
{
    assert(line->length == line->tags);
    if (line->tags + room + (line->tags == 0 ? 2 : 1) > IRC_TAGS_MAX)
        return false;
    if (line->tags == 0)
        line->data[line->length++] = '@';
    else
        line->data[line->length - 1] = ';';
    return true;
}

static void close_tag(struct irc_line *line)
{
    line->data[line->length++] = ' ';
    line->limit += line->length - line->tags;
    line->tags = line->length;
}

static void append(struct irc_line *line, struct chat_text text)
{
    if (text.length > 0)
        memcpy(line->data + line->length, text.data, text.length);
    line->length += text.length;
}

void irc_line_tag(struct irc_line *line, const char *key, struct chat_text value)
{
    struct chat_text name = chat_text(key);

    if (!open_tag(line, name.length + 1 + 2 * value.length))
        return;
    append(line, name);
    if (value.data) {
        line->data[line->length++] = '=';
        line->length += irc_tag_escape(value, line->data + line->length);
    }
    close_tag(line);
}

void irc_line_raw_tag(struct irc_line *line, const struct irc_tag *tag)
{
    if (!open_tag(line, tag->key.length + 1 + tag->value.length))
        return;
    append(line, tag->key);
    if (tag->value.length > 0) {
        line->data[line->length++] = '=';
        append(line, tag->value);
    }
    close_tag(line);
}

size_t irc_line_room(const struct irc_line *line)
{
    return line->full ? 0 : line->limit - line->length;
}

void irc_line_put(struct irc_line *line, struct chat_text text)
{
    size_t room = irc_line_room(line);

    if (text.length > room) {
        text.length = pli_utf8_cut(text.data, text.length, room);
        line->full = true;
    }
    append(line, text);
}

void irc_line_puts(struct irc_line *line, const char *string)
{
    irc_line_put(line, chat_text(string));
}

void irc_line_number(struct irc_line *line, uint64_t number)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, number);

    irc_line_put(line, (struct chat_text){digits, (size_t)length});
}

void irc_line_middle(struct irc_line *line, struct chat_text param)
{
    if (param.length == 0 || param.data[0] == ':' || memchr(param.data, ' ', param.length))
        irc_line_puts(line, "*");
    else
        irc_line_put(line, param);
}

void irc_line_reserve(struct irc_line *line, size_t bytes)
{
    size_t room = irc_line_room(line);

    assert(bytes <= room);
    line->limit -= bytes;
}

void irc_line_release(struct irc_line *line, size_t bytes)
{
    line->limit += bytes;
    line->full = false;
}

void irc_line_end(struct irc_line *line)
{
    memcpy(line->data + line->length, "\r\n", END_LENGTH);
    line->length += END_LENGTH;
}
