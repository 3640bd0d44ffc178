/* SPDX-License-Identifier: MIT */
/*
 * Regular expressions over what people say: Perl's, by PCRE2 where the build has it. Case makes no
 * difference, unless a pattern says (?-i). A pattern is const once it is made, and may be matched by
 * any number of threads, each with scratch memory of its own.
 *
 * Matching is bounded. A pattern has at most CHAT_PATTERN_MAX bytes and compiles to no more than
 * CHAT_PATTERN_SIZE; one match takes so many steps, so much depth and memory (pattern_pcre2.c), and
 * what would take more ends as CHAT_PATTERN_EXHAUSTED.
 */
#ifndef CHAT_PATTERN_H
#define CHAT_PATTERN_H

#include "chat/text.h"

#include <stddef.h>

#define CHAT_PATTERN_MAX  255
#define CHAT_PATTERN_SIZE 65536

struct chat_pattern;
struct chat_scratch;

/* What is wrong with a pattern. */
struct chat_pattern_error {
    size_t offset; /* in bytes */
    char text[128];
};

/*
 * Compiles TEXT. Returns 0, -ENOMEM, -ENOSYS where the build has no PCRE2, or -EINVAL; the latter
 * two with ERROR. What would match the empty text is refused: it would match everything.
 */
int chat_pattern_new(struct chat_text text, struct chat_pattern **pattern,
                     struct chat_pattern_error *error);
void chat_pattern_free(struct chat_pattern *pattern); /* NULL is allowed */

/* NULL without memory, or without PCRE2. */
struct chat_scratch *chat_scratch_new(void);
void chat_scratch_free(struct chat_scratch *scratch);

enum chat_pattern_result {
    CHAT_PATTERN_DIFFERS,
    CHAT_PATTERN_MATCHES,
    CHAT_PATTERN_EXHAUSTED, /* it took too long to say */
};

/* TEXT should be UTF-8; what is not matches nothing. */
enum chat_pattern_result chat_pattern_match(const struct chat_pattern *pattern,
                                            struct chat_scratch *scratch, struct chat_text text);

#endif
