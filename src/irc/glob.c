/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/glob.h"

#include "chat/name.h"

/* Nothing longer is a name, or matches one. */
static bool fold(struct chat_text *text, char folded[CHAT_NAME_MAX])
{
    *text = chat_fold(*text, folded);
    return text->data != NULL;
}

/* Only the last * needs to be tried again: what an earlier one took may as well be its. */
static bool match(struct chat_text mask, struct chat_text text)
{
    size_t m = 0, t = 0;
    size_t star = mask.length, taken = 0;

    while (t < text.length) {
        if (m < mask.length && mask.data[m] == '*') {
            star = m++;
            taken = t;
        } else if (m < mask.length && (mask.data[m] == '?' || mask.data[m] == text.data[t])) {
            m++;
            t++;
        } else if (star < mask.length) {
            m = star + 1;
            t = ++taken;
        } else {
            return false;
        }
    }
    while (m < mask.length && mask.data[m] == '*')
        m++;
    return m == mask.length;
}

bool irc_glob(struct chat_text mask, struct chat_text text)
{
    char folded_mask[CHAT_NAME_MAX];
    char folded_text[CHAT_NAME_MAX];

    return fold(&mask, folded_mask) && fold(&text, folded_text) && match(mask, text);
}
