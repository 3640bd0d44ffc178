/* SPDX-License-Identifier: MIT */
/*
 * Output that a proactor has accepted: a block of bytes that one send after another carries to the
 * kernel, which reads them until the last completion. Blocks come in two sizes, as most writes are
 * a line or a few and the others want few system calls; the small ones are kept for the next.
 *
 * All of it belongs to the thread of one ring.
 */
#ifndef PLI_ENGINE_PROACTOR_OUTPUT_H
#define PLI_ENGINE_PROACTOR_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define PLI_OUTPUT_SMALL 1024u  /* with its head, in bytes */
#define PLI_OUTPUT_LARGE 32768u /* the same */
#define PLI_OUTPUT_KEPT  256u   /* small ones at most that wait to be used again */

struct pli_output {
    struct pli_output *next; /* while it is not in use */
    uint32_t capacity;       /* of DATA */
    uint32_t length;         /* of what was accepted */
    uint32_t sent;           /* of that, in the kernel's hands */
    bool submitted;          /* a send of it is under way: nothing can be added */
    char data[];
};

struct pli_output_pool {
    struct pli_output *free;
    unsigned count;
};

/* Bytes that the parts have. */
size_t pli_output_sum(const struct iovec *parts, int count);

/* An empty block with room for SIZE bytes, or as many as one can have. NULL: no memory. */
struct pli_output *pli_output_new(struct pli_output_pool *pool, size_t size);
void pli_output_free(struct pli_output_pool *pool, struct pli_output *output);

/* The same bytes in a block with room for SIZE more, if that can be had; else the same block. */
struct pli_output *pli_output_grow(struct pli_output_pool *pool, struct pli_output *output,
                                   size_t size);

/* Copies of the parts what there is room for. Returns how many bytes that is. */
size_t pli_output_add(struct pli_output *output, const struct iovec *parts, int count);

/* Frees what waits to be used again. */
void pli_output_pool_deinit(struct pli_output_pool *pool);

#endif
