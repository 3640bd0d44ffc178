/* SPDX-License-Identifier: MIT */
/* A line on standard error that says how far a run is: on a terminal one that changes, elsewhere,
 * and only where it is asked for, one each second. Belongs to one thread. */
#ifndef TOOLS_BENCH_PROGRESS_H
#define TOOLS_BENCH_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/bench/options.h"

struct progress {
    bool on, terminal;
    bool shown; /* a line stands on the terminal */
    uint64_t next;
};

/* As the options want it, --progress and quiet. */
void progress_init(struct progress *progress, const struct bench_options *options);

/* Whether it is time for another line. */
bool progress_due(struct progress *progress, uint64_t now);
void progress_show(struct progress *progress, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Takes the line away. */
void progress_end(struct progress *progress);

#endif
