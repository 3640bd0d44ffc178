/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct pl_message *pli_message_reserve(uint32_t capacity)
{
    struct pl_message *message = malloc(sizeof *message + capacity);

    if (!message)
        return NULL;
    atomic_init(&message->references, 1);
    message->length = 0;
    message->capacity = capacity;
    return message;
}

int pl_message_new(const void *data, size_t length, struct pl_message **message)
{
    struct pl_message *made;

    if (length > PL_MESSAGE_MAX)
        return -EMSGSIZE;
    made = pli_message_reserve((uint32_t)length);
    if (!made)
        return -ENOMEM;
    if (length > 0)
        memcpy(made->data, data, length);
    made->length = (uint32_t)length;
    *message = made;
    return 0;
}

struct pl_message *pl_message_ref(struct pl_message *message)
{
    atomic_fetch_add_explicit(&message->references, 1, memory_order_relaxed);
    return message;
}

void pl_message_unref(struct pl_message *message)
{
    if (!message)
        return;
    if (atomic_fetch_sub_explicit(&message->references, 1, memory_order_acq_rel) == 1)
        free(message);
}

const char *pl_message_data(const struct pl_message *message)
{
    return message->data;
}

size_t pl_message_length(const struct pl_message *message)
{
    return message->length;
}
