/* SPDX-License-Identifier: MIT */
/*
 * Line framing against the plainest framer there is, which looks at the whole stream byte by byte.
 * The input: max_line, recvq / 4, the size of the first piece, that of all others (0: the rest),
 * whether lines wait before they are taken, and the stream.
 */
#include "config.h"

#include "transport/lines.h"

#include <stdlib.h>
#include <string.h>

#define MUST(condition) ((condition) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the plain framer has seen of the stream. */
struct plain {
    const char *data;
    size_t length; /* so far handed to the other */
    size_t at;     /* the next line begins there */
};

static int plain_next(struct plain *plain, size_t max_line, struct pl_line *line)
{
    size_t size = 0;

    while (plain->at + size < plain->length && plain->data[plain->at + size] != '\n')
        size++;
    line->text = plain->data + plain->at;
    if (plain->at + size == plain->length) {
        line->length = line->size = size;
        return PLI_LINES_NONE;
    }
    size++;
    plain->at += size;
    if (size > max_line) {
        line->length = line->size = max_line;
        return PLI_LINES_LONG;
    }
    line->size = size;
    line->length = size - 1;
    if (line->length > 0 && line->text[line->length - 1] == '\r')
        line->length--;
    return PLI_LINES_LINE;
}

static void must_be_same(const struct pl_line *a, const struct pl_line *b)
{
    MUST(a->length == b->length && a->size == b->size);
    MUST(memcmp(a->text, b->text, a->size) == 0);
}

/*
 * Compares what both find now. A long line is told by the framer as soon as it is one, by the plain
 * framer at its end: TOLD remembers that. Returns false after an excess.
 */
static bool compare(struct pli_lines *lines, struct pli_span *input, struct plain *plain,
                    const struct pli_lines_limits *limits, bool *told)
{
    struct pl_line line, expected;
    int result, wanted;

    for (;;) {
        result = pli_lines_next(lines, input, limits, &line);
        MUST(result >= 0);
        if (result == PLI_LINES_EXCESS) {
            while ((wanted = plain_next(plain, limits->max_line, &expected)) != PLI_LINES_NONE) {
                MUST(*told && wanted == PLI_LINES_LONG);
                *told = false;
            }
            MUST(expected.size > limits->max_line + limits->recvq);
            return false;
        }
        wanted = plain_next(plain, limits->max_line, &expected);
        if (*told && wanted == PLI_LINES_LONG) {
            *told = false;
            wanted = plain_next(plain, limits->max_line, &expected);
        }
        if (result == PLI_LINES_LONG && wanted == PLI_LINES_NONE) {
            MUST(!*told && expected.size >= limits->max_line);
            expected.length = expected.size = limits->max_line;
            must_be_same(&line, &expected);
            *told = true;
            continue;
        }
        MUST(result == wanted);
        if (result == PLI_LINES_NONE) {
            MUST(input->length + pli_lines_held(lines) == (*told ? 0 : expected.size));
            return true;
        }
        must_be_same(&line, &expected);
    }
}

static void must_end_same(struct pli_lines *lines, struct plain *plain, bool told)
{
    struct pl_line line, expected;
    bool rest = pli_lines_last(lines, &line);

    expected.text = plain->data + plain->at;
    expected.length = expected.size = plain->length - plain->at;
    MUST(rest == (!told && expected.size > 0));
    if (rest)
        must_be_same(&line, &expected);
    MUST(pli_lines_held(lines) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pli_lines_limits limits;
    struct plain plain = {.length = 0};
    struct pli_lines lines;
    struct pli_span input;
    bool told = false, going = true, wait;
    size_t first, step, piece;

    if (size < 5)
        return 0;
    limits.max_line = data[0] ? data[0] : 1;
    limits.recvq = data[1] * (size_t)4;
    first = data[2];
    step = data[3];
    wait = data[4] & 1;
    plain.data = (const char *)data + 5;
    size -= 5;
    pli_lines_init(&lines);
    for (piece = first; going && plain.length < size; piece = step) {
        if (piece == 0 || piece > size - plain.length)
            piece = size - plain.length;
        input = (struct pli_span){.data = plain.data + plain.length, .length = piece};
        plain.length += piece;
        if (!wait || plain.length == size)
            going = compare(&lines, &input, &plain, &limits, &told);
        if (going)
            MUST(pli_lines_keep(&lines, &input) == 0 && input.length == 0);
    }
    if (going)
        must_end_same(&lines, &plain, told);
    pli_lines_deinit(&lines);
    return 0;
}
