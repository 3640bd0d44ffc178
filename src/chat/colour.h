/* SPDX-License-Identifier: MIT */
/*
 * Colours and styles in text: the control characters by which many programs mark bold (2), colour
 * (3, with up to two numbers), colour in hexadecimal (4), reset (15), fixed width (17), reverse
 * (22), italic (29), struck through (30) and underlined (31).
 */
#ifndef CHAT_COLOUR_H
#define CHAT_COLOUR_H

#include "chat/text.h"

bool chat_colour_is_in(struct chat_text text);

/*
 * Writes TEXT without them to OUT, which has room for as much or is where TEXT is, and returns the
 * length.
 */
size_t chat_colour_strip(struct chat_text text, char *out);

#endif
