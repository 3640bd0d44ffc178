/* SPDX-License-Identifier: MIT */
/*
 * The header of the PROXY protocol: however its bytes come, the outcome is the same, and what wants
 * more never gets what stands behind it. The input: the size of the pieces (0: no matter) and the
 * bytes.
 */
#include "config.h"

#include "transport/proxy_header.h"

#include <stdlib.h>
#include <string.h>

#define MUST(condition) ((condition) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_sound(const struct pli_proxy_header *header, enum pli_proxy_outcome outcome,
                          size_t length)
{
    switch (outcome) {
    case PLI_PROXY_BAD:
        MUST(header->wrong && *header->wrong);
        return;
    case PLI_PROXY_MORE:
        MUST(header->size > length && header->size <= PLI_PROXY_V2_HEAD + PLI_PROXY_V2_MAX);
        return;
    case PLI_PROXY_NAMED:
        MUST(header->peer.family == AF_INET || header->peer.family == AF_INET6);
        break;
    default:
        break;
    }
    MUST(header->size > 0 && header->size <= length);
}

static enum pli_proxy_outcome read_some(const char *data, size_t length,
                                        struct pli_proxy_header *header)
{
    enum pli_proxy_outcome outcome;

    memset(header, 0, sizeof(*header));
    outcome = pli_proxy_header_read(data, length, header);
    must_be_sound(header, outcome, length);
    return outcome;
}

/* In pieces of PIECE bytes, or as many as are still wanted. */
static enum pli_proxy_outcome read_in_pieces(const char *data, size_t size, size_t piece,
                                             struct pli_proxy_header *header)
{
    enum pli_proxy_outcome outcome;
    size_t length = 0;

    while ((outcome = read_some(data, length, header)) == PLI_PROXY_MORE && length < size) {
        size_t wanted = header->size - length;

        if (piece && piece < wanted)
            wanted = piece;
        length += wanted < size - length ? wanted : size - length;
    }
    if (outcome != PLI_PROXY_MORE && outcome != PLI_PROXY_BAD)
        MUST(length == header->size);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pli_proxy_header whole, pieces;
    enum pli_proxy_outcome outcome;
    const char *bytes;

    if (size < 1)
        return 0;
    bytes = (const char *)data + 1;
    outcome = read_some(bytes, size - 1, &whole);
    MUST(read_in_pieces(bytes, size - 1, data[0], &pieces) == outcome);
    if (outcome == PLI_PROXY_BAD)
        return 0; /* what is wrong may be another thing that is seen first */
    MUST(whole.size == pieces.size);
    MUST(memcmp(&whole.peer, &pieces.peer, sizeof(whole.peer)) == 0);
    return 0;
}
