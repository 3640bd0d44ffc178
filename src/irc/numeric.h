/* SPDX-License-Identifier: MIT */
/*
 * Numeric replies: which there are and what they say. A row's text is what follows the client's
 * nick; in it $ stands for the next argument as a parameter in the middle, & for the next one as it
 * is.
 */
#ifndef IRC_NUMERIC_H
#define IRC_NUMERIC_H

struct irc_numeric {
    unsigned number;
    const char *name;
    const char *text;
};

enum irc_numeric_index {
#define NUMERIC(number, name, text) IRC_##name,
#include "irc/numerics.h"
#undef NUMERIC
    IRC_NUMERICS,
};

/* In the order of their numbers. */
extern const struct irc_numeric irc_numerics[IRC_NUMERICS];

#endif
