/* SPDX-License-Identifier: MIT */
/* Small things about texts that end with a NUL. */
#ifndef PLI_BASE_TEXT_H
#define PLI_BASE_TEXT_H

#include <string.h>

/* A letter of ASCII in lower case, whatever the locale; other bytes as they are. */
static inline char pli_ascii_lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

/*
 * Copies TEXT with its NUL to *AT, where there is room, and moves *AT behind it: several texts of one
 * object stand in one piece of memory. Returns the copy.
 */
static inline const char *pli_text_pack(const char *text, char **at)
{
    size_t size = strlen(text) + 1;
    const char *copy = memcpy(*at, text, size);

    *at += size;
    return copy;
}

#endif
