/* SPDX-License-Identifier: MIT */
/*
 * Input that a proactor has taken from the kernel before the handle wanted it: bytes in order, one
 * growing block, none while nothing is held. It sets no bound itself: who fills it stops receiving
 * when it is full, and what is still on its way then finds room all the same.
 */
#ifndef PLI_ENGINE_PROACTOR_INPUT_H
#define PLI_ENGINE_PROACTOR_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLI_INPUT_FULL 16384u /* bytes held from which on no more should be received */

struct pli_input {
    char *data;
    uint32_t start;
    uint32_t length; /* from START on */
    uint32_t capacity;
};

/* Puts bytes behind those that are held. Returns 0 or -ENOMEM. */
int pli_input_keep(struct pli_input *input, const char *data, size_t length);

/* Moves up to LIMIT of the oldest bytes to TO. Returns how many. */
size_t pli_input_take(struct pli_input *input, char *to, size_t limit);

/* Forgets what is held. */
void pli_input_drop(struct pli_input *input);

static inline bool pli_input_is_full(const struct pli_input *input)
{
    return input->length >= PLI_INPUT_FULL;
}

#endif
