/* SPDX-License-Identifier: MIT */
/* Which figures of which case are drawn, and the files that tell gnuplot to. */
#ifndef TOOLS_BENCH_PLOT_FIGURES_H
#define TOOLS_BENCH_PLOT_FIGURES_H

#include <stdio.h>

#include "tools/bench/contest.h"

enum plot_axis { PLOT_BARS, PLOT_CONNECTIONS, PLOT_THREADS, PLOT_AXES };

struct plot_figure {
    enum bench_case kind;
    enum bench_metric metric;
    const char *name;  /* part of the files' names */
    const char *title; /* what it shows */
    const char *unit;  /* and in which unit, once multiplied by scale */
    double scale;
    bool log; /* as lines, its axis is logarithmic: it spans magnitudes */
    bool less_is_better;
};

/* Ends with one without a name. */
extern const struct plot_figure plot_figures[];

/* How many numbers an axis has for that case, and each of them. */
const struct bench_numbers *plot_numbers(const struct contest *contest, enum bench_case kind,
                                         enum plot_axis axis);

/*
 * Writes the figures of the contestants: one a line, or a block of lines for each contestant, with
 * median, least and most. Returns how many there are; 0: there is nothing to draw.
 */
unsigned plot_write_data(FILE *file, const struct contest *contest,
                         const struct plot_figure *figure, enum plot_axis axis);

/* Writes what gnuplot is told to make of NAME.dat; TEXT: a plain text NAME.txt too. */
void plot_write_script(FILE *file, const struct contest *contest, const struct plot_figure *figure,
                       enum plot_axis axis, const char *name, bool text);

#endif
