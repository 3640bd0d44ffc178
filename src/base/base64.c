/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/base64.h"

#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *pli_base64_encode(const unsigned char *bytes, size_t length, char *at)
{
    for (size_t i = 0; i < length; i += 3) {
        unsigned word = (unsigned)bytes[i] << 16;

        word |= i + 1 < length ? (unsigned)bytes[i + 1] << 8 : 0;
        word |= i + 2 < length ? (unsigned)bytes[i + 2] : 0;
        *at++ = letters[word >> 18 & 63];
        *at++ = letters[word >> 12 & 63];
        *at++ = i + 1 < length ? letters[word >> 6 & 63] : '=';
        *at++ = i + 2 < length ? letters[word & 63] : '=';
    }
    return at;
}

/* The letter's value, -1 for none. */
static int value_of(char letter)
{
    const char *at = letter ? strchr(letters, letter) : NULL;

    return at ? (int)(at - letters) : -1;
}

size_t pli_base64_decode(const char **text, unsigned char *bytes, size_t most)
{
    size_t count = strspn(*text, letters);
    size_t pads = strspn(*text + count, "=");
    size_t length = count * 6 / 8;
    unsigned word = 0;

    if ((count + pads) % 4 != 0 || pads > 2 || length > most)
        return 0;
    for (size_t i = 0; i < count; i++) {
        word = word << 6 | (unsigned)value_of((*text)[i]);
        if (i % 4 > 0)
            bytes[i * 6 / 8] = (unsigned char)(word >> (2 * (3 - i % 4)) & 0xff);
    }
    if (word & ((1u << (2 * pads)) - 1))
        return 0; /* bits that belong to no byte */
    *text += count + pads;
    return length;
}
