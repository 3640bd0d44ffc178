/* SPDX-License-Identifier: MIT */
/*
 * Text that may go to a terminal: UTF-8 without control characters, so that nobody moves somebody
 * else's cursor or colours their screen. C0, DEL and C1 are left out, a tab becomes a space, and
 * what is no UTF-8 becomes U+FFFD.
 */
#ifndef TALK_CLEAN_H
#define TALK_CLEAN_H

#include "chat/text.h"

bool talk_is_clean(struct chat_text text);

/* How many bytes of room talk_clean() wants for TEXT: its length, if it is clean. */
size_t talk_clean_room(struct chat_text text);

/*
 * Writes the clean form of TEXT to OUT and returns its length. OUT may be where TEXT is, if that is
 * UTF-8.
 */
size_t talk_clean(struct chat_text text, char *out);

#endif
