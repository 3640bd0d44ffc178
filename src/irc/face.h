/* SPDX-License-Identifier: MIT */
#ifndef IRC_FACE_H
#define IRC_FACE_H

#include "chat/face.h"
#include "irc/line.h"

/* Events as lines for clients. */
extern const struct chat_face irc_face;

/* Writes an event, for somebody with these capabilities (irc_cap_bit), without the line's end. */
void irc_render(struct irc_line *line, const struct chat_event *event, unsigned caps);

/* Puts "Killed (BY (REASON))", the end of which is not cut off. */
void irc_put_kill(struct irc_line *line, struct chat_text by, struct chat_text reason);

/* An event's id as the msgid tag has it. */
#define IRC_MSGID_LENGTH 32
struct chat_text irc_msgid(struct chat_id id, char text[IRC_MSGID_LENGTH + 1]);

#endif
