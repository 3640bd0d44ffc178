/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/plot.h"

#include "base/clock.h"
#include "tools/bench/child.h"
#include "tools/bench/fail.h"
#include "tools/bench/plot_figures.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define GNUPLOT "gnuplot"
#define DRAWING (60 * NS_PER_S)

enum { NAME = 64 };

/* -- Before anything is measured ------------------------------------------------------------- */

static bool is_in_path(const char *program)
{
    const char *path = getenv("PATH");
    char *copy = strdup(path ? path : "/usr/bin:/bin");
    char *rest = copy;
    bool found = false;

    for (char *folder; !found && rest && (folder = strsep(&rest, ":"));) {
        char file[4096];

        snprintf(file, sizeof(file), "%s/%s", *folder ? folder : ".", program);
        found = access(file, X_OK) == 0;
    }
    free(copy);
    return found;
}

void plot_check(const char *folder)
{
    if (!is_in_path(GNUPLOT))
        bench_fail("--plot needs gnuplot, which is not installed (Debian: gnuplot-nox)");
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        bench_die("%s", folder);
    if (access(folder, W_OK | X_OK) != 0)
        bench_die("%s", folder);
}

/* -- One picture ----------------------------------------------------------------------------- */

struct drawing {
    const char *folder;
    char name[NAME]; /* without its end */
};

static FILE *open_file(const struct drawing *drawing, const char *end)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s.%s", drawing->folder, drawing->name, end);
    file = fopen(path, "we");
    if (!file)
        bench_die("%s", path);
    return file;
}

static void close_file(const struct drawing *drawing, FILE *file)
{
    if (ferror(file) || fclose(file) != 0)
        bench_die("%s/%s", drawing->folder, drawing->name);
}

/* What gnuplot has to say goes to standard error. */
static int become_gnuplot(void *argument, int out)
{
    const struct drawing *drawing = argument;
    char script[NAME + 4];

    (void)out;
    snprintf(script, sizeof(script), "%s.gp", drawing->name);
    if (chdir(drawing->folder) != 0)
        bench_die("%s", drawing->folder);
    execlp(GNUPLOT, GNUPLOT, script, (char *)NULL);
    bench_die(GNUPLOT);
}

static int draw(struct drawing *drawing)
{
    struct child child = {0};
    int rc, status;

    child_fork(&child, become_gnuplot, drawing);
    rc = child_await_end(&child, pli_clock_now() + DRAWING);
    status = child_end(&child);
    if (rc == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    bench_warn("%s/%s.gp could not be drawn", drawing->folder, drawing->name);
    return 1;
}

static int plot_figure(const struct contest *contest, const char *folder,
                       const struct plot_figure *figure, enum plot_axis axis)
{
    static const char *const ends[PLOT_AXES] = {"", "-by-connections", "-by-threads"};
    struct drawing drawing = {.folder = folder};
    bool text = axis == PLOT_CONNECTIONS && strcmp(figure->name, "throughput") == 0;
    unsigned written;
    FILE *file;

    snprintf(drawing.name, sizeof(drawing.name), "%s-%s%s", bench_cases[figure->kind].name,
             figure->name, ends[axis]);
    file = open_file(&drawing, "dat");
    written = plot_write_data(file, contest, figure, axis);
    close_file(&drawing, file);
    if (written == 0) {
        char path[4096];

        snprintf(path, sizeof(path), "%s/%s.dat", folder, drawing.name);
        return unlink(path) == 0 ? 0 : 1;
    }
    file = open_file(&drawing, "gp");
    plot_write_script(file, contest, figure, axis, drawing.name, text);
    close_file(&drawing, file);
    return draw(&drawing);
}

int plot_all(const struct contest *contest, const char *folder)
{
    int status = 0;

    for (const struct plot_figure *figure = plot_figures; figure->name; figure++) {
        for (enum plot_axis axis = 0; axis < PLOT_AXES && !children_signal(); axis++) {
            unsigned count = plot_numbers(contest, figure->kind, axis)->count;

            if (contest->connections[figure->kind].count == 0)
                continue;
            if (axis == PLOT_BARS || count > 1)
                status |= plot_figure(contest, folder, figure, axis);
        }
    }
    return status;
}
