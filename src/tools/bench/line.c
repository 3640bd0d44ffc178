/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/line.h"

#include <endian.h>
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

/* Eight digits and a space. All digits at once: a nibble to each byte, and 39 more for a to f. */
static char *put_hex(char *at, uint32_t value)
{
    uint64_t x = value;
    uint64_t letters;

    x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
    x = (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);
    x = (x | x << 4) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    letters = (x + UINT64_C(0x0606060606060606)) >> 4 & UINT64_C(0x0101010101010101);
    x = htobe64(x + UINT64_C(0x3030303030303030) + letters * 39);
    memcpy(at, &x, sizeof(x));
    at[8] = ' ';
    return at + 9;
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
