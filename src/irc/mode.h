/* SPDX-License-Identifier: MIT */
/* The letters of modes. */
#ifndef IRC_MODE_H
#define IRC_MODE_H

#include "chat/chat.h"
#include "irc/line.h"

struct irc_user_mode {
    char letter;
    unsigned bit; /* enum chat_user_mode */
};

/* Those that do something, by their letters, ended by one without. */
extern const struct irc_user_mode irc_user_modes[];

/* What operators may be told, by letters, ended by one without. */
struct irc_notice_letter {
    char letter;
    unsigned bit; /* enum chat_notice */
};

extern const struct irc_notice_letter irc_notice_letters[];

/* The letters of a channel's and its members' modes, in the order of enum chat_mode. */
extern const char irc_channel_modes[];

/* The prefix that a sign stands for; 0: none. */
unsigned irc_prefix_of(char sign);

/* A member's prefix: the greatest one, or ALL that they have, from it down. */
void irc_put_prefix(struct irc_line *line, unsigned prefix, bool all);

/* Puts the letters of changes of a channel's modes, then their arguments. */
void irc_put_changes(struct irc_line *line, const struct chat_change *changes, size_t count);

/* Puts the sign and the letters of MODES, or nothing if there are none. */
void irc_put_user_modes(struct irc_line *line, char sign, unsigned modes);

#endif
