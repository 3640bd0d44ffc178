/* SPDX-License-Identifier: MIT */
/* Ids of events as clients see them (IRCv3 message-ids). */
#ifndef IRC_MSGID_H
#define IRC_MSGID_H

#include "chat/id.h"
#include "chat/text.h"

/* An event's id as the msgid tag has it. */
#define IRC_MSGID_LENGTH 32
struct chat_text irc_msgid(struct chat_id id, char text[IRC_MSGID_LENGTH + 1]);

/* The id that a text stands for; false: for none. */
bool irc_msgid_read(struct chat_text text, struct chat_id *id);

#endif
