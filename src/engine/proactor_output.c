/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/proactor_output.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_SMALL (PLI_OUTPUT_SMALL - sizeof(struct pli_output))
#define ROOM_LARGE (PLI_OUTPUT_LARGE - sizeof(struct pli_output))

size_t pli_output_sum(const struct iovec *parts, int count)
{
    size_t sum = 0;

    for (int i = 0; i < count; i++)
        sum += parts[i].iov_len;
    return sum;
}

struct pli_output *pli_output_new(struct pli_output_pool *pool, size_t size)
{
    bool small = size <= ROOM_SMALL;
    struct pli_output *output = small ? pool->free : NULL;

    if (output) {
        pool->free = output->next;
        pool->count--;
    } else {
        output = malloc(small ? PLI_OUTPUT_SMALL : PLI_OUTPUT_LARGE);
        if (!output)
            return NULL;
    }
    output->next = NULL;
    output->capacity = small ? ROOM_SMALL : ROOM_LARGE;
    output->length = output->sent = 0;
    output->submitted = false;
    return output;
}

void pli_output_free(struct pli_output_pool *pool, struct pli_output *output)
{
    if (!output)
        return;
    if (output->capacity != ROOM_SMALL || pool->count >= PLI_OUTPUT_KEPT) {
        free(output);
        return;
    }
    output->next = pool->free;
    pool->free = output;
    pool->count++;
}

struct pli_output *pli_output_grow(struct pli_output_pool *pool, struct pli_output *output,
                                   size_t size)
{
    struct pli_output *larger;

    if (output->capacity - output->length >= size || output->capacity == ROOM_LARGE)
        return output;
    larger = pli_output_new(pool, ROOM_LARGE);
    if (!larger)
        return output;
    memcpy(larger->data, output->data, output->length);
    larger->length = output->length;
    pli_output_free(pool, output);
    return larger;
}

size_t pli_output_add(struct pli_output *output, const struct iovec *parts, int count)
{
    uint32_t before = output->length;

    for (int i = 0; i < count && output->length < output->capacity; i++) {
        size_t room = output->capacity - output->length;
        size_t length = parts[i].iov_len < room ? parts[i].iov_len : room;

        memcpy(output->data + output->length, parts[i].iov_base, length);
        output->length += (uint32_t)length;
    }
    return output->length - before;
}

void pli_output_pool_deinit(struct pli_output_pool *pool)
{
    while (pool->free) {
        struct pli_output *output = pool->free;

        pool->free = output->next;
        free(output);
    }
    pool->count = 0;
}
