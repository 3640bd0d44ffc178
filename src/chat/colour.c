/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/colour.h"

#define COLOUR     3
#define HEX_COLOUR 4

static bool is_mark(char byte)
{
    return byte > 0 && byte < ' ' && strchr("\x02\x03\x04\x0F\x11\x16\x1D\x1E\x1F", byte);
}

bool chat_colour_is_in(struct chat_text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (is_mark(text.data[i]))
            return true;
    return false;
}

static bool is_digit(char byte, char mark)
{
    if (byte >= '0' && byte <= '9')
        return true;
    return mark == HEX_COLOUR && ((byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F'));
}

/* Where the number at AT ends, if there is one: 1 or 2 digits, or 6 in hexadecimal. */
static size_t skip_number(struct chat_text text, size_t at, char mark)
{
    size_t most = mark == COLOUR ? 2 : 6;
    size_t end = at;

    while (end < text.length && end - at < most && is_digit(text.data[end], mark))
        end++;
    return mark == HEX_COLOUR && end - at < most ? at : end;
}

/* Where the mark at AT ends, with its numbers. */
static size_t skip_mark(struct chat_text text, size_t at)
{
    char mark = text.data[at++];
    size_t end;

    if (mark != COLOUR && mark != HEX_COLOUR)
        return at;
    end = skip_number(text, at, mark);
    if (end > at && end < text.length && text.data[end] == ',' &&
        skip_number(text, end + 1, mark) > end + 1)
        end = skip_number(text, end + 1, mark);
    return end;
}

size_t chat_colour_strip(struct chat_text text, char *out)
{
    size_t length = 0;

    for (size_t i = 0; i < text.length;) {
        if (is_mark(text.data[i]))
            i = skip_mark(text, i);
        else
            out[length++] = text.data[i++];
    }
    return length;
}
