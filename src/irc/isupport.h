/* SPDX-License-Identifier: MIT */
/* What the server supports, as RPL_ISUPPORT tells it: only what there is. */
#ifndef IRC_ISUPPORT_H
#define IRC_ISUPPORT_H

#include "irc/client.h"

/* Targets of one command, TARGMAX. */
#define IRC_TARGETS_MAX 4
#define IRC_WHOIS_MAX   4

/* Changes of modes that have an argument: all parameters of a command but two. */
#define IRC_MODES_MAX 13

#define IRC_TOKEN_MAX 256 /* bytes of a value, and a NUL */

struct irc_token {
    const char *name;
    const char *value; /* NULL: none, or that of WRITE: if that is none, neither is the token */
    void (*write)(char *value, size_t size, const struct irc_settings *settings,
                  const struct chat_settings *chat);
};

/* By their names. */
extern const struct irc_token irc_tokens[];
extern const size_t irc_token_count;

#endif
