/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/class.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct chat_class *chat_classes_copy(const struct chat_class *classes, size_t count)
{
    size_t size = count * sizeof *classes;
    struct chat_class *copy;
    char *at;

    if (count == 0)
        return NULL;
    for (size_t i = 0; i < count; i++)
        size += strlen(classes[i].name) + strlen(classes[i].password) + 2;
    copy = malloc(size);
    if (!copy)
        return NULL;
    memcpy(copy, classes, count * sizeof *classes);
    at = (char *)(copy + count);
    for (size_t i = 0; i < count; i++) {
        copy[i].name = pli_text_pack(copy[i].name, &at);
        copy[i].password = pli_text_pack(copy[i].password, &at);
    }
    return copy;
}

const struct chat_class *chat_class_find(const struct chat_class *classes, size_t count,
                                         const char *name)
{
    for (size_t i = 0; name && i < count; i++)
        if (strcmp(classes[i].name, name) == 0)
            return &classes[i];
    return NULL;
}
