/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/utf8.h"

#include <string.h>

size_t pli_utf8_ascii(const char *text, size_t length)
{
    size_t i = 0;
    uint64_t eight;

    for (; length - i >= sizeof eight; i += sizeof eight) {
        memcpy(&eight, text + i, sizeof eight);
        if (eight & UINT64_C(0x8080808080808080))
            break;
    }
    while (i < length && (unsigned char)text[i] < 0x80)
        i++;
    return i;
}

/*
 * What may follow a leading byte: how many bytes, and in which range the first of them lies (RFC
 * 3629, section 4). The others are 80 to BF. SIZE 0: no character begins with that byte.
 */
struct form {
    unsigned size;
    unsigned char low, high;
};

static struct form form_of(unsigned char lead)
{
    if (lead >= 0xC2 && lead <= 0xDF)
        return (struct form){1, 0x80, 0xBF};
    if (lead >= 0xE0 && lead <= 0xEF)
        return (struct form){2, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF};
    if (lead >= 0xF0 && lead <= 0xF4)
        return (struct form){3, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF};
    return (struct form){0, 0, 0};
}

int32_t pli_utf8_decode(const char *text, size_t length, size_t *used)
{
    unsigned char lead = (unsigned char)text[0];
    struct form form;
    int32_t point;

    *used = 1;
    if (lead < 0x80)
        return lead;
    form = form_of(lead);
    if (form.size == 0)
        return -1;
    point = lead & (0x3F >> form.size);
    for (size_t i = 1; i <= form.size; i++) {
        unsigned char byte = i < length ? (unsigned char)text[i] : 0;

        if (byte < form.low || byte > form.high)
            return -1;
        form.low = 0x80;
        form.high = 0xBF;
        point = point << 6 | (byte & 0x3F);
        *used = i + 1;
    }
    return point;
}

bool pli_utf8_is_valid(const char *text, size_t length)
{
    size_t i = pli_utf8_ascii(text, length);

    while (i < length) {
        size_t used;

        if (pli_utf8_decode(text + i, length - i, &used) < 0)
            return false;
        i += used;
        i += pli_utf8_ascii(text + i, length - i);
    }
    return true;
}

size_t pli_utf8_cut(const char *text, size_t length, size_t most)
{
    if (length <= most)
        return length;
    while (most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80)
        most--;
    return most;
}
