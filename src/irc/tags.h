/* SPDX-License-Identifier: MIT */
/* The tags that clients send for other clients (IRCv3 message tags, "client-only"). */
#ifndef IRC_TAGS_H
#define IRC_TAGS_H

#include "irc/client.h"

/*
 * Writes the client-only tags of TAGS, without those whose key is none, and the last of several
 * with the same key, to OUT, and returns them.
 */
struct chat_text irc_tags_for_clients(struct chat_text tags, char out[static IRC_OWN_TAGS_MAX]);

/* Those of a message, if the client has negotiated tags. */
struct chat_text irc_client_tags(const struct irc_client *client, const struct irc_message *message,
                                 char out[static IRC_OWN_TAGS_MAX]);

#endif
