/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/selector.h"

#include "irc/markread.h"
#include "irc/msgid.h"

#define MSGID     "msgid="
#define TIMESTAMP "timestamp="

/* Takes what TEXT begins with off it. */
static bool take(struct chat_text *text, const char *what)
{
    size_t length = strlen(what);

    if (text->length < length || memcmp(text->data, what, length) != 0)
        return false;
    text->data += length;
    text->length -= length;
    return true;
}

enum irc_selected irc_selector_read(struct chat_text text, struct irc_selector *selector)
{
    struct chat_id id;
    uint64_t time;

    if (take(&text, MSGID)) {
        if (!irc_msgid_read(text, &id) || id.time == 0)
            return IRC_SELECTOR_BAD;
        *selector = (struct irc_selector){id.time, id.time};
        return IRC_SELECTED;
    }
    if (!take(&text, TIMESTAMP))
        return IRC_SELECTOR_OTHER;
    if (!irc_time_parse(text, &time))
        return IRC_SELECTOR_BAD;
    selector->first = time > 0 ? time << CHAT_ID_SEQUENCE_BITS : 1; /* as no id is 0 */
    selector->last = selector->first | ((UINT64_C(1) << CHAT_ID_SEQUENCE_BITS) - 1);
    return IRC_SELECTED;
}

bool irc_limit_read(struct chat_text text, unsigned most, unsigned *limit)
{
    uint64_t number = 0;

    if (text.length == 0 || text.length > 9)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        number = 10 * number + (uint64_t)(text.data[i] - '0');
    }
    *limit = number < most ? (unsigned)number : most;
    return number > 0;
}
