/* SPDX-License-Identifier: MIT */
/* Fetching what is needed soon: nothing is waited for, and any pointer is allowed. */
#ifndef PLI_BASE_PREFETCH_H
#define PLI_BASE_PREFETCH_H

#include <stddef.h>

#define PLI_CACHE_LINE 64

/* The first SIZE bytes of an object. */
static inline void pli_prefetch(const void *object, size_t size)
{
    for (size_t at = 0; at < size; at += PLI_CACHE_LINE)
        __builtin_prefetch((const char *)object + at);
}

#endif
