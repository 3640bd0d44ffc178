/* SPDX-License-Identifier: MIT */
/*
 * The colours are those of Okabe and Ito, which people tell apart whatever they see of colours; lines
 * differ in their marks too. The legend stands beside the lines, never on them. In plots by
 * connections or threads each contestant is a little beside the others, so that the bars of least
 * and most do not hide each other.
 */
#include "config.h"

#include "tools/bench/plot_figures.h"

#include "tools/bench/summary.h"

#include <math.h>
#include <string.h>

/* How much of an axis with a logarithmic scale is left free on each side, as a factor. */
#define AROUND 1.4

const struct plot_figure plot_figures[] = {
    {CASE_ECHO, METRIC_RATE, "throughput", "Echo: throughput", "thousand lines per second", 1e-3,
     false, false},
    {CASE_ECHO, METRIC_SERVER_CPU_PER_LINE, "cpu", "Echo: CPU time of the server",
     "microseconds of CPU per line", 1, false, true},
    {CASE_ECHO, METRIC_LATENCY_P99, "p99", "Echo: tail latency (p99)", "p99 in milliseconds", 1e-3,
     true, true},
    {CASE_ECHO, METRIC_CALLS_PER_LINE, "calls", "Echo: system calls of the server",
     "system calls per line", 1, false, true},
    {CASE_MIXED, METRIC_LATENCY_P99, "p99", "Mixed load: tail latency (p99) of the short lines",
     "p99 in milliseconds", 1e-3, true, true},
    {CASE_MIXED, METRIC_SERVER_CPU_PER_LINE, "cpu", "Mixed load: CPU time of the server",
     "microseconds of CPU per line", 1, false, true},
    {CASE_MIXED, METRIC_RATE, "throughput", "Mixed load: throughput", "thousand lines per second",
     1e-3, false, false},
    {CASE_CHAT, METRIC_DELIVERY_RATE, "throughput", "Chat: messages delivered",
     "thousand deliveries per second", 1e-3, false, false},
    {CASE_CHAT, METRIC_SERVER_CPU_PER_LINE, "cpu", "Chat: CPU time of the server",
     "microseconds of CPU per delivered message", 1, false, true},
    {CASE_CHAT, METRIC_LATENCY_P99, "p99", "Chat: tail latency (p99)", "p99 in milliseconds", 1e-3,
     true, true},
    {CASE_IDLE, METRIC_BYTES_PER_CONNECTION, "memory", "Memory of an idle connection",
     "resident bytes per connection", 1, false, true},
    {0},
};

const struct bench_numbers *plot_numbers(const struct contest *contest, enum bench_case kind,
                                         enum plot_axis axis)
{
    return axis == PLOT_THREADS ? &contest->threads : &contest->connections[kind];
}

/* A label without what gnuplot or the data file would take for its own. */
static void put_label(FILE *file, const char *label)
{
    for (; *label; label++)
        fputc(strchr("\"'\\", *label) || (unsigned char)*label < ' ' ? '_' : *label, file);
}

/* -- Data ------------------------------------------------------------------------------------ */

static int point_of(const struct contest *contest, const struct plot_figure *figure,
                    enum plot_axis axis, uint64_t number)
{
    uint64_t connections = numbers_middle(&contest->connections[figure->kind]);
    uint64_t threads = numbers_middle(&contest->threads);

    if (axis == PLOT_CONNECTIONS)
        connections = number;
    if (axis == PLOT_THREADS)
        threads = number;
    return contest_find_point(contest, figure->kind, connections, threads);
}

static bool put_summary(FILE *file, const struct contest *contest, const struct plot_figure *figure,
                        int point, unsigned contestant)
{
    struct summary summary = {0};

    if (point >= 0)
        summary = contest_summary(contest, (unsigned)point, contestant, figure->metric);
    if (summary.count == 0)
        return false;
    fprintf(file, " %.6g %.6g %.6g\n", summary.median * figure->scale,
            summary.least * figure->scale, summary.most * figure->scale);
    return true;
}

static unsigned write_bars(FILE *file, const struct contest *contest,
                           const struct plot_figure *figure)
{
    int point = point_of(contest, figure, PLOT_BARS, 0);
    unsigned written = 0;

    for (unsigned i = 0; i < contest->count && point >= 0; i++) {
        if (contest_summary(contest, (unsigned)point, i, figure->metric).count == 0)
            continue;
        fputc('"', file);
        put_label(file, contest->contestants[i].label);
        fputc('"', file);
        written += put_summary(file, contest, figure, point, i);
    }
    return written;
}

