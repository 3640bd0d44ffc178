/* SPDX-License-Identifier: MIT */
/* Who is in a channel (RPL_NAMREPLY), as one looks at it. */
#ifndef IRC_NAMES_H
#define IRC_NAMES_H

#include "chat/chat.h"
#include "irc/reply.h"

/* What irc_names_visitor is called with: CLIENT is set, all else zero. */
struct irc_names {
    struct irc_client *client;
    bool shown;
    bool joined;
    size_t count; /* on the line, which is to be sent after the visit */
    struct irc_line line;
    const char *symbol;
    size_t name_length;
    char name[CHAT_NAME_MAX];
};

extern const struct chat_channel_visitor irc_names_visitor;

/* Says that these were all (RPL_ENDOFNAMES). */
void irc_names_end(struct irc_names *names);

#endif
