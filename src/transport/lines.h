/* SPDX-License-Identifier: MIT */
/*
 * Line framing: cuts a stream of bytes into lines that end with LF or CR LF. Lines that lie whole
 * in what was just read are delivered in place; only what is left over, a partial line or lines
 * that must wait, is copied and held. A connection that waits for a new line holds nothing. What
 * was held is overwritten before its memory is given back: it may have been a password.
 *
 * MAX_LINE counts a line's bytes with its end. A line that cannot fit any more is reported once,
 * with its beginning, and skipped to its end; a line that has no end after MAX_LINE + RECVQ bytes
 * is an excess. The claim holder of the connection owns all of it.
 */
#ifndef PLI_TRANSPORT_LINES_H
#define PLI_TRANSPORT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <paceline/service.h>

#include "engine/engine.h"

struct pli_lines {
    char *held; /* bytes that wait: [start, length) */
    uint32_t start;
    uint32_t length;
    uint32_t capacity;
    uint32_t scanned; /* so many of them are known to have no LF among them */
    size_t skipped;   /* bytes of the over-long line that is being skipped; 0: none is */
};

enum pli_lines_result {
    PLI_LINES_NONE = 0, /* no complete line: keep what is left of the input */
    PLI_LINES_LINE,
    PLI_LINES_LONG,   /* an over-long line: its beginning */
    PLI_LINES_EXCESS, /* an over-long line that does not end */
};

struct pli_lines_limits {
    size_t max_line;
    size_t recvq;
};

void pli_lines_init(struct pli_lines *lines);
void pli_lines_deinit(struct pli_lines *lines);

/*
 * The next line of what is held and then of INPUT, which shrinks by what is consumed. LINE is valid
 * until the next call. Returns a pli_lines_result, or -ENOMEM.
 */
int pli_lines_next(struct pli_lines *lines, struct pli_span *input,
                   const struct pli_lines_limits *limits, struct pl_line *line);

/* Holds what is left of the input. Returns 0 or -ENOMEM. */
int pli_lines_keep(struct pli_lines *lines, struct pli_span *input);

/*
 * Holds the first COUNT bytes of the input, which shrinks by them, for who looks at what is held
 * before there are lines, and then gives it up with pli_lines_deinit(). Returns 0 or -ENOMEM.
 */
int pli_lines_hold(struct pli_lines *lines, struct pli_span *input, size_t count);

/* The rest without an end, when there is no more input; false if there is none. */
bool pli_lines_last(struct pli_lines *lines, struct pl_line *line);

/* How many bytes are held. */
static inline size_t pli_lines_held(const struct pli_lines *lines)
{
    return lines->length - lines->start;
}

#endif