static unsigned write_lines(FILE *file, const struct contest *contest,
                            const struct plot_figure *figure, enum plot_axis axis)
{
    const struct bench_numbers *numbers = plot_numbers(contest, figure->kind, axis);
    unsigned written = 0;

    for (unsigned i = 0; i < contest->count; i++) {
        fprintf(file, "# ");
        put_label(file, contest->contestants[i].label);
        fputc('\n', file);
        for (unsigned n = 0; n < numbers->count; n++) {
            int point = point_of(contest, figure, axis, numbers->value[n]);

            if (point < 0 ||
                contest_summary(contest, (unsigned)point, i, figure->metric).count == 0)
                continue;
            fprintf(file, "%ju", (uintmax_t)numbers->value[n]);
            written += put_summary(file, contest, figure, point, i);
        }
        fputs("\n\n", file); /* the end of a block */
    }
    return written;
}

unsigned plot_write_data(FILE *file, const struct contest *contest,
                         const struct plot_figure *figure, enum plot_axis axis)
{
    fprintf(file, "# %s, %s: median, least, most of the rounds\n", figure->title, figure->unit);
    return axis == PLOT_BARS ? write_bars(file, contest, figure)
                             : write_lines(file, contest, figure, axis);
}

/* -- Script ---------------------------------------------------------------------------------- */

static void put_title(FILE *file, const struct contest *contest, const struct plot_figure *figure,
                      enum plot_axis axis)
{
    uint64_t connections = numbers_middle(&contest->connections[figure->kind]);
    uint64_t threads = numbers_middle(&contest->threads);
    const char *who = figure->kind == CASE_CHAT ? "people" : "connections";

    fprintf(file, "set title \"{/:Bold %s", figure->title);
    if (axis == PLOT_CONNECTIONS)
        fprintf(file, ", by %s}\\n%ju server threads", who, (uintmax_t)threads);
    else if (axis == PLOT_THREADS)
        fprintf(file, ", by threads}\\n%s: %ju", who, (uintmax_t)connections);
    else
        fprintf(file, "}\\n%s: %ju, server threads: %ju", who, (uintmax_t)connections,
                (uintmax_t)threads);
    fprintf(file, "; median, least and most of %ju rounds; %s is better\"\n",
            (uintmax_t)contest->options->rounds, figure->less_is_better ? "less" : "more");
}

static void put_colours(FILE *file)
{
    static const char *const colours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                          "#E69F00", "#56B4E9", "#000000", "#8C564B"};

    for (unsigned i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
        fprintf(file, "set linetype %u lc rgb \"%s\" lw 2 pt %u ps 0.9\n", i + 1, colours[i],
                (unsigned[]){7, 5, 9, 11, 13, 6, 4, 8}[i]);
    fprintf(file, "set linetype cycle %zu\n", sizeof(colours) / sizeof(colours[0]));
}

static void put_bars(FILE *file, const struct plot_figure *figure, const char *name)
{
    fprintf(file,
            "stats '%s.dat' using 4 nooutput\n"
            "set xlabel \"%s\"\n"
            "set xrange [0:STATS_max > 0 ? STATS_max * 1.18 : 1]\n"
            "set yrange [STATS_records - 0.4:-0.6]\n"
            "set ytics nomirror scale 0 noenhanced\n"
            "set grid xtics lt 1 lw 1 lc rgb \"#DDDDDD\" back\n"
            "unset key\n"
            "plot '%s.dat' using (0):0:(0):2:($0 - 0.32):($0 + 0.32):($0 + 1):ytic(1) \\\n"
            "        with boxxyerror fill solid 0.85 noborder lc variable, \\\n"
            "     '' using 2:0:3:4 with xerrorbars pt 0 lw 1.5 lc rgb \"#333333\", \\\n"
            "     '' using 4:0:(sprintf($2 < 100 ? \"%%.3g\" : \"%%.0f\", $2)) with labels left "
            "offset 0.8,0\n",
            name, figure->unit, name);
}

static bool has_values(const struct contest *contest, const struct plot_figure *figure,
                       enum plot_axis axis, unsigned contestant)
{
    const struct bench_numbers *numbers = plot_numbers(contest, figure->kind, axis);

    for (unsigned n = 0; n < numbers->count; n++) {
        int point = point_of(contest, figure, axis, numbers->value[n]);

        if (point >= 0 &&
            contest_summary(contest, (unsigned)point, contestant, figure->metric).count > 0)
            return true;
    }
    return false;
}

/* The lines, or for plain TEXT letters alone: lines of characters would hide each other. BESIDE: by
 * what factor one contestant is beside the other. */
static void put_curves(FILE *file, const struct contest *contest, const struct plot_figure *figure,
                       enum plot_axis axis, const char *name, double beside, bool text)
{
    const char *separator = "plot";

