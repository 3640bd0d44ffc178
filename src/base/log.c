/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

/* Set before threads start (pl_set_log()), constant afterwards. */
static struct {
    void (*call)(enum pl_log_level level, const char *text, void *argument);
    void *argument;
} sink;

void pl_set_log(void (*call)(enum pl_log_level level, const char *text, void *argument),
                void *argument)
{
    sink.call = call;
    sink.argument = argument;
}

void pli_log(enum pl_log_level level, const char *format, ...)
{
    char text[1001];
    va_list arguments;

    if (!sink.call)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    sink.call(level, text, sink.argument);
}
