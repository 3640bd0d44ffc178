/* SPDX-License-Identifier: MIT */
#ifndef IRC_FACE_H
#define IRC_FACE_H

#include "chat/face.h"
#include "irc/line.h"

/* Events as lines for clients. */
extern const struct chat_face irc_face;

/* Writes an event, for somebody with these capabilities (irc_cap_bit), without the line's end. */
void irc_render(struct irc_line *line, const struct chat_event *event, unsigned caps);

/* Of CAPS those that change the event's bytes. */
unsigned irc_changing(const struct chat_event *event, unsigned caps);

/* Parts of it: its tags, whom it comes from (with or without the colon), its command and target. */
void irc_put_tags(struct irc_line *line, const struct chat_event *event, unsigned caps);
void irc_put_mask(struct irc_line *line, const struct chat_event *event);
void irc_put_source(struct irc_line *line, const struct chat_event *event);
const char *irc_command_of(enum chat_kind kind);
void irc_put_target(struct irc_line *line, const struct chat_event *event);

/* Puts "Killed (BY (REASON))", the end of which is not cut off. */
void irc_put_kill(struct irc_line *line, struct chat_text by, struct chat_text reason);

/* A time as tags have it; false: there is none. */
#define IRC_TIME_LENGTH 31
bool irc_time_text(uint64_t milliseconds, char text[static IRC_TIME_LENGTH + 1]);

#endif
