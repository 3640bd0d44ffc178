/* SPDX-License-Identifier: MIT */
/*
 * A line that a client sends, taken apart: [@tags] [:source] command {parameter} [:trailing]
 * (RFC 1459 2.3, IRCv3 message tags). Nothing is copied: all texts point into the line.
 */
#ifndef IRC_MESSAGE_H
#define IRC_MESSAGE_H

#include "chat/text.h"

#define IRC_LINE_MAX     512  /* a line without its tags, CR LF included */
#define IRC_TAGS_MAX     8191 /* all tags of a line, with the @ before them and the space behind */
#define IRC_OWN_TAGS_MAX 4096 /* the same of what a client sends: 4094 bytes of data */
#define IRC_PARAMS_MAX   15

struct irc_message {
    struct chat_text tags;    /* what stands between @ and space; empty: none */
    struct chat_text command; /* as it was written */
    struct chat_text params[IRC_PARAMS_MAX];
    size_t count;
};

enum irc_parsed {
    IRC_PARSED = 0,
    IRC_EMPTY,    /* nothing to do */
    IRC_TOO_LONG, /* its tags, or what comes after them: MESSAGE has the tags at most */
};

/*
 * Takes LINE, which has no line end, apart. LONGEST is how many bytes it may have without its tags,
 * a line end of two bytes included. Spaces may stand before, between and after everything; a source
 * is skipped, as clients have no say in it. What comes after 14 parameters is the 15th.
 */
enum irc_parsed irc_message_parse(struct chat_text line, size_t longest,
                                  struct irc_message *message);

/* A parameter, or an empty text if there are not so many. */
struct chat_text irc_param(const struct irc_message *message, size_t index);

struct irc_tag {
    struct chat_text key;
    struct chat_text value; /* escaped; empty: none */
};

/* Takes the next tag off TAGS; false: there is none. Tags without a key are passed over. */
bool irc_tag_next(struct chat_text *tags, struct irc_tag *tag);

/* The tag of that key; of several, the last one counts. */
bool irc_tag_find(struct chat_text tags, struct chat_text key, struct irc_tag *tag);

/* Writes the value that VALUE stands for to OUT, with room for as many bytes; returns its length. */
size_t irc_tag_unescape(struct chat_text value, char *out);

/* The opposite; OUT has room for twice as many bytes. */
size_t irc_tag_escape(struct chat_text value, char *out);

#endif
