/* SPDX-License-Identifier: MIT */
/*
 * Names of users and channels: what they may be, and when two are the same. Case is folded in
 * ASCII only ("ascii" in IRC's terms), and chat_fold() is the one place that does it.
 */
#ifndef CHAT_NAME_H
#define CHAT_NAME_H

#include "chat/text.h"

#include <stddef.h>

/* No name is longer, in bytes, whatever the settings say. */
#define CHAT_NAME_MAX 256

/* A name as it is written and as it is compared. */
struct chat_name {
    size_t length;
    char text[]; /* LENGTH bytes and a NUL, then the same folded */
};

/* Makes a name of at most CHAT_NAME_MAX bytes; NULL without memory. Free it with free(). */
struct chat_name *chat_name_new(struct chat_text text);

static inline struct chat_text chat_name_text(const struct chat_name *name)
{
    return (struct chat_text){name->text, name->length};
}

static inline struct chat_text chat_name_folded(const struct chat_name *name)
{
    return (struct chat_text){name->text + name->length + 1, name->length};
}

/*
 * Writes the form of TEXT by which names are compared to FOLDED, which has room for CHAT_NAME_MAX
 * bytes, and returns it; CHAT_NO_TEXT if TEXT is longer than any name.
 */
struct chat_text chat_fold(struct chat_text text, char folded[static CHAT_NAME_MAX]);

/*
 * Whether TEXT may be a nickname: letters, digits and -_[]\`^{}|, neither a digit nor - first.
 * Returns 0, CHAT_NICK_BAD or, if it is longer than MOST bytes, CHAT_NICK_LONG.
 */
int chat_nick_check(struct chat_text text, size_t most);

/*
 * Whether TEXT may be a channel's name: # and at least one more byte, UTF-8 without space, comma
 * and control characters (0 to 31 and 127). Returns 0, CHAT_CHANNEL_BAD or CHAT_CHANNEL_LONG.
 */
int chat_channel_check(struct chat_text text, size_t most);

/*
 * A user name for somebody whom nobody has checked, hence the ~ before it: what may be in one of
 * GIVEN, or "u" if that is nothing.
 */
#define CHAT_USERNAME_MADE 16 /* bytes */
struct chat_text chat_username_make(struct chat_text given, char name[static CHAT_USERNAME_MADE]);

#endif
