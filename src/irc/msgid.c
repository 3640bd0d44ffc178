/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/msgid.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DIGITS "0123456789abcdef"
#define WORD   16 /* digits */

struct chat_text irc_msgid(struct chat_id id, char text[IRC_MSGID_LENGTH + 1])
{
    snprintf(text, IRC_MSGID_LENGTH + 1, "%016" PRIx64 "%016" PRIx64, id.time, id.origin);
    return (struct chat_text){text, IRC_MSGID_LENGTH};
}

static bool read_word(const char *digits, uint64_t *number)
{
    *number = 0;
    for (int i = 0; i < WORD; i++) {
        const char *digit = digits[i] ? strchr(DIGITS, digits[i]) : NULL;

        if (!digit)
            return false;
        *number = *number << 4 | (uint64_t)(digit - DIGITS);
    }
    return true;
}

bool irc_msgid_read(struct chat_text text, struct chat_id *id)
{
    return text.length == IRC_MSGID_LENGTH && read_word(text.data, &id->time) &&
           read_word(text.data + WORD, &id->origin);
}
