/* SPDX-License-Identifier: MIT */
/* Texts of the world's own, on the heap. An empty one is NULL. */
#ifndef CHAT_STRING_H
#define CHAT_STRING_H

#include "chat/text.h"

struct chat_string {
    size_t length;
    char data[];
};

static inline struct chat_text chat_string_text(const struct chat_string *string)
{
    return string ? (struct chat_text){string->data, string->length} : CHAT_NO_TEXT;
}

/*
 * Replaces *STRING by a copy of TEXT, which may be a part of it. Returns 0, or -ENOMEM, and *STRING
 * is what it was.
 */
int chat_string_set(struct chat_string **string, struct chat_text text);

#endif
