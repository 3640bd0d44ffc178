/* SPDX-License-Identifier: MIT */
/*
 * Masks: patterns for people, "nick!username@host", in which * stands for any characters and ? for
 * one. Case is folded as in names. The host is compared with the one that is shown and with the
 * real address, which may also be given as a network, "192.0.2.0/24" or "2001:db8::/32".
 *
 * "a:" makes it one for accounts, "a:alice", "a:*": who is logged in to none never matches.
 *
 * "m:" before a mask of either sort makes it one that only mutes: who matches cannot speak, but can
 * join.
 */
#ifndef CHAT_MASK_H
#define CHAT_MASK_H

#include "chat/text.h"

/* No mask is longer, in bytes, once it is normal. */
#define CHAT_MASK_MAX 200

/* What masks are compared with. */
struct chat_subject {
    struct chat_text nick;
    struct chat_text username;
    struct chat_text host;
    struct chat_text address;
    struct chat_text account; /* empty: none */
};

/* Whether TEXT, as a whole, is what PATTERN with its * and ? means. */
bool chat_glob_match(struct chat_text pattern, struct chat_text text);

/* Whether two texts differ at most by case. */
bool chat_text_same(struct chat_text a, struct chat_text b);

/*
 * Writes TEXT as a whole mask to OUT and its length to LENGTH: "bob" is "bob!*@*", "u@h" is
 * "*!u@h", "example.org" is "*!*@example.org", "~m:bob" is "m:bob!*@*", "~a:bob" is "a:bob"; several * in a row are one.
 * A mask that is normal stays as it is. Returns 0 or CHAT_MASK_BAD: it is empty, too long, or has
 * spaces, commas or control characters.
 */
int chat_mask_normalise(struct chat_text text, char out[static CHAT_MASK_MAX], size_t *length);

/* Whether a normal mask mutes only. */
bool chat_mask_mutes(struct chat_text mask);

/* Whether PATTERN, of the host in a mask, means the host, or the real address, which may be empty. */
bool chat_host_match(struct chat_text pattern, struct chat_text host, struct chat_text address);

/* Whether the subject is one whom the normal mask means, be it of either sort. */
bool chat_mask_match(struct chat_text mask, const struct chat_subject *subject);

#endif
