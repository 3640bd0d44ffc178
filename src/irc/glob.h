/* SPDX-License-Identifier: MIT */
#ifndef IRC_GLOB_H
#define IRC_GLOB_H

#include "chat/text.h"

/*
 * Whether TEXT matches MASK, in which * stands for any bytes and ? for any one; case is folded as
 * in names. Takes time proportional to the product of the lengths at most.
 */
bool irc_glob(struct chat_text mask, struct chat_text text);

#endif
