/* SPDX-License-Identifier: MIT */
/*
 * A line that an IRC server has said, taken apart and judged by the protocol's rules alone, without
 * a line of the server's code: it is at most 512 bytes long without its tags, which are at most
 * 8191, has UTF-8 without NUL, CR and LF, no empty parameter but the last one, a known command or a
 * numeric of three digits that names whom it is for, and a source if it needs one.
 */
#ifndef TESTS_LIB_IRC_SAID_H
#define TESTS_LIB_IRC_SAID_H

#include "chat/text.h"

#define IRC_SAID_PARAMS 15

/* All point into the line. */
struct irc_said {
    struct chat_text tags; /* without the @; empty: none */
    struct chat_text source;
    struct chat_text command;
    struct chat_text params[IRC_SAID_PARAMS];
    size_t count;
    bool numeric;
};

/*
 * Takes LINE, without its end, apart. Returns NULL, or what is wrong with it. The C library judges
 * its UTF-8, so the program has set a locale that has it.
 */
const char *irc_said_parse(struct chat_text line, struct irc_said *said);

/* The value of a tag as it came; CHAT_NO_TEXT: it has no such tag. */
struct chat_text irc_said_tag(const struct irc_said *said, const char *key);

/* Whether the command is NAME. */
bool irc_said_is(const struct irc_said *said, const char *name);

/* Whether TEXT is text as people may see it: UTF-8 without control characters but CR LF. */
bool text_is_clean(const char *text, size_t length);

#endif