    for (unsigned i = 0; i < contest->count; i++) {
        if (!has_values(contest, figure, axis, i))
            continue;
        fprintf(file, "%s '%s.dat' index %u using ($1 * %.4g**%g)%s %u \\\n        title \"",
                separator, name, i, beside, i - (contest->count - 1) / 2.0,
                text ? ":2 with points pt" : ":2:3:4 with yerrorlines lt", i + 1);
        put_label(file, contest->contestants[i].label);
        fprintf(file, "\" noenhanced");
        separator = ", \\\n    ";
    }
    fputc('\n', file);
}

/* Around the values, which may lie within one decade, with numbers inside each decade too. */
static void put_log_axis(FILE *file)
{
    fprintf(file, "set logscale y 10\nset yrange [LEAST_min / 1.5:MOST_max * 1.5]\nset ytics (");
    for (double decade = 1e-3; decade < 1e6; decade *= 10)
        fprintf(file, "%g, %g, %g, ", decade, 2 * decade, 5 * decade);
    fprintf(file, "1e6)\n");
}

static void put_lines(FILE *file, const struct contest *contest, const struct plot_figure *figure,
                      enum plot_axis axis, const char *name)
{
    const struct bench_numbers *numbers = plot_numbers(contest, figure->kind, axis);
    const char *who = figure->kind == CASE_CHAT ? "people" : "connections";

    fprintf(file,
            "stats '%s.dat' using 3 name 'LEAST' nooutput\n"
            "stats '%s.dat' using 4 name 'MOST' nooutput\n",
            name, name);
    fprintf(file, "set xlabel \"%s\"\n", axis == PLOT_THREADS ? "threads of the server" : who);
    fprintf(file, "set ylabel \"%s\"\n", figure->unit);
    fprintf(file, "set logscale x %d\nset xtics (", axis == PLOT_THREADS ? 2 : 10);
    for (unsigned i = 0; i < numbers->count; i++)
        fprintf(file, "%s%ju", i > 0 ? ", " : "", (uintmax_t)numbers->value[i]);
    fprintf(file, ")\nset xrange [%g:%g]\n", (double)numbers->value[0] / AROUND,
            (double)numbers->value[numbers->count - 1] * AROUND);
    if (figure->log)
        put_log_axis(file);
    else
        fprintf(file, "set yrange [0:MOST_max * 1.05]\n");
    fprintf(file, "set key outside right center Left reverse spacing 1.4 samplen 2\n"
                  "set grid lt 1 lw 1 lc rgb \"#DDDDDD\" back\n");
    put_curves(file, contest, figure, axis, name, axis == PLOT_THREADS ? 1.02 : 1.04, false);
}

/* Of the width 45 columns are the plot: each contestant has one of its own. */
static void put_text(FILE *file, const struct contest *contest, const struct plot_figure *figure,
                     const char *name)
{
    const struct bench_numbers *numbers = &contest->connections[figure->kind];
    double width = (double)numbers->value[numbers->count - 1] / (double)numbers->value[0];

    fprintf(file,
            "set terminal dumb noenhanced size 79, 22\n"
            "set output '%s.txt'\n"
            "set title \"%s, %s\"\n"
            "unset grid\nunset ylabel\n"
            "set key outside right center Left reverse samplen 1\n",
            name, figure->title, figure->unit);
    put_curves(file, contest, figure, PLOT_CONNECTIONS, name,
               pow(width * AROUND * AROUND, 1 / 45.0), true);
}

void plot_write_script(FILE *file, const struct contest *contest, const struct plot_figure *figure,
                       enum plot_axis axis, const char *name, bool text)
{
    unsigned height = axis == PLOT_BARS ? 170 + 46 * contest->count : 540;

    fprintf(file,
            "# gnuplot %s.gp, in this folder, draws %s.svg and %s.png of %s.dat.\n"
            "set encoding utf8\n"
            "set terminal svg size 960,%u enhanced font \"sans,14\" background rgb \"white\"\n"
            "set output '%s.svg'\n"
            "set border 3 lc rgb \"#666666\"\n"
            "set tics nomirror textcolor rgb \"black\"\n",
            name, name, name, name, height, name);
    put_colours(file);
    put_title(file, contest, figure, axis);
    if (axis == PLOT_BARS)
        put_bars(file, figure, name);
    else
        put_lines(file, contest, figure, axis, name);
    fprintf(file,
            "set terminal pngcairo size 960,%u enhanced font \"sans,11\" background rgb \"white\"\n"
            "set output '%s.png'\n"
            "replot\n",
            height, name);
    if (text)
        put_text(file, contest, figure, name);
    fprintf(file, "set output\n");
}
