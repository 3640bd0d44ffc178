/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past U+10FFFF. A NUL is a
 * character like any other. Any thread.
 */
#ifndef PLI_BASE_UTF8_H
#define PLI_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What stands for bytes that are no UTF-8. */
#define PLI_UTF8_REPLACEMENT        "\xEF\xBF\xBD"
#define PLI_UTF8_REPLACEMENT_LENGTH 3

/* How many bytes at TEXT, of LENGTH, are ASCII from the start on. */
size_t pli_utf8_ascii(const char *text, size_t length);

bool pli_utf8_is_valid(const char *text, size_t length);

/*
 * Reads the first character of TEXT; LENGTH is at least 1. Returns its code point, or -1 if there
 * is none; USED receives how many bytes it has or, if there is none, how many bytes one
 * replacement stands for (the longest beginning of a character, or one byte: Unicode 15, 3.9,
 * "U+FFFD Substitution of Maximal Subparts").
 */
int32_t pli_utf8_decode(const char *text, size_t length, size_t *used);

/* The greatest length of at most MOST bytes that cuts no character of valid TEXT in two. */
size_t pli_utf8_cut(const char *text, size_t length, size_t most);

#endif
