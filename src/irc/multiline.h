/* SPDX-License-Identifier: MIT */
/*
 * Messages on several lines (IRCv3 multiline). A client opens a batch with BATCH, sends lines with
 * its name in a tag, and ends it; then the message is said, as one event. Until then the session
 * keeps the lines, within the limits below. Where something is wrong with a batch it is given up at
 * once with a FAIL, and what still comes of it, up to its end, is passed over.
 *
 * Others get it as a batch again, or those who do not know that, line by line.
 */
#ifndef IRC_MULTILINE_H
#define IRC_MULTILINE_H

#include "irc/command.h"

#define IRC_MULTILINE_BYTES 4096 /* of all lines, with one more between any two not joined */
#define IRC_MULTILINE_LINES 32
#define IRC_MULTILINE_VALUE "max-bytes=4096,max-lines=32"

/* What a client has sent of a batch (irc_client.multiline). */
struct irc_multiline;

/* Takes a line that is part of a batch; false: it is none, and is to be run as a command. */
bool irc_multiline_take(struct irc_client *client, const struct irc_message *message);

/* A line has been refused unread: it may have been one of the batch that is open, if one is. */
void irc_multiline_spoil(struct irc_client *client);

/* Gives a batch up that has been open for too long. */
void irc_multiline_expire(struct irc_client *client);

/* NULL is allowed. */
void irc_multiline_free(struct irc_multiline *batch);

/*
 * An event on several lines, as one message for others, or sent to the client as an answer, or
 * ASIDE, to the command that it runs. CAPS are those that change the event's bytes.
 */
int irc_multiline_render(const struct chat_event *event, unsigned caps,
                         struct pl_message **message);
void irc_multiline_answer(struct irc_client *client, const struct chat_event *event, unsigned caps,
                          bool aside);

#endif
