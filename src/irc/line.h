/* SPDX-License-Identifier: MIT */
/*
 * A line in the making: tags first, then text. Beyond IRC_LINE_MAX bytes, its end included and its
 * tags not, the text is cut where a character begins, and nothing is added any more; a tag for
 * which there is no room is left out whole.
 */
#ifndef IRC_LINE_H
#define IRC_LINE_H

#include "irc/message.h"

#include <stdint.h>

struct irc_line {
    size_t tags;   /* bytes of the tags with @ and space, 0: none */
    size_t length; /* of all */
    size_t limit;  /* bytes that may still stand in DATA, without the end */
    bool full;     /* something has been cut */
    char data[IRC_TAGS_MAX + IRC_LINE_MAX];
};

void irc_line_begin(struct irc_line *line);

/* Tags come before all text. VALUE is escaped here; CHAT_NO_TEXT: the tag has none. */
void irc_line_tag(struct irc_line *line, const char *key, struct chat_text value);

/* The same for tags as they came: KEY and VALUE are in order already. */
void irc_line_raw_tag(struct irc_line *line, const struct irc_tag *tag);

void irc_line_put(struct irc_line *line, struct chat_text text);
void irc_line_puts(struct irc_line *line, const char *string);
void irc_line_number(struct irc_line *line, uint64_t number);

/*
 * Puts a parameter that is not the last one: what could be none, because it is empty, has a space
 * or begins with a colon, is put as "*".
 */
void irc_line_middle(struct irc_line *line, struct chat_text param);

/* How many bytes there is room for. */
size_t irc_line_room(const struct irc_line *line);

/* Keeps that many bytes free for what comes after irc_line_release(). */
void irc_line_reserve(struct irc_line *line, size_t bytes);
void irc_line_release(struct irc_line *line, size_t bytes);

/* Puts the line's end; DATA and LENGTH are the line then. */
void irc_line_end(struct irc_line *line);

#endif
