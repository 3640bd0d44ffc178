/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/string.h"

#include <errno.h>
#include <stdlib.h>

int chat_string_set(struct chat_string **string, struct chat_text text)
{
    struct chat_string *copy = NULL;

    if (text.length > 0) {
        copy = malloc(sizeof *copy + text.length);
        if (!copy)
            return -ENOMEM;
        copy->length = text.length;
        memcpy(copy->data, text.data, text.length);
    }
    free(*string);
    *string = copy;
    return 0;
}
