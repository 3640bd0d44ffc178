/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/proactor_input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 1024u

/* Makes room for LENGTH bytes behind what is held. */
static int make_room(struct pli_input *input, size_t length)
{
    size_t needed = input->length + length;
    size_t capacity = input->capacity ? input->capacity : CAPACITY_FIRST;
    char *data;

    if (input->start + needed <= input->capacity)
        return 0;
    if (needed > UINT32_MAX / 2)
        return -ENOMEM;
    while (capacity < needed)
        capacity *= 2;
    data = malloc(capacity);
    if (!data)
        return -ENOMEM;
    if (input->length > 0)
        memcpy(data, input->data + input->start, input->length);
    free(input->data);
    input->data = data;
    input->start = 0;
    input->capacity = (uint32_t)capacity;
    return 0;
}

int pli_input_keep(struct pli_input *input, const char *data, size_t length)
{
    int rc = make_room(input, length);

    if (rc < 0)
        return rc;
    memcpy(input->data + input->start + input->length, data, length);
    input->length += (uint32_t)length;
    return 0;
}

size_t pli_input_take(struct pli_input *input, char *to, size_t limit)
{
    size_t length = input->length < limit ? input->length : limit;

    if (length == 0)
        return 0;
    memcpy(to, input->data + input->start, length);
    input->start += (uint32_t)length;
    input->length -= (uint32_t)length;
    if (input->length == 0)
        pli_input_drop(input);
    return length;
}

void pli_input_drop(struct pli_input *input)
{
    free(input->data);
    *input = (struct pli_input){0};
}
