/* SPDX-License-Identifier: MIT */
/*
 * A piece of text: bytes that stand somewhere else, without a NUL at their end. Who hands one over
 * says how long it stands.
 */
#ifndef CHAT_TEXT_H
#define CHAT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct chat_text {
    const char *data; /* may be NULL if length is 0 */
    size_t length;
};

/* No text at all, where a description allows that; not the same as an empty one. */
#define CHAT_NO_TEXT ((struct chat_text){NULL, 0})

static inline struct chat_text chat_text(const char *string)
{
    return (struct chat_text){string, strlen(string)};
}

static inline bool chat_text_equal(struct chat_text a, struct chat_text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

/* Takes the next element that is not empty off a LIST whose elements SEPARATOR parts. */
static inline bool chat_text_next(struct chat_text *list, char separator, struct chat_text *element)
{
    while (list->length > 0) {
        const char *end = memchr(list->data, separator, list->length);
        size_t length = end ? (size_t)(end - list->data) : list->length;
        size_t used = length + (end ? 1 : 0);

        *element = (struct chat_text){list->data, length};
        list->data += used;
        list->length -= used;
        if (length > 0)
            return true;
    }
    return false;
}

#endif
