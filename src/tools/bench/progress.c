/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/progress.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define PERIOD (NS_PER_S / 2)

void progress_init(struct progress *progress, const struct bench_options *options)
{
    *progress = (struct progress){.terminal = isatty(STDERR_FILENO)};
    progress->on = !options->quiet && (options->progress || progress->terminal);
    progress->next = pli_clock_now() + PERIOD;
}

bool progress_due(struct progress *progress, uint64_t now)
{
    if (!progress->on || now < progress->next)
        return false;
    progress->next = now + (progress->terminal ? PERIOD : NS_PER_S);
    return true;
}

void progress_show(struct progress *progress, const char *format, ...)
{
    va_list arguments;

    if (!progress->on)
        return;
    va_start(arguments, format);
    if (progress->terminal)
        fputs("\r\033[K", stderr);
    vfprintf(stderr, format, arguments);
    if (!progress->terminal)
        fputc('\n', stderr);
    va_end(arguments);
    fflush(stderr);
    progress->shown = true;
}

void progress_end(struct progress *progress)
{
    if (progress->shown && progress->terminal)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
