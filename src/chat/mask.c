/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/mask.h"

#include "base/text.h"
#include "chat/outcome.h"

#include <arpa/inet.h>
#include <stdint.h>

bool chat_text_same(struct chat_text a, struct chat_text b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
        if (pli_ascii_lower(a.data[i]) != pli_ascii_lower(b.data[i]))
            return false;
    return true;
}

/* Where the character after the one at AT begins. */
static size_t next_character(struct chat_text text, size_t at)
{
    at++;
    while (at < text.length && ((unsigned char)text.data[at] & 0xC0) == 0x80)
        at++;
    return at;
}

/*
 * What follows a * is first tried as early as possible, then further and further on; only the last
 * * need be tried again, since those before it have already been led to their earliest place.
 */
bool chat_glob_match(struct chat_text pattern, struct chat_text text)
{
    size_t p = 0;
    size_t t = 0;
    size_t after_star = SIZE_MAX; /* in the pattern */
    size_t tried = 0;             /* in the text, for what is after the star */

    while (t < text.length) {
        if (p < pattern.length && pattern.data[p] == '*') {
            after_star = ++p;
            tried = t;
        } else if (p < pattern.length && pattern.data[p] == '?') {
            p++;
            t = next_character(text, t);
        } else if (p < pattern.length &&
                   pli_ascii_lower(pattern.data[p]) == pli_ascii_lower(text.data[t])) {
            p++;
            t++;
        } else if (after_star != SIZE_MAX) {
            p = after_star;
            tried = next_character(text, tried);
            t = tried;
        } else {
            return false;
        }
    }
    while (p < pattern.length && pattern.data[p] == '*')
        p++;
    return p == pattern.length;
}

/* The part of TEXT before BYTE, which TEXT then begins after; all of it if there is none. */
static struct chat_text split(struct chat_text *text, char byte, bool *found)
{
    const char *at = text->length > 0 ? memchr(text->data, byte, text->length) : NULL;
    struct chat_text before = *text;

    *found = at != NULL;
    if (!at) {
        *text = CHAT_NO_TEXT;
        return before;
    }
    before.length = (size_t)(at - text->data);
    text->data += before.length + 1;
    text->length -= before.length + 1;
    return before;
}

/* The same at the last BYTE: a host has no @ in it. */
static struct chat_text split_last(struct chat_text *text, char byte, bool *found)
{
    const char *at = text->length > 0 ? memrchr(text->data, byte, text->length) : NULL;
    struct chat_text before = *text;

    *found = at != NULL;
    if (!at) {
        *text = CHAT_NO_TEXT;
        return before;
    }
    before.length = (size_t)(at - text->data);
    text->data += before.length + 1;
    text->length -= before.length + 1;
    return before;
}

struct parts {
    struct chat_text nick, username, host;
};

static struct parts parts_of(struct chat_text text)
{
    struct parts parts = {CHAT_NO_TEXT, CHAT_NO_TEXT, CHAT_NO_TEXT};
    struct chat_text rest = text;
    struct chat_text nick, username;
    bool has_nick, has_host;

    nick = split(&rest, '!', &has_nick);
    if (!has_nick)
        rest = text;
    username = split_last(&rest, '@', &has_host);
    if (has_nick)
        parts.nick = nick;
    if (has_nick || has_host)
        parts.username = username;
    else if (memchr(text.data, '.', text.length) || memchr(text.data, ':', text.length))
        parts.host = text;
    else
        parts.nick = text;
    if (has_host)
        parts.host = rest;
    return parts;
}

struct buffer {
    char *data;
    size_t length;
};

static bool put(struct buffer *buffer, char byte)
{
    if (byte == '*' && buffer->length > 0 && buffer->data[buffer->length - 1] == '*')
        return true;
    if (buffer->length == CHAT_MASK_MAX)
        return false;
    buffer->data[buffer->length++] = byte;
    return true;
}

static bool put_part(struct buffer *buffer, struct chat_text part)
{
    if (part.length == 0)
        return put(buffer, '*');
    for (size_t i = 0; i < part.length; i++)
        if (!put(buffer, part.data[i]))
            return false;
    return true;
}

static bool begins(struct chat_text text, const char *with)
{
    size_t length = strlen(with);

    return text.length >= length && memcmp(text.data, with, length) == 0;
}

/* Takes what makes a mask mute only off TEXT, as often as it is there. */
static bool take_mute(struct chat_text *text)
{
    bool mutes = false;

    for (;;) {
        size_t length = begins(*text, "~m:") ? 3 : begins(*text, "m:") ? 2 : 0;

        if (length == 0)
            return mutes;
        mutes = true;
        text->data += length;
        text->length -= length;
    }
}

