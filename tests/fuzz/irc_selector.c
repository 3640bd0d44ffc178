/* SPDX-License-Identifier: MIT */
/*
 * Places in a history, as clients name them, a line each: what is taken for one is written again the
 * same, stands for ids in order, and numbers of lines are within their bounds.
 */
#include "config.h"

#include "irc/face.h"
#include "irc/msgid.h"
#include "irc/selector.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Of an id only the first word is known. */
static void check_message(struct chat_text text, const struct irc_selector *selector)
{
    char id[IRC_MSGID_LENGTH + 1];

    must(selector->first == selector->last && selector->first != 0);
    irc_msgid((struct chat_id){selector->first, 0}, id);
    must(text.length == 6 + IRC_MSGID_LENGTH && memcmp(text.data + 6, id, 16) == 0);
}

static void check_time(struct chat_text text, const struct irc_selector *selector)
{
    char time[IRC_TIME_LENGTH + 1];

    must(selector->first > 0 && (selector->last & 0xffff) == 0xffff);
    must(selector->first >> CHAT_ID_SEQUENCE_BITS == selector->last >> CHAT_ID_SEQUENCE_BITS);
    must(irc_time_text(selector->first >> CHAT_ID_SEQUENCE_BITS, time));
    must(text.length == 10 + strlen(time) && memcmp(text.data + 10, time, strlen(time)) == 0);
}

static void check_limit(struct chat_text text)
{
    unsigned limit;

    if (!irc_limit_read(text, 100, &limit))
        return;
    must(limit >= 1 && limit <= 100);
    for (size_t i = 0; i < text.length; i++)
        must(text.data[i] >= '0' && text.data[i] <= '9');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct chat_text rest = {(const char *)data, size};
    struct chat_text line;

    while (chat_text_next(&rest, '\n', &line)) {
        struct irc_selector selector;

        if (irc_selector_read(line, &selector) == IRC_SELECTED) {
            if (line.data[0] == 'm')
                check_message(line, &selector);
            else
                check_time(line, &selector);
        }
        check_limit(line);
    }
    return 0;
}
