/* SPDX-License-Identifier: MIT */
/* Places in a history as clients name them (IRCv3 chathistory): by a message or a time. */
#ifndef IRC_SELECTOR_H
#define IRC_SELECTOR_H

#include "chat/text.h"

#include <stdbool.h>
#include <stdint.h>

/* The ids that it stands for, from the first to the last: that of a message, or all of a millisecond. */
struct irc_selector {
    uint64_t first, last;
};

enum irc_selected {
    IRC_SELECTED = 0,
    IRC_SELECTOR_BAD,   /* that is no time, or no message's id */
    IRC_SELECTOR_OTHER, /* that is something else */
};

/* Reads "msgid=..." or "timestamp=YYYY-MM-DDThh:mm:ss.sssZ". */
enum irc_selected irc_selector_read(struct chat_text text, struct irc_selector *selector);

/* Reads a number of lines, and makes it MOST at most; false: it is none, or 0. */
bool irc_limit_read(struct chat_text text, unsigned most, unsigned *limit);

#endif
