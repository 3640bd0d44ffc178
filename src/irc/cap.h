/* SPDX-License-Identifier: MIT */
/* Capabilities (IRCv3 capability negotiation): each is a bit of irc_client.caps. */
#ifndef IRC_CAP_H
#define IRC_CAP_H

#include "chat/text.h"

enum irc_cap_bit {
    IRC_CAP_BATCH = 1 << 0,
    IRC_CAP_CAP_NOTIFY = 1 << 1,
    IRC_CAP_ECHO_MESSAGE = 1 << 2,
    IRC_CAP_LABELED_RESPONSE = 1 << 3,
    IRC_CAP_MESSAGE_TAGS = 1 << 4,
    IRC_CAP_NO_IMPLICIT_NAMES = 1 << 5,
    IRC_CAP_SERVER_TIME = 1 << 6,
    IRC_CAP_STANDARD_REPLIES = 1 << 7,
    IRC_CAP_AWAY_NOTIFY = 1 << 8,
    IRC_CAP_CHGHOST = 1 << 9,
    IRC_CAP_SETNAME = 1 << 10,
    IRC_CAP_USERHOST_IN_NAMES = 1 << 11,
    IRC_CAP_MULTI_PREFIX = 1 << 12,
    IRC_CAP_ACCOUNT_NOTIFY = 1 << 13,
    IRC_CAP_ACCOUNT_TAG = 1 << 14,
    IRC_CAP_EXTENDED_JOIN = 1 << 15,
    IRC_CAP_INVITE_NOTIFY = 1 << 16,
    IRC_CAP_EXTENDED_MONITOR = 1 << 17,
    IRC_CAP_PRE_AWAY = 1 << 18,
    IRC_CAP_EXTENDED_ISUPPORT = 1 << 19,
    IRC_CAP_CHANNEL_RENAME = 1 << 20,
    IRC_CAP_MESSAGE_REDACTION = 1 << 21,
    IRC_CAP_MULTILINE = 1 << 22,
    IRC_CAP_READ_MARKER = 1 << 23,
    IRC_CAP_METADATA = 1 << 24,
    IRC_CAP_SASL = 1 << 25,
    IRC_CAP_ACCOUNT_REGISTRATION = 1 << 26,
    IRC_CAP_CHATHISTORY = 1 << 27,
    IRC_CAP_EVENT_PLAYBACK = 1 << 28,
    IRC_CAP_SEARCH = 1 << 29,
};

/* Labels need both. */
#define IRC_CAPS_LABEL (IRC_CAP_BATCH | IRC_CAP_LABELED_RESPONSE)

/* So does a batch of RPL_ISUPPORT. */
#define IRC_CAPS_ISUPPORT (IRC_CAP_BATCH | IRC_CAP_EXTENDED_ISUPPORT)

/* So do messages on several lines, and metadata. */
#define IRC_CAPS_MULTILINE (IRC_CAP_BATCH | IRC_CAP_MULTILINE)
#define IRC_CAPS_METADATA  (IRC_CAP_BATCH | IRC_CAP_METADATA)

/* What there is only with a history. */
#define IRC_CAPS_HISTORY (IRC_CAP_CHATHISTORY | IRC_CAP_EVENT_PLAYBACK | IRC_CAP_SEARCH)

struct irc_client;
struct irc_settings;

#define IRC_CAP_VALUE_MAX 96 /* bytes, with the NUL */

struct irc_cap {
    const char *name;
    const char *value; /* for those who negotiate version 302; NULL: none */
    unsigned bit;
    /* Writes a value that is not the same for all instead; NULL: it is. */
    void (*write)(const struct irc_client *client, char value[static IRC_CAP_VALUE_MAX]);
};

extern const struct irc_cap irc_caps[];
extern const size_t irc_cap_count;

/*
 * Takes names with spaces between them for the capabilities that are not to be offered, CAPS. All
 * but cap-notify can be switched off. Returns false and the first word that is no such name.
 */
bool irc_caps_read(const char *names, unsigned *caps, struct chat_text *wrong);

/*
 * Finds out which capabilities are not offered to the client now (irc_client.caps_off); whoever has
 * lost one, or may have one more, is told. At the first time, FIRST, nobody is.
 */
void irc_caps_renew(struct irc_client *client, bool first);

/*
 * Tells the client, if it wants to hear of such, what has become of sts since the settings were BEFORE.
 * That is never taken back (CAP DEL), which anybody on the way could do: clients that speak TLS are told
 * to forget it instead, by a duration of 0, and others ask anew when they come again.
 */
void irc_sts_renew(struct irc_client *client, const struct irc_settings *before);

#endif
