/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "bench/line.h"

#include <string.h>

enum { ALPHABET = 64 };

/* Twice, so that a piece of up to 64 bytes can begin anywhere in the first half. */
static const char alphabet[2 * ALPHABET + 1] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-"
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-";

/* The finalizer of splitmix64. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

bool line_is_slow(const struct line_shape *shape, uint32_t conn, uint64_t number)
{
    if (shape->slow_one == 0)
        return false;
    return mix(((uint64_t)conn << 40) + number + 1) % shape->slow_one == 0;
}

static char *put_hex(char *at, uint32_t value)
{
    static const char digits[] = "0123456789abcdef";

    for (int shift = 28; shift >= 0; shift -= 4)
        *at++ = digits[value >> shift & 15];
    *at++ = ' ';
    return at;
}

void line_build(const struct line_shape *shape, uint32_t conn, uint64_t number, char *out)
{
    char *at = out, *end = out + shape->size - 1;
    unsigned from = (unsigned)((conn + number) % ALPHABET);

    if (line_is_slow(shape, conn, number)) {
        memcpy(at, "slow ", 5);
        at += 5;
    }
    at = put_hex(at, conn);
    at = put_hex(at, (uint32_t)number);
    while (at < end) {
        size_t piece = (size_t)(end - at) < ALPHABET ? (size_t)(end - at) : ALPHABET;

        memcpy(at, alphabet + from, piece);
        at += piece;
    }
    *at = '\n';
}
