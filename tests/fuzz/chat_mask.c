/* SPDX-License-Identifier: MIT */
/*
 * Masks: up to the first line end the mask, after it whom it is compared with, "nick user host
 * address account". A mask's normal form stays as it is, and means somebody whatever the case.
 */
#include "config.h"

#include "chat/mask.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int truth)
{
    if (!truth)
        abort();
}

static struct chat_text take(struct chat_text *text, char end)
{
    const char *at = text->length > 0 ? memchr(text->data, end, text->length) : NULL;
    struct chat_text taken = {text->data, at ? (size_t)(at - text->data) : text->length};
    size_t used = taken.length + (at != NULL);

    text->data += used;
    text->length -= used;
    return taken;
}

/* The mask with its letters in the other case, but for m: and a: in front, which M: and A: are not. */
static struct chat_text other_case(struct chat_text mask, char out[CHAT_MASK_MAX])
{
    size_t first = 0;

    while (first < mask.length && strchr("~aAmM:", mask.data[first]))
        first++;
    memcpy(out, mask.data, mask.length);
    for (size_t i = first; i < mask.length; i++)
        if (isascii((unsigned char)out[i]))
            out[i] = (char)(isupper((unsigned char)out[i]) ? tolower((unsigned char)out[i])
                                                           : toupper((unsigned char)out[i]));
    return (struct chat_text){out, mask.length};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct chat_text rest = {(const char *)data, size};
    struct chat_text text = take(&rest, '\n');
    struct chat_subject subject;
    char first[CHAT_MASK_MAX], second[CHAT_MASK_MAX];
    struct chat_text mask = {first, 0}, again = {second, 0};

    subject.nick = take(&rest, ' ');
    subject.username = take(&rest, ' ');
    subject.host = take(&rest, ' ');
    subject.address = take(&rest, ' ');
    subject.account = rest;
    must(chat_glob_match(text, text) || memchr(text.data, '?', text.length) ||
         memchr(text.data, '*', text.length));
    if (chat_mask_normalise(text, first, &mask.length) != 0)
        return 0;
    must(mask.length <= CHAT_MASK_MAX);
    must(chat_mask_normalise(mask, second, &again.length) == 0);
    must(chat_text_equal(mask, again));
    again = other_case(mask, second);
    must(chat_text_same(mask, again));
    must(chat_mask_match(mask, &subject) == chat_mask_match(again, &subject));
    return 0;
}
