/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "talk/clean.h"

#include "base/utf8.h"

#include <stdint.h>

static bool is_printable_ascii(char byte)
{
    return byte >= ' ' && byte < 127;
}

static bool is_control(int32_t point)
{
    return point < ' ' || (point >= 127 && point < 160);
}

bool talk_is_clean(struct chat_text text)
{
    size_t i = 0;

    while (i < text.length) {
        size_t used;

        if (is_printable_ascii(text.data[i])) {
            i++;
            continue;
        }
        if (is_control(pli_utf8_decode(text.data + i, text.length - i, &used)))
            return false;
        i += used;
    }
    return true;
}

size_t talk_clean_room(struct chat_text text)
{
    return talk_is_clean(text) ? text.length : text.length * PLI_UTF8_REPLACEMENT_LENGTH;
}

size_t talk_clean(struct chat_text text, char *out)
{
    size_t length = 0;
    size_t used;

    for (size_t i = 0; i < text.length; i += used) {
        int32_t point = pli_utf8_decode(text.data + i, text.length - i, &used);

        if (point < 0) {
            memcpy(out + length, PLI_UTF8_REPLACEMENT, PLI_UTF8_REPLACEMENT_LENGTH);
            length += PLI_UTF8_REPLACEMENT_LENGTH;
        } else if (point == '\t') {
            out[length++] = ' ';
        } else if (!is_control(point)) {
            memmove(out + length, text.data + i, used);
            length += used;
        }
    }
    return length;
}
