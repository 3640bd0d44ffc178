/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/class.h"

#include <stdlib.h>
#include <string.h>

/* Replaces a text by its copy at AT, and returns where that ends. */
static char *copy_text(const char **text, char *at)
{
    size_t size = strlen(*text) + 1;

    memcpy(at, *text, size);
    *text = at;
    return at + size;
}

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
        at = copy_text(&copy[i].name, at);
        at = copy_text(&copy[i].password, at);
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
