/* SPDX-License-Identifier: MIT */
/* A build without PCRE2 has no patterns. */
#include "config.h"

#include "chat/pattern.h"

#include <errno.h>
#include <stdio.h>

int chat_pattern_new(struct chat_text text, struct chat_pattern **pattern,
                     struct chat_pattern_error *error)
{
    (void)text;
    (void)pattern;
    error->offset = 0;
    snprintf(error->text, sizeof error->text, "paceline was built without PCRE2");
    return -ENOSYS;
}

void chat_pattern_free(struct chat_pattern *pattern)
{
    (void)pattern;
}

struct chat_scratch *chat_scratch_new(void)
{
    return NULL;
}

void chat_scratch_free(struct chat_scratch *scratch)
{
    (void)scratch;
}

enum chat_pattern_result chat_pattern_match(const struct chat_pattern *pattern,
                                            struct chat_scratch *scratch, struct chat_text text)
{
    (void)pattern;
    (void)scratch;
    (void)text;
    return CHAT_PATTERN_DIFFERS;
}
