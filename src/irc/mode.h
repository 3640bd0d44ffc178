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

/* Puts the sign and the letters of MODES, or nothing if there are none. */
void irc_put_user_modes(struct irc_line *line, char sign, unsigned modes);

#endif
