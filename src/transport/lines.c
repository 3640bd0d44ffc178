/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HELD_LEAST 64u

void pli_lines_init(struct pli_lines *lines)
{
    *lines = (struct pli_lines){0};
}

/* There may be a secret in it. */
static void discard(char *held, size_t capacity)
{
    if (held)
        explicit_bzero(held, capacity);
    free(held);
}

void pli_lines_deinit(struct pli_lines *lines)
{
    discard(lines->held, lines->capacity);
    *lines = (struct pli_lines){0};
}

static void consume(struct pli_span *input, size_t count)
{
    input->data += count;
    input->length -= count;
}

/* Nothing is held any more: an idle connection owns no buffer. */
static void release(struct pli_lines *lines)
{
    discard(lines->held, lines->capacity);
    lines->held = NULL;
    lines->start = lines->length = lines->capacity = lines->scanned = 0;
}

int pli_lines_hold(struct pli_lines *lines, struct pli_span *input, size_t count)
{
    size_t held = pli_lines_held(lines);
    size_t capacity = lines->capacity ? lines->capacity : HELD_LEAST;
    char *grown;

    if (lines->start > 0) {
        memmove(lines->held, lines->held + lines->start, held);
        lines->start = 0;
        lines->length = (uint32_t)held;
    }
    while (capacity < held + count)
        capacity *= 2;
    if (capacity > UINT32_MAX)
        return -ENOMEM;
    if (capacity > lines->capacity) {
        grown = malloc(capacity);
        if (!grown)
            return -ENOMEM;
        if (held > 0)
            memcpy(grown, lines->held, held);
        discard(lines->held, lines->capacity);
        lines->held = grown;
        lines->capacity = (uint32_t)capacity;
    }
    memcpy(lines->held + held, input->data, count);
    lines->length += (uint32_t)count;
    consume(input, count);
    return 0;
}

/* How many bytes up to and with the first LF; all of them, and *FOUND false, if there is none. */
static size_t through_end(const char *data, size_t length, bool *found)
{
    const char *end = length ? memchr(data, '\n', length) : NULL;

    *found = end != NULL;
    return end ? (size_t)(end - data) + 1 : length;
}

/* A line of SIZE bytes with its LF; one that is too long is only shown in part. */
static int complete(const char *text, size_t size, size_t max_line, struct pl_line *line)
{
    size_t length = size - 1;

    if (size > max_line) {
        *line = (struct pl_line){.text = text, .length = max_line, .size = max_line};
        return PLI_LINES_LONG;
    }
    if (length > 0 && text[length - 1] == '\r')
        length--;
    *line = (struct pl_line){.text = text, .length = length, .size = size};
    return PLI_LINES_LINE;
}

/* Goes on skipping an over-long line. Returns whether its end has been found. */
static bool skip(struct pli_lines *lines, struct pli_span *input)
{
    size_t held = pli_lines_held(lines);
    bool found = false;
    size_t count = 0;

    if (held > 0) {
        count = through_end(lines->held + lines->start, held, &found);
        lines->start += (uint32_t)count;
        lines->scanned = 0;
    }
    if (!found) {
        size_t more = through_end(input->data, input->length, &found);

        consume(input, more);
        count += more;
    }
    lines->skipped = found ? 0 : lines->skipped + count;
    return found;
}

/*
 * The next line of what is held. PLI_LINES_NONE: it has no LF; the caller may add to it. A line
 * that is returned stays in the buffer until the next call, which finds START behind it.
 */
static int next_held(struct pli_lines *lines, size_t max_line, struct pl_line *line)
{
    const char *text = lines->held + lines->start;
    size_t held = pli_lines_held(lines);
    bool found;
    size_t size =
        lines->scanned + through_end(text + lines->scanned, held - lines->scanned, &found);

    if (found) {
        lines->start += (uint32_t)size;
        lines->scanned = 0;
        return complete(text, size, max_line, line);
    }
    lines->scanned = (uint32_t)held;
    if (held < max_line)
        return PLI_LINES_NONE;
    *line = (struct pl_line){.text = text, .length = max_line, .size = max_line};
    lines->skipped = held;
    lines->start = lines->length;
    lines->scanned = 0;
    return PLI_LINES_LONG;
}

/* The next line of the input, delivered in place. Nothing is held. */
static int next_fresh(struct pli_lines *lines, struct pli_span *input, size_t max_line,
                      struct pl_line *line)
{
    const char *text = input->data;
    bool found;
    size_t size = through_end(text, input->length, &found);

    if (found) {
        consume(input, size);
        return complete(text, size, max_line, line);
    }
    if (size < max_line)
        return PLI_LINES_NONE;
    *line = (struct pl_line){.text = text, .length = max_line, .size = max_line};
    lines->skipped = size;
    consume(input, size);
    return PLI_LINES_LONG;
}

/* Adds to the partial line that is held what can belong to it, and no more than makes it full. */
static int complete_held(struct pli_lines *lines, struct pli_span *input, size_t max_line)
{
    size_t room = max_line - pli_lines_held(lines);
    bool found;
    size_t count = through_end(input->data, input->length, &found);

    return pli_lines_hold(lines, input, count < room ? count : room);
}

int pli_lines_next(struct pli_lines *lines, struct pli_span *input,
                   const struct pli_lines_limits *limits, struct pl_line *line)
{
    for (;;) {
        int rc;

        if (lines->skipped && !skip(lines, input))
            return lines->skipped > limits->max_line + limits->recvq ? PLI_LINES_EXCESS
                                                                     : PLI_LINES_NONE;
        if (lines->held && pli_lines_held(lines) == 0)
            release(lines);
        if (!lines->held)
            return input->length ? next_fresh(lines, input, limits->max_line, line)
                                 : PLI_LINES_NONE;
        rc = next_held(lines, limits->max_line, line);
        if (rc != PLI_LINES_NONE || input->length == 0)
            return rc;
        rc = complete_held(lines, input, limits->max_line);
        if (rc < 0)
            return rc;
    }
}

int pli_lines_keep(struct pli_lines *lines, struct pli_span *input)
{
    return input->length ? pli_lines_hold(lines, input, input->length) : 0;
}

bool pli_lines_last(struct pli_lines *lines, struct pl_line *line)
{
    size_t held = pli_lines_held(lines);

    if (held == 0)
        return false;
    *line = (struct pl_line){.text = lines->held + lines->start, .length = held, .size = held};
    lines->start = lines->length;
    lines->scanned = 0;
    return true;
}
