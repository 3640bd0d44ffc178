/* SPDX-License-Identifier: MIT */
/*
 * Events that are told to each session by itself, as what it is told names it or the server, which
 * no rendering knows. All here is called by variant functions (chat/face.h), by any thread.
 */
#ifndef IRC_APART_H
#define IRC_APART_H

#include "irc/client.h"
#include "irc/line.h"

/* Somebody asks to be let in. */
void irc_tell_knock(const struct irc_client *client, const struct chat_event *event, unsigned caps);

/* What the server has to say to an operator. */
void irc_tell_notice(const struct irc_client *client, const struct chat_event *event,
                     unsigned caps);

/* The user is banned: a numeric, and the last line. The chat closes the session then. */
void irc_tell_expelled(const struct irc_client *client, const struct chat_event *event);

/* Another session of the user has said that it is away, or back. */
void irc_tell_absence(const struct irc_client *client, const struct chat_event *event);

/* What has no rendering at all: nothing is said of most of it. */
void irc_tell_apart(const struct irc_client *client, const struct chat_event *event, unsigned caps);

/* Capabilities by which one is told more of a channel that one has joined. */
#define IRC_CAPS_JOINED (IRC_CAP_READ_MARKER | IRC_CAP_METADATA)

/* One has joined a channel by another session, or somebody else has seen to it. */
void irc_tell_joined(const struct irc_client *client, const struct chat_event *event,
                     unsigned caps);

/* What follows such a JOIN: UNTIL is what one has read there. EMIT sends a line. */
void irc_tell_place(struct irc_client *client, struct chat_text name, uint64_t until, unsigned caps,
                    void (*emit)(struct irc_client *client, struct irc_line *line));

#endif