/*
 * Takes what makes a mask mean accounts off TEXT. What has a colon behind that is an address, and may
 * begin so.
 */
static bool take_account(struct chat_text *text)
{
    size_t length = begins(*text, "~a:") ? 3 : begins(*text, "a:") ? 2 : 0;

    if (length == 0 || text->length == length ||
        memchr(text->data + length, ':', text->length - length))
        return false;
    text->data += length;
    text->length -= length;
    return true;
}

static bool is_clean(struct chat_text text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] <= ' ' || text.data[i] == 127 || text.data[i] == ',')
            return false;
    return text.length > 0;
}

/* A pattern of accounts, which have neither of the signs that part others. */
static int normalise_account(struct chat_text pattern, struct buffer *buffer)
{
    if (memchr(pattern.data, '!', pattern.length) || memchr(pattern.data, '@', pattern.length))
        return CHAT_MASK_BAD;
    return put(buffer, 'a') && put(buffer, ':') && put_part(buffer, pattern) ? 0 : CHAT_MASK_BAD;
}

int chat_mask_normalise(struct chat_text text, char out[static CHAT_MASK_MAX], size_t *length)
{
    struct buffer buffer = {out, 0};
    bool mutes = take_mute(&text);
    struct parts parts;
    int rc;

    if (!is_clean(text))
        return CHAT_MASK_BAD;
    if (mutes)
        memcpy(out, "m:", buffer.length = 2);
    if (take_account(&text)) {
        rc = normalise_account(text, &buffer);
        *length = buffer.length;
        return rc;
    }
    parts = parts_of(text);
    if (!put_part(&buffer, parts.nick) || !put(&buffer, '!') ||
        !put_part(&buffer, parts.username) || !put(&buffer, '@') || !put_part(&buffer, parts.host))
        return CHAT_MASK_BAD;
    *length = buffer.length;
    return 0;
}

bool chat_mask_mutes(struct chat_text mask)
{
    return begins(mask, "m:");
}

/* Copies TEXT as a string to OUT of SIZE bytes, if it fits. */
static bool to_string(struct chat_text text, char *out, size_t size)
{
    if (text.length == 0 || text.length >= size)
        return false;
    memcpy(out, text.data, text.length);
    out[text.length] = '\0';
    return true;
}

/* An address in network order: 4 or 16 bytes, or 0 if TEXT is none. */
static size_t parse_address(struct chat_text text, unsigned char out[16])
{
    char string[INET6_ADDRSTRLEN];

    if (!to_string(text, string, sizeof string))
        return 0;
    if (inet_pton(AF_INET, string, out) == 1)
        return 4;
    return inet_pton(AF_INET6, string, out) == 1 ? 16 : 0;
}

/* A number of at most three digits, or -1. */
static int parse_bits(struct chat_text text)
{
    int value = 0;

    if (text.length == 0 || text.length > 3)
        return -1;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return -1;
        value = value * 10 + (text.data[i] - '0');
    }
    return value;
}

/* Whether NETWORK is one, "address/bits", and ADDRESS is in it. */
static bool is_in_network(struct chat_text network, struct chat_text address)
{
    unsigned char base[16], own[16];
    struct chat_text prefix;
    size_t size;
    int bits;
    bool found;

    prefix = split(&network, '/', &found);
    if (!found)
        return false;
    size = parse_address(prefix, base);
    bits = parse_bits(network);
    if (size == 0 || bits < 0 || (size_t)bits > size * 8 || parse_address(address, own) != size)
        return false;
    if (memcmp(base, own, (size_t)bits / 8) != 0)
        return false;
    if (bits % 8 == 0)
        return true;
    return ((base[bits / 8] ^ own[bits / 8]) & (0xFF00 >> (bits % 8)) & 0xFF) == 0;
}

bool chat_host_match(struct chat_text pattern, struct chat_text host, struct chat_text address)
{
    return chat_glob_match(pattern, host) ||
           (address.length > 0 && chat_glob_match(pattern, address)) ||
           is_in_network(pattern, address);
}

bool chat_mask_match(struct chat_text mask, const struct chat_subject *subject)
{
    struct parts parts;

    take_mute(&mask);
    if (take_account(&mask))
        return subject->account.length > 0 && chat_glob_match(mask, subject->account);
    parts = parts_of(mask);
    return chat_glob_match(parts.nick, subject->nick) &&
           chat_glob_match(parts.username, subject->username) &&
           chat_host_match(parts.host, subject->host, subject->address);
}
