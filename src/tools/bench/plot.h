/* SPDX-License-Identifier: MIT */
/*
 * Pictures of a comparison, drawn by gnuplot. For each there are in the folder: NAME.dat, the
 * figures; NAME.gp, what gnuplot is told, so that a person can redraw it; NAME.svg and NAME.png.
 * Bars compare the contestants at the reference; lines show a figure by connections, and by threads,
 * where there are several numbers of them. One of these comes as plain text too: NAME.txt.
 */
#ifndef TOOLS_BENCH_PLOT_H
#define TOOLS_BENCH_PLOT_H

#include "tools/bench/contest.h"

/* Makes the folder if need be. What is missing, gnuplot or a place to write, ends the program. */
void plot_check(const char *folder);

/* 0, or 1 where a picture could not be drawn; standard error says why. */
int plot_all(const struct contest *contest, const char *folder);

#endif
