/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct pli_filter_kept {
    size_t length;
    size_t done; /* so many of them are written */
    char data[];
};

/* One that has as much more room; what is written already goes. */
static struct pli_filter_kept *grow(struct pli_filter_kept *kept, size_t more)
{
    size_t rest = kept ? kept->length - kept->done : 0;
    struct pli_filter_kept *grown = malloc(sizeof(*grown) + rest + more);

    if (!grown)
        return NULL;
    *grown = (struct pli_filter_kept){.length = rest};
    if (rest > 0)
        memcpy(grown->data, kept->data + kept->done, rest);
    free(kept);
    return grown;
}

int pli_filter_keep(struct pli_filter *filter, const void *data, size_t length)
{
    struct pli_filter_kept *kept;

    if (length == 0)
        return 0;
    kept = grow(filter->kept, length);
    if (!kept)
        return -ENOMEM;
    memcpy(kept->data + kept->length, data, length);
    kept->length += length;
    filter->kept = kept;
    return 0;
}

struct iovec pli_filter_kept(const struct pli_filter *filter)
{
    struct pli_filter_kept *kept = filter->kept;

    if (!kept)
        return (struct iovec){0};
    return (struct iovec){.iov_base = kept->data + kept->done,
                          .iov_len = kept->length - kept->done};
}

void pli_filter_written(struct pli_filter *filter, size_t count)
{
    filter->kept->done += count;
    if (filter->kept->done < filter->kept->length)
        return;
    free(filter->kept);
    filter->kept = NULL;
}

void pli_filter_free(struct pli_filter *filter)
{
    if (!filter)
        return;
    free(filter->kept);
    filter->class->free(filter);
}
