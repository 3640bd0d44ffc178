/* SPDX-License-Identifier: MIT */
/*
 * A load has many threads, and the first that finds something wrong ends them all: what was measured
 * with a server that answers wrongly is no figure. The lock is never given back, so that one failure
 * alone is told.
 */
#include "config.h"

#include "tools/bench/fail.h"

#include "tools/bench/json.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t ending = PTHREAD_MUTEX_INITIALIZER;
static const char *json_command; /* const after the options are read */

void bench_fail_as_json(const char *command)
{
    json_command = command;
}

enum { TEXT = 1024 };

static void add_error(char text[static TEXT], int error)
{
    size_t length = strlen(text);

    snprintf(text + length, TEXT - length, ": %s", strerror(error));
}

_Noreturn static void end(int status, const char *text)
{
    pthread_mutex_lock(&ending);
    fflush(stdout);
    fprintf(stderr, "paceline-bench: %s\n", text);
    if (json_command && status == BENCH_WRONG) {
        printf("{\n  \"command\": \"%s\",\n  \"error\": ", json_command);
        json_string(stdout, text);
        printf("\n}\n");
    }
    exit(status);
}

void bench_die(const char *format, ...)
{
    int error = errno;
    char text[TEXT];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    add_error(text, error);
    end(BENCH_WRONG, text);
}

void bench_fail(const char *format, ...)
{
    char text[TEXT];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    end(BENCH_WRONG, text);
}

void bench_usage(const char *format, ...)
{
    char text[TEXT];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    end(BENCH_USAGE, text);
}

void bench_warn(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fputs("paceline-bench: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

void *bench_alloc(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);

    if (!memory)
        bench_die("memory");
    return memory;
}

void bench_finish_output(void)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        bench_die("standard output");
}
