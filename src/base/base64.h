/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648, section 4). */
#ifndef PLI_BASE_BASE64_H
#define PLI_BASE_BASE64_H

#include <stddef.h>

/* How many characters LENGTH bytes make. */
#define PLI_BASE64_LENGTH(length) (((length) + 2) / 3 * 4)

/* Writes LENGTH bytes as base64 to AT, without a NUL, and returns where that ends. */
char *pli_base64_encode(const unsigned char *bytes, size_t length, char *at);

/*
 * Reads base64, as it is written above and not otherwise, up to MOST bytes. Moves TEXT behind it
 * and returns how many bytes it was; 0: it is none.
 */
size_t pli_base64_decode(const char **text, unsigned char *bytes, size_t most);

#endif
