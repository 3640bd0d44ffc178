/* SPDX-License-Identifier: MIT */
/*
 * METADATA (IRCv3 metadata, draft/metadata-3): values that users and channels have under keys.
 * What is set before the registration is kept in the client, and set when its user is there.
 */
#ifndef IRC_METADATA_H
#define IRC_METADATA_H

#include "chat/metadata.h"
#include "irc/client.h"
#include "irc/line.h"

#define IRC_METADATA_VALUE                                                                         \
    "before-connect,max-subs=50,max-keys=32,max-key-bytes=64,max-value-bytes=400"

/* Whether somebody with these capabilities has to do with metadata. */
bool irc_metadata_is_known(unsigned caps);

/* Capabilities were BEFORE: who has not got them any more is subscribed to nothing. */
void irc_metadata_caps_changed(struct irc_client *client, unsigned before);

/* The client has its user now: it gets the values that it has set before, ... */
void irc_metadata_register(struct irc_client *client);

/* ... and is told of all that there are, among what it is welcomed with. */
void irc_metadata_welcome(struct irc_client *client);

/* The client has joined a channel, the one at hand, or watches a nickname which is there. */
void irc_metadata_joined(struct irc_client *client);
void irc_metadata_watches(struct irc_client *client, struct chat_text nick);

/* It has been told who of those that it watches is there: it is to ask for the rest itself. */
void irc_metadata_status(struct irc_client *client);

/* Says that TARGET is to be synchronized in so many SECONDS. */
void irc_metadata_later(struct irc_client *client, struct chat_text target, unsigned seconds);
void irc_put_metadata_later(struct irc *irc, struct irc_line *line, struct chat_text nick,
                            struct chat_text target);

/* The lines that tell a value, or that there is none: in an answer, or for anybody. */
void irc_metadata_tell_value(struct chat_text target, struct chat_text key, struct chat_text value,
                             void *client);
void irc_put_metadata(struct irc *irc, struct irc_line *line, struct chat_text nick,
                      const struct chat_event *event);

/* -- For the files that make METADATA up -------------------------------------------------------- */

/* Says what is wrong: KIND is FAIL or WARN, MORE a second context or CHAT_NO_TEXT. */
void irc_metadata_wrong(struct irc_client *client, const char *kind, const char *code,
                        struct chat_text context, struct chat_text more, const char *text);

/* Whether it is too much to be told at once. */
bool irc_metadata_is_much(struct irc_client *client, const struct chat_sync *sync);

/* Whether the command's target is the client itself. */
bool irc_metadata_is_self(const struct irc_client *client, struct chat_text target);

/* Subcommands: all parameters are those of the whole command. */
void irc_metadata_sub(struct irc_client *client, const struct irc_message *message);
void irc_metadata_unsub(struct irc_client *client, const struct irc_message *message);
void irc_metadata_subs(struct irc_client *client, const struct irc_message *message);
void irc_metadata_sync(struct irc_client *client, const struct irc_message *message);

#endif
