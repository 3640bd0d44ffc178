/* SPDX-License-Identifier: MIT */
/* MARKREAD (IRCv3 read-marker). */
#ifndef IRC_MARKREAD_H
#define IRC_MARKREAD_H

#include "irc/client.h"
#include "irc/line.h"

/*
 * Reads "YYYY-MM-DDThh:mm:ss.sssZ" as milliseconds since 1970; false: that is no such time, or one
 * before.
 */
bool irc_time_parse(struct chat_text text, uint64_t *milliseconds);

/* Makes the line, without its end, that tells the client up to when it has read; 0: not known. */
void irc_put_markread(struct irc *irc, struct irc_line *line, struct chat_text target,
                      uint64_t until);

#endif
